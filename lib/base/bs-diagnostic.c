/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-diagnostic-print.h"

#include "bs-text.h"

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
  last = g_ptr_array_index (self->items, ITEMS_MAX);
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

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (bs_text_is_control (g_utf8_get_char (p)))
      {
        line = g_string_new_len (text, p - text);
        for (; *p != '\0'; p = g_utf8_next_char (p))
          g_string_append_unichar (line, bs_text_is_control (g_utf8_get_char (p)) ? '?' : g_utf8_get_char (p));
        g_free (text);
        return g_string_free (line, FALSE);
      }
  return text;
}

void
bs_diagnostics_add (BsDiagnostics *self, BsDiagnosticSeverity severity, guint line, guint column, guint length,
                    const char *hint, const char *format, ...)
{
  BsDiagnostic *item;
  va_list arguments;

  if (bs_diagnostics_full (self))
    {
      add_beyond_limit (self, severity);
      return;
    }
  item = g_new0 (BsDiagnostic, 1);
  item->severity = severity;
  item->line = line;
  item->column = column;
  item->length = MAX (length, 1);
  item->hint = hint != NULL ? make_line (g_strdup (hint)) : NULL;
  va_start (arguments, format);
  item->message = make_line (g_strdup_vprintf (format, arguments));
  va_end (arguments);
  g_ptr_array_add (self->items, item);
}

gboolean
bs_diagnostics_full (const BsDiagnostics *self)
{
  return self->items->len >= ITEMS_MAX;
}

void
bs_diagnostics_set_last_file (BsDiagnostics *self, const char *file)
{
  BsDiagnostic *last;

  if (self->items->len == 0 || self->beyond > 0)
    return;
  last = g_ptr_array_index (self->items, self->items->len - 1);
  g_free (last->file);
  last->file = g_strdup (file);
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

static int
compare_positions (gconstpointer a, gconstpointer b)
{
  const BsDiagnostic *left = *(BsDiagnostic *const *) a, *right = *(BsDiagnostic *const *) b;

  if (g_strcmp0 (left->file, right->file) != 0)
    return g_strcmp0 (left->file, right->file);
  if (left->line != right->line)
    return left->line < right->line ? -1 : 1;
  if (left->column != right->column)
    return left->column < right->column ? -1 : 1;
  return 0;
}

void
bs_diagnostics_sort (BsDiagnostics *self)
{
  /* The sort is stable, and the item that counts the rest stays last. */
  g_qsort_with_data (self->items->pdata, (gint) MIN (self->items->len, ITEMS_MAX), sizeof (gpointer),
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
      errors += i < ITEMS_MAX ? 1 : self->beyond;
    }
  g_return_if_fail (first != NULL);
  bs_diagnostics_append_position (text, self, first);
  g_string_append_printf (text, ": %s", first->message);
  if (errors > 1)
    g_string_append_printf (text, " (and %u more)", errors - 1);
  bs_set_error (error, BS_ERROR_INVALID, first->hint, "%s", text->str);
}
