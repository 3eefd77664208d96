/* SPDX-License-Identifier: Apache-2.0 */
/* bs-guest-parser.c — BsWireParser of bs-guest-wire.h */
#include "bs-guest-wire.h"

#include <stdlib.h>
#include <string.h>

enum
{
  STATE_HEADER,
  STATE_PAYLOAD,
  STATE_HUNT,
  STATE_NONCE,
  STATE_FAILED,
};

bool
bs_wire_parser_init (BsWireParser *self)
{
  memset (self, 0, sizeof *self);
  self->payload = malloc (BS_WIRE_PAYLOAD_MAX);
  self->body = self->payload;
  return self->payload != NULL;
}

void
bs_wire_parser_clear (BsWireParser *self)
{
  free (self->payload);
  memset (self, 0, sizeof *self);
}

void
bs_wire_parser_hunt (BsWireParser *self, const uint8_t *nonce)
{
  self->state = STATE_HUNT;
  self->have = 0;
  self->match_length = BS_WIRE_MAGIC_SIZE;
  memcpy (self->match, BS_WIRE_MAGIC, BS_WIRE_MAGIC_SIZE);
  if (nonce == NULL)
    return;
  memcpy (self->match + BS_WIRE_MAGIC_SIZE, nonce, BS_WIRE_NONCE_SIZE);
  self->match_length = BS_WIRE_OPENING_ANSWER;
}

/* The longest beginning of the searched bytes that is an end of the @have matched ones and goes on with @byte. */
static size_t
fall_back (const BsWireParser *self, uint8_t byte)
{
  for (size_t skip = 1; skip <= self->have; skip++)
    {
      size_t left = self->have - skip;

      if (memcmp (self->match, self->match + skip, left) == 0 && self->match[left] == byte)
        return left + 1;
    }
  return 0;
}

static BsWireStep
opened (BsWireParser *self)
{
  self->state = STATE_HEADER;
  self->have = 0;
  return BS_WIRE_OPENED;
}

static BsWireStep
hunt (BsWireParser *self, const uint8_t **at, size_t *length)
{
  while (*length > 0)
    {
      uint8_t byte;

      if (self->have == 0)
        {
          const uint8_t *first = memchr (*at, self->match[0], *length);
          size_t skipped = first != NULL ? (size_t) (first - *at) : *length;

          *at += skipped;
          *length -= skipped;
          if (first == NULL)
            return BS_WIRE_MORE;
        }
      byte = **at;
      ++*at;
      --*length;
      self->have = byte == self->match[self->have] ? self->have + 1 : fall_back (self, byte);
      if (self->have < self->match_length)
        continue;
      if (self->match_length == BS_WIRE_OPENING_ANSWER)
        {
          memcpy (self->nonce, self->match + BS_WIRE_MAGIC_SIZE, BS_WIRE_NONCE_SIZE);
          return opened (self);
        }
      self->state = STATE_NONCE;
      self->have = 0;
      break;
    }
  return BS_WIRE_MORE;
}

/* Collects up to @wanted bytes in @into. True when they are all there. */
static bool
collect (BsWireParser *self, uint8_t *into, size_t wanted, const uint8_t **at, size_t *length)
{
  size_t n = wanted - self->have;

  if (n > *length)
    n = *length;
  if (n > 0)
    {
      memcpy (into + self->have, *at, n);
      self->have += n;
      *at += n;
      *length -= n;
    }
  return self->have == wanted;
}

static BsWireStep
frame (BsWireParser *self, const uint8_t *body)
{
  self->body = body;
  self->state = STATE_HEADER;
  self->have = 0;
  return BS_WIRE_FRAME;
}

static BsWireStep
header (BsWireParser *self, const uint8_t **at, size_t *length)
{
  if (!collect (self, self->header, BS_WIRE_HEADER_SIZE, at, length))
    return BS_WIRE_MORE;
  self->have = 0;
  if (!bs_wire_get_header (self->header, &self->frame))
    {
      self->state = STATE_FAILED;
      return BS_WIRE_BROKEN;
    }
  if (self->frame.type == BS_WIRE_HUNT)
    {
      bs_wire_parser_hunt (self, NULL);
      return BS_WIRE_REOPEN;
    }
  if (self->frame.length <= *length)
    {
      const uint8_t *body = *at;

      *at += self->frame.length;
      *length -= self->frame.length;
      return frame (self, body);
    }
  self->state = STATE_PAYLOAD;
  return BS_WIRE_MORE;
}

BsWireStep
bs_wire_parser_feed (BsWireParser *self, const uint8_t **at, size_t *length)
{
  BsWireStep step = BS_WIRE_MORE;

  do
    switch (self->state)
      {
      case STATE_HUNT:
        step = hunt (self, at, length);
        break;
      case STATE_NONCE:
        if (collect (self, self->nonce, BS_WIRE_NONCE_SIZE, at, length))
          step = opened (self);
        break;
      case STATE_HEADER:
        step = header (self, at, length);
        break;
      case STATE_PAYLOAD:
        if (collect (self, self->payload, self->frame.length, at, length))
          step = frame (self, self->payload);
        break;
      default:
        if (*length > 0)
          *at += *length;
        *length = 0;
        return BS_WIRE_BROKEN;
      }
  while (step == BS_WIRE_MORE && *length > 0);
  return step;
}

size_t
bs_wire_parser_space (BsWireParser *self, uint8_t **at)
{
  if (self->state != STATE_PAYLOAD)
    return 0;
  *at = self->payload + self->have;
  return self->frame.length - self->have;
}

void
bs_wire_parser_filled (BsWireParser *self, size_t n)
{
  self->have += n;
}
