/* SPDX-License-Identifier: Apache-2.0 */
/* bs-effective-pairs.c
 *
 * A full mesh may be written as one entry of ten thousand nodes or as many entries of two. Small entries are found by
 * sender and receiver at once. The few big ones are listed at each sender and asked for the receiver, so that neither
 * takes space or time for each two nodes.
 */
#include "bs-effective-pairs.h"

#define SMALL_MOST 16 /* directions */

typedef struct
{
  const char *from, *to; /* borrowed */
} Wire;

struct _BsEffectivePairs
{
  const GPtrArray *pairs;
  GHashTable *small;      /* (element-type Wire GArray of guint) places in pairs, ascending */
  GHashTable *big;        /* (element-type utf8 GArray of guint) by the sender */
  GHashTable **receivers; /* (nullable each) (element-type utf8) of a big one */
};

static guint
wire_hash (gconstpointer key)
{
  const Wire *wire = key;

  return g_str_hash (wire->from) * 31 + g_str_hash (wire->to);
}

static gboolean
wire_equal (gconstpointer a, gconstpointer b)
{
  const Wire *left = a, *right = b;

  return g_str_equal (left->from, right->from) && g_str_equal (left->to, right->to);
}

static const GPtrArray *
senders_of (const BsTopologyPair *pair)
{
  return pair->nodes->len > 0 ? pair->nodes : pair->from;
}

static const GPtrArray *
receivers_of (const BsTopologyPair *pair)
{
  return pair->nodes->len > 0 ? pair->nodes : pair->to;
}

/* Takes @key if it is new there, else frees it. */
static void
add_place (GHashTable *table, gpointer key, GDestroyNotify free_key, guint place)
{
  GArray *places = g_hash_table_lookup (table, key);

  if (places == NULL)
    {
      places = g_array_new (FALSE, FALSE, sizeof (guint));
      g_hash_table_insert (table, key, places);
    }
  else if (free_key != NULL)
    free_key (key);
  g_array_append_val (places, place);
}

static void
add_small (BsEffectivePairs *self, const GPtrArray *from, const GPtrArray *to, guint place)
{
  for (guint i = 0; i < from->len; i++)
    for (guint j = 0; j < to->len; j++)
      {
        const Wire wire = { g_ptr_array_index (from, i), g_ptr_array_index (to, j) };

        if (!g_str_equal (wire.from, wire.to))
          add_place (self->small, g_memdup2 (&wire, sizeof (wire)), g_free, place);
      }
}

static void
add_big (BsEffectivePairs *self, const GPtrArray *from, const GPtrArray *to, guint place)
{
  self->receivers[place] = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < to->len; i++)
    g_hash_table_add (self->receivers[place], g_ptr_array_index (to, i));
  for (guint i = 0; i < from->len; i++)
    add_place (self->big, g_ptr_array_index (from, i), NULL, place);
}

static void
free_places (gpointer places)
{
  g_array_unref (places);
}

BsEffectivePairs *
bs_effective_pairs_new (const GPtrArray *pairs)
{
  BsEffectivePairs *self = g_new0 (BsEffectivePairs, 1);

  self->pairs = pairs;
  self->small = g_hash_table_new_full (wire_hash, wire_equal, g_free, free_places);
  self->big = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, free_places);
  self->receivers = g_new0 (GHashTable *, pairs->len + 1);
  for (guint i = 0; i < pairs->len; i++)
    {
      const GPtrArray *from = senders_of (g_ptr_array_index (pairs, i)),
                      *to = receivers_of (g_ptr_array_index (pairs, i));

      if ((guint64) from->len * to->len <= SMALL_MOST)
        add_small (self, from, to, i);
      else
        add_big (self, from, to, i);
    }
  return self;
}

void
bs_effective_pairs_free (BsEffectivePairs *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->pairs->len; i++)
    g_clear_pointer (&self->receivers[i], g_hash_table_unref);
  g_free (self->receivers);
  g_hash_table_unref (self->small);
  g_hash_table_unref (self->big);
  g_free (self);
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const guint *left = a, *right = b;

  return *left < *right ? -1 : *left > *right;
}

GPtrArray *
bs_effective_pairs_find (const BsEffectivePairs *self, const char *from, const char *to)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (guint));
  const GArray *small = g_hash_table_lookup (self->small, &(Wire){ from, to });
  const GArray *big = g_hash_table_lookup (self->big, from);
  GPtrArray *found = g_ptr_array_new ();

  if (small != NULL)
    g_array_append_vals (places, small->data, small->len);
  for (guint i = 0; big != NULL && !g_str_equal (from, to) && i < big->len; i++)
    if (g_hash_table_contains (self->receivers[g_array_index (big, guint, i)], to))
      g_array_append_val (places, g_array_index (big, guint, i));
  g_array_sort (places, compare_places);
  for (guint i = 0; i < places->len; i++)
    g_ptr_array_add (found, g_ptr_array_index (self->pairs, g_array_index (places, guint, i)));
  return found;
}
