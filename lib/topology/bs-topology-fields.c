/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-fields.c — the decoder's tables, told to others and shown by example */
#include "bs-topology-fields.h"

#include "bs-decode.h"

#include <string.h>

#define DEPTH_MAX 16

typedef struct
{
  BsTopologyFieldFunc func;
  gpointer user_data;
  const BsField *tables[DEPTH_MAX]; /* down to the current one; conditions and steps contain themselves */
  guint depth;
} Walk;

static char *
type_text (const BsField *field)
{
  g_autofree char *words = NULL;

  if (field->form != NULL)
    return g_strdup (field->form);
  switch (field->type)
    {
    case BS_FIELD_STRING:
      return g_strdup ("text in one line");
    case BS_FIELD_TEXT:
      return g_strdup ("text");
    case BS_FIELD_INTEGER:
    case BS_FIELD_NUMBER:
      return g_strdup_printf ("%s from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                              field->type == BS_FIELD_INTEGER ? "integer" : "number", field->least, field->most);
    case BS_FIELD_BOOLEAN:
      return g_strdup ("true or false");
    case BS_FIELD_DURATION:
      return g_strdup ("duration");
    case BS_FIELD_CHOICE:
      words = g_strjoinv (", ", (char **) field->choices);
      return g_strdup_printf ("one of %s", words);
    case BS_FIELD_STRINGS:
      return g_strdup ("list of texts");
    case BS_FIELD_MAP:
      return g_strdup ("mapping of names to texts");
    case BS_FIELD_OBJECT:
      return g_strdup ("mapping");
    case BS_FIELD_LIST:
      return g_strdup ("list of mappings");
    case BS_FIELD_ANY:
      return g_strdup ("anything");
    }
  g_assert_not_reached ();
}

static gboolean
is_open (const Walk *walk, const BsField *table)
{
  for (guint i = 0; i < walk->depth; i++)
    if (walk->tables[i] == table)
      return TRUE;
  return FALSE;
}

static void
walk_table (Walk *walk, const BsField *table, const char *prefix, const char *outermost)
{
  g_assert (walk->depth < DEPTH_MAX);
  walk->tables[walk->depth++] = table;
  for (const BsField *field = table; field->key != NULL; field++)
    {
      gboolean acted_on = (field->flags & BS_FIELD_INERT) == 0 && outermost == NULL; /* parts are as the whole */
      g_autofree char *type = type_text (field), *path = g_strconcat (prefix, field->key, NULL);
      g_autofree char *below = g_strdup_printf (
          "%s%s.", path, field->type == BS_FIELD_LIST || field->type == BS_FIELD_STRINGS ? "[]" : "");
      const char *inert = acted_on || outermost != NULL ? outermost : path;
      BsTopologyField told
          = { path, field->key, type, field->doc, (field->flags & BS_FIELD_REQUIRED) != 0, acted_on, inert };

      if ((field->flags & BS_FIELD_NOT_HERE) != 0)
        continue;
      walk->func (&told, walk->user_data);
      if (field->fields != NULL && !is_open (walk, field->fields))
        walk_table (walk, field->fields, below, inert);
    }
  walk->depth--;
}

void
bs_topology_fields (BsTopologyFieldFunc func, gpointer user_data)
{
  Walk walk = { .func = func, .user_data = user_data };

  walk_table (&walk, bs_fields_topology, "", NULL);
}

static const char *const other_steps[] = { "wait", "copy", "fault", "net", "parallel", NULL };
static const char *const parts_of_conditions[] = { "ingress", "nodes", "network", "interface", "for", NULL };
static const char *const parts_of_partition[] = { "one_way", "bridge", NULL };

/* What an example needs beside required keys. */
static const struct
{
  const BsField *table;
  const char *key, *value;
  const char *const *unless; /* (nullable) not beside these, nor with these at the path's end */
  const char *leaf;          /* (nullable) only with this at the path's end */
  const char *const *only;   /* (nullable) beside these alone */
} companions[] = {
  { bs_fields_topology, "network", "{name: lan, subnet: 10.10.0.0/24}",
    (const char *const[]){ "networks", "address6", NULL } },
  { bs_fields_topology, "network", "{name: lan, subnet6: fd00:10:10::/64}", NULL, "address6" },
  { bs_fields_node, "image", "tiny", (const char *const[]){ "adopt", "packages", "cloud_init", NULL } },
  { bs_fields_node, "image", "debian-12", .only = (const char *const[]){ "packages", "cloud_init", NULL } },
  { bs_fields_node, "kernel", "./vmlinuz", .only = (const char *const[]){ "initrd", "cmdline", NULL } },
  { bs_fields_step, "node", "one", other_steps },
  { bs_fields_step, "command", "[\"true\"]", other_steps },
  { bs_fields_ready, "port", "80",
    (const char *const[]){ "agent", "file", "process", "command", "ssh", "unit", "http", "log", NULL } },
  { bs_fields_package, "repository", "\"deb http://packages.example/debian stable main\"", NULL },
  { bs_fields_healthcheck, "test", "\"true\"", NULL },
  { bs_fields_fault, "conditions", "{latency_ms: 1}", .only = parts_of_conditions },
  { bs_fields_net, "conditions", "{latency_ms: 1}", .only = parts_of_conditions },
  { bs_fields_fault, "partition", "[[one], [two]]", .only = parts_of_partition },
  { bs_fields_net, "partition", "[[one], [two]]", .only = parts_of_partition },
  { bs_fields_fault, "nodes", "[one]", .only = (const char *const[]){ "interface", NULL } },
  { bs_fields_net, "nodes", "[one]", .only = (const char *const[]){ "interface", NULL } },
  { bs_fields_network, "name", "lan", NULL },
  { bs_fields_pair, "nodes", "[one, two]", (const char *const[]){ "from", "to", NULL } },
  { bs_fields_pair, "from", "one", (const char *const[]){ "nodes", "network", "conditions", NULL } },
  { bs_fields_pair, "to", "two", (const char *const[]){ "nodes", "network", "conditions", NULL } },
  { bs_fields_schedule, "down", "true", (const char *const[]){ "conditions", NULL } },
};

static void append_mapping (GString *text, const BsField *table, char *const *path);

static void
append_value (GString *text, const BsField *field, char *const *path)
{
  gboolean list = field->type == BS_FIELD_LIST || field->type == BS_FIELD_STRINGS;

  if (field->fields != NULL && (path[0] != NULL || field->example == NULL))
    {
      g_string_append (text, list ? "[" : "");
      append_mapping (text, field->fields, path);
      g_string_append (text,
                       field->fields == bs_fields_node ? ", {name: two, image: tiny}, {name: three, image: tiny}" : "");
      g_string_append (text, field->fields == bs_fields_network ? ", {name: wan}" : "");
      g_string_append (text, list ? "]" : "");
    }
  else if (field->example != NULL)
    g_string_append (text, field->example);
  else if (field->type == BS_FIELD_INTEGER || field->type == BS_FIELD_NUMBER)
    g_string_append_printf (text, "%" G_GINT64_FORMAT, MAX (field->least, 1));
  else if (field->type == BS_FIELD_CHOICE)
    g_string_append (text, field->choices[0]);
  else if (field->type == BS_FIELD_MAP)
    g_string_append (text, "{A: b}");
  else
    g_string_append (text, field->type == BS_FIELD_BOOLEAN    ? "true"
                           : field->type == BS_FIELD_DURATION ? "1s"
                           : list                             ? "[word]"
                                                              : "word");
}

/* Whether companion @i belongs beside the first part of @path. */
static gboolean
is_companion (guint i, char *const *path)
{
  const char *leaf = path[0] != NULL ? path[g_strv_length ((char **) path) - 1] : NULL;
  const char *const *unless = companions[i].unless;

  if (g_strcmp0 (path[0], companions[i].key) == 0)
    return FALSE;
  if (unless != NULL && leaf != NULL && (g_strv_contains (unless, path[0]) || g_strv_contains (unless, leaf)))
    return FALSE;
  return companions[i].leaf == NULL || g_strcmp0 (leaf, companions[i].leaf) == 0;
}

/* The required keys of @table, what must be beside them, and the first part of @path. */
static void
append_mapping (GString *text, const BsField *table, char *const *path)
{
  const char *separator = "";

  g_string_append_c (text, '{');
  for (guint i = 0; i < G_N_ELEMENTS (companions); i++)
    {
      if (companions[i].table != table || !is_companion (i, path))
        continue;
      if (companions[i].only != NULL && (path[0] == NULL || !g_strv_contains (companions[i].only, path[0])))
        continue;
      g_string_append_printf (text, "%s%s: %s", separator, companions[i].key, companions[i].value);
      separator = ", ";
    }
  for (const BsField *field = table; field->key != NULL; field++)
    {
      gboolean wanted = g_strcmp0 (path[0], field->key) == 0;

      if (!wanted && (field->flags & BS_FIELD_REQUIRED) == 0)
        continue;
      g_string_append_printf (text, "%s%s: ", separator, field->key);
      append_value (text, field, wanted ? path + 1 : (char *const[]){ NULL });
      separator = ", ";
    }
  g_string_append_c (text, '}');
}

static gboolean
is_known (const BsField *table, char *const *path)
{
  for (; table != NULL && table->key != NULL; table++)
    if (strcmp (table->key, path[0]) == 0)
      return path[1] == NULL || is_known (table->fields, path + 1);
  return FALSE;
}

char *
bs_topology_field_example (const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, ".", -1);
  GString *text;

  for (guint i = 0; parts[i] != NULL; i++)
    if (g_str_has_suffix (parts[i], "[]"))
      parts[i][strlen (parts[i]) - 2] = '\0';
  if (parts[0] == NULL || !is_known (bs_fields_topology, parts))
    return NULL;
  text = g_string_new (NULL);
  append_mapping (text, bs_fields_topology, parts);
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}
