/* SPDX-License-Identifier: Apache-2.0 */
/* bs-schema-values.c — schemas of single fields' values, by type and form */
#include "bs-schema-parts.h"

#include "bs-decode.h"
#include "bs-field-form.h"
#include "bs-preset.h"

json_t *
bs_schema_reference (const char *name)
{
  return json_pack ("{s:s+}", "$ref", "#/definitions/", name);
}

/* @schema, or a text with a variable in it. */
static json_t *
or_variable (json_t *schema)
{
  return json_pack ("{s:[o, o]}", "anyOf", schema, bs_schema_reference ("variable"));
}

/* What stands for a text: an editor's YAML may take it for something else. */
static json_t *
scalar_types (void)
{
  return json_pack ("[s, s, s]", "string", "number", "boolean");
}

static json_t *
words (const char *const *choices)
{
  json_t *list = json_array ();

  for (; *choices != NULL; choices++)
    json_array_append_new (list, json_string (*choices));
  return or_variable (json_pack ("{s:o}", "enum", list));
}

static json_t *
presets (void)
{
  json_t *list = json_array ();
  g_autoptr (GPtrArray) names = bs_preset_names ();

  for (guint i = 0; i < names->len; i++)
    json_array_append_new (list, json_string (g_ptr_array_index (names, i)));
  return or_variable (json_pack ("{s:o}", "enum", list));
}

json_t *
bs_schema_older_preset (void)
{
  json_t *schema = presets ();

  json_object_set_new (schema, "description",
                       json_string ("the preset of network_conditions, as older versions wrote it"));
  return schema;
}

static json_t *
line (const char *pattern, guint most)
{
  json_t *schema;

  if (pattern == NULL)
    return bs_schema_reference ("line");
  schema = json_pack ("{s:s}", "pattern", pattern);
  if (most > 0)
    json_object_set_new (schema, "maxLength", json_integer (most));
  return json_pack ("{s:[o, o]}", "allOf", bs_schema_reference ("line"), or_variable (schema));
}

static json_t *
list_of (json_t *items, guint least, guint most)
{
  json_t *schema = json_pack ("{s:s, s:o}", "type", "array", "items", items);

  if (least > 0)
    json_object_set_new (schema, "minItems", json_integer (least));
  if (most > 0)
    json_object_set_new (schema, "maxItems", json_integer (most));
  return schema;
}

static json_t *
capability (void)
{
  g_autofree char *all = g_strjoinv ("|", (char **) bs_capability_words);
  g_autofree char *pattern = g_strdup_printf ("^-?(?:CAP_)?(?:%s)$", all);

  return line (pattern, 0);
}

static json_t *
limits (json_t *table)
{
  json_t *value = json_pack ("{s:[{s:s, s:i}, {s:[s]}, o, o]}", "anyOf", "type", "integer", "minimum", -1, "enum",
                             "unlimited", table, bs_schema_reference ("variable"));
  json_t *properties = json_object ();

  for (const char *const *word = bs_limit_words; *word != NULL; word++)
    json_object_set (properties, *word, value);
  json_decref (value);
  return json_pack ("{s:s, s:o, s:b}", "type", "object", "properties", properties, "additionalProperties", 0);
}

static json_t *
map_of (const char *names, json_t *values)
{
  return json_pack ("{s:s, s:{s:s}, s:o}", "type", "object", "propertyNames", "pattern", names, "additionalProperties",
                    values);
}

static json_t *
by_range (const BsField *field)
{
  const char *type = field->type == BS_FIELD_INTEGER ? "integer" : "number";

  return or_variable (json_pack ("{s:s, s:I, s:I}", "type", type, "minimum", (json_int_t) field->least, "maximum",
                                 (json_int_t) field->most));
}

/* The words of an engine's limits, which have a table of their own, are no field's. */
static json_t *
by_type (const BsField *field, json_t *(*table) (const BsField *) )
{
  if (field->choices != NULL)
    return words (field->choices);
  switch (field->type)
    {
    case BS_FIELD_STRING:
      return bs_schema_reference ("line");
    case BS_FIELD_TEXT:
      return bs_schema_reference ("text");
    case BS_FIELD_INTEGER:
    case BS_FIELD_NUMBER:
      return by_range (field);
    case BS_FIELD_BOOLEAN:
      return or_variable (json_pack ("{s:s}", "type", "boolean"));
    case BS_FIELD_DURATION:
      return bs_schema_reference (field->least > 0 ? "duration" : "any_duration");
    case BS_FIELD_STRINGS:
      return list_of (bs_schema_reference ("line"), 0, 0);
    case BS_FIELD_MAP:
      return bs_schema_reference ("environment");
    case BS_FIELD_OBJECT:
      return table (field->fields);
    case BS_FIELD_LIST:
      return list_of (table (field->fields), 0, 0);
    case BS_FIELD_CHOICE:
    case BS_FIELD_ANY:
      break;
    }
  return json_object ();
}

json_t *
bs_schema_value (const BsField *field, json_t *(*table) (const BsField *) )
{
  const BsFieldForm *form = bs_field_form (field);

  g_return_val_if_fail (form != NULL, json_false ());
  switch (form->shape)
    {
    case BS_SHAPE_TYPE:
      return by_type (field, table);
    case BS_SHAPE_LINE:
      return line (form->pattern, form->most);
    case BS_SHAPE_LINES:
      return list_of (form->decode == bs_decode_capabilities ? capability () : line (form->pattern, 0), form->least,
                      form->most);
    case BS_SHAPE_TRUE:
      return or_variable (json_pack ("{s:[b]}", "enum", 1));
    case BS_SHAPE_FLAG:
      return or_variable (json_pack ("{s:[b, s]}", "enum", 1, "true"));
    case BS_SHAPE_NODES:
      return json_pack ("{s:[{s:[b]}, o, o]}", "anyOf", "enum", 1, list_of (bs_schema_reference ("line"), 1, 0),
                        bs_schema_reference ("variable"));
    case BS_SHAPE_GROUPS:
      return list_of (list_of (bs_schema_reference ("line"), 1, 0), form->least, 0);
    case BS_SHAPE_COMMAND:
      return bs_schema_reference ("command");
    case BS_SHAPE_COMMANDS:
      return list_of (bs_schema_reference ("command"), 0, 0);
    case BS_SHAPE_PRESET:
      return presets ();
    case BS_SHAPE_PACKAGES:
      if (field->fields == NULL)
        return list_of (bs_schema_reference ("package_name"), 0, 0);
      return list_of (json_pack ("{s:[o, o]}", "anyOf", line (form->pattern, 0), table (field->fields)), 0, 0);
    case BS_SHAPE_READY:
      return list_of (json_pack ("{s:[{s:[s]}, o, o]}", "anyOf", "enum", "agent", bs_schema_reference ("variable"),
                                 table (field->fields)),
                      0, 0);
    case BS_SHAPE_LABELS:
      return map_of (bs_pattern_label_name, bs_schema_reference ("label"));
    case BS_SHAPE_LIMITS:
      return limits (table (bs_fields_ulimit));
    case BS_SHAPE_FREE:
      return json_pack ("{s:[{s:s}, o]}", "allOf", "type", "object", bs_schema_reference ("free"));
    case BS_SHAPE_OBJECT:
      return table (field->fields);
    case BS_SHAPE_OBJECTS:
      return list_of (table (field->fields), form->least, form->most);
    }
  g_assert_not_reached ();
}

static json_t *
has (const char *pattern)
{
  return json_pack ("{s:s, s:s}", "type", "string", "pattern", pattern);
}

static json_t *
duration (const char *pattern, double least)
{
  return json_pack ("{s:[{s:s, s:s}, {s:s, s:f}, o]}", "anyOf", "type", "string", "pattern", pattern, "type", "number",
                    "minimum", least, bs_schema_reference ("variable"));
}

static json_t *
command (void)
{
  json_t *first
      = json_pack ("{s:o, s:i, s:o}", "type", scalar_types (), "minLength", 1, "not", has (bs_pattern_no_lines));
  json_t *types = scalar_types ();

  json_array_append_new (types, json_string ("array"));
  return json_pack ("{s:o, s:s, s:o, s:i, s:[o], s:o}", "type", types, "pattern", bs_pattern_word, "not",
                    has (bs_pattern_no_lines), "minItems", 1, "items", first, "additionalItems",
                    bs_schema_reference ("lines"));
}

/* Of cloud-init: a name, not a file. */
static json_t *
package_name (void)
{
  return line ("^(?!.*\\.(?:deb|rpm|apk)$)[A-Za-z0-9][A-Za-z0-9+._:~=-]*$", 0);
}

/* A mapping, list or text of any depth. */
static json_t *
free_value (void)
{
  return json_pack ("{s:o, s:o, s:o, s:{s:o}}", "not", has (bs_pattern_no_lines), "items", bs_schema_reference ("free"),
                    "additionalProperties", bs_schema_reference ("free"), "propertyNames", "not",
                    has (bs_pattern_no_line));
}

void
bs_schema_add_values (json_t *definitions)
{
  json_t *entry = scalar_types (), *label = scalar_types ();

  json_array_append_new (entry, json_string ("null"));
  json_array_append_new (label, json_string ("null"));
  json_object_set_new (definitions, "variable",
                       json_pack ("{s:s, s:s}", "type", "string", "pattern", bs_pattern_variable));
  json_object_set_new (definitions, "text",
                       json_pack ("{s:o, s:o}", "type", scalar_types (), "not", has (bs_pattern_no_data)));
  json_object_set_new (definitions, "lines",
                       json_pack ("{s:o, s:o}", "type", scalar_types (), "not", has (bs_pattern_no_lines)));
  json_object_set_new (definitions, "free", free_value ());
  json_object_set_new (
      definitions, "line",
      json_pack ("{s:o, s:i, s:o}", "type", scalar_types (), "minLength", 1, "not", has (bs_pattern_no_line)));
  json_object_set_new (definitions, "label", json_pack ("{s:o, s:o}", "type", label, "not", has (bs_pattern_no_line)));
  json_object_set_new (definitions, "duration", duration (bs_pattern_duration, 0.001));
  json_object_set_new (definitions, "any_duration", duration (bs_pattern_any_duration, 0));
  json_object_set_new (definitions, "command", command ());
  json_object_set_new (definitions, "package_name", package_name ());
  json_object_set_new (
      definitions, "environment",
      map_of (bs_pattern_env_name, json_pack ("{s:o, s:o}", "type", entry, "not", has (bs_pattern_no_tabs))));
}
