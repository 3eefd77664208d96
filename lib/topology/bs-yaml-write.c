/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-yaml-write.h"

#include <math.h>
#include <string.h>
#include <yaml.h>

#define LINE_MAX_BYTES 76
#define WIDTH 100

typedef struct
{
  yaml_emitter_t emitter;
  GString *text;
} Writer;

static int
append (void *data, unsigned char *buffer, size_t size)
{
  g_string_append_len (data, (const char *) buffer, (gssize) size);
  return 1;
}

/* Only running out of memory, or an event out of order, makes the emitter fail: neither is a caller's doing. */
static void
emit (Writer *self, yaml_event_t *event)
{
  if (yaml_emitter_emit (&self->emitter, event) != 1)
    g_error ("cannot write YAML: %s", self->emitter.problem);
}

/* Whether no reader of YAML 1.1 or 1.2 takes it for a number, a time or a date, though it begins like one: an address,
 * a subnet, "10s". */
static gboolean
is_beyond_numbers (const char *text)
{
  const char *dot = strchr (text, '.');

  if (strchr (text, '/') != NULL || (dot != NULL && strchr (dot + 1, '.') != NULL))
    return TRUE;
  for (const char *c = text; *c != '\0'; c++)
    if (g_ascii_isalpha (*c) && strchr ("abcdefoxABCDEFOX", *c) == NULL)
      return TRUE;
  return FALSE;
}

/* What some reader would not take for text: numbers, dates, booleans, nulls, merge keys. */
gboolean
bs_yaml_is_ambiguous (const char *text)
{
  static const char *const words[] = { "",  "~", "null", "true",  "false", "yes",  "no", "on", "off",
                                       "y", "n", ".inf", "+.inf", "-.inf", ".nan", "<<", "=",  NULL };
  g_autofree char *lower = g_ascii_strdown (text, -1);
  const char *digits = text + strspn (text, "+-.");

  return g_strv_contains (words, lower) || (g_ascii_isdigit (*digits) && !is_beyond_numbers (text));
}

static yaml_scalar_style_t
style_of (const char *text)
{
  gsize length = strlen (text);

  if (strchr (text, '\n') != NULL && text[0] != ' ' && text[0] != '\n' && strchr (text, '\t') == NULL)
    return YAML_LITERAL_SCALAR_STYLE;
  if (bs_yaml_is_ambiguous (text) || strpbrk (text, "\n\t\r") != NULL || (length > 0 && text[length - 1] == ' '))
    return YAML_DOUBLE_QUOTED_SCALAR_STYLE;
  return YAML_PLAIN_SCALAR_STYLE;
}

static void
write_scalar (Writer *self, const char *text, yaml_scalar_style_t style)
{
  yaml_event_t event;

  yaml_scalar_event_initialize (&event, NULL, NULL, (const yaml_char_t *) text, (int) strlen (text), 1, 1, style);
  emit (self, &event);
}

static char *
format_real (double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  for (int digits = 1; digits <= 17; digits++)
    {
      g_autofree char *format = g_strdup_printf ("%%.%dg", digits);

      g_ascii_formatd (buffer, sizeof buffer, format, value);
      if (g_ascii_strtod (buffer, NULL) == value)
        break;
    }
  return g_strdup (buffer);
}

static char *
format_number (const json_t *value)
{
  if (json_is_integer (value))
    return g_strdup_printf ("%" JSON_INTEGER_FORMAT, json_integer_value (value));
  return format_real (json_real_value (value));
}

static gboolean
is_deep (const json_t *value)
{
  return json_is_object (value) || json_is_array (value);
}

/* Bytes that @value takes in a line, about; more than LINE_MAX_BYTES when it shall not be in one. */
static gsize
line_bytes (const json_t *value, guint depth)
{
  const char *key;
  json_t *part;
  size_t i;
  gsize sum = 2;

  if (json_is_string (value))
    return strchr (json_string_value (value), '\n') != NULL ? LINE_MAX_BYTES + 1 : json_string_length (value) + 2;
  if (!is_deep (value))
    return 8;
  if (depth == 0)
    return LINE_MAX_BYTES + 1;
  json_object_foreach ((json_t *) value, key, part) sum += strlen (key) + 4 + line_bytes (part, depth - 1);
  json_array_foreach (value, i, part) sum += 2 + line_bytes (part, depth - 1);
  return sum;
}

/* Of the document itself and its lists of objects each part has lines of its own. */
static gboolean
fits_in_line (const json_t *value, guint level)
{
  if (json_array_size (value) == 0 && json_object_size (value) == 0)
    return TRUE;
  return level >= 2 && line_bytes (value, 2) <= LINE_MAX_BYTES;
}

static void write_value (Writer *self, const json_t *value, guint level);

static void
write_object (Writer *self, const json_t *value, guint level, gboolean flow)
{
  yaml_event_t event;
  const char *key;
  json_t *part;

  yaml_mapping_start_event_initialize (&event, NULL, NULL, 1,
                                       flow ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE);
  emit (self, &event);
  json_object_foreach ((json_t *) value, key, part)
  {
    yaml_scalar_style_t style = style_of (key);

    write_scalar (self, key, style == YAML_LITERAL_SCALAR_STYLE ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : style);
    write_value (self, part, flow ? G_MAXUINT / 2 : level + 1);
  }
  yaml_mapping_end_event_initialize (&event);
  emit (self, &event);
}

static void
write_array (Writer *self, const json_t *value, guint level, gboolean flow)
{
  yaml_event_t event;
  json_t *part;
  size_t i;

  yaml_sequence_start_event_initialize (&event, NULL, NULL, 1,
                                        flow ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE);
  emit (self, &event);
  json_array_foreach (value, i, part) write_value (self, part, flow ? G_MAXUINT / 2 : level + 1);
  yaml_sequence_end_event_initialize (&event);
  emit (self, &event);
}

static void
write_value (Writer *self, const json_t *value, guint level)
{
  if (json_is_object (value))
    write_object (self, value, level, fits_in_line (value, level));
  else if (json_is_array (value))
    write_array (self, value, level, fits_in_line (value, level));
  else if (json_is_string (value))
    write_scalar (self, json_string_value (value), style_of (json_string_value (value)));
  else if (json_is_boolean (value))
    write_scalar (self, json_is_true (value) ? "true" : "false", YAML_PLAIN_SCALAR_STYLE);
  else
    {
      g_autofree char *number = format_number (value);

      write_scalar (self, number, YAML_PLAIN_SCALAR_STYLE);
    }
}

static void
write_comment (GString *text, const char *comment)
{
  g_auto (GStrv) lines = comment != NULL ? g_strsplit (comment, "\n", -1) : NULL;

  for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
    if (*lines[i] != '\0' || lines[i + 1] != NULL)
      g_string_append_printf (text, "#%s%s\n", *lines[i] != '\0' ? " " : "", lines[i]);
}

char *
bs_yaml_write (const json_t *document, const char *comment)
{
  Writer self = { .text = g_string_new (NULL) };
  yaml_event_t event;

  write_comment (self.text, comment);
  if (yaml_emitter_initialize (&self.emitter) != 1)
    g_error ("no memory");
  yaml_emitter_set_output (&self.emitter, append, self.text);
  yaml_emitter_set_unicode (&self.emitter, 1);
  yaml_emitter_set_width (&self.emitter, WIDTH);
  yaml_stream_start_event_initialize (&event, YAML_UTF8_ENCODING);
  emit (&self, &event);
  yaml_document_start_event_initialize (&event, NULL, NULL, NULL, 1);
  emit (&self, &event);
  write_value (&self, document, 0);
  yaml_document_end_event_initialize (&event, 1);
  emit (&self, &event);
  yaml_stream_end_event_initialize (&event);
  emit (&self, &event);
  yaml_emitter_delete (&self.emitter);
  return g_string_free (self.text, FALSE);
}
