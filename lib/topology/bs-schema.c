/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-schema.h"

#include "bs-decode.h"
#include "bs-schema-parts.h"

#include <string.h>

#define DIALECT "http://json-schema.org/draft-07/schema#"

static const char cannot_say[]
    = "This schema is about the typed JSON that `benchscale fmt --to json` prints; `benchscale validate` checks the "
      "rest: "
      "that names are used once and those referred to exist; cycles of dependencies and translators; subnets that "
      "overlap, have host bits or too little room, addresses without or outside their subnet or used twice, reserved "
      "IPv6 ranges; an mtu too small for IPv6; more nodes than a lab may have, made by 'count'; an 'interface' of "
      "other than one node; files; "
      "regular "
      "expressions and the finer form of URLs; an image that is missing and that no setting gives; keys that the "
      "node's backend has no use for; schedules that overlap; the two sides of a copy; limits whose soft value is "
      "above the hard one; what base64 and a health check's list hold; times within the last power of ten above ten "
      "years, queues' limits little above 1GiB or an hour, fractions of a minute that are less than a "
      "millisecond; lengths in bytes; the values of variables; and what is no YAML of one document: repeated keys, "
      "anchors, tags.";

static const struct
{
  const BsField *fields;
  const char *name;
} named[] = {
  { bs_fields_network, "network" },
  { bs_fields_conditions, "conditions" },
  { bs_fields_schedule, "schedule" },
  { bs_fields_nat, "nat" },
  { bs_fields_pair, "pair" },
  { bs_fields_node, "node" },
  { bs_fields_interface, "interface" },
  { bs_fields_ready, "ready" },
  { bs_fields_cloud_init, "cloud_init" },
  { bs_fields_deploy, "deploy" },
  { bs_fields_ulimit, "ulimit" },
  { bs_fields_healthcheck, "healthcheck" },
  { bs_fields_fault, "fault" },
  { bs_fields_net, "net" },
  { bs_fields_package, "package" },
  { bs_fields_scenario, "scenario" },
  { bs_fields_step, "step" },
};

gboolean
bs_schema_kind_parse (const char *name, BsSchemaKind *kind)
{
  if (strcmp (name, "topology") != 0 && strcmp (name, "scenarios") != 0)
    return FALSE;
  *kind = name[0] == 't' ? BS_SCHEMA_TOPOLOGY : BS_SCHEMA_SCENARIOS;
  return TRUE;
}

static json_t *table_schema (const BsField *fields);

static json_t *
table_or_name (const BsField *fields)
{
  for (guint i = 0; i < G_N_ELEMENTS (named); i++)
    if (named[i].fields == fields)
      return bs_schema_reference (named[i].name);
  return table_schema (fields);
}

static char *
description (const BsField *field)
{
  return g_strconcat (field->doc, field->form != NULL ? " (" : "", field->form != NULL ? field->form : "",
                      field->form != NULL ? ")" : "",
                      (field->flags & BS_FIELD_INERT) != 0 ? "; nothing acts on it yet" : "", NULL);
}

/* Draft 7 looks at nothing beside a "$ref". */
static json_t *
property (const BsField *field)
{
  json_t *value = bs_schema_value (field, table_or_name);
  g_autofree char *told = description (field);
  json_t *schema = json_pack ("{s:s}", "description", told);

  if (field->fallback != NULL)
    json_object_set_new (schema, "default", json_loads (field->fallback, JSON_DECODE_ANY, NULL));
  if (json_object_get (value, "$ref") != NULL)
    json_object_set_new (schema, "allOf", json_pack ("[o]", value));
  else
    {
      json_object_update (schema, value);
      json_decref (value);
    }
  return schema;
}

static json_t *
table_schema (const BsField *fields)
{
  json_t *properties = json_object (), *required = json_array (), *rules = bs_schema_rules (fields);
  json_t *schema = json_pack ("{s:s, s:o, s:b}", "type", "object", "properties", properties, "additionalProperties", 0);

  for (const BsField *field = fields; field->key != NULL; field++)
    {
      if ((field->flags & BS_FIELD_NOT_HERE) != 0)
        continue;
      json_object_set_new (properties, field->key, property (field));
      if ((field->flags & BS_FIELD_REQUIRED) != 0)
        json_array_append_new (required, json_string (field->key));
    }
  if (fields == bs_fields_node)
    json_object_set_new (properties, "network_conditions_preset", bs_schema_older_preset ());
  if (json_array_size (required) > 0)
    json_object_set (schema, "required", required);
  json_decref (required);
  if (rules != NULL)
    json_object_set_new (schema, "allOf", rules);
  return schema;
}

static json_t *
all_definitions (void)
{
  json_t *definitions = json_object ();

  bs_schema_add_values (definitions);
  for (guint i = 0; i < G_N_ELEMENTS (named); i++)
    json_object_set_new (definitions, named[i].name, table_schema (named[i].fields));
  return definitions;
}

json_t *
bs_schema (BsSchemaKind kind)
{
  json_t *schema
      = json_pack ("{s:s, s:s, s:s}", "$schema", DIALECT, "title",
                   kind == BS_SCHEMA_TOPOLOGY ? "benchScale topology" : "benchScale scenarios", "$comment", cannot_say);

  if (kind == BS_SCHEMA_TOPOLOGY)
    json_object_update_new (schema, table_schema (bs_fields_topology));
  else
    json_object_set_new (
        schema, "anyOf",
        json_pack ("[o, o]", table_schema (bs_fields_scenario_file), bs_schema_reference ("scenario")));
  json_object_set_new (schema, "definitions", all_definitions ());
  return schema;
}

char *
bs_schema_text (BsSchemaKind kind)
{
  g_autoptr (json_t) schema = bs_schema (kind);
  char *text = json_dumps (schema, JSON_INDENT (2) | JSON_REAL_PRECISION (15)), *copy;

  copy = g_strconcat (text, "\n", NULL);
  free (text);
  return copy;
}
