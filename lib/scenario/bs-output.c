/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-output.h"

#include <string.h>

void
bs_output_init (BsOutput *self, gboolean whole)
{
  *self = (BsOutput){ .bytes = g_string_new (NULL), .whole = whole };
}

void
bs_output_clear (BsOutput *self)
{
  if (self->bytes != NULL)
    g_string_free (g_steal_pointer (&self->bytes), TRUE);
}

gboolean
bs_output_add (BsOutput *self, const void *data, gsize length)
{
  const char *bytes = data;

  if (self->whole && length > BS_OUTPUT_WHOLE_MAX - self->bytes->len)
    return FALSE;
  if (!self->whole && length > BS_OUTPUT_KEPT)
    {
      bytes += length - BS_OUTPUT_KEPT;
      length = BS_OUTPUT_KEPT;
      self->clipped = TRUE;
    }
  g_string_append_len (self->bytes, bytes, (gssize) length);
  if (!self->whole && self->bytes->len > 4 * BS_OUTPUT_KEPT) /* now and then, not for each piece */
    {
      g_string_erase (self->bytes, 0, (gssize) self->bytes->len - BS_OUTPUT_KEPT);
      self->clipped = TRUE;
    }
  return TRUE;
}

char *
bs_output_text (const BsOutput *self)
{
  g_return_val_if_fail (self->whole, NULL);
  return g_utf8_make_valid (self->bytes->str, (gssize) self->bytes->len);
}

char *
bs_output_tail (const BsOutput *self)
{
  const char *bytes = self->bytes->str;
  gsize length = self->bytes->len;
  g_autofree char *text = NULL;
  const char *start;
  gboolean clipped = self->clipped;

  if (length > BS_OUTPUT_KEPT)
    {
      bytes += length - BS_OUTPUT_KEPT;
      length = BS_OUTPUT_KEPT;
      clipped = TRUE;
    }
  for (guint i = 0; clipped && i < 3 && length > 0 && ((guchar) *bytes & 0xc0) == 0x80; i++) /* half a character */
    bytes++, length--;
  text = g_utf8_make_valid (bytes, (gssize) length);
  length = strlen (text);
  start = length > BS_OUTPUT_KEPT ? text + (length - BS_OUTPUT_KEPT)
                                  : text; /* U+FFFD is longer than what it stands for */
  while (((guchar) *start & 0xc0) == 0x80)
    start++;
  return g_strdup (start);
}
