/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decode-values.c — one value of each type; a scalar means what its field's type says, never what it looks like */
#include "bs-decoder.h"

#include "bs-suggest.h"
#include "bs-time.h"

#include <string.h>

gboolean
bs_decode_scalar (BsDecoder *self, const BsField *field, const BsYamlNode *value)
{
  if (value->kind != BS_YAML_SCALAR)
    bs_decoder_wrong (self, field, value, NULL, "a single value");
  return value->kind == BS_YAML_SCALAR;
}

/* A number is never in quotes. */
static gboolean
decode_plain (BsDecoder *self, const BsField *field, const BsYamlNode *value, const char *wanted)
{
  if (!bs_decode_scalar (self, field, value))
    return FALSE;
  if (!value->plain)
    bs_decoder_wrong (self, field, value, "remove the quotes", "%s", wanted);
  return value->plain;
}

gboolean
bs_decode_integer (BsDecoder *self, const BsField *field, const BsYamlNode *value, gint64 *result)
{
  if (!decode_plain (self, field, value, "an integer without quotes"))
    return FALSE;
  if (value->text[0] != '+' && g_ascii_string_to_signed (value->text, 10, field->least, field->most, result, NULL))
    return TRUE;
  bs_decoder_wrong (self, field, value, NULL, "an integer from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, field->least,
                    field->most);
  return FALSE;
}

void
bs_decode_integer64 (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  gint64 integer;

  if (bs_decode_integer (self, field, value, &integer) && target != NULL)
    *(gint64 *) target = integer;
}

/* Decimal: neither hexadecimal nor infinite, which strtod takes too. */
gboolean
bs_decode_decimal (const char *text, double *number)
{
  char *end = NULL;

  if (strspn (text, "0123456789.eE+-") != strlen (text) || !g_ascii_isdigit (text[*text == '-']))
    return FALSE;
  *number = g_ascii_strtod (text, &end);
  return *end == '\0';
}

static void
decode_number (BsDecoder *self, const BsField *field, const BsYamlNode *value, double *target)
{
  double number;

  if (!decode_plain (self, field, value, "a number without quotes"))
    return;
  if (!bs_decode_decimal (value->text, &number) || number < (double) field->least || number > (double) field->most)
    bs_decoder_wrong (self, field, value, NULL, "a number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, field->least,
                      field->most);
  else if (target != NULL)
    *target = number + 0.0; /* -0 is 0 */
}

static void
decode_boolean (BsDecoder *self, const BsField *field, const BsYamlNode *value, gboolean *target)
{
  if (!decode_plain (self, field, value, "true or false without quotes"))
    return;
  if (strcmp (value->text, "true") != 0 && strcmp (value->text, "false") != 0)
    bs_decoder_wrong (self, field, value, NULL, "true or false");
  else if (target != NULL)
    *target = value->text[0] == 't';
}

static void
decode_duration (BsDecoder *self, const BsField *field, const BsYamlNode *value, gint64 *target)
{
  gint64 usec;

  if (!bs_decode_scalar (self, field, value))
    return;
  if (!bs_time_parse_duration (value->text, &usec))
    bs_decoder_wrong (self, field, value, "write 500ms, 2s, 3m or 1h; a bare number is seconds", "a duration");
  else if (usec < field->least)
    bs_decoder_wrong (self, field, value, NULL, "at least 1ms");
  else if (target != NULL)
    *target = usec;
}

static void
decode_choice (BsDecoder *self, const BsField *field, const BsYamlNode *value, char **target)
{
  g_autofree char *all = NULL, *hint = NULL;

  if (!bs_decode_line (self, field, value))
    return;
  if (g_strv_contains (field->choices, value->text))
    {
      if (target != NULL)
        *target = g_strdup (value->text);
      return;
    }
  all = g_strjoinv (", ", (char **) field->choices);
  hint = bs_decoder_did_you_mean (bs_suggest_nearest (value->text, field->choices));
  bs_decoder_wrong (self, field, value, hint, "one of %s", all);
}

static void
decode_string (BsDecoder *self, const BsField *field, const BsYamlNode *value, char **target)
{
  gboolean good
      = field->type == BS_FIELD_TEXT ? bs_decode_text (self, field, value) : bs_decode_line (self, field, value);

  if (good && target != NULL)
    *target = g_strdup (value->text);
}

static void
add_string (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer strings)
{
  if (value->kind != BS_YAML_SCALAR)
    bs_decoder_wrong (self, field, value, NULL, "a list of texts");
  else if (bs_decode_line (self, field, value))
    g_ptr_array_add (strings, g_strdup (value->text));
}

static void
decode_strings (BsDecoder *self, const BsField *field, const BsYamlNode *value, char ***target)
{
  g_autoptr (GPtrArray) strings = g_ptr_array_new_with_free_func (g_free);

  bs_decoder_elements (self, field, value, strings, add_string);
  g_ptr_array_add (strings, NULL);
  if (target != NULL)
    *target = (char **) g_ptr_array_steal (strings, NULL);
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
add_entry (BsDecoder *self, const BsField *field, const BsYamlNode *entry, GPtrArray *strings, gboolean any_name)
{
  g_autofree char *name = NULL;

  if (entry->kind == BS_YAML_SCALAR && (any_name || is_variable_name (entry->key->text)))
    {
      bs_decode_characters (self, field, entry, BS_TEXT_TABS);
      g_ptr_array_add (strings, g_strdup_printf ("%s=%s", entry->key->text, entry->text));
      return;
    }
  name = bs_yaml_show (entry->key);
  if (entry->kind != BS_YAML_SCALAR)
    bs_decoder_error (self, entry, NULL, "the value of %s in '%s' must be a text", name, field->key);
  else
    bs_decoder_error (self, entry->key, "use letters, digits and '_', and no digit first", "'%s' has a wrong name %s",
                      field->key, name);
}

/* What goes to no struct is not an environment and may have any names. */
static void
decode_map (BsDecoder *self, const BsField *field, const BsYamlNode *value, char ***target)
{
  g_autoptr (GPtrArray) strings = NULL;

  if (value->kind != BS_YAML_MAPPING)
    {
      bs_decoder_wrong (self, field, value, "write it as {NAME: value}", "a mapping");
      return;
    }
  strings = g_ptr_array_new_with_free_func (g_free);
  for (const BsYamlNode *entry = value->first; entry != NULL && bs_decoder_charge (self, entry, BS_ELEMENT_BYTES);
       entry = entry->next)
    add_entry (self, field, entry, strings, target == NULL);
  g_ptr_array_add (strings, NULL);
  if (target != NULL)
    *target = (char **) g_ptr_array_steal (strings, NULL);
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
        *(guint *) target = (guint) integer;
      break;
    case BS_FIELD_NUMBER:
      decode_number (self, field, value, target);
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
