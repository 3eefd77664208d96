/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-pairs.c — in pairs, the name that `count` was given to stands for all its nodes */
#include "bs-topology-check.h"

#include <string.h>

/* A small file must not become a huge model. */
#define NAMES_MAX 1000000

typedef struct
{
  BsDecoder *decoder;
  GHashTable *groups; /* (element-type utf8 GPtrArray of BsTopologyNode) by the group's name */
  guint left;
} Expansion;

static GHashTable *
find_groups (const BsTopology *topology)
{
  GHashTable *groups = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);

  for (guint i = 0; i < topology->nodes->len; i++)
    {
      BsTopologyNode *node = g_ptr_array_index (topology->nodes, i);
      GPtrArray *members;

      if (node->group == NULL)
        continue;
      members = g_hash_table_lookup (groups, node->group);
      if (members == NULL)
        {
          members = g_ptr_array_new ();
          g_hash_table_insert (groups, node->group, members);
        }
      g_ptr_array_add (members, node);
    }
  return groups;
}

static void
add_members (Expansion *self, GPtrArray *names, const GPtrArray *members, const BsYamlNode *place)
{
  if (self->left < members->len)
    {
      bs_decoder_error (self->decoder, place, NULL, "pairs name more than %d nodes", NAMES_MAX);
      return;
    }
  self->left -= members->len;
  for (guint i = 0; i < members->len; i++)
    {
      char *name = g_strdup (((const BsTopologyNode *) g_ptr_array_index (members, i))->name);

      g_hash_table_insert (self->decoder->places, name, (gpointer) place);
      g_ptr_array_add (names, name);
    }
}

static void
expand (Expansion *self, GPtrArray **list)
{
  g_autoptr (GPtrArray) old = *list;

  *list = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < old->len; i++)
    {
      char *name = g_ptr_array_index (old, i);
      const GPtrArray *members = g_hash_table_lookup (self->groups, name);

      if (members != NULL)
        add_members (self, *list, members, g_hash_table_lookup (self->decoder->places, name));
      else
        g_ptr_array_add (*list, g_steal_pointer (&old->pdata[i]));
    }
}

void
bs_topology_expand_pairs (BsDecoder *decoder)
{
  g_autoptr (GHashTable) groups = NULL;
  GPtrArray *pairs = decoder->topology->pairs;
  Expansion expansion = { decoder, NULL, NAMES_MAX };

  if (pairs->len == 0)
    return;
  groups = expansion.groups = find_groups (decoder->topology);
  for (guint i = 0; g_hash_table_size (groups) > 0 && i < pairs->len; i++)
    {
      BsTopologyPair *pair = g_ptr_array_index (pairs, i);

      expand (&expansion, &pair->nodes);
      expand (&expansion, &pair->from);
      expand (&expansion, &pair->to);
    }
}
