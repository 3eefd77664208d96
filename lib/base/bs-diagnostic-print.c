/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-diagnostic-print.h"

#include "bs-text.h"

#include <string.h>

#define WIDTH_LEAST 40
#define TAB_CELLS 4
#define MARKS_MOST 4 /* combining ones, of one letter */
#define RED "\033[1;31m"
#define YELLOW "\033[1;33m"
#define BOLD "\033[1m"
#define PLAIN "\033[0m"

/* One character of a line as it is shown. */
typedef struct
{
  char text[16];
  guint cells;
} Glyph;

/* Zero-width characters join the one before, so that a run of them cannot be a wall. */
typedef struct
{
  GArray *glyphs;     /* (element-type Glyph) one per character, so that columns are indices */
  guint first_column; /* of the first glyph */
  guint marks;        /* in a row */
  gboolean ascii;
} Line;

static Glyph
glyph_of (Line *line, gunichar c)
{
  Glyph glyph = { "", 1 };

  if (c == '\t')
    {
      g_strlcpy (glyph.text, line->ascii ? "    " : "→   ", sizeof glyph.text);
      glyph.cells = TAB_CELLS;
    }
  else if (bs_text_is_control (c) || !g_unichar_isprint (c) || (line->ascii && c > 0x7e))
    g_strlcpy (glyph.text, line->ascii ? "?" : "\357\277\275", sizeof glyph.text);
  else if (g_unichar_iszerowidth (c))
    {
      glyph.cells = 0;
      if (line->marks++ < MARKS_MOST)
        glyph.text[g_unichar_to_utf8 (c, glyph.text)] = '\0';
      return glyph;
    }
  else
    {
      glyph.text[g_unichar_to_utf8 (c, glyph.text)] = '\0';
      glyph.cells = g_unichar_iswide (c) ? 2 : 1;
    }
  line->marks = 0;
  return glyph;
}

static void
line_init (Line *line, const BsDiagnostic *item, gboolean ascii)
{
  *line = (Line){ .glyphs = g_array_new (FALSE, FALSE, sizeof (Glyph)), .ascii = ascii };
  line->first_column = item->quote_column;
  for (const char *p = item->quote; *p != '\0'; p = g_utf8_next_char (p))
    {
      Glyph glyph = glyph_of (line, g_utf8_get_char (p));

      g_array_append_val (line->glyphs, glyph);
    }
}

static const Glyph *
line_glyph (const Line *line, guint index)
{
  return &g_array_index (line->glyphs, Glyph, index);
}

/* What is shown of a line: from first to before end, and which part of that is underlined. */
typedef struct
{
  guint first, end, mark, mark_end;
} Window;

/* Room for the place first, then for a third of the width before it, then for what comes after. */
static Window
choose_window (const Line *line, const BsDiagnostic *item, guint width)
{
  guint n = line->glyphs->len, used = 0;
  guint place = MIN (item->column - line->first_column, n);
  Window window = { .first = place, .end = place, .mark = place };

  while (window.end < n && window.end - place < item->length && used + line_glyph (line, window.end)->cells <= width)
    used += line_glyph (line, window.end++)->cells;
  window.mark_end = window.end;
  for (guint before = 0; window.first > 0 && before + line_glyph (line, window.first - 1)->cells <= width / 3
                         && used + line_glyph (line, window.first - 1)->cells <= width;)
    {
      used += line_glyph (line, --window.first)->cells;
      before += line_glyph (line, window.first)->cells;
    }
  while (window.end < n && used + line_glyph (line, window.end)->cells <= width)
    used += line_glyph (line, window.end++)->cells;
  while (window.first > 0 && used + line_glyph (line, window.first - 1)->cells <= width)
    used += line_glyph (line, --window.first)->cells;
  return window;
}

static guint
cells_between (const Line *line, guint first, guint end)
{
  guint cells = 0;

  for (guint i = first; i < end; i++)
    cells += line_glyph (line, i)->cells;
  return cells;
}

static void
append_repeated (GString *text, char c, guint count)
{
  while (count-- > 0)
    g_string_append_c (text, c);
}

static void
append_quote (GString *text, const BsDiagnostic *item, const BsDiagnosticStyle *style)
{
  const char *dots = style->ascii ? "..." : "…", *colour = item->severity == BS_DIAGNOSTIC_ERROR ? RED : YELLOW;
  guint dot_cells = style->ascii ? 3 : 1, width = MAX (style->width, WIDTH_LEAST);
  g_autofree char *number = g_strdup_printf ("%6u | ", item->line);
  guint gutter = (guint) strlen (number), mark_cells;
  gboolean before, after;
  Window window;
  Line line;

  line_init (&line, item, style->ascii);
  window = choose_window (&line, item, width - gutter - 2 * dot_cells - 1);
  before = window.first > 0 || line.first_column > 1;
  after = window.end < line.glyphs->len || item->quote_cut;
  g_string_append (text, number);
  g_string_append (text, before ? dots : "");
  /* A mark needs a letter to stand on, or it would change our own text. */
  if (window.first < window.end && line_glyph (&line, window.first)->cells == 0)
    g_string_append_c (text, ' ');
  for (guint i = window.first; i < window.end; i++)
    g_string_append (text, line_glyph (&line, i)->text);
  g_string_append_printf (text, "%s\n", after ? dots : "");
  append_repeated (text, ' ', gutter - 2);
  g_string_append (text, "| ");
  append_repeated (text, ' ', (before ? dot_cells : 0) + cells_between (&line, window.first, window.mark));
  if (window.first < window.end && line_glyph (&line, window.first)->cells == 0)
    g_string_append_c (text, ' ');
  g_string_append (text, style->colour ? colour : "");
  mark_cells = cells_between (&line, window.mark, window.mark_end);
  append_repeated (text, '^', MAX (mark_cells, 1));
  g_string_append_printf (text, "%s\n", style->colour ? PLAIN : "");
  g_array_unref (line.glyphs);
}

/* Messages quote what is in files: one line each, whatever that is. */
static void
append_text (GString *text, const char *message)
{
  g_autofree char *printable = bs_text_printable (message, strlen (message));

  g_string_append (text, g_strdelimit (printable, "\n\t", ' '));
}

static void
append_item (GString *text, const BsDiagnostics *self, const BsDiagnostic *item, const BsDiagnosticStyle *style)
{
  gboolean warning = item->severity == BS_DIAGNOSTIC_WARNING;
  const char *plain = style->colour ? PLAIN : "", *bold = style->colour ? BOLD : "";

  g_string_append_printf (text, "benchscale: %s", bold);
  bs_diagnostics_append_position (text, self, item);
  g_string_append_printf (text, ":%s ", plain);
  if (warning)
    g_string_append_printf (text, "%swarning:%s ", style->colour ? YELLOW : "", plain);
  else if (style->colour)
    g_string_append (text, RED);
  append_text (text, item->message);
  g_string_append_printf (text, "%s\n", !warning ? plain : "");
  if (style->quotes && item->quote != NULL)
    append_quote (text, item, style);
  if (item->hint == NULL)
    return;
  g_string_append_printf (text, "%shint:%s ", bold, plain);
  append_text (text, item->hint);
  g_string_append_c (text, '\n');
}

char *
bs_diagnostics_render (const BsDiagnostics *self, const BsDiagnosticStyle *style)
{
  static const BsDiagnosticStyle plain = { 0 };
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < self->items->len; i++)
    append_item (text, self, g_ptr_array_index (self->items, i), style != NULL ? style : &plain);
  return g_string_free (text, FALSE);
}

char *
bs_diagnostics_format (const BsDiagnostics *self)
{
  return bs_diagnostics_render (self, NULL);
}

/* JSON holds UTF-8 only; a file's name and what a message quotes may be anything. */
static json_t *
json_text (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  return json_string (valid);
}

json_t *
bs_diagnostics_json (const BsDiagnostics *self)
{
  json_t *list = json_array ();

  for (guint i = 0; i < self->items->len; i++)
    {
      const BsDiagnostic *item = g_ptr_array_index (self->items, i);

      json_array_append_new (list,
                             json_pack ("{s:o, s:i, s:i, s:i, s:s, s:o, s:o}", "file",
                                        json_text (item->file != NULL ? item->file : self->file), "line",
                                        (int) item->line, "column", (int) item->column, "end_column",
                                        (int) (item->column > 0 ? MIN (item->column + item->length, G_MAXINT) : 0),
                                        "severity", item->severity == BS_DIAGNOSTIC_ERROR ? "error" : "warning",
                                        "message", json_text (item->message), "hint",
                                        item->hint != NULL ? json_text (item->hint) : json_null ()));
    }
  return list;
}
