/* SPDX-License-Identifier: Apache-2.0 */
/* bs-fmt-scalar.c — a text as it was written: plain stays plain, quotes go where nobody needs them
 *
 * What has been quoted loses its quotes only if it could stand plain anywhere, in brackets too: so the same text is
 * written the same wherever it moves, and formatting twice changes nothing.
 */
#include "bs-fmt-item.h"

#include "bs-yaml-write.h"

#include <string.h>

/* What ends or confuses a plain text at @p; in brackets libyaml takes less than YAML allows. */
static gboolean
breaks_plain (const char *text, const char *p, gboolean flow)
{
  if (*p == ':' && (p[1] == '\0' || p[1] == ' ' || (flow && strchr (",?[]{}", p[1]) != NULL)))
    return TRUE;
  if (*p == '#' && p > text && p[-1] == ' ')
    return TRUE;
  return flow && strchr (",[]{}", *p) != NULL;
}

static gboolean
is_printable (gunichar c)
{
  return c >= 0x20 && c != 0x7f && (c < 0x80 || c >= 0xa0) && c != 0x2028 && c != 0x2029 && c != 0xfeff && c != 0xfffe
         && c != 0xffff;
}

static gboolean
can_begin_plain (const char *text, gboolean flow)
{
  if (*text == '\0' || strchr (" ,[]{}#&*!|>'\"%@`", *text) != NULL || g_str_has_prefix (text, "---")
      || g_str_has_prefix (text, "..."))
    return FALSE;
  if (strchr ("-?:", *text) == NULL)
    return TRUE;
  if (text[1] == '\0' || text[1] == ' ')
    return FALSE;
  return !flow || (*text == '-' && strchr (",[]{}", text[1]) == NULL);
}

static gboolean
can_be_plain (const char *text, gboolean flow)
{
  gsize length = strlen (text);

  if (!can_begin_plain (text, flow) || text[length - 1] == ' ')
    return FALSE;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (!is_printable (g_utf8_get_char (p)) || breaks_plain (text, p, flow))
      return FALSE;
  return TRUE;
}

static void
append_escape (GString *out, gunichar c)
{
  static const struct
  {
    gunichar c;
    const char *escape;
  } known[] = { { '"', "\\\"" }, { '\\', "\\\\" }, { '\n', "\\n" },   { '\t', "\\t" },
                { '\r', "\\r" }, { 0x85, "\\N" },  { 0x2028, "\\L" }, { 0x2029, "\\P" } };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (known[i].c == c)
      {
        g_string_append (out, known[i].escape);
        return;
      }
  if (is_printable (c))
    g_string_append_unichar (out, c);
  else
    g_string_append_printf (out, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
}

static char *
quote (const char *text)
{
  GString *out = g_string_new ("\"");

  for (; *text != '\0'; text = g_utf8_next_char (text))
    append_escape (out, g_utf8_get_char (text));
  g_string_append_c (out, '"');
  return g_string_free (out, FALSE);
}

/* A variable's value may be empty, which only quotes make a text. */
static gboolean
needs_no_quotes (const char *text)
{
  return can_be_plain (text, TRUE) && strchr (text, ':') == NULL && strstr (text, "${") == NULL
         && !bs_yaml_is_ambiguous (text);
}

char *
bs_fmt_scalar (const BsYamlNode *node, gboolean flow)
{
  gboolean plain = node->plain ? can_be_plain (node->text, flow) : needs_no_quotes (node->text);

  if (node->plain && *node->text == '\0')
    return g_strdup (flow ? "\"\"" : ""); /* a value that is not there */
  return plain ? g_strdup (node->text) : quote (node->text);
}

gboolean
bs_fmt_can_be_block (const char *text)
{
  gsize length = strlen (text);
  const char *last;

  if (length < 2 || strchr (" \n\t", *text) != NULL || g_str_has_suffix (text, "\n\n"))
    return FALSE;
  last = g_strrstr_len (text, (gssize) length - 1, "\n");
  last = last != NULL ? last + 1 : text;
  if (last[strspn (last, " \n")] == '\0')
    return FALSE;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (*p != '\n' && *p != '\t' && !is_printable (g_utf8_get_char (p)))
      return FALSE;
  return TRUE;
}

void
bs_fmt_append_block (GString *out, const char *text, guint indent, const char *aside)
{
  gboolean ended = g_str_has_suffix (text, "\n");
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  g_string_append_printf (out, "|%s%s%s\n", ended ? "" : "-", aside != NULL ? " " : "", aside != NULL ? aside : "");
  for (guint i = 0; lines[i] != NULL; i++)
    if (*lines[i] != '\0')
      g_string_append_printf (out, "%*s%s\n", (int) indent, "", lines[i]);
    else if (lines[i + 1] != NULL)
      g_string_append_c (out, '\n');
}
