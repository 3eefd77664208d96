/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-lz4.h"
#include "bs-error.h"

#include <string.h>

#define MAGIC 0x184c2102u
#define BLOCK_MAX (8u * 1024 * 1024)
#define MATCH_MIN 4

static guint32
read_u32 (const guint8 *at)
{
  return (guint32) at[0] | (guint32) at[1] << 8 | (guint32) at[2] << 16 | (guint32) at[3] << 24;
}

/* A length of 15 in a token goes on in further bytes, each added, until one is not 255. */
static gboolean
read_length (const guint8 **at, const guint8 *end, gsize *length)
{
  guint8 byte;

  if (*length != 15)
    return TRUE;
  do
    {
      if (*at == end)
        return FALSE;
      byte = *(*at)++;
      *length += byte;
    }
  while (byte == 255);
  return TRUE;
}

/* A match may overlap what it makes (offset smaller than length), so bytes are copied one by one. */
static void
copy_match (guint8 *to, gsize offset, gsize length)
{
  const guint8 *from = to - offset;

  if (offset >= length)
    memcpy (to, from, length);
  else
    for (gsize i = 0; i < length; i++)
      to[i] = from[i];
}

/* Unpacks one block to @out, which has room for @room. Returns: bytes made, or -1 when it is broken. */
static gssize
unpack_block (const guint8 *at, gsize length, guint8 *out, gsize room)
{
  const guint8 *end = at + length;
  gsize made = 0;

  while (at < end)
    {
      guint8 token = *at++;
      gsize literals = token >> 4, match = token & 15, offset;

      if (!read_length (&at, end, &literals) || literals > (gsize) (end - at) || literals > room - made)
        return -1;
      memcpy (out + made, at, literals);
      made += literals;
      at += literals;
      if (at == end)
        return (gssize) made; /* the last sequence has literals only */
      if (end - at < 2)
        return -1;
      offset = (gsize) at[0] | (gsize) at[1] << 8;
      at += 2;
      if (!read_length (&at, end, &match))
        return -1;
      match += MATCH_MIN;
      if (offset == 0 || offset > made || match > room - made)
        return -1;
      copy_match (out + made, offset, match);
      made += match;
    }
  return (gssize) made;
}

GByteArray *
bs_lz4_unpack_legacy (const void *data, gsize length, gsize limit, GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  const guint8 *at = data, *end = at + length;

  if (length < 4 || read_u32 (at) != MAGIC)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "this is no legacy LZ4 stream");
      return NULL;
    }
  for (at += 4; end - at >= 4;)
    {
      gsize size = read_u32 (at), before = out->len, room = MIN (BLOCK_MAX, limit - before);
      gssize made = -1;

      at += 4;
      if (size <= (gsize) (end - at))
        {
          g_byte_array_set_size (out, before + room);
          made = unpack_block (at, size, out->data + before, room);
        }
      if (made < 0)
        {
          bs_set_error (error, BS_ERROR_INVALID, NULL, "an LZ4 block is broken");
          return NULL;
        }
      g_byte_array_set_size (out, before + (gsize) made);
      at += size;
    }
  return g_steal_pointer (&out);
}
