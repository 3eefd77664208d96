/* SPDX-License-Identifier: Apache-2.0 */
/* bs-explain.c — the complete model beside the file's tree: what is in both was given, the rest has other origins */
#include "bs-explain-private.h"

#include "bs-file.h"
#include "bs-legacy.h"
#include "bs-topology-encode.h"
#include "bs-yaml.h"

#include <string.h>

/* Of what the file does not say. @below: the list or mapping that it is in */
static char *
origin_of (const BsExplain *self, const json_t *object, const char *below, const char *key)
{
  char *origin = bs_explain_setting (below, key);

  if (origin != NULL)
    return origin;
  if (strcmp (below, "metadata") == 0 && strcmp (key, "name") == 0)
    return g_strdup ("name of the file");
  if (strcmp (below, "nodes") == 0 && strcmp (key, "backend") == 0 && self->backend_given)
    return g_strdup ("backend of the lab");
  if (strcmp (below, "interfaces") == 0 && strcmp (key, "mtu") == 0)
    return g_strdup_printf ("network '%s'", bs_json_string (object, "network", ""));
  return g_strdup ("default");
}

void
bs_explain_add (BsExplain *self, const char *path, json_t *value, const char *origin, BsPosition at)
{
  g_autoptr (json_t) entry = json_object ();
  g_autofree char *place = at.line > 0 ? g_strdup_printf ("%s:%u:%u", self->topology->file, at.line, at.column) : NULL;
  g_autofree char *valid = g_utf8_make_valid (place != NULL ? place : origin, -1);

  json_object_set_new (entry, "path", json_string (path));
  json_object_set_new (entry, "value", value);
  json_object_set_new (entry, "origin", json_string (valid));
  bs_explain_put_place (entry, at);
  if (self->tell != NULL)
    self->tell (entry, self->user_data);
  else
    json_array_append (self->values, entry);
}

static gboolean
is_leaf (const char *key, const json_t *value)
{
  if (json_is_object (value))
    return json_object_size (value) == 0;
  return !json_is_object (json_array_get (value, 0)) || strcmp (key, "schedule") == 0; /* that is sorted by time */
}

static const BsYamlNode *
get (const BsYamlNode *mapping, const char *key)
{
  return mapping != NULL && mapping->kind == BS_YAML_MAPPING ? bs_yaml_get (mapping, key) : NULL;
}

/* Where the file says what the model has at @key; some of it in other words. (nullable) */
static const BsYamlNode *
find_said (const BsYamlNode *above, const BsYamlNode *around, const char *key)
{
  const BsYamlNode *said = get (above, key);

  if (said == NULL && strcmp (key, "networks") == 0)
    said = get (above, "network");
  if (said == NULL && strcmp (key, "expected_exit_code") == 0)
    said = get (get (above, "expect"), "exit_code");
  if (said == NULL && strcmp (key, "preset") == 0)
    said = get (around, "preset"); /* a network's own */
  if (said == NULL && strcmp (key, "conditions") == 0)
    said = get (above, "preset");
  if (said == NULL && strcmp (key, "agent") == 0 && above != NULL && above->kind == BS_YAML_SCALAR)
    said = above;
  return said;
}

/* The first element; what is no list is the one network. */
static const BsYamlNode *
first_said (const BsYamlNode *list)
{
  return list != NULL && list->kind == BS_YAML_SEQUENCE ? list->first : list;
}

static void walk_value (BsExplain *self, const char *path, const json_t *object, const char *below, const char *key,
                        const json_t *value, const BsYamlNode *said, const BsYamlNode *around);

static void
walk_object (BsExplain *self, const char *path, const char *below, const json_t *object, const BsYamlNode *said,
             const BsYamlNode *around)
{
  const char *key;
  json_t *value;

  json_object_foreach ((json_t *) object, key, value)
  {
    gboolean dotted = strpbrk (key, ".[]") != NULL;
    g_autofree char *full = *path == '\0' ? g_strdup (key)
                            : dotted      ? g_strdup_printf ("%s[%s]", path, key)
                                          : g_strdup_printf ("%s.%s", path, key);

    walk_value (self, full, object, below, key, value, find_said (said, around, key), said);
  }
  bs_explain_add_unsaid (self, path, below, object);
}

/* The path of an element; a node's or network's has its name. */
static char *
element_path (const char *path, const json_t *element, gsize place)
{
  const char *name = strchr (path, '.') == NULL ? bs_json_string (element, "name", NULL) : NULL;

  if (name != NULL && strpbrk (name, "[]") == NULL && strspn (name, "0123456789") != strlen (name))
    return g_strdup_printf ("%s[%s]", path, name);
  return g_strdup_printf ("%s[%" G_GSIZE_FORMAT "]", path, place);
}

static void
walk_value (BsExplain *self, const char *path, const json_t *object, const char *below, const char *key,
            const json_t *value, const BsYamlNode *said, const BsYamlNode *around)
{
  g_autofree char *origin = NULL;
  json_t *element;
  size_t i;

  if (is_leaf (key, value))
    {
      origin = said == NULL ? origin_of (self, object, below, key) : NULL;
      bs_explain_add (self, path, strcmp (key, "password") == 0 ? json_string ("(hidden)") : json_deep_copy (value),
                      origin, said != NULL ? (BsPosition){ said->line, said->column } : (BsPosition){ 0, 0 });
      return;
    }
  if (json_is_object (value))
    walk_object (self, path, key, value, said, around);
  said = json_is_array (value) ? first_said (said) : NULL;
  json_array_foreach (value, i, element)
  {
    g_autofree char *full = element_path (path, element, i);

    walk_object (self, full, key, element, said, NULL);
    said = said != NULL ? said->next : NULL;
  }
}

static void
add_members (BsExplain *self)
{
  for (guint i = 0; i < self->topology->nodes->len; i++)
    {
      const BsTopologyNode *node = g_ptr_array_index (self->topology->nodes, i);
      g_autofree char *path = g_strdup_printf ("nodes[%s].name", node->name);
      g_autofree char *origin = node->group != NULL ? g_strdup_printf ("count of %s", node->group) : NULL;

      if (origin != NULL)
        bs_explain_add (self, path, json_string (node->name), origin, (BsPosition){ 0, 0 });
    }
}

static BsYamlTree *
read_tree (const BsTopology *topology)
{
  g_autoptr (BsDiagnostics) unused = bs_diagnostics_new (topology->file);
  g_autofree char *data = NULL;
  gsize length;
  BsYamlTree *tree;

  data = bs_file_read (AT_FDCWD, topology->file, BS_YAML_BYTES_MAX, &length, NULL);
  tree = data != NULL ? bs_yaml_parse (data, length, unused) : NULL;
  if (tree != NULL)
    bs_legacy_topology (tree);
  return tree;
}

json_t *
bs_explain (const BsTopology *topology, BsExplainFunc tell, gpointer user_data)
{
  g_autoptr (json_t) complete = bs_topology_to_json (topology, BS_TOPOLOGY_ENCODE_COMPLETE);
  g_autoptr (BsYamlTree) tree = read_tree (topology);
  const BsYamlNode *root = tree != NULL ? bs_yaml_root (tree) : NULL;
  BsExplain self = { .topology = topology,
                     .values = json_array (),
                     .tell = tell,
                     .user_data = user_data,
                     .backend_given = get (root, "backend") != NULL };
  g_autofree char *file = g_utf8_make_valid (topology->file, -1);
  json_t *object = json_object ();
  guint left_out = 0;

  walk_object (&self, "", "", complete, root, NULL);
  add_members (&self);
  json_object_set_new (object, "file", json_string (file));
  json_object_set_new (object, "values", self.values);
  json_object_set_new (object, "condition_defaults", bs_explain_condition_defaults ());
  json_object_set_new (object, "conditions", bs_explain_conditions (topology, &left_out));
  json_object_set_new (object, "left_out", json_integer (left_out));
  return object;
}
