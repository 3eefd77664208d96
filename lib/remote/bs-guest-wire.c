/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-guest-wire.h"

#include <stdlib.h>
#include <string.h>

#define FIELD_HEADER 8

void
bs_wire_put16 (uint8_t *at, uint16_t value)
{
  at[0] = (uint8_t) value;
  at[1] = (uint8_t) (value >> 8);
}

void
bs_wire_put32 (uint8_t *at, uint32_t value)
{
  bs_wire_put16 (at, (uint16_t) value);
  bs_wire_put16 (at + 2, (uint16_t) (value >> 16));
}

void
bs_wire_put64 (uint8_t *at, uint64_t value)
{
  bs_wire_put32 (at, (uint32_t) value);
  bs_wire_put32 (at + 4, (uint32_t) (value >> 32));
}

uint16_t
bs_wire_get16 (const uint8_t *at)
{
  return (uint16_t) (at[0] | at[1] << 8);
}

uint32_t
bs_wire_get32 (const uint8_t *at)
{
  return bs_wire_get16 (at) | (uint32_t) bs_wire_get16 (at + 2) << 16;
}

uint64_t
bs_wire_get64 (const uint8_t *at)
{
  return bs_wire_get32 (at) | (uint64_t) bs_wire_get32 (at + 4) << 32;
}

void
bs_wire_put_header (uint8_t *out, uint8_t type, uint8_t channel, uint32_t stream, uint32_t length)
{
  bs_wire_put32 (out, length);
  out[4] = type;
  out[5] = channel;
  bs_wire_put16 (out + 6, 0);
  bs_wire_put32 (out + 8, stream);
}

bool
bs_wire_get_header (const uint8_t *in, BsWireHeader *header)
{
  header->length = bs_wire_get32 (in);
  header->type = in[4];
  header->channel = in[5];
  header->stream = bs_wire_get32 (in + 8);
  return header->length <= BS_WIRE_PAYLOAD_MAX && bs_wire_get16 (in + 6) == 0;
}

size_t
bs_wire_put_frame32 (uint8_t *out, uint8_t type, uint8_t channel, uint32_t stream, uint32_t value)
{
  bs_wire_put_header (out, type, channel, stream, 4);
  bs_wire_put32 (out + BS_WIRE_HEADER_SIZE, value);
  return BS_WIRE_SMALL_FRAME;
}

size_t
bs_wire_put_winsize (uint8_t *out, uint32_t stream, uint16_t rows, uint16_t columns)
{
  return bs_wire_put_frame32 (out, BS_WIRE_WINSIZE, 0, stream, rows | (uint32_t) columns << 16);
}

void
bs_wire_put_opening (uint8_t *out, const uint8_t *nonce)
{
  memset (out, 0, BS_WIRE_PREAMBLE);
  memcpy (out + BS_WIRE_PREAMBLE, BS_WIRE_MAGIC, BS_WIRE_MAGIC_SIZE);
  memcpy (out + BS_WIRE_PREAMBLE + BS_WIRE_MAGIC_SIZE, nonce, BS_WIRE_NONCE_SIZE);
}

void
bs_wire_builder_init_nested (BsWireBuilder *self, void *buffer, size_t capacity)
{
  *self = (BsWireBuilder){ .data = buffer, .capacity = capacity };
}

void
bs_wire_builder_init (BsWireBuilder *self, void *buffer, size_t capacity)
{
  size_t longest = BS_WIRE_HEADER_SIZE + BS_WIRE_PAYLOAD_MAX;

  *self = (BsWireBuilder){ .data = buffer,
                           .length = BS_WIRE_HEADER_SIZE,
                           .capacity = capacity < longest ? capacity : longest };
}

void
bs_wire_add (BsWireBuilder *self, uint16_t tag, const void *data, size_t length)
{
  uint8_t *at = self->data + self->length;

  if (self->capacity < self->length + FIELD_HEADER || self->capacity - self->length - FIELD_HEADER < length)
    {
      self->overflow = true;
      return;
    }
  bs_wire_put16 (at, tag);
  bs_wire_put16 (at + 2, 0);
  bs_wire_put32 (at + 4, (uint32_t) length);
  if (length > 0)
    memcpy (at + FIELD_HEADER, data, length);
  self->length += FIELD_HEADER + length;
}

void
bs_wire_add_string (BsWireBuilder *self, uint16_t tag, const char *text)
{
  if (text != NULL)
    bs_wire_add (self, tag, text, strlen (text));
}

void
bs_wire_add_flag (BsWireBuilder *self, uint16_t tag)
{
  bs_wire_add (self, tag, NULL, 0);
}

void
bs_wire_add16 (BsWireBuilder *self, uint16_t tag, uint16_t value)
{
  uint8_t bytes[2];

  bs_wire_put16 (bytes, value);
  bs_wire_add (self, tag, bytes, sizeof bytes);
}

void
bs_wire_add32 (BsWireBuilder *self, uint16_t tag, uint32_t value)
{
  uint8_t bytes[4];

  bs_wire_put32 (bytes, value);
  bs_wire_add (self, tag, bytes, sizeof bytes);
}

void
bs_wire_add64 (BsWireBuilder *self, uint16_t tag, uint64_t value)
{
  uint8_t bytes[8];

  bs_wire_put64 (bytes, value);
  bs_wire_add (self, tag, bytes, sizeof bytes);
}

size_t
bs_wire_builder_finish (BsWireBuilder *self, uint8_t type, uint32_t stream)
{
  if (self->overflow || self->length < BS_WIRE_HEADER_SIZE)
    return 0;
  bs_wire_put_header (self->data, type, 0, stream, (uint32_t) (self->length - BS_WIRE_HEADER_SIZE));
  return self->length;
}

void
bs_wire_fields_init (BsWireFields *self, const void *payload, size_t length)
{
  const uint8_t *at = length > 0 ? payload : (const uint8_t *) "";

  *self = (BsWireFields){ .at = at, .end = at + length };
}

bool
bs_wire_fields_next (BsWireFields *self, BsWireField *field)
{
  size_t left = (size_t) (self->end - self->at);

  if (left == 0 || self->broken)
    return false;
  self->broken
      = left < FIELD_HEADER || bs_wire_get16 (self->at + 2) != 0 || bs_wire_get32 (self->at + 4) > left - FIELD_HEADER;
  if (self->broken)
    return false;
  field->tag = bs_wire_get16 (self->at);
  field->length = bs_wire_get32 (self->at + 4);
  field->data = self->at + FIELD_HEADER;
  self->at += FIELD_HEADER + field->length;
  return true;
}

bool
bs_wire_fields_find (const void *payload, size_t length, uint16_t tag, BsWireField *field)
{
  BsWireFields fields;
  BsWireField candidate;
  bool found = false;

  bs_wire_fields_init (&fields, payload, length);
  while (bs_wire_fields_next (&fields, &candidate))
    if (!found && candidate.tag == tag)
      {
        *field = candidate;
        found = true;
      }
  return found && !fields.broken;
}

bool
bs_wire_field16 (const BsWireField *field, uint16_t *value)
{
  if (field->length != 2)
    return false;
  *value = bs_wire_get16 (field->data);
  return true;
}

bool
bs_wire_field32 (const BsWireField *field, uint32_t *value)
{
  if (field->length != 4)
    return false;
  *value = bs_wire_get32 (field->data);
  return true;
}

bool
bs_wire_field64 (const BsWireField *field, uint64_t *value)
{
  if (field->length != 8)
    return false;
  *value = bs_wire_get64 (field->data);
  return true;
}

char *
bs_wire_field_string (const BsWireField *field)
{
  char *text;

  if (memchr (field->data, 0, field->length) != NULL)
    return NULL;
  text = malloc ((size_t) field->length + 1);
  if (text == NULL)
    return NULL;
  memcpy (text, field->data, field->length);
  text[field->length] = '\0';
  return text;
}
