/* SPDX-License-Identifier: Apache-2.0 */
/* bs-diagnostic-quote.c — find the lines of many places in one pass
 *
 * The items are sorted, so a cursor that only moves forward meets them all: the time is that of one pass over the
 * file, however many places there are and however long a line is.
 */
#include "bs-diagnostic.h"

#include <string.h>

#define BEFORE 100 /* characters kept before the place */
#define AFTER 160  /* and from it */

typedef struct
{
  const char *at, *end;
  guint line, column; /* of at */
  BsLines lines;
} Cursor;

/* The length of the line end at @at, or 0. */
static gsize
break_length (const Cursor *self, const char *at)
{
  const guchar *p = (const guchar *) at;
  gsize left = (gsize) (self->end - at);

  if (p[0] == '\n')
    return 1;
  if (p[0] == '\r' && left > 1 && p[1] == '\n')
    return 2;
  if (self->lines == BS_LINES_TOML)
    return 0;
  if (p[0] == '\r')
    return 1;
  if (p[0] == 0xc2 && left > 1 && p[1] == 0x85)
    return 2;
  return p[0] == 0xe2 && left > 2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9) ? 3 : 0;
}

/* The next character's first byte. Bytes that are no UTF-8 never lead beyond the end. */
static const char *
next (const Cursor *self, const char *at)
{
  at++;
  while (at < self->end && ((guchar) *at & 0xc0) == 0x80)
    at++;
  return at;
}

/* To the start of @line; stays in the last one. */
static void
seek_line (Cursor *self, guint line)
{
  while (self->line < line && self->at < self->end)
    {
      gsize length = break_length (self, self->at);

      self->at += MAX (length, 1);
      if (length > 0)
        {
          self->line++;
          self->column = 1;
        }
    }
}

static void
seek_column (Cursor *self, guint column)
{
  while (self->column < column && self->at < self->end && break_length (self, self->at) == 0)
    {
      self->at = next (self, self->at);
      self->column++;
    }
}

static void
take_quote (const Cursor *self, BsDiagnostic *item)
{
  const char *end = self->at;

  for (guint i = 0; i < BEFORE + AFTER && end < self->end && break_length (self, end) == 0; i++)
    end = next (self, end);
  item->quote = g_utf8_make_valid (self->at, end - self->at);
  item->quote_column = self->column;
  item->quote_cut = end < self->end && break_length (self, end) == 0;
}

void
bs_diagnostics_quote (BsDiagnostics *self, const char *data, gsize length, BsLines lines)
{
  Cursor cursor = { data, data + length, 1, 1, lines };

  for (guint i = 0; i < self->items->len; i++)
    {
      BsDiagnostic *item = g_ptr_array_index (self->items, i);

      if (item->line == 0 || item->column == 0 || item->file != NULL || item->quote != NULL)
        continue;
      seek_line (&cursor, item->line);
      if (cursor.line != item->line)
        return;
      seek_column (&cursor, item->column > BEFORE ? item->column - BEFORE : 1);
      take_quote (&cursor, item);
    }
}
