/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-guest-wire.c — any bytes, in any pieces, through the parser of frames and the walk over their fields */
#include "bs-guest-wire.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
walk (const uint8_t *payload, size_t length)
{
  BsWireFields fields;
  BsWireField field;
  uint16_t small;
  uint32_t medium;
  uint64_t large;

  bs_wire_fields_init (&fields, payload, length);
  while (bs_wire_fields_next (&fields, &field))
    {
      free (bs_wire_field_string (&field));
      bs_wire_field16 (&field, &small);
      bs_wire_field32 (&field, &medium);
      bs_wire_field64 (&field, &large);
    }
}

/* A copy of exactly this size, so that a read beyond it is seen. */
static size_t
feed (BsWireParser *parser, const uint8_t *data, size_t size)
{
  uint8_t *copy = malloc (size + 1), *space;
  const uint8_t *at = copy;
  size_t left = size, room;
  BsWireStep step;

  memcpy (copy, data, size);
  while ((step = bs_wire_parser_feed (parser, &at, &left)) != BS_WIRE_MORE)
    {
      if (step == BS_WIRE_FRAME)
        walk (parser->body, parser->frame.length);
      else if (step == BS_WIRE_BROKEN)
        bs_wire_parser_hunt (parser, NULL);
    }
  room = bs_wire_parser_space (parser, &space);
  if (room > 0)
    memset (space, 0x5a, room);
  free (copy);
  return size;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const uint8_t nonce[BS_WIRE_NONCE_SIZE] = "0123456789abcdef";
  BsWireParser parser;
  size_t piece;

  if (size < 2)
    return 0;
  piece = (size_t) data[0] + 1;
  if (!bs_wire_parser_init (&parser))
    abort ();
  if (data[1] & 1)
    bs_wire_parser_hunt (&parser, data[1] & 2 ? nonce : NULL);
  for (size_t at = 2; at < size;)
    at += feed (&parser, data + at, size - at < piece ? size - at : piece);
  bs_wire_parser_clear (&parser);
  return 0;
}
