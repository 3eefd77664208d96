/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-lz4.h"
#include "bs-error.h"

#include <lz4.h>

#define MAGIC 0x184c2102u
#define BLOCK_MAX (8u * 1024 * 1024)

static guint32
read_u32 (const guint8 *at)
{
  return (guint32) at[0] | (guint32) at[1] << 8 | (guint32) at[2] << 16 | (guint32) at[3] << 24;
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
      int made = -1;

      at += 4;
      if (size <= MIN ((gsize) (end - at), G_MAXINT))
        {
          g_byte_array_set_size (out, before + room);
          made = LZ4_decompress_safe ((const char *) at, (char *) out->data + before, (int) size, (int) room);
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
