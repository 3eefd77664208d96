/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-net-partition.h"
#include "bs-arguments.h"
#include "bs-control-protocol.h"
#include "bs-error.h"

#include <string.h>

#define GROUPS_MAX 4096
#define MEMBERS_MAX 8192

static void
member_free (gpointer data)
{
  BsNetMember *member = data;

  g_free (member->node);
  g_free (member);
}

void
bs_net_partition_free (BsNetPartition *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->groups, g_ptr_array_unref);
  g_free (self->what);
  g_free (self);
}

static gboolean
load_member (GPtrArray *group, const json_t *object, GError **error)
{
  const char *node = bs_arguments_node (object, error);
  gint64 interface = -1;
  BsNetMember *member;

  if (node == NULL
      || (json_object_get (object, "interface") != NULL
          && !bs_arguments_int (object, "interface", 0, BS_CONTROL_INTERFACES_MAX - 1, &interface, error)))
    return FALSE;
  member = g_new0 (BsNetMember, 1);
  member->node = g_strdup (node);
  member->interface = (int) interface;
  g_ptr_array_add (group, member);
  return TRUE;
}

static gboolean
load_group (BsNetPartition *self, const json_t *list, GError **error)
{
  GPtrArray *group = g_ptr_array_new_with_free_func (member_free);

  g_ptr_array_add (self->groups, group);
  if (json_array_size (list) == 0 || json_array_size (list) > MEMBERS_MAX)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "a group of a partition is a list of 1 to %d members", MEMBERS_MAX);
      return FALSE;
    }
  for (gsize i = 0; i < json_array_size (list); i++)
    if (!load_member (group, json_array_get (list, i), error))
      return FALSE;
  return TRUE;
}

BsNetPartition *
bs_net_partition_load (const json_t *object, GError **error)
{
  g_autoptr (BsNetPartition) self = g_new0 (BsNetPartition, 1);
  const json_t *groups = json_object_get (object, "groups");
  gsize n = json_array_size (groups);

  self->groups = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  self->id = (guint64) bs_json_int (object, "id", 0);
  self->until_usec = bs_json_int (object, "until_usec", 0);
  self->what = g_strdup (bs_json_string (object, "what", NULL));
  self->one_way = bs_json_bool (object, "one_way", FALSE);
  if (n < 2 || n > GROUPS_MAX || (self->one_way && n != 2))
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'groups' is missing, or not of 2 to %d groups (2 with 'one_way')",
                    GROUPS_MAX);
      return NULL;
    }
  for (gsize i = 0; i < n; i++)
    if (!load_group (self, json_array_get (groups, i), error))
      return NULL;
  return g_steal_pointer (&self);
}

static json_t *
save_member (const BsNetMember *member)
{
  json_t *object = json_pack ("{s:s}", "node", member->node);

  if (member->interface >= 0)
    json_object_set_new (object, "interface", json_integer (member->interface));
  return object;
}

json_t *
bs_net_partition_save (const BsNetPartition *self)
{
  json_t *groups = json_array ();

  for (guint i = 0; i < self->groups->len; i++)
    {
      const GPtrArray *group = g_ptr_array_index (self->groups, i);
      json_t *list = json_array ();

      for (guint k = 0; k < group->len; k++)
        json_array_append_new (list, save_member (g_ptr_array_index (group, k)));
      json_array_append_new (groups, list);
    }
  return json_pack ("{s:I, s:o, s:b, s:I, s:s*}", "id", (json_int_t) self->id, "groups", groups, "one_way",
                    self->one_way, "until_usec", (json_int_t) self->until_usec, "what", self->what);
}

static guint
digits (const BsNetPartition *self)
{
  return (guint) g_bit_storage (self->groups->len - 1);
}

gboolean
bs_net_partition_reserve (BsNetPartition *self, guint64 *used, GError **error)
{
  guint wanted = self->one_way ? 1 : 2 * digits (self);
  guint64 taken = *used;

  for (guint bit = 0; bit < 64 && self->n_bits < wanted; bit++)
    if ((taken & UINT64_C (1) << bit) == 0)
      {
        taken |= UINT64_C (1) << bit;
        self->bits[self->n_bits++] = (guint8) bit;
      }
  if (self->n_bits == wanted)
    {
      *used = taken;
      return TRUE;
    }
  self->n_bits = 0;
  bs_set_error (error, BS_ERROR_EXHAUSTED, "heal some of them first",
                "no more partitions at once: this one needs %u cuts, and %u of 64 are free", wanted,
                64 - (guint) __builtin_popcountll (*used));
  return FALSE;
}

void
bs_net_partition_release (BsNetPartition *self, guint64 *used)
{
  for (guint i = 0; i < self->n_bits; i++)
    *used &= ~(UINT64_C (1) << self->bits[i]);
  self->n_bits = 0;
}

static gboolean
is_member (const GPtrArray *group, const BsLink *link)
{
  for (guint i = 0; i < group->len; i++)
    {
      const BsNetMember *member = g_ptr_array_index (group, i);

      if (strcmp (member->node, link->node) == 0
          && (member->interface < 0 || (guint) member->interface == link->interface))
        return TRUE;
    }
  return FALSE;
}

void
bs_net_partition_cut (const BsNetPartition *self, const BsLink *link, BsSwitchCuts *cuts)
{
  guint group = 0;

  while (group < self->groups->len && !is_member (g_ptr_array_index (self->groups, group), link))
    group++;
  if (group == self->groups->len)
    return;
  if (self->one_way)
    {
      *(group == 0 ? &cuts->sends : &cuts->receives) |= UINT64_C (1) << self->bits[0];
      return;
    }
  for (guint digit = 0; digit < digits (self); digit++)
    {
      guint one = group >> digit & 1;

      cuts->sends |= UINT64_C (1) << self->bits[2 * digit + one];
      cuts->receives |= UINT64_C (1) << self->bits[2 * digit + (1 - one)];
    }
}
