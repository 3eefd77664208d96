/* SPDX-License-Identifier: Apache-2.0 */
/* bs-document-check.c — whether a value is of its field's type and range; what only the whole tells is told later */
#include "bs-document-private.h"

#include "bs-error.h"
#include "bs-suggest.h"
#include "bs-time.h"

#include <string.h>

typedef struct
{
  const BsPath *path;
  GError **error;
} Check;

/* What other forms than its type's a field of its own decoder takes, such as a text for a list of words. */
static gboolean
has_own_form (const BsField *field)
{
  return field->decode != NULL && field->decode != bs_decode_scenarios && field->decode != bs_decode_nodes
         && field->decode != bs_decode_networks && field->decode != bs_decode_steps
         && field->decode != bs_decode_interfaces;
}

static gboolean refuse (const Check *self, const BsField *field, const char *hint, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

static gboolean
refuse (const Check *self, const BsField *field, const char *hint, const char *format, ...)
{
  g_autofree char *wanted = NULL;
  va_list arguments;

  va_start (arguments, format);
  wanted = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  bs_set_error (self->error, BS_ERROR_INVALID, hint, "'%s': '%s' must be %s", self->path->text, field->key, wanted);
  return FALSE;
}

static gboolean
check_choice (const Check *self, const BsField *field, const char *text)
{
  g_autofree char *all = g_strjoinv (", ", (char **) field->choices), *hint = NULL;
  const char *nearest = bs_suggest_nearest (text, field->choices);

  if (g_strv_contains (field->choices, text))
    return TRUE;
  if (nearest != NULL)
    hint = g_strdup_printf ("did you mean '%s'?", nearest);
  return refuse (self, field, hint, "one of %s", all);
}

static gboolean
check_duration (const Check *self, const BsField *field, const json_t *value)
{
  gint64 usec = 0;

  if (json_is_string (value) && bs_time_parse_duration (json_string_value (value), &usec))
    return usec >= field->least || refuse (self, field, NULL, "at least 1ms");
  return refuse (self, field, "write \"500ms\", \"2s\", \"3m\" or \"1h\"", "a duration");
}

static gboolean
is_in_range (const BsField *field, const json_t *value)
{
  double number = json_number_value (value);

  if (json_is_integer (value))
    return json_integer_value (value) >= field->least && json_integer_value (value) <= field->most;
  return number >= (double) field->least && number <= (double) field->most;
}

static gboolean
check_number (const Check *self, const BsField *field, const json_t *value)
{
  gboolean kind = field->type == BS_FIELD_INTEGER ? json_is_integer (value) : json_is_number (value);

  return (kind && is_in_range (field, value))
         || refuse (self, field, NULL, "%s from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                    field->type == BS_FIELD_INTEGER ? "an integer" : "a number", field->least, field->most);
}

static gboolean
is_texts (const json_t *value)
{
  const json_t *part;
  const char *key;
  size_t i;

  json_array_foreach (value, i, part) if (!json_is_string (part)) return FALSE;
  json_object_foreach ((json_t *) value, key, part) if (!json_is_string (part)) return FALSE;
  return TRUE;
}

static const BsField *
find_field (const BsField *fields, const char *key, BsSuggest *suggest)
{
  for (; fields->key != NULL; fields++)
    {
      bs_suggest_offer (suggest, fields->key);
      if (strcmp (fields->key, key) == 0)
        return fields;
    }
  return NULL;
}

static gboolean check_value (const Check *self, const BsField *field, const json_t *value);

static gboolean
check_object (const Check *self, const BsField *field, const json_t *object)
{
  const char *key;
  json_t *part;

  if (!json_is_object (object))
    return refuse (self, field, NULL, "a mapping");
  json_object_foreach ((json_t *) object, key, part)
  {
    g_autofree char *hint = NULL;
    const BsField *known;
    BsSuggest suggest;

    bs_suggest_init (&suggest, key);
    known = find_field (field->fields, key, &suggest);
    if (known != NULL && !check_value (self, known, part))
      return FALSE;
    if (known != NULL)
      continue;
    if (suggest.nearest != NULL)
      hint = g_strdup_printf ("did you mean '%s'?", suggest.nearest);
    bs_set_error (self->error, BS_ERROR_INVALID, hint, "'%s': there is no field '%s'", self->path->text, key);
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_element (const Check *self, const BsField *field, const json_t *value)
{
  if (field->fields != NULL && json_is_object (value))
    return check_object (self, field, value);
  if (field->type == BS_FIELD_STRINGS || has_own_form (field))
    return json_is_string (value)
           || refuse (self, field, NULL, "a list of texts%s", field->fields != NULL ? " or mappings" : "");
  return check_object (self, field, value);
}

static gboolean
check_list (const Check *self, const BsField *field, const json_t *list)
{
  json_t *element;
  size_t i;

  if (json_is_string (list) && has_own_form (field) && field->type == BS_FIELD_STRINGS)
    return TRUE; /* `command: ls`, `nodes: true` */
  if (json_is_true (list) && has_own_form (field) && field->type == BS_FIELD_STRINGS)
    return TRUE;
  if (!json_is_array (list))
    return refuse (self, field, "write it as [...]", "a list");
  json_array_foreach (list, i, element) if (!check_element (self, field, element)) return FALSE;
  return TRUE;
}

static gboolean
check_value (const Check *self, const BsField *field, const json_t *value)
{
  switch (field->type)
    {
    case BS_FIELD_STRING:
    case BS_FIELD_TEXT:
      return json_is_string (value) || refuse (self, field, NULL, "a text");
    case BS_FIELD_CHOICE:
      return json_is_string (value) ? check_choice (self, field, json_string_value (value))
                                    : refuse (self, field, NULL, "a text");
    case BS_FIELD_INTEGER:
    case BS_FIELD_NUMBER:
      return check_number (self, field, value);
    case BS_FIELD_BOOLEAN:
      return json_is_boolean (value) || refuse (self, field, NULL, "true or false");
    case BS_FIELD_DURATION:
      return check_duration (self, field, value);
    case BS_FIELD_STRINGS:
    case BS_FIELD_LIST:
      return check_list (self, field, value);
    case BS_FIELD_MAP:
      return (json_is_object (value) && is_texts (value)) || refuse (self, field, NULL, "a mapping of names to texts");
    case BS_FIELD_OBJECT:
      return check_object (self, field, value);
    case BS_FIELD_ANY:
      return TRUE;
    }
  g_assert_not_reached ();
}

/* YAML has no null here, and neither has the model. */
static gboolean
has_null (const json_t *value)
{
  const json_t *part;
  const char *key;
  size_t i;

  json_array_foreach (value, i, part) if (has_null (part)) return TRUE;
  json_object_foreach ((json_t *) value, key, part) if (has_null (part)) return TRUE;
  return json_is_null (value);
}

gboolean
bs_document_check (const BsPath *path, const json_t *value, GError **error)
{
  const BsPathPart *last = &g_array_index (path->parts, BsPathPart, path->parts->len - 1);
  Check self = { path, error };

  if (value == NULL || has_null (value))
    {
      bs_set_error (error, BS_ERROR_INVALID, "remove it instead", "'%s': null is no value", path->text);
      return FALSE;
    }
  if (last->field == NULL)
    return TRUE;
  return last->element ? check_element (&self, last->field, value) : check_value (&self, last->field, value);
}
