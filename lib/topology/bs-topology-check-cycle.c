/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-check-cycle.c — no node may wait for itself
 *
 * Depth-first search without recursion, for chains may be as long as the file. A name that is met while it is still on
 * the way down closes a cycle, which is what lies between the two. A node with `count` is one here: its members depend
 * on the same nodes, so a cycle through one of them is a cycle through each.
 */
#include "bs-topology-check.h"

#define SHOWN_MAX 12

typedef struct
{
  BsTopologyNode *node;
  guint next; /* of its depends_on */
} Step;

typedef struct
{
  BsChecker *checker;
  GArray *way;       /* (element-type Step) */
  GHashTable *depth; /* (element-type BsTopologyNode guint) place on the way, from 1; 0: done */
} Search;

static void
report_cycle (Search *self, guint from, const char *closing)
{
  g_autoptr (GString) names = g_string_new (NULL);
  guint length = self->way->len - from;

  for (guint i = 0; i < MIN (length, SHOWN_MAX); i++)
    g_string_append_printf (names, "%s -> ", g_array_index (self->way, Step, from + i).node->name);
  if (length > SHOWN_MAX)
    g_string_append_printf (names, "… (%u more) -> ", length - SHOWN_MAX);
  bs_decoder_error (self->checker->decoder, bs_checker_place (self->checker, closing),
                    "remove one of these dependencies", "dependency cycle: %s%s", names->str, closing);
}

static void
go_down (Search *self, BsTopologyNode *node)
{
  Step step = { node, 0 };

  g_array_append_val (self->way, step);
  g_hash_table_insert (self->depth, node, GUINT_TO_POINTER (self->way->len));
}

static void
walk (Search *self, BsTopologyNode *start)
{
  go_down (self, start);
  while (self->way->len > 0)
    {
      Step *step = &g_array_index (self->way, Step, self->way->len - 1);
      BsTopologyNode *other;
      const char *name;
      gpointer depth;
      guint count;

      if (step->next == step->node->depends_on->len)
        {
          g_hash_table_insert (self->depth, step->node, NULL);
          g_array_set_size (self->way, self->way->len - 1);
          continue;
        }
      name = g_ptr_array_index (step->node->depends_on, step->next++);
      other = bs_checker_find_node (self->checker, name, &count);
      if (other == NULL)
        continue;
      if (!g_hash_table_lookup_extended (self->depth, other, NULL, &depth))
        go_down (self, other);
      else if (depth != NULL)
        report_cycle (self, GPOINTER_TO_UINT (depth) - 1, name);
    }
}

void
bs_check_cycles (BsChecker *self)
{
  g_autoptr (GArray) way = g_array_new (FALSE, FALSE, sizeof (Step));
  g_autoptr (GHashTable) depth = g_hash_table_new (NULL, NULL);
  Search search = { self, way, depth };
  GPtrArray *nodes = self->topology->nodes;

  for (guint i = 0; i < nodes->len; i++)
    {
      BsTopologyNode *node = g_ptr_array_index (nodes, i);

      if (node->name != NULL && !g_hash_table_contains (depth, node))
        walk (&search, node);
    }
}
