/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-net-partition.c — groups of nodes and interfaces that shall not reach each other */
#include "bs-error.h"
#include "bs-lab-net-private.h"

#include <string.h>

typedef struct
{
  BsLab *lab;
  json_t *groups;   /* [[{"node","interface"?}]] */
  GHashTable *used; /* (element-type utf8) "node", "node/1": in some group already */
} Groups;

/* A node is on one side only, with all of its interfaces or with those that are named. */
static gboolean
use (Groups *self, const char *text, const json_t *member, GError **error)
{
  const char *node = bs_json_string (member, "node", "");
  gint64 interface = bs_json_int (member, "interface", -1);
  g_autofree char *part = g_strdup_printf ("%s/", node);
  g_autofree char *whole = interface >= 0 ? g_strdup_printf ("%s/%d", node, (int) interface) : g_strdup (node);
  gboolean taken = g_hash_table_contains (self->used, whole)
                   || (interface >= 0 && g_hash_table_contains (self->used, node))
                   || (interface < 0 && g_hash_table_contains (self->used, part));

  g_hash_table_add (self->used, g_steal_pointer (&whole));
  if (interface >= 0)
    g_hash_table_add (self->used, g_steal_pointer (&part));
  if (taken)
    bs_set_error (error, BS_ERROR_INVALID, "a node or interface is on one side only", "'%s' is in the partition twice",
                  text);
  return !taken;
}

static gboolean
add_member (Groups *self, json_t *group, const char *text, GError **error)
{
  json_t *member = bs_lab_net_end_of (self->lab, text, error);

  if (member == NULL)
    return FALSE;
  json_array_append_new (group, member);
  return use (self, text, member, error);
}

/* A node, an interface, or all that `count` made of one node. */
static gboolean
add_members (Groups *self, json_t *group, const char *text, GError **error)
{
  g_autoptr (GPtrArray) members = bs_lab_net_group (self->lab, text);

  for (guint i = 0; i < members->len; i++)
    if (!add_member (self, group, g_ptr_array_index (members, i), error))
      return FALSE;
  return members->len > 0 || add_member (self, group, text, error);
}

static gboolean
add_group (Groups *self, const char *text, GError **error)
{
  g_auto (GStrv) names = g_strsplit (text, ",", -1);
  json_t *group = json_array ();

  json_array_append_new (self->groups, group);
  for (char **name = names; *name != NULL; name++)
    if (!add_members (self, group, *name, error))
      return FALSE;
  return TRUE;
}

static json_t *
all_nodes (BsLab *lab)
{
  json_t *members = json_array ();
  const json_t *node;
  size_t i;

  json_array_foreach (json_object_get (bs_lab_record (lab), "nodes"), i, node)
      json_array_append_new (members, json_pack ("{s:s}", "node", bs_json_string (node, "name", "")));
  return members;
}

/* One group becomes two: the larger half, in the order given, and the others. */
static gboolean
split (Groups *self, GError **error)
{
  json_t *members, *few;
  size_t larger;

  if (json_array_size (self->groups) > 1)
    {
      bs_set_error (error, BS_ERROR_INVALID, "name the nodes in one group, as a,b,c, or none for all",
                    "a majority is of one group");
      return FALSE;
    }
  if (json_array_size (self->groups) == 0)
    json_array_append_new (self->groups, all_nodes (self->lab));
  members = json_array_get (self->groups, 0);
  larger = json_array_size (members) / 2 + 1;
  few = json_array ();
  while (json_array_size (members) > larger)
    {
      json_array_append (few, json_array_get (members, larger));
      json_array_remove (members, larger);
    }
  json_array_append_new (self->groups, few);
  if (json_array_size (few) > 0)
    return TRUE;
  bs_set_error (error, BS_ERROR_INVALID, NULL, "a majority needs at least 3 nodes");
  return FALSE;
}

/* Whoever is in no group reaches all. */
static gboolean
check_bridge (Groups *self, const char *bridge, GError **error)
{
  g_autoptr (json_t) member = bs_lab_net_end_of (self->lab, bridge, error);

  return member != NULL && use (self, bridge, member, error);
}

static gboolean
fill (Groups *self, const BsLabNetPartition *partition, GError **error)
{
  size_t n;

  for (const char *const *group = partition->groups; group != NULL && *group != NULL; group++)
    if (!add_group (self, *group, error))
      return FALSE;
  if (partition->majority && !split (self, error))
    return FALSE;
  n = json_array_size (self->groups);
  if (n < 2)
    bs_set_error (error, BS_ERROR_INVALID, "write them as web,db client", "a partition is of two groups or more");
  else if (partition->one_way && n > 2)
    bs_set_error (error, BS_ERROR_INVALID, NULL, "one way is between two groups, not %d", (int) n);
  else if (partition->one_way && partition->bridge != NULL)
    bs_set_error (error, BS_ERROR_INVALID, "leave one of them out", "one way and bridge exclude each other");
  else
    return partition->bridge == NULL || check_bridge (self, partition->bridge, error);
  return FALSE;
}

guint64
bs_lab_net_partition (BsLab *self, const BsLabNetPartition *partition, GCancellable *cancellable, GError **error)
{
  g_autoptr (GHashTable) used = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (json_t) members = json_array (), answer = NULL;
  Groups groups = { self, members, used };
  json_t *request;

  if (!fill (&groups, partition, error))
    return 0;
  request = json_pack ("{s:O, s:b, s:s*}", "groups", members, "one_way", partition->one_way, "what", partition->what);
  if (partition->for_usec > 0)
    json_object_set_new (request, "for_usec", json_integer (partition->for_usec));
  answer = bs_lab_net_call (self, "partition", request, cancellable, error);
  return answer != NULL ? (guint64) bs_json_int (answer, "fault", 0) : 0;
}
