/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-gc.h"
#include "bs-backend.h"
#include "bs-cache-hold.h"
#include "bs-fd.h"
#include "bs-process.h"
#include "bs-registry.h"
#include "bs-settings.h"
#include "bs-tag.h"
#include "bs-teardown.h"
#include "bs-time.h"

#include <string.h>
#include <sys/file.h>

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
  static const char *const texts[]
      = { "objects without a lab", "a lab of which nothing runs", "a lab that was never finished",
          "not a lab, left alone", "a template that was never finished" };

  return texts[kind];
}

static void
add_item (GPtrArray *items, BsGcKind kind, const char *lab, guint processes, const GError *problem)
{
  BsGcItem *item = g_new0 (BsGcItem, 1);

  item->kind = kind;
  item->lab = g_strdup (lab);
  item->processes = processes;
  item->problem = problem != NULL ? g_strdup (problem->message) : NULL;
  g_ptr_array_add (items, item);
}

typedef struct
{
  const char *state_id;
  gboolean dry_run;
  GHashTable *counts; /* lab → (uuid → number of live processes); what is done with is taken out */
  GPtrArray *items;
} Gc;

static void
count_tag (GHashTable *counts, const BsTag *tag)
{
  GHashTable *uuids = g_hash_table_lookup (counts, tag->lab);
  guint n;

  if (uuids == NULL)
    {
      uuids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_hash_table_insert (counts, g_strdup (tag->lab), uuids);
    }
  n = GPOINTER_TO_UINT (g_hash_table_lookup (uuids, tag->uuid));
  g_hash_table_insert (uuids, g_strdup (tag->uuid), GUINT_TO_POINTER (n + 1));
}

/* Read before the registry: a lab's folder and record are made before its first process, so a process seen here whose
 * lab is not there later, or is another one by then, is a leftover. */
static GHashTable *
count_processes (const char *state_id)
{
  GHashTable *counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_hash_table_unref);
  g_autofree char *prefix = bs_tag_prefix_state (state_id);
  g_autoptr (GPtrArray) found = bs_tag_find (prefix);

  for (guint i = 0; i < found->len; i++)
    {
      g_auto (BsTag) tag = { 0 };

      if (bs_tag_of_process (g_ptr_array_index (found, i), &tag))
        count_tag (counts, &tag);
    }
  return counts;
}

static guint
count_of (GHashTable *uuids, const char *uuid)
{
  return uuids != NULL ? GPOINTER_TO_UINT (g_hash_table_lookup (uuids, uuid)) : 0;
}

static guint
count_all (GHashTable *uuids)
{
  GHashTableIter iter;
  gpointer n;
  guint sum = 0;

  if (uuids == NULL)
    return 0;
  g_hash_table_iter_init (&iter, uuids);
  while (g_hash_table_iter_next (&iter, NULL, &n))
    sum += GPOINTER_TO_UINT (n);
  return sum;
}

/* The lab in @lab_dir, whose lock is held from the look at it until it is gone. */
static void
remove_lab (Gc *self, BsGcKind kind, const char *name, int lab_dir, const json_t *record, guint processes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BsEvents) events = bs_events_new (name, NULL);
  BsTeardown teardown = { .name = name,
                          .state_id = self->state_id,
                          .lab_dir = lab_dir,
                          .record = record,
                          .deadline_usec = bs_time_now_usec () + bs_setting_number (BS_SETTING_GC_TIMEOUT),
                          .events = events };

  if (!self->dry_run)
    bs_teardown (&teardown, &error);
  add_item (self->items, kind, name, processes, error);
}

/* What bears the name of a lab that is there, but not its uuid. */
static void
remove_strangers (Gc *self, const char *name, const char *uuid, GHashTable *uuids)
{
  GHashTableIter iter;
  gpointer stranger, n;

  if (uuids == NULL)
    return;
  g_hash_table_iter_init (&iter, uuids);
  while (g_hash_table_iter_next (&iter, &stranger, &n))
    {
      g_autofree char *prefix = bs_tag_prefix_uuid (self->state_id, name, stranger);
      g_autoptr (GError) error = NULL;

      if (strcmp (stranger, uuid) == 0)
        continue;
      if (!self->dry_run)
        bs_teardown_objects (prefix, bs_time_now_usec () + bs_setting_number (BS_SETTING_GC_TIMEOUT), &error);
      add_item (self->items, BS_GC_ORPHAN, name, GPOINTER_TO_UINT (n), error);
    }
}

/* The first count is older than the lock: a lab that came up between them is no leftover. */
static gboolean
is_dead (const Gc *self, const char *name, const char *uuid, GHashTable *uuids)
{
  g_autofree char *prefix = bs_tag_prefix_uuid (self->state_id, name, uuid);
  g_autoptr (GPtrArray) alive = count_of (uuids, uuid) == 0 ? bs_tag_find (prefix) : NULL;

  return alive != NULL && alive->len == 0;
}

/* No record, or one that nobody can read; one that could not be read this time (no memory, a newer format) is no
 * reason. */
static gboolean
is_broken (const json_t *record, const GError *error)
{
  if (record != NULL)
    return strcmp (bs_json_string (record, "state", ""), "starting") == 0;
  return error->code == BS_ERROR_NOT_FOUND || error->code == BS_ERROR_PROTOCOL || error->code == BS_ERROR_INVALID;
}

static void
look_at_lab (Gc *self, const char *name)
{
  /* Only to look, a shared lock that is let go at once disturbs nobody, and tells whether somebody works on it. */
  bs_autofd int lab_dir = bs_registry_open_lab (name, self->dry_run ? BS_LOCK_SHARED : BS_LOCK_EXCLUSIVE, NULL);
  GHashTable *uuids = g_hash_table_lookup (self->counts, name);
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) record = lab_dir >= 0 ? bs_record_read (lab_dir, &error) : NULL;
  const char *uuid = bs_json_string (record, "uuid", "");

  if (lab_dir >= 0 && self->dry_run)
    flock (lab_dir, LOCK_UN);
  if (lab_dir >= 0 && !bs_registry_check_ours (name, lab_dir, NULL))
    {
      remove_strangers (self, name, "", uuids);
      add_item (self->items, BS_GC_FOREIGN, name, 0, NULL);
    }
  else if (lab_dir >= 0 && is_broken (record, error))
    remove_lab (self, BS_GC_BROKEN, name, lab_dir, record, count_all (uuids));
  else if (record != NULL && is_dead (self, name, uuid, uuids))
    remove_lab (self, BS_GC_DEAD, name, lab_dir, record, count_all (uuids));
  else if (record != NULL)
    remove_strangers (self, name, uuid, uuids);
  g_hash_table_remove (self->counts, name);
}

/* Its folder is made anew, so that nobody else takes the name meanwhile; when somebody has, it is theirs now. */
static void
remove_orphan (Gc *self, const char *name)
{
  guint n = count_all (g_hash_table_lookup (self->counts, name));
  g_autoptr (GError) error = NULL;
  bs_autofd int lab_dir = self->dry_run ? -1 : bs_registry_create (name, "", &error);

  if (self->dry_run || lab_dir >= 0)
    remove_lab (self, BS_GC_ORPHAN, name, lab_dir, NULL, n);
  else if (!g_error_matches (error, BS_ERROR, BS_ERROR_EXISTS))
    add_item (self->items, BS_GC_ORPHAN, name, n, error);
}

/* Of no lab, so of all state folders that share the cache. */
static void
look_at_templates (Gc *self)
{
  const BsSettings *settings = bs_settings_get (NULL);
  g_auto (BsCacheHeld) held = { 0 };

  /* Looking lets go of what labs held that are gone. */
  if (settings != NULL && !self->dry_run)
    bs_cache_held_init (&held, bs_settings_cache_dir (settings));
  for (const BsBackendClass *const *at = bs_backend_list (); *at != NULL; at++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) swept
          = (*at)->sweep_templates != NULL ? (*at)->sweep_templates (self->dry_run, &error) : NULL;

      for (guint i = 0; swept != NULL && i < swept->len; i++)
        add_item (self->items, BS_GC_TEMPLATE, g_ptr_array_index (swept, i), 0, NULL);
      if (error != NULL)
        add_item (self->items, BS_GC_TEMPLATE, "templates", 0, error);
    }
}

GPtrArray *
bs_gc_run (gboolean dry_run, GError **error)
{
  const BsSettings *settings = bs_settings_get (error);
  g_autofree char *state_id = NULL;
  g_autoptr (GHashTable) counts = NULL;
  g_autoptr (GPtrArray) names = NULL;
  g_autoptr (GList) orphans = NULL;
  Gc gc;

  if (settings == NULL || !bs_registry_check (error))
    return NULL;
  state_id = bs_tag_state_id (bs_settings_state_dir (settings));
  counts = count_processes (state_id);
  names = bs_registry_list ();
  gc = (Gc){ state_id, dry_run, counts, g_ptr_array_new_with_free_func (item_free) };
  for (guint i = 0; i < names->len; i++)
    look_at_lab (&gc, g_ptr_array_index (names, i));
  orphans = g_list_sort (g_hash_table_get_keys (counts), (GCompareFunc) strcmp);
  for (GList *at = orphans; at != NULL; at = at->next)
    remove_orphan (&gc, at->data);
  look_at_templates (&gc);
  return gc.items;
}
