/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-encode-node.c — networks, nodes, interfaces and readiness */
#include "bs-topology-encoder.h"

#include <string.h>

static gboolean
is_complete (const BsEncoder *self)
{
  return (self->flags & BS_TOPOLOGY_ENCODE_COMPLETE) != 0;
}

BS_ENCODE (bs_encode_nothing)
{
  return NULL;
}

BS_ENCODE (bs_encode_lab_seed)
{
  const BsTopology *topology = place;

  return topology->has_seed ? json_integer ((json_int_t) topology->seed) : NULL;
}

BS_ENCODE (bs_encode_network_seed)
{
  const BsTopologyNetwork *network = place;

  return network->has_seed ? json_integer ((json_int_t) network->seed) : NULL;
}

BS_ENCODE (bs_encode_integer64)
{
  return json_integer (*(const gint64 *) place);
}

/* -1 stands for its absence. */
BS_ENCODE (bs_encode_mode)
{
  int mode = *(const int *) place;

  return mode >= 0 ? json_sprintf ("%04o", (guint) mode) : NULL;
}

BS_ENCODE (bs_encode_list)
{
  const GPtrArray *structs = *(GPtrArray *const *) place;
  json_t *list = json_array ();

  for (guint i = 0; i < structs->len; i++)
    {
      json_t *object = bs_encode_object (self, field->fields, g_ptr_array_index (structs, i));

      /* Of a pair's two forms, the one that it has not. */
      if (json_array_size (json_object_get (object, "nodes")) == 0)
        json_object_del (object, "nodes");
      json_array_append_new (list, object);
    }
  return list;
}

/* The one that is made when nothing is said. */
static gboolean
is_implied (const BsTopology *topology, const json_t *object)
{
  return topology->networks->len == 1 && json_object_size (object) == 1
         && strcmp (bs_json_string (object, "name", ""), "lab") == 0;
}

BS_ENCODE (bs_encode_networks)
{
  const GPtrArray *networks = ((const BsTopology *) owner)->networks;
  json_t *list = json_array ();

  for (guint i = 0; i < networks->len; i++)
    json_array_append_new (list, bs_encode_object (self, field->fields, g_ptr_array_index (networks, i)));
  if (!is_complete (self) && is_implied (owner, json_array_get (list, 0)))
    {
      json_decref (list);
      return NULL;
    }
  return list;
}

BS_ENCODE (bs_encode_nat)
{
  const BsTopologyNat *nat = *(BsTopologyNat *const *) place;

  return nat != NULL ? bs_encode_object (self, field->fields, nat) : NULL;
}

/* With the name and the MTU that it has when it says none. */
static json_t *
encode_complete (BsEncoder *self, const BsTopologyInterface *interface, guint place)
{
  const BsTopologyNetwork *network = bs_topology_network (self->topology, interface->network);
  g_autofree char *name = g_strdup_printf ("eth%u", place);
  BsTopologyInterface complete = *interface;

  if (complete.name == NULL)
    complete.name = name;
  if (complete.mtu == 0)
    complete.mtu = network->mtu;
  return bs_encode_object (self, bs_fields_interface, &complete);
}

/* Without the name and the MTU that it has in any case. */
static json_t *
encode_short (BsEncoder *self, const BsTopologyInterface *interface, guint place)
{
  const BsTopologyNetwork *network = bs_topology_network (self->topology, interface->network);
  g_autofree char *name = g_strdup_printf ("eth%u", place);
  BsTopologyInterface rest = *interface;

  if (g_strcmp0 (rest.name, name) == 0)
    rest.name = NULL;
  if (network != NULL && rest.mtu == network->mtu)
    rest.mtu = 0;
  return bs_encode_object (self, bs_fields_interface, &rest);
}

/* Whether it is just what each node has when it names no interfaces. */
static gboolean
are_implied (const BsTopology *topology, const GPtrArray *interfaces, const json_t *list)
{
  gboolean implied = interfaces->len == topology->networks->len;

  for (guint i = 0; implied && i < interfaces->len; i++)
    {
      const BsTopologyInterface *interface = g_ptr_array_index (interfaces, i);
      const BsTopologyNetwork *network = g_ptr_array_index (topology->networks, i);
      const json_t *object = json_array_get (list, i);

      implied = strcmp (interface->network, network->name) == 0
                && json_object_size (object) == (json_object_get (object, "network") != NULL ? 1 : 0);
    }
  return implied;
}

BS_ENCODE (bs_encode_interfaces)
{
  const GPtrArray *interfaces = *(GPtrArray *const *) place;
  json_t *list = json_array ();

  for (guint i = 0; i < interfaces->len; i++)
    {
      const BsTopologyInterface *interface = g_ptr_array_index (interfaces, i);

      json_array_append_new (list, is_complete (self) ? encode_complete (self, interface, i)
                                                      : encode_short (self, interface, i));
    }
  if (self->bare || is_complete (self) || !are_implied (self->topology, interfaces, list))
    return list;
  json_decref (list);
  return NULL;
}

/* Whether all members that @first should have come with it, as they were made. */
static gboolean
is_whole_group (const GPtrArray *nodes, guint first)
{
  const BsTopologyNode *node = g_ptr_array_index (nodes, first);

  if (node->group_index != 1 || nodes->len - first < node->group_size)
    return FALSE;
  for (guint i = 1; i < node->group_size; i++)
    {
      const BsTopologyNode *member = g_ptr_array_index (nodes, first + i);

      if (member->group != node->group || member->group_index != i + 1)
        return FALSE;
    }
  return TRUE;
}

static json_t *
encode_node (BsEncoder *self, const BsTopologyNode *node, gboolean group)
{
  static const char *const not_of_adopted[] = { "memory_mb", "vcpus", "disk_gb" };
  json_t *object = bs_encode_object (self, bs_fields_node, node);

  for (guint i = 0; node->adopt != NULL && i < G_N_ELEMENTS (not_of_adopted); i++)
    json_object_del (object, not_of_adopted[i]);
  if (group)
    json_object_set_new (object, "name", json_string (node->group));
  else
    json_object_del (object, "count");
  return object;
}

BS_ENCODE (bs_encode_nodes)
{
  const GPtrArray *nodes = ((const BsTopology *) owner)->nodes;
  json_t *list = json_array ();

  for (guint i = 0; i < nodes->len;)
    {
      const BsTopologyNode *node = g_ptr_array_index (nodes, i);
      gboolean group = is_whole_group (nodes, i);

      json_array_append_new (list, encode_node (self, node, group));
      i += group ? node->group_size : 1;
    }
  return list;
}

/* The group of which @names has all members from @first on; NULL: none. */
static const char *
find_group (const BsEncoder *self, const GPtrArray *names, guint first, guint *size)
{
  const BsTopologyNode *node = bs_topology_node (self->topology, g_ptr_array_index (names, first));

  if (node == NULL || node->group_index != 1 || names->len - first < node->group_size)
    return NULL;
  for (guint i = 1; i < node->group_size; i++)
    {
      const BsTopologyNode *member = bs_topology_node (self->topology, g_ptr_array_index (names, first + i));

      if (member == NULL || member->group != node->group || member->group_index != i + 1)
        return NULL;
    }
  *size = node->group_size;
  return node->group;
}

json_t *
bs_encode_names (const BsEncoder *self, const GPtrArray *names)
{
  json_t *list = json_array ();

  for (guint i = 0; i < names->len;)
    {
      guint size = 1;
      const char *group = find_group (self, names, i, &size);

      json_array_append_new (list, json_string (group != NULL ? group : g_ptr_array_index (names, i)));
      i += size;
    }
  return list;
}

BS_ENCODE (bs_encode_node_names)
{
  return bs_encode_names (self, *(GPtrArray *const *) place);
}

BS_ENCODE (bs_encode_pair_end)
{
  g_autoptr (json_t) names = bs_encode_names (self, *(GPtrArray *const *) place);

  return json_incref (json_array_get (names, 0));
}

#define READY(name, KIND, value)                                                                                       \
  BS_ENCODE (name)                                                                                                     \
  {                                                                                                                    \
    const BsTopologyReady *ready = place;                                                                              \
                                                                                                                       \
    return ready->kind == BS_READY_##KIND ? value : NULL;                                                              \
  }

READY (bs_encode_ready_agent, AGENT, json_true ())
READY (bs_encode_ready_port, PORT, json_integer (g_ascii_strtoll (ready->arguments[0], NULL, 10)))
READY (bs_encode_ready_file, FILE, json_string (ready->arguments[0]))
READY (bs_encode_ready_process, PROCESS, json_string (ready->arguments[0]))
READY (bs_encode_ready_command, COMMAND, bs_encode_argv (ready->arguments))
READY (bs_encode_ready_ssh, SSH, json_true ())
READY (bs_encode_ready_unit, UNIT, json_string (ready->arguments[0]))
READY (bs_encode_ready_http, HTTP, json_string (ready->arguments[0]))
READY (bs_encode_ready_log, LOG, json_string (ready->arguments[0]))
