/* SPDX-License-Identifier: Apache-2.0 */
/* bs-inventory.c — nodes as Ansible wants to be told of them */
#include "bs-error.h"
#include "bs-lab-ssh-paths.h"
#include "bs-topology.h"

#include <string.h>

/* "image_debian_12": Ansible warns of group names that are no identifiers. */
static char *
group_name (const char *kind, const char *value)
{
  char *name = g_strdup_printf ("%s_%s", kind, value);

  return g_strcanon (name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", '_');
}

/* The member @key of @object, made when missing; (transfer none). */
static json_t *
member (json_t *object, const char *key)
{
  if (json_object_get (object, key) == NULL)
    json_object_set_new (object, key, json_object ());
  return json_object_get (object, key);
}

static void
add_to_group (json_t *inventory, const char *kind, const char *value, const char *host)
{
  g_autofree char *name = group_name (kind, value);

  if (value[0] != '\0')
    json_object_set_new (member (member (member (member (inventory, "all"), "children"), name), "hosts"), host,
                         json_object ());
}

static json_t *
variables (BsLab *lab, const json_t *node, const json_t *ssh, const char *host, const BsLabSshPaths *paths)
{
  /* One string that Ansible splits as a shell does. */
  g_autofree char *arguments
      = g_strdup_printf ("-o IdentitiesOnly=yes -o HostKeyAlias=%s -o 'UserKnownHostsFile=\"%s\"' -o "
                         "GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes",
                         host, paths->known_hosts);

  return json_pack ("{s:s, s:i, s:s, s:s, s:s, s:s, s:s}", "ansible_host", "127.0.0.1", "ansible_port",
                    (int) bs_json_int (ssh, "port", 0), "ansible_user", bs_json_string (ssh, "user", "root"),
                    "ansible_ssh_private_key_file", paths->key, "ansible_ssh_common_args", arguments, "benchscale_lab",
                    bs_lab_name (lab), "benchscale_node", bs_json_string (node, "name", ""));
}

static void
add_node (BsLab *lab, const json_t *node, const BsTopology *topology, const BsLabSshPaths *paths, json_t *inventory)
{
  const char *name = bs_json_string (node, "name", "");
  const BsTopologyNode *model = topology != NULL ? bs_topology_node (topology, name) : NULL;
  g_autofree char *host = bs_lab_ssh_name (bs_lab_name (lab), name);
  json_t *interface;
  size_t i;

  json_object_set_new (member (member (inventory, "all"), "hosts"), host,
                       variables (lab, node, json_object_get (node, "ssh"), host, paths));
  add_to_group (inventory, "lab", bs_lab_name (lab), host);
  add_to_group (inventory, "image", bs_json_string (node, "image", ""), host);
  json_array_foreach (json_object_get (node, "interfaces"), i, interface)
      add_to_group (inventory, "network", bs_json_string (interface, "network", ""), host);
  for (char **tag = topology != NULL ? topology->tags : NULL; tag != NULL && *tag != NULL; tag++)
    add_to_group (inventory, "tag", *tag, host);
  if (model != NULL && model->group != NULL)
    add_to_group (inventory, "count", model->group, host);
}

gboolean
bs_lab_inventory_add (BsLab *self, json_t *inventory, GError **error)
{
  g_auto (BsLabSshPaths) paths = { 0 };
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsTopology) topology = NULL;
  gboolean any = FALSE;
  json_t *node;
  size_t i;

  if (!bs_lab_ssh_paths_init (&paths, self, error))
    return FALSE;
  topology = bs_lab_topology (self, &diagnostics); /* one that is gone only costs groups */
  json_array_foreach (json_object_get (bs_lab_record (self), "nodes"), i,
                      node) if (json_is_object (json_object_get (node, "ssh")))
  {
    add_node (self, node, topology, &paths, inventory);
    any = TRUE;
  }
  return any || bs_lab_ssh_none (self, error);
}

/* --- formats */

/* A JSON text is a YAML scalar, too. */
static char *
scalar (const json_t *value)
{
  char *dumped = json_dumps (value, JSON_ENCODE_ANY), *copy = g_strdup (dumped);

  free (dumped);
  return copy;
}

static void
append_yaml (GString *text, const json_t *object, guint depth)
{
  const char *key;
  json_t *value;

  json_object_foreach ((json_t *) object, key, value)
  {
    g_autofree char *one = json_is_object (value) ? NULL : scalar (value);

    g_string_append_printf (text, "%*s%s:", (int) depth * 2, "", key);
    if (one != NULL)
      g_string_append_printf (text, " %s\n", one);
    else if (json_object_size (value) == 0)
      g_string_append (text, " {}\n");
    else
      {
        g_string_append_c (text, '\n');
        append_yaml (text, value, depth + 1);
      }
  }
}

static void
append_ini (GString *text, const json_t *inventory)
{
  json_t *all = json_object_get (inventory, "all"), *hosts = json_object_get (all, "hosts"), *variables_of, *group,
         *value;
  const char *host, *key, *name;

  json_object_foreach (hosts, host, variables_of)
  {
    g_string_append (text, host);
    json_object_foreach (variables_of, key, value)
    {
      g_autofree char *one = scalar (value);

      g_string_append_printf (text, " %s=%s", key, one);
    }
    g_string_append_c (text, '\n');
  }
  json_object_foreach (json_object_get (all, "children"), name, group)
  {
    g_string_append_printf (text, "\n[%s]\n", name);
    json_object_foreach (json_object_get (group, "hosts"), host, value) g_string_append_printf (text, "%s\n", host);
  }
}

char *
bs_inventory_format (const json_t *inventory, const char *format, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (strcmp (format, "json") == 0)
    {
      char *dumped = json_dumps (inventory, JSON_INDENT (2));

      g_string_append_printf (text, "%s\n", dumped);
      free (dumped);
    }
  else if (strcmp (format, "yaml") == 0)
    append_yaml (text, inventory, 0);
  else if (strcmp (format, "ini") == 0)
    append_ini (text, inventory);
  else
    {
      bs_set_error (error, BS_ERROR_INVALID, "use yaml, ini or json", "not a format of inventories: '%s'", format);
      return NULL;
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}
