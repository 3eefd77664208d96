/* SPDX-License-Identifier: Apache-2.0 */
/* bs-import-containerlab.c — containerlab topologies: each link becomes a network, a bridge gathers its links in one */
#include "bs-import-private.h"

#include <string.h>

#define INTERFACE_NAME_MAX 15

static const BsImportReason node_reasons[] = {
  { "startup-config", "copy the file with deploy" },
  { "license", "copy the file with deploy" },
  { "network-mode", "every node is on networks of the lab" },
  { "mgmt-ipv4", "the management path is the lab's own" },
  { "mgmt-ipv6", "the management path is the lab's own" },
  { "exec", "write the commands as steps of a scenario, or into cloud_init" },
  { "type", "the image says what the node is" },
  { NULL, NULL },
};

/* A key of a node, else of its group, its kind, or the defaults, as containerlab inherits them. */
static const BsYamlNode *
inherited (const BsYamlNode *topology, const BsYamlNode *node, const char *key)
{
  const BsYamlNode *value = bs_import_get (node, key), *group = bs_import_get (node, "group");
  const BsYamlNode *kind = bs_import_get (node, "kind"), *defaults = bs_import_get (topology, "defaults");
  const BsYamlNode *of_group
      = group != NULL ? bs_import_get (bs_import_get (topology, "groups"), bs_import_text (group)) : NULL;

  if (value == NULL)
    value = bs_import_get (of_group, key);
  if (kind == NULL)
    kind = bs_import_get (of_group, "kind");
  if (kind == NULL)
    kind = bs_import_get (defaults, "kind");
  if (value == NULL && kind != NULL)
    value = bs_import_get (bs_import_get (bs_import_get (topology, "kinds"), bs_import_text (kind)), key);
  return value != NULL ? value : bs_import_get (defaults, key);
}

static gboolean
is_bridge (const BsYamlNode *topology, const BsYamlNode *node)
{
  const BsYamlNode *kind = inherited (topology, node, "kind");

  return kind != NULL
         && (strcmp (bs_import_text (kind), "bridge") == 0 || strcmp (bs_import_text (kind), "ovs-bridge") == 0);
}

static const char *const renamed[]
    = { "cap-add", "capabilities", "restart-policy", "restart", "binds", "volumes", "cmd", "command", NULL };

static void
check_group (BsImporter *self, const BsYamlNode *topology, const BsYamlNode *group)
{
  if (group != NULL && bs_import_get (bs_import_get (topology, "groups"), bs_import_text (group)) == NULL)
    bs_import_note (self, group, "'group' is not expressed: there is no group '%s' in this file",
                    bs_import_text (group));
}

/* A path on the host is relative to the file: there are no volumes with names. */
static void
add_bind (BsImporter *self, const BsYamlNode *value, json_t *volumes)
{
  const char *text = bs_import_text (value);
  gboolean plain = g_ascii_isalnum (*text) || *text == '_';
  g_autofree char *path = plain ? g_strconcat ("./", text, NULL) : g_strdup (text);

  bs_import_volume (self, value, path, volumes);
}

/* Its durations are numbers of seconds. */
static void
add_healthcheck (BsImporter *self, json_t *node, const BsYamlNode *value)
{
  static const char *const known[] = { "test", "interval", "timeout", "start-period", "retries", NULL };
  static const char *const ours[] = { "test", "interval", "timeout", "start_period", NULL };
  const BsYamlNode *test = bs_import_get (value, "test"), *part;
  g_autoptr (json_t) words = bs_import_texts (self, test, "test");
  const char *how = json_array_size (words) > 0 ? json_string_value (json_array_get (words, 0)) : "";
  json_t *check = json_object ();
  guint64 number;

  if (g_str_equal (how, "CMD-SHELL") && json_array_size (words) > 1)
    json_object_set (check, "test", json_array_get (words, 1));
  else
    {
      if (g_str_equal (how, "CMD"))
        json_array_remove (words, 0);
      bs_import_set (check, "test", json_incref (words));
    }
  for (guint i = 1; ours[i] != NULL; i++)
    if ((part = bs_import_get (value, known[i])) == NULL)
      continue;
    else if (g_ascii_string_to_unsigned (bs_import_text (part), 10, 0, 86400, &number, NULL))
      json_object_set_new (check, ours[i], json_sprintf ("%us", (guint) number));
    else
      bs_import_note (self, part, "'%s' is not expressed: it is no number of seconds", known[i]);
  if ((part = bs_import_get (value, "retries")) == NULL)
    ;
  else if (g_ascii_string_to_unsigned (bs_import_text (part), 10, 1, 1000, &number, NULL))
    json_object_set_new (check, "retries", json_integer ((json_int_t) number));
  else
    bs_import_note (self, part, "'retries' is not expressed: it is 1 to 1000");
  if (value != NULL)
    bs_import_note_others (self, value, known, NULL);
  bs_import_set (node, "healthcheck", check);
}

static void
import_node (BsImporter *self, const BsYamlNode *topology, const BsYamlNode *given)
{
  static const char *const known[]
      = { "kind",   "image",  "env", "ports", "binds",   "cmd",         "entrypoint",     "user",
          "labels", "memory", "cpu", "group", "cap-add", "healthcheck", "restart-policy", NULL };
  json_t *node = json_pack ("{s:s}", "name", bs_import_node_used (self, given->key->text));
  json_t *ports = json_array (), *volumes = json_array ();
  const BsYamlNode *image = inherited (topology, given, "image"), *memory = inherited (topology, given, "memory");
  const BsYamlNode *cpu = inherited (topology, given, "cpu"), *user = inherited (topology, given, "user");
  const BsYamlNode *restart = inherited (topology, given, "restart-policy"), *list;
  guint64 number;

  bs_import_add_node (self, node, given->key);
  check_group (self, topology, bs_import_get (given, "group"));
  if (image == NULL)
    bs_diagnostics_add (self->diagnostics, BS_DIAGNOSTIC_ERROR, given->key->line, given->key->column,
                        given->key->length, "add 'image' to the node or its kind", "node '%s' has no image",
                        given->key->text);
  else
    json_object_set_new (node, "image", json_string (bs_import_text (image)));
  json_object_set_new (node, "backend", json_string ("docker"));
  if (memory != NULL && (number = bs_import_mib (bs_import_text (memory))) >= 32)
    json_object_set_new (node, "memory_mb", json_integer ((json_int_t) number));
  else if (memory != NULL)
    bs_import_note (self, memory, "'memory' is not expressed: give memory_mb, at least 32");
  if (cpu != NULL && g_ascii_string_to_unsigned (bs_import_text (cpu), 10, 1, 255, &number, NULL))
    json_object_set_new (node, "vcpus", json_integer ((json_int_t) number));
  else if (cpu != NULL)
    bs_import_note (self, cpu, "'cpu' is not expressed: vcpus is a whole number");
  bs_import_set (node, "env", bs_import_map (self, inherited (topology, given, "env"), "env"));
  if ((list = inherited (topology, given, "ports")) != NULL && list->kind == BS_YAML_SEQUENCE)
    for (const BsYamlNode *part = list->first; part != NULL; part = part->next)
      bs_import_port (self, part, bs_import_text (part), ports);
  if ((list = inherited (topology, given, "binds")) != NULL && list->kind == BS_YAML_SEQUENCE)
    for (const BsYamlNode *part = list->first; part != NULL; part = part->next)
      add_bind (self, part, volumes);
  bs_import_set (node, "ports", ports);
  bs_import_set (node, "volumes", volumes);
  bs_import_set (node, "command", bs_import_command (self, inherited (topology, given, "cmd"), "cmd"));
  bs_import_set (node, "entrypoint", bs_import_command (self, inherited (topology, given, "entrypoint"), "entrypoint"));
  bs_import_set (node, "user", json_string (user != NULL ? bs_import_text (user) : ""));
  bs_import_set (node, "labels", bs_import_map (self, inherited (topology, given, "labels"), "labels"));
  bs_import_set (node, "capabilities", bs_import_texts (self, inherited (topology, given, "cap-add"), "cap-add"));
  bs_import_set (node, "restart", json_string (restart != NULL ? bs_import_text (restart) : ""));
  add_healthcheck (self, node, inherited (topology, given, "healthcheck"));
  if (given->kind == BS_YAML_MAPPING)
    bs_import_place_keys (self, node, given, renamed);
  bs_import_note_others (self, given, known, node_reasons);
}

typedef struct
{
  char *node, *interface; /* (owned) */
} Endpoint;

static void
endpoint_clear (Endpoint *self)
{
  g_free (self->node);
  g_free (self->interface);
}

/* "NODE:INTERFACE", or {node:, interface:} */
static gboolean
read_endpoint (const BsYamlNode *value, Endpoint *endpoint)
{
  const BsYamlNode *node = bs_import_get (value, "node"), *interface = bs_import_get (value, "interface");
  const char *colon = strchr (bs_import_text (value), ':');

  if (colon != NULL)
    {
      endpoint->node = g_strndup (value->text, (gsize) (colon - value->text));
      endpoint->interface = g_strdup (colon + 1);
    }
  else if (node != NULL && interface != NULL)
    {
      endpoint->node = g_strdup (bs_import_text (node));
      endpoint->interface = g_strdup (bs_import_text (interface));
    }
  return endpoint->node != NULL;
}

static void
plug (BsImporter *self, const BsYamlNode *at, const Endpoint *endpoint, const char *network)
{
  json_t *node = bs_import_find_node (self, bs_import_node_used (self, endpoint->node)),
         *interfaces = json_object_get (node, "interfaces");
  json_t *interface = json_pack ("{s:s}", "network", network);
  gsize length = strlen (endpoint->interface);

  if (interfaces == NULL)
    {
      interfaces = json_array ();
      json_object_set_new (node, "interfaces", interfaces);
    }
  if (length > 0 && length <= INTERFACE_NAME_MAX && strchr (endpoint->interface, '/') == NULL)
    json_object_set_new (interface, "name", json_string (endpoint->interface));
  else
    bs_import_note (self, at, "the interface name '%s' is not expressed: it cannot be one", endpoint->interface);
  json_array_append_new (interfaces, interface);
}

static char *
name_network (BsImporter *self, const Endpoint *a, const Endpoint *b, gboolean a_is_bridge, gboolean b_is_bridge)
{
  g_autofree char *wanted = a_is_bridge   ? g_strdup (a->node)
                            : b_is_bridge ? g_strdup (b->node)
                                          : g_strdup_printf ("%s-%s", a->node, b->node);
  g_autofree char *base = bs_import_word (wanted);
  char *name = g_strdup (base);
  guint last = GPOINTER_TO_UINT (g_hash_table_lookup (self->links, base));

  /* two nodes may have several links, each of its own */
  while (!a_is_bridge && !b_is_bridge && g_hash_table_contains (self->by_network, name))
    {
      g_free (name);
      name = g_strdup_printf ("%.55s-%u", base, last = MAX (last, 1) + 1);
    }
  g_hash_table_replace (self->links, g_strdup (base), GUINT_TO_POINTER (last));
  return name;
}

static void
import_link (BsImporter *self, const BsYamlNode *topology, const BsYamlNode *link)
{
  static const char *const known[] = { "endpoints", "mtu", "type", NULL };
  const BsYamlNode *ends = bs_import_get (link, "endpoints");
  const BsYamlNode *mtu = bs_import_get (link, "mtu");
  Endpoint a = { 0 }, b = { 0 };
  g_autofree char *name = NULL;
  gboolean bridged[2];
  guint64 bytes;

  if (ends == NULL || ends->kind != BS_YAML_SEQUENCE || ends->first == NULL || ends->first->next == NULL
      || ends->first->next->next != NULL || !read_endpoint (ends->first, &a) || !read_endpoint (ends->first->next, &b)
      || g_hash_table_lookup (self->sources, a.node) == NULL || g_hash_table_lookup (self->sources, b.node) == NULL)
    bs_import_note (self, link, "a link is not expressed: it does not join two nodes of this file");
  else
    {
      bridged[0] = is_bridge (topology, g_hash_table_lookup (self->sources, a.node));
      bridged[1] = is_bridge (topology, g_hash_table_lookup (self->sources, b.node));
      name = name_network (self, &a, &b, bridged[0], bridged[1]);
      bs_import_network (self, name);
      if (bridged[0] && bridged[1])
        bs_import_note (self, link, "a link between bridges is not expressed");
      if (!bridged[0])
        plug (self, ends->first, &a, name);
      if (!bridged[1])
        plug (self, ends->first->next, &b, name);
      if (mtu != NULL && g_ascii_string_to_unsigned (bs_import_text (mtu), 10, 576, 65521, &bytes, NULL))
        json_object_set_new (bs_import_network (self, name), "mtu", json_integer ((json_int_t) bytes));
      bs_import_note_others (self, link, known, NULL);
    }
  endpoint_clear (&a);
  endpoint_clear (&b);
}

/* A node without links is on no network of theirs, where ours would be on all. */
static void
plug_the_rest (BsImporter *self)
{
  json_t *node;
  size_t i;

  json_array_foreach (self->nodes, i, node) if (json_object_get (node, "interfaces") == NULL)
  {
    bs_import_network (self, "unlinked");
    json_object_set_new (node, "interfaces", json_pack ("[{s:s}]", "network", "unlinked"));
  }
}

void
bs_import_containerlab (BsImporter *self, const BsYamlNode *root)
{
  static const char *const known[] = { "name", "topology", NULL };
  static const BsImportReason reasons[] = { { "mgmt", "the management path is the lab's own" },
                                            { "prefix", "names of the lab's objects are its own" },
                                            { NULL, NULL } };
  static const char *const in_topology[] = { "nodes", "links", "kinds", "defaults", "groups", NULL };
  const BsYamlNode *topology = bs_import_get (root, "topology"), *name = bs_import_get (root, "name");
  const BsYamlNode *nodes = bs_import_get (topology, "nodes"), *links = bs_import_get (topology, "links");

  if (nodes == NULL || nodes->kind != BS_YAML_MAPPING)
    {
      bs_diagnostics_add (self->diagnostics, BS_DIAGNOSTIC_ERROR, root->line, root->column, 1, NULL,
                          "this is no containerlab file: it has no mapping 'nodes' in 'topology'");
      return;
    }
  if (name != NULL)
    {
      g_free (self->name);
      self->name = bs_import_word (bs_import_text (name));
    }
  for (BsYamlNode *node = nodes->first; node != NULL; node = node->next)
    g_hash_table_insert (self->sources, (gpointer) node->key->text, node);
  for (const BsYamlNode *node = nodes->first; node != NULL; node = node->next)
    if (!is_bridge (topology, node))
      bs_import_node_name (self, node->key, node->key->text);
  for (const BsYamlNode *node = nodes->first; node != NULL; node = node->next)
    if (!is_bridge (topology, node))
      import_node (self, topology, node);
  for (const BsYamlNode *link = links != NULL && links->kind == BS_YAML_SEQUENCE ? links->first : NULL; link != NULL;
       link = link->next)
    import_link (self, topology, link);
  plug_the_rest (self);
  bs_import_note_others (self, topology, in_topology, NULL);
  bs_import_note_others (self, root, known, reasons);
}
