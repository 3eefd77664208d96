/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-net-target.c — which wires a text means */
#include "bs-error.h"
#include "bs-lab-net-private.h"
#include "bs-suggest.h"

#include <string.h>

#define FORMS "write NETWORK, NODE, NODE/INTERFACE, A:B (both ways) or 'A>B'"

int
bs_lab_net_find_network (BsLab *self, const char *name)
{
  const json_t *network;
  size_t i;

  json_array_foreach (json_object_get (bs_lab_record (self), "networks"), i,
                      network) if (strcmp (bs_json_string (network, "name", ""), name) == 0) return (int) i;
  return -1;
}

const char *
bs_lab_net_network_name (BsLab *self, int index)
{
  const json_t *networks = json_object_get (bs_lab_record (self), "networks");

  return bs_json_string (json_array_get (networks, (size_t) index), "name", "");
}

int
bs_lab_net_find_interface (const json_t *node, const char *name)
{
  const json_t *interface;
  size_t i;

  json_array_foreach (json_object_get (node, "interfaces"), i,
                      interface) if (strcmp (bs_json_string (interface, "name", ""), name) == 0) return (int) i;
  return -1;
}

const char *
bs_lab_net_interface_name (const json_t *node, int index)
{
  return bs_json_string (json_array_get (json_object_get (node, "interfaces"), (size_t) index), "name", "");
}

static const json_t *
find_node (BsLab *self, const char *name)
{
  return bs_lab_find_node (self, name, NULL);
}

/* "web-12" of "web" */
static gboolean
is_member (const char *name, const char *group)
{
  const char *number = name + strlen (group) + 1;

  return g_str_has_prefix (name, group) && name[strlen (group)] == '-' && *number != '\0'
         && strspn (number, "0123456789") == strlen (number);
}

GPtrArray *
bs_lab_net_group (BsLab *self, const char *text)
{
  GPtrArray *members = g_ptr_array_new ();
  const json_t *node;
  size_t i;

  if (find_node (self, text) != NULL)
    return members;
  json_array_foreach (json_object_get (bs_lab_record (self), "nodes"), i,
                      node) if (is_member (bs_json_string (node, "name", ""), text))
      g_ptr_array_add (members, (gpointer) bs_json_string (node, "name", ""));
  return members;
}

static char *
list_interfaces (const json_t *node)
{
  GString *text = g_string_new ("its interfaces:");
  const json_t *interface;
  size_t i;

  json_array_foreach (json_object_get (node, "interfaces"), i, interface)
      g_string_append_printf (text, " %s", bs_json_string (interface, "name", ""));
  return g_string_free (text, FALSE);
}

json_t *
bs_lab_net_end_of (BsLab *self, const char *text, GError **error)
{
  const char *slash = strchr (text, '/');
  g_autofree char *name = slash != NULL ? g_strndup (text, (gsize) (slash - text)) : g_strdup (text);
  const json_t *node = bs_lab_find_node (self, name, error);
  g_autofree char *hint = NULL;
  int interface;

  if (node == NULL)
    return NULL;
  if (slash == NULL)
    return json_pack ("{s:s}", "node", name);
  interface = bs_lab_net_find_interface (node, slash + 1);
  if (interface >= 0)
    return json_pack ("{s:s, s:i}", "node", name, "interface", interface);
  hint = list_interfaces (node);
  bs_set_error (error, BS_ERROR_NOT_FOUND, hint, "node '%s' has no interface '%s'", name, slash + 1);
  return NULL;
}

static gboolean
is_on (const json_t *node, gint64 only, const char *network)
{
  const json_t *interface;
  size_t i;

  json_array_foreach (json_object_get (node, "interfaces"), i,
                      interface) if ((only < 0 || only == (gint64) i)
                                     && strcmp (bs_json_string (interface, "network", ""), network) == 0) return TRUE;
  return FALSE;
}

/* Two ends on no common network have no wire. */
static gboolean
check_pair (BsLab *self, const char *text, const json_t *a, const json_t *b, GError **error)
{
  const json_t *from = find_node (self, bs_json_string (a, "node", "")), *network;
  const json_t *to = find_node (self, bs_json_string (b, "node", ""));
  size_t i;

  if (from == to)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s': a pair is of two nodes", text);
      return FALSE;
    }
  json_array_foreach (json_object_get (bs_lab_record (self), "networks"), i, network)
  {
    const char *name = bs_json_string (network, "name", "");

    if (is_on (from, bs_json_int (a, "interface", -1), name) && is_on (to, bs_json_int (b, "interface", -1), name))
      return TRUE;
  }
  bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s': they share no network", text);
  return FALSE;
}

static json_t *
join (const json_t *from, const json_t *to)
{
  json_t *target = json_copy ((json_t *) from);

  json_object_set (target, "to", json_object_get (to, "node"));
  if (json_object_get (to, "interface") != NULL)
    json_object_set (target, "to_interface", json_object_get (to, "interface"));
  return target;
}

static json_t *
pair_targets (BsLab *self, const char *text, const char *mark, GError **error)
{
  g_autofree char *left = g_strndup (text, (gsize) (mark - text));
  g_autoptr (json_t) from = bs_lab_net_end_of (self, left, error);
  g_autoptr (json_t) to = from != NULL ? bs_lab_net_end_of (self, mark + 1, error) : NULL;
  json_t *targets;

  if (to == NULL || !check_pair (self, text, from, to, error))
    return NULL;
  targets = json_pack ("[o]", join (from, to));
  if (*mark == ':')
    json_array_append_new (targets, join (to, from));
  return targets;
}

/* A word that is no node and no network. */
static void
unknown (BsLab *self, const char *text, GError **error)
{
  static const char *const kinds[] = { "networks", "nodes" };
  g_autofree char *hint = NULL;
  BsSuggest suggest;

  bs_suggest_init (&suggest, text);
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    {
      const json_t *item;
      size_t i;

      json_array_foreach (json_object_get (bs_lab_record (self), kinds[k]), i, item)
          bs_suggest_offer (&suggest, bs_json_string (item, "name", ""));
    }
  hint = suggest.nearest != NULL ? g_strdup_printf ("did you mean '%s'?", suggest.nearest) : g_strdup (FORMS);
  bs_set_error (error, BS_ERROR_NOT_FOUND, hint, "lab '%s' has no node and no network '%s'", bs_lab_name (self), text);
}

/* All of a group, or NULL when there is no such group. */
static json_t *
group_targets (BsLab *self, const char *text, const char *direction)
{
  g_autoptr (GPtrArray) members = bs_lab_net_group (self, text);
  json_t *targets = members->len > 0 ? json_array () : NULL;

  for (guint i = 0; i < members->len; i++)
    json_array_append_new (targets, json_pack ("{s:s, s:s}", "node", (const char *) g_ptr_array_index (members, i),
                                               "direction", direction));
  return targets;
}

json_t *
bs_lab_net_targets (BsLab *self, const char *text, const char *direction, GError **error)
{
  const char *mark = strpbrk (text, ":>");
  int network = bs_lab_net_find_network (self, text);
  json_t *end;

  if (mark != NULL && strcmp (direction, "in") == 0)
    {
      bs_set_error (error, BS_ERROR_INVALID, "name the receiving node or interface alone",
                    "'%s': what a node receives has no conditions for each sender", text);
      return NULL;
    }
  if (mark != NULL)
    return pair_targets (self, text, mark, error);
  if (network >= 0 && find_node (self, text) != NULL)
    {
      bs_set_error (error, BS_ERROR_INVALID, "name the node's interfaces instead, as NODE/INTERFACE",
                    "'%s' is a network and a node", text);
      return NULL;
    }
  if (network >= 0)
    return json_pack ("[{s:i, s:s}]", "network", network, "direction", direction);
  if (strchr (text, '/') == NULL && find_node (self, text) == NULL)
    {
      end = group_targets (self, text, direction);
      if (end == NULL)
        unknown (self, text, error);
      return end;
    }
  end = bs_lab_net_end_of (self, text, error);
  if (end != NULL)
    json_object_set_new (end, "direction", json_string (direction));
  return end != NULL ? json_pack ("[o]", end) : NULL;
}
