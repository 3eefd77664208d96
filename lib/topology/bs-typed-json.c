/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-typed-json.h"

#include "bs-decode.h"
#include "bs-field-form.h"

#include <math.h>
#include <string.h>

/* What scalars of a field are, and which table the mappings in it have. */
typedef struct
{
  BsFieldType scalar; /* BS_FIELD_TEXT when it is none of integer, number and boolean */
  const BsField *fields;
} Wanted;

static Wanted
wanted_of (const BsField *field)
{
  const BsFieldForm *form = bs_field_form (field);
  BsShape shape = form != NULL ? form->shape : BS_SHAPE_TYPE;
  Wanted wanted = { BS_FIELD_TEXT, field->fields };

  if (shape == BS_SHAPE_TRUE || shape == BS_SHAPE_FLAG || shape == BS_SHAPE_NODES)
    wanted.scalar = BS_FIELD_BOOLEAN;
  else if (shape == BS_SHAPE_LIMITS)
    wanted.scalar = BS_FIELD_INTEGER;
  else if (shape == BS_SHAPE_TYPE
           && (field->type == BS_FIELD_INTEGER || field->type == BS_FIELD_NUMBER || field->type == BS_FIELD_BOOLEAN))
    wanted.scalar = field->type;
  return wanted;
}

static json_t *
typed_number (const char *text)
{
  double number;

  if (!bs_decode_decimal (text, &number) || !isfinite (number))
    return json_string (text);
  return json_real (number + 0.0);
}

static json_t *
typed_scalar (const BsYamlNode *value, BsFieldType type)
{
  const char *text = value->text;
  gint64 integer;

  if (!value->plain)
    return json_string (text);
  if (type == BS_FIELD_BOOLEAN && (strcmp (text, "true") == 0 || strcmp (text, "false") == 0))
    return json_boolean (text[0] == 't');
  if (type != BS_FIELD_INTEGER && type != BS_FIELD_NUMBER)
    return json_string (text);
  if (text[0] != '+' && g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &integer, NULL))
    return json_integer (integer);
  return type == BS_FIELD_NUMBER ? typed_number (text) : json_string (text);
}

static json_t *typed_value (const BsYamlNode *value, Wanted wanted);

/* The fields of a table; what has none of its own stays text. */
static json_t *
typed_fields (const BsYamlNode *mapping, const BsField *fields)
{
  json_t *object = json_object ();

  for (const BsYamlNode *value = mapping->first; value != NULL; value = value->next)
    {
      const BsField *field = fields;
      Wanted wanted = { BS_FIELD_TEXT, NULL };

      while (field->key != NULL && strcmp (field->key, value->key->text) != 0)
        field++;
      if (field->key != NULL)
        wanted = wanted_of (field);
      if (value->kind == BS_YAML_SCALAR && value->plain && *value->text == '\0')
        json_object_set_new (object, value->key->text, json_null ());
      else
        json_object_set_new (object, value->key->text, typed_value (value, wanted));
    }
  return object;
}

static json_t *
typed_value (const BsYamlNode *value, Wanted wanted)
{
  json_t *json;

  if (value->kind == BS_YAML_SCALAR)
    return typed_scalar (value, wanted.scalar);
  if (value->kind == BS_YAML_MAPPING && wanted.fields != NULL)
    return typed_fields (value, wanted.fields);
  json = value->kind == BS_YAML_MAPPING ? json_object () : json_array ();
  for (const BsYamlNode *part = value->first; part != NULL; part = part->next)
    if (value->kind == BS_YAML_SEQUENCE)
      json_array_append_new (json, typed_value (part, wanted));
    else if (wanted.scalar == BS_FIELD_INTEGER && part->kind == BS_YAML_MAPPING)
      json_object_set_new (json, part->key->text, typed_fields (part, bs_fields_ulimit));
    else
      json_object_set_new (json, part->key->text, typed_value (part, wanted));
  return json;
}

json_t *
bs_typed_json (const BsYamlNode *root, const BsField *fields)
{
  return typed_value (root, (Wanted){ BS_FIELD_TEXT, fields });
}
