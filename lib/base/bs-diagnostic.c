/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-diagnostic-print.h"

#include "bs-text.h"

#include <stdarg.h>
#include <string.h>

#define ITEMS_MAX 1000
#define LAST_MESSAGE_BYTES 32

static void
diagnostic_free (gpointer data)
{
  BsDiagnostic *self = data;

  g_free (self->message);
  g_free (self->hint);
  g_free (self->file);
  g_free (self->quote);
  g_free (self);
}

BsDiagnostics *
bs_diagnostics_new (const char *file)
{
  BsDiagnostics *self = g_new0 (BsDiagnostics, 1);

  self->file = g_strdup (file);
  self->items = g_ptr_array_new_with_free_func (diagnostic_free);
  return self;
}

void
bs_diagnostics_free (BsDiagnostics *self)
{
  if (self == NULL)
    return;
  g_free (self->file);
  g_ptr_array_unref (self->items);
  g_free (self);
}

/* Those without the one that counts the rest. */
static guint
n_kept (const BsDiagnostics *self)
{
  return self->items->len - (self->beyond > 0);
}

/* By position; of the same one, as they were found. */
static int
compare_items (const BsDiagnostic *left, const BsDiagnostic *right)
{
  int files = g_strcmp0 (left->file, right->file);

  if (files != 0)
    return files;
  if (left->line != right->line)
    return left->line < right->line ? -1 : 1;
  if (left->column != right->column)
    return left->column < right->column ? -1 : 1;
  return left->order < right->order ? -1 : left->order > right->order;
}

static int
compare_positions (gconstpointer a, gconstpointer b)
{
  return compare_items (*(BsDiagnostic *const *) a, *(BsDiagnostic *const *) b);
}

/* Lets the item at @index sink below those that are further on in the file. */
static void
sift_down (BsDiagnostics *self, guint index)
{
  gpointer *items = self->items->pdata;
  guint n = n_kept (self);

  for (guint child; (child = 2 * index + 1) < n; index = child)
    {
      gpointer item = items[index];

      if (child + 1 < n && compare_items (items[child], items[child + 1]) < 0)
        child++;
      if (compare_items (item, items[child]) >= 0)
        return;
      items[index] = items[child];
      items[child] = item;
    }
}

/* When there is no more room, the kept items are a heap: the last one by position is the first to go. */
static const BsDiagnostic *
find_last (BsDiagnostics *self)
{
  guint n = n_kept (self);

  for (guint i = self->heap ? 0 : n / 2; i > 0; i--)
    sift_down (self, i - 1);
  self->heap = TRUE;
  return n > 0 ? g_ptr_array_index (self->items, 0) : NULL;
}

/* One last item counts what no longer fits; it is an error as soon as one of those is. */
static void
add_beyond_limit (BsDiagnostics *self, BsDiagnosticSeverity severity)
{
  BsDiagnostic *last;

  if (self->beyond++ == 0)
    {
      last = g_new0 (BsDiagnostic, 1);
      last->severity = BS_DIAGNOSTIC_WARNING;
      last->length = 1;
      g_ptr_array_add (self->items, last);
    }
  last = g_ptr_array_index (self->items, self->items->len - 1);
  if (severity == BS_DIAGNOSTIC_ERROR)
    last->severity = BS_DIAGNOSTIC_ERROR;
  if (last->message == NULL)
    last->message = g_malloc (LAST_MESSAGE_BYTES);
  g_snprintf (last->message, LAST_MESSAGE_BYTES, "%u more not shown", self->beyond);
}

/* Names are shown as they were written, and may hold anything: what would break the line is '?'. Takes @text. */
static char *
make_line (char *text)
{
  GString *line;

  if (!g_utf8_validate (text, -1, NULL))
    {
      char *valid = g_utf8_make_valid (text, -1);

      g_free (text);
      text = valid;
    }
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (bs_text_is_hidden (g_utf8_get_char (p)))
      {
        line = g_string_new_len (text, p - text);
        for (; *p != '\0'; p = g_utf8_next_char (p))
          g_string_append_unichar (line, bs_text_is_hidden (g_utf8_get_char (p)) ? '?' : g_utf8_get_char (p));
        g_free (text);
        return g_string_free (line, FALSE);
      }
  return text;
}

static gboolean
is_full (const BsDiagnostics *self)
{
  return self->beyond > 0 || self->items->len >= ITEMS_MAX;
}

gboolean
bs_diagnostics_keeps (BsDiagnostics *self, guint line, guint column)
{
  const BsDiagnostic item = { .line = line, .column = column, .order = G_MAXUINT }, *last;

  if (!is_full (self))
    return TRUE;
  last = find_last (self);
  return last != NULL && compare_items (&item, last) < 0;
}

/* @item takes the place of the last one by position. */
static void
replace_last (BsDiagnostics *self, BsDiagnostic *item)
{
  BsDiagnostic *last = g_ptr_array_index (self->items, 0);

  add_beyond_limit (self, last->severity);
  self->items->pdata[0] = item;
  diagnostic_free (last);
  sift_down (self, 0);
}

void
bs_diagnostics_add (BsDiagnostics *self, BsDiagnosticSeverity severity, guint line, guint column, guint length,
                    const char *hint, const char *format, ...)
{
  BsDiagnostic *item;
  va_list arguments;

  self->added++;
  self->newest = NULL;
  if (!bs_diagnostics_keeps (self, line, column))
    {
      add_beyond_limit (self, severity);
      return;
    }
  item = g_new0 (BsDiagnostic, 1);
  item->order = self->added;
  item->severity = severity;
  item->line = line;
  item->column = column;
  item->length = MAX (length, 1);
  item->hint = hint != NULL ? make_line (g_strdup (hint)) : NULL;
  va_start (arguments, format);
  item->message = make_line (g_strdup_vprintf (format, arguments));
  va_end (arguments);
  self->newest = item;
  if (is_full (self))
    replace_last (self, item);
  else
    g_ptr_array_add (self->items, item);
}

void
bs_diagnostics_set_last_file (BsDiagnostics *self, const char *file)
{
  if (self->newest == NULL)
    return;
  g_free (self->newest->file);
  self->newest->file = g_strdup (file);
  self->heap = FALSE;
}

void
bs_diagnostics_remove (BsDiagnostics *self, guint since, BsDiagnosticFilter filter, gconstpointer data)
{
  for (guint i = n_kept (self); i > 0; i--)
    {
      const BsDiagnostic *item = g_ptr_array_index (self->items, i - 1);

      if (item->order > since && filter (item, data))
        g_ptr_array_remove_index (self->items, i - 1);
    }
  self->newest = NULL;
  self->heap = FALSE;
}

static gboolean
has_severity (const BsDiagnostics *self, BsDiagnosticSeverity severity)
{
  for (guint i = 0; i < self->items->len; i++)
    if (((const BsDiagnostic *) g_ptr_array_index (self->items, i))->severity == severity)
      return TRUE;
  return FALSE;
}

gboolean
bs_diagnostics_has_errors (const BsDiagnostics *self)
{
  return has_severity (self, BS_DIAGNOSTIC_ERROR);
}

gboolean
bs_diagnostics_has_warnings (const BsDiagnostics *self)
{
  return has_severity (self, BS_DIAGNOSTIC_WARNING);
}

void
bs_diagnostics_sort (BsDiagnostics *self)
{
  /* The item that counts the rest stays last. */
  self->heap = FALSE;
  g_qsort_with_data (self->items->pdata, (gint) n_kept (self), sizeof (gpointer),
                     (GCompareDataFunc) (void (*) (void)) compare_positions, NULL);
}

void
bs_diagnostics_append_position (GString *text, const BsDiagnostics *self, const BsDiagnostic *item)
{
  const char *file = item->file != NULL ? item->file : self->file;
  g_autofree char *printable = bs_text_printable (file, strlen (file));

  g_string_append (text, g_strdelimit (printable, "\n\t", '?'));
  if (item->line > 0)
    g_string_append_printf (text, ":%u", item->line);
  if (item->line > 0 && item->column > 0)
    g_string_append_printf (text, ":%u", item->column);
}

void
bs_diagnostics_to_error (const BsDiagnostics *self, GError **error)
{
  const BsDiagnostic *first = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  guint errors = 0;

  for (guint i = 0; i < self->items->len; i++)
    {
      const BsDiagnostic *item = g_ptr_array_index (self->items, i);

      if (item->severity != BS_DIAGNOSTIC_ERROR)
        continue;
      if (first == NULL)
        first = item;
      errors += i < n_kept (self) ? 1 : self->beyond;
    }
  g_return_if_fail (first != NULL);
  bs_diagnostics_append_position (text, self, first);
  g_string_append_printf (text, ": %s", first->message);
  if (errors > 1)
    g_string_append_printf (text, " (and %u more)", errors - 1);
  bs_set_error (error, BS_ERROR_INVALID, first->hint, "%s", text->str);
}
