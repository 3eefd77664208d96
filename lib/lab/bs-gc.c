/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-gc.h"
#include "bs-fd.h"
#include "bs-lab-private.h"
#include "bs-process.h"
#include "bs-registry.h"
#include "bs-settings.h"
#include "bs-tag.h"

#include <string.h>

static void
item_free (gpointer data)
{
  BsGcItem *item = data;

  g_free (item->lab);
  g_free (item->problem);
  g_free (item);
}

const char *
bs_gc_kind_text (BsGcKind kind)
{
  static const char *const texts[] = { "objects without a lab", "a lab of which nothing runs", "a lab that was never finished" };

  return texts[kind];
}

/* How many live processes bear each lab's tag: lab name → count. Read before the registry: a lab's folder is made before
 * its first process, so a process seen here whose lab is not there later is a leftover. */
static GHashTable *
count_processes (const char *state_id)
{
  GHashTable *counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *prefix = bs_tag_prefix_state (state_id);
  g_autoptr (GPtrArray) found = bs_process_find (prefix);

  for (guint i = 0; i < found->len; i++)
    for (char **argument = ((BsProcess *) g_ptr_array_index (found, i))->argv; *argument != NULL; argument++)
      {
        g_auto (BsTag) tag = { 0 };

        if (g_str_has_prefix (*argument, prefix) && bs_tag_parse (*argument, &tag))
          {
            guint n = GPOINTER_TO_UINT (g_hash_table_lookup (counts, tag.lab));

            g_hash_table_insert (counts, g_strdup (tag.lab), GUINT_TO_POINTER (n + 1));
            break;
          }
      }
  return counts;
}

static void
add_item (GPtrArray *items, BsGcKind kind, const char *lab, guint processes)
{
  BsGcItem *item = g_new0 (BsGcItem, 1);

  item->kind = kind;
  item->lab = g_strdup (lab);
  item->processes = processes;
  g_ptr_array_add (items, item);
}

/* Records first, then what is left of the processes. */
static GPtrArray *
find_items (GHashTable *counts)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (item_free);
  g_autoptr (GPtrArray) names = bs_registry_list ();
  g_autoptr (GList) orphans = NULL;

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      bs_autofd int lab_dir = bs_registry_open_lab (name, BS_LOCK_EXCLUSIVE, NULL);
      guint n = GPOINTER_TO_UINT (g_hash_table_lookup (counts, name));
      g_autoptr (json_t) record = NULL;

      g_hash_table_remove (counts, name);
      if (lab_dir < 0)
        continue;
      record = bs_record_read (lab_dir, NULL);
      if (record == NULL || strcmp (bs_json_string (record, "state", ""), "starting") == 0)
        add_item (items, BS_GC_BROKEN, name, n);
      else if (n == 0)
        add_item (items, BS_GC_DEAD, name, 0);
    }
  orphans = g_list_sort (g_hash_table_get_keys (counts), (GCompareFunc) strcmp);
  for (GList *at = orphans; at != NULL; at = at->next)
    add_item (items, BS_GC_ORPHAN, at->data, GPOINTER_TO_UINT (g_hash_table_lookup (counts, at->data)));
  return items;
}

GPtrArray *
bs_gc_run (gboolean dry_run, GError **error)
{
  const BsSettings *settings = bs_settings_get (error);
  g_autofree char *state_id = NULL;
  g_autoptr (GHashTable) counts = NULL;
  GPtrArray *items;

  if (settings == NULL)
    return NULL;
  state_id = bs_tag_state_id (bs_settings_state_dir (settings));
  counts = count_processes (state_id);
  items = find_items (counts);
  for (guint i = 0; !dry_run && i < items->len; i++)
    {
      BsGcItem *item = g_ptr_array_index (items, i);
      g_autoptr (GError) local = NULL;

      if (!bs_lab_down (item->lab, NULL, NULL, &local))
        item->problem = g_strdup (local->message);
    }
  return items;
}
