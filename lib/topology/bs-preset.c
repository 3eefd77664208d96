/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-preset.h"

#include "bs-suggest.h"

#include <string.h>

/* Values are one-way, so a round trip takes twice the latency. A preset says all four of its keys, zeros too. */
/* clang-format off */
const BsPreset bs_presets[] = {
  { "localhost", "programs of one machine: no delay, no loss, no limit", 0, 0, 0, 0 },
  { "basement_lan", "servers on one switch, 10 Gbit/s", 0.5, 0.1, 0, 10000000 },
  { "home_lan", "a household's Wi-Fi and Ethernet, 1 Gbit/s", 2, 1, 0.01, 1000000 },
  { "campus", "buildings behind several switches and routers, 1 Gbit/s", 3, 0.5, 0.02, 1000000 },
  { "friend_wan", "two homes in different cities, 100 Mbit/s", 50, 10, 0.5, 100000 },
  { "broadband", "a wired home line to a near server, 50 Mbit/s", 15, 3, 0.1, 50000 },
  { "mobile_cell", "a phone that gets little of its cell, 10 Mbit/s", 100, 30, 2, 10000 },
  { "cellular", "a phone that gets much of its cell, 50 Mbit/s", 100, 20, 2, 50000 },
  { "satellite", "a remote place behind a high orbit, 5 Mbit/s", 600, 50, 5, 5000 },
  { "deep_space", "relays over half the world and back, 1 Mbit/s", 2000, 200, 10, 1000 },
  { "urban_congested", "a phone in a crowd, 2 Mbit/s", 150, 80, 15, 2000 },
  { "intermittent", "a ride through tunnels and dead zones, half is lost, 500 kbit/s", 500, 300, 50, 500 },
  { NULL },
};
/* clang-format on */

static BsConditions *
expand (const BsPreset *preset)
{
  BsConditions *conditions = bs_conditions_new ((BsPosition){ 0, 0 });

  conditions->latency_ms = preset->latency_ms;
  conditions->jitter_ms = preset->jitter_ms;
  conditions->loss_percent = preset->loss_percent;
  conditions->bandwidth_kbps = preset->bandwidth_kbps;
  conditions->set
      = 1u << BS_CONDITION_LATENCY | 1u << BS_CONDITION_JITTER | 1u << BS_CONDITION_LOSS | 1u << BS_CONDITION_BANDWIDTH;
  return conditions;
}

/* utf8 → BsConditions, for the process's life */
static GHashTable *
all_presets (void)
{
  static GHashTable *all;
  static gsize once;

  if (g_once_init_enter (&once))
    {
      all = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      for (const BsPreset *preset = bs_presets; preset->name != NULL; preset++)
        g_hash_table_insert (all, g_strdup (preset->name), (gpointer) bs_preset_keep (expand (preset)));
      g_once_init_leave (&once, 1);
    }
  return all;
}

const BsConditions *
bs_preset_keep (BsConditions *conditions)
{
  static GPtrArray *kept;
  static GMutex lock;
  const BsConditions *same = NULL;

  g_mutex_lock (&lock);
  if (kept == NULL)
    kept = g_ptr_array_new ();
  for (guint i = 0; i < kept->len && same == NULL; i++)
    if (bs_conditions_equal (g_ptr_array_index (kept, i), conditions))
      same = g_ptr_array_index (kept, i);
  if (same == NULL)
    g_ptr_array_add (kept, conditions);
  g_mutex_unlock (&lock);
  if (same == NULL)
    return conditions;
  bs_conditions_free (conditions);
  return same;
}

const BsConditions *
bs_preset_find (const char *name)
{
  return g_hash_table_lookup (all_presets (), name);
}

void
bs_preset_add (const char *name, BsConditions *conditions)
{
  g_hash_table_insert (all_presets (), g_strdup (name), (gpointer) bs_preset_keep (conditions));
}

const char *
bs_preset_name (const char *name)
{
  gpointer kept = NULL;

  g_hash_table_lookup_extended (all_presets (), name, &kept, NULL);
  return kept;
}

const char *
bs_preset_nearest (const char *wrong)
{
  BsSuggest suggest;
  GHashTableIter iter;
  gpointer name;

  bs_suggest_init (&suggest, wrong);
  g_hash_table_iter_init (&iter, all_presets ());
  while (g_hash_table_iter_next (&iter, &name, NULL))
    bs_suggest_offer (&suggest, name);
  return suggest.nearest;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static gboolean
has_built_in_name (const char *name)
{
  for (const BsPreset *preset = bs_presets; preset->name != NULL; preset++)
    if (strcmp (preset->name, name) == 0)
      return TRUE;
  return FALSE;
}

GPtrArray *
bs_preset_names (void)
{
  GPtrArray *names = g_ptr_array_new ();
  g_autoptr (GPtrArray) others = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name;

  for (const BsPreset *preset = bs_presets; preset->name != NULL; preset++)
    g_ptr_array_add (names, (gpointer) preset->name);
  g_hash_table_iter_init (&iter, all_presets ());
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (!has_built_in_name (name))
      g_ptr_array_add (others, name);
  g_ptr_array_sort (others, compare_names);
  g_ptr_array_extend (names, others, NULL, NULL);
  return names;
}
