/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decode-values.c — one value of each type; a scalar means what its field's type says, never what it looks like */
#include "bs-decoder.h"

#include "bs-suggest.h"
#include "bs-time.h"

#include <string.h>

gboolean
bs_decode_scalar (BsDecoder *self, const BsField *field, const BsYamlNode *value)
{
  g_autofree char *shown = NULL;

  if (value->kind == BS_YAML_SCALAR)
    return TRUE;
  shown = bs_decoder_show (value);
  bs_decoder_error (self, value, NULL, "'%s' must be a single value, not %s", field->key, shown);
  return FALSE;
}

gboolean
bs_decode_line (BsDecoder *self, const BsField *field, const BsYamlNode *value)
{
  if (!bs_decode_scalar (self, field, value))
    return FALSE;
  if (*value->text == '\0')
    {
      bs_decoder_error (self, value, NULL, "'%s' must not be empty", field->key);
      return FALSE;
    }
  for (const char *p = value->text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar character = g_utf8_get_char (p);

      if (!g_unichar_iscntrl (character) && character != 0x2028 && character != 0x2029)
        continue;
      bs_decoder_error (self, value, NULL, "'%s' must be one line without control characters", field->key);
      return FALSE;
    }
  return TRUE;
}

/* A number is never in quotes. */
static gboolean
decode_plain (BsDecoder *self, const BsField *field, const BsYamlNode *value, const char *wanted)
{
  g_autofree char *shown = NULL;

  if (!bs_decode_scalar (self, field, value))
    return FALSE;
  if (value->plain)
    return TRUE;
  shown = bs_decoder_show (value);
  bs_decoder_error (self, value, "remove the quotes", "'%s' must be %s, not the text %s", field->key, wanted, shown);
  return FALSE;
}

gboolean
bs_decode_integer (BsDecoder *self, const BsField *field, const BsYamlNode *value, gint64 *result)
{
  g_autofree char *shown = NULL;

  if (!decode_plain (self, field, value, "an integer"))
    return FALSE;
  if (g_ascii_string_to_signed (value->text, 10, field->least, field->most, result, NULL))
    return TRUE;
  shown = bs_decoder_show (value);
  bs_decoder_error (self, value, NULL,
                    "'%s' must be an integer from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT ", not %s", field->key,
                    field->least, field->most, shown);
  return FALSE;
}

static void
decode_number (BsDecoder *self, const BsField *field, const BsYamlNode *value)
{
  g_autofree char *shown = NULL;
  char *end = NULL;
  double number;

  if (!decode_plain (self, field, value, "a number"))
    return;
  number = g_ascii_strtod (value->text, &end);
  if (strspn (value->text, "0123456789.eE+-") == strlen (value->text)
      && g_ascii_isdigit (value->text[strspn (value->text, "-")]) && *end == '\0' && number >= (double)field->least
      && number <= (double)field->most)
    return;
  shown = bs_decoder_show (value);
  bs_decoder_error (self, value, NULL,
                    "'%s' must be a number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT ", not %s", field->key,
                    field->least, field->most, shown);
}

static void
decode_boolean (BsDecoder *self, const BsField *field, const BsYamlNode *value, gboolean *target)
{
  g_autofree char *shown = NULL;

  if (!decode_plain (self, field, value, "true or false"))
    return;
  if (strcmp (value->text, "true") == 0 || strcmp (value->text, "false") == 0)
    {
      if (target != NULL)
        *target = value->text[0] == 't';
      return;
    }
  shown = bs_decoder_show (value);
  bs_decoder_error (self, value, NULL, "'%s' must be true or false, not %s", field->key, shown);
}

static void
decode_duration (BsDecoder *self, const BsField *field, const BsYamlNode *value, gint64 *target)
{
  g_autofree char *shown = NULL, *least = NULL;
  gint64 usec;

  if (!bs_decode_scalar (self, field, value))
    return;
  shown = bs_decoder_show (value);
  if (!bs_time_parse_duration (value->text, &usec))
    bs_decoder_error (self, value, "write 500ms, 2s, 3m or 1h; a bare number is seconds",
                      "'%s' must be a duration, not %s", field->key, shown);
  else if (usec < field->least)
    {
      least = bs_time_format_duration (field->least);
      bs_decoder_error (self, value, NULL, "'%s' must be at least %s, not %s", field->key, least, shown);
    }
  else if (target != NULL)
    *target = usec;
}

static void
decode_choice (BsDecoder *self, const BsField *field, const BsYamlNode *value, char **target)
{
  g_autofree char *shown = NULL, *all = NULL, *hint = NULL;
  BsSuggest suggest;

  if (!bs_decode_line (self, field, value))
    return;
  if (g_strv_contains (field->choices, value->text))
    {
      if (target != NULL)
        *target = g_strdup (value->text);
      return;
    }
  bs_suggest_init (&suggest, value->text);
  for (guint i = 0; field->choices[i] != NULL; i++)
    bs_suggest_offer (&suggest, field->choices[i]);
  shown = bs_decoder_show (value);
  all = g_strjoinv (", ", (char **)field->choices);
  hint = bs_decoder_did_you_mean (suggest.nearest);
  bs_decoder_error (self, value, hint, "'%s' must be one of %s, not %s", field->key, all, shown);
}

static void
decode_string (BsDecoder *self, const BsField *field, const BsYamlNode *value, char **target)
{
  gboolean good
      = field->type == BS_FIELD_TEXT ? bs_decode_scalar (self, field, value) : bs_decode_line (self, field, value);

  if (good && target != NULL)
    *target = g_strdup (value->text);
}

static void
add_string (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer strings)
{
  if (value->kind == BS_YAML_SCALAR)
    g_ptr_array_add (strings, g_strdup (value->text));
  else
    bs_decoder_error (self, value, NULL, "'%s' must be a list of texts, not of lists or mappings", field->key);
}

static void
decode_strings (BsDecoder *self, const BsField *field, const BsYamlNode *value, char ***target)
{
  g_autoptr (GPtrArray) strings = g_ptr_array_new_with_free_func (g_free);

  bs_decoder_elements (self, field, value, strings, add_string);
  g_ptr_array_add (strings, NULL);
  if (target != NULL)
    *target = (char **)g_ptr_array_steal (strings, NULL);
}

static gboolean
is_variable_name (const char *name)
{
  if (!g_ascii_isalpha (*name) && *name != '_')
    return FALSE;
  while (g_ascii_isalnum (*name) || *name == '_')
    name++;
  return *name == '\0';
}

static void
decode_map (BsDecoder *self, const BsField *field, const BsYamlNode *value, char ***target)
{
  g_autoptr (GPtrArray) strings = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *shown = bs_decoder_show (value);

  if (value->kind != BS_YAML_MAPPING)
    {
      bs_decoder_error (self, value, "write it as {NAME: value}", "'%s' must be a mapping, not %s", field->key, shown);
      return;
    }
  for (const BsYamlNode *entry = value->first; entry != NULL; entry = entry->next)
    {
      g_autofree char *name = bs_decoder_show (entry->key);

      if (!is_variable_name (entry->key->text) && target != NULL)
        bs_decoder_error (self, entry->key, "letters, digits and '_', not beginning with a digit",
                          "'%s' has a wrong name %s", field->key, name);
      else if (entry->kind != BS_YAML_SCALAR)
        bs_decoder_error (self, entry, NULL, "the value of %s in '%s' must be a text, not a list or mapping", name,
                          field->key);
      else
        g_ptr_array_add (strings, g_strdup_printf ("%s=%s", entry->key->text, entry->text));
    }
  g_ptr_array_add (strings, NULL);
  if (target != NULL)
    *target = (char **)g_ptr_array_steal (strings, NULL);
}

static void
decode_element (BsDecoder *self, const BsField *field, const BsYamlNode *element, gpointer target)
{
  bs_decoder_object (self, field->fields, element, NULL);
}

static void
decode_object (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  self->path[self->path_length++] = field;
  bs_decoder_object (self, field->fields, value, target);
  self->path_length--;
}

void
bs_decode_value (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  gint64 integer;

  switch (field->type)
    {
    case BS_FIELD_STRING:
    case BS_FIELD_TEXT:
      decode_string (self, field, value, target);
      break;
    case BS_FIELD_INTEGER:
      if (bs_decode_integer (self, field, value, &integer) && target != NULL)
        *(guint *)target = (guint)integer;
      break;
    case BS_FIELD_NUMBER:
      decode_number (self, field, value);
      break;
    case BS_FIELD_BOOLEAN:
      decode_boolean (self, field, value, target);
      break;
    case BS_FIELD_DURATION:
      decode_duration (self, field, value, target);
      break;
    case BS_FIELD_CHOICE:
      decode_choice (self, field, value, target);
      break;
    case BS_FIELD_STRINGS:
      decode_strings (self, field, value, target);
      break;
    case BS_FIELD_MAP:
      decode_map (self, field, value, target);
      break;
    case BS_FIELD_OBJECT:
      decode_object (self, field, value, target);
      break;
    case BS_FIELD_LIST:
      bs_decoder_elements (self, field, value, NULL, decode_element);
      break;
    case BS_FIELD_ANY:
      break;
    }
}
