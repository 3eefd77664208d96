/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-template-sweep.c — what killed makers of templates left behind */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-process.h"
#include "bs-qemu-template-lab.h"
#include "bs-tag.h"
#include "bs-template-cache.h"
#include "bs-time.h"

#include <string.h>

#define KILL_USEC (10 * BS_USEC_PER_SEC)
#define BUILDING ".building-"
#define REMOVED ".removed-"

char *
bs_qemu_template_lab_name (const char *key)
{
  return g_strconcat ("template-", key, NULL);
}

char *
bs_qemu_template_lab_folder (const char *cache_dir, const char *key)
{
  g_autofree char *name = g_strconcat (BUILDING, key, NULL);

  return bs_template_path (cache_dir, name, NULL);
}

/* Supervisor and machine of the hidden lab. */
static GPtrArray *
find_processes (const char *cache_dir, const char *key)
{
  g_autofree char *templates = g_build_filename (cache_dir, "templates", NULL);
  g_autofree char *state_id = bs_tag_state_id (templates), *name = bs_qemu_template_lab_name (key);
  g_autofree char *prefix = bs_tag_prefix_lab (state_id, name);

  return bs_tag_find (prefix);
}

gboolean
bs_qemu_template_sweep_key (const char *cache_dir, const char *key, GError **error)
{
  g_autofree char *folder = bs_qemu_template_lab_folder (cache_dir, key);
  g_autofree char *name = g_strconcat (REMOVED, key, NULL), *removed = bs_template_path (cache_dir, name, NULL);
  g_autoptr (GPtrArray) processes = find_processes (cache_dir, key);

  return bs_process_kill_all (processes, bs_time_now_usec () + KILL_USEC, error)
         && bs_file_remove_tree (AT_FDCWD, folder, error) && bs_file_remove_tree (AT_FDCWD, removed, error);
}

static void
add_key (GPtrArray *keys, const char *key)
{
  if (bs_template_is_key (key) && !g_ptr_array_find_with_equal_func (keys, key, g_str_equal, NULL))
    g_ptr_array_add (keys, g_strdup (key));
}

static void
add_folders (GPtrArray *keys, const char *templates)
{
  static const char *const prefixes[] = { BUILDING, REMOVED };
  g_autoptr (GDir) dir = g_dir_open (templates, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
      if (g_str_has_prefix (name, prefixes[i]))
        add_key (keys, name + strlen (prefixes[i]));
}

/* Those whose folder is gone are known by their tags. */
static void
add_tags (GPtrArray *keys, const char *templates)
{
  g_autofree char *state_id = bs_tag_state_id (templates), *prefix = bs_tag_prefix_state (state_id);
  g_autoptr (GPtrArray) processes = bs_tag_find (prefix);

  for (guint i = 0; i < processes->len; i++)
    {
      g_auto (BsTag) tag = { 0 };

      if (bs_tag_of_process (g_ptr_array_index (processes, i), &tag) && g_str_has_prefix (tag.lab, "template-"))
        add_key (keys, tag.lab + strlen ("template-"));
    }
}

GPtrArray *
bs_qemu_sweep_templates (gboolean dry_run, GError **error)
{
  const BsSettings *settings = bs_settings_get (error);
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) swept = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *templates = NULL;

  if (settings == NULL)
    return NULL;
  templates = g_build_filename (bs_settings_cache_dir (settings), "templates", NULL);
  if (!g_file_test (templates, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&swept);
  add_folders (keys, templates);
  add_tags (keys, templates);
  for (guint i = 0; i < keys->len; i++)
    {
      const char *key = g_ptr_array_index (keys, i);
      bs_autofd int lock = bs_template_try_lock (bs_settings_cache_dir (settings), key);

      /* Held: somebody makes it at this moment. */
      if (lock < 0)
        continue;
      if (!dry_run && !bs_qemu_template_sweep_key (bs_settings_cache_dir (settings), key, error))
        return NULL;
      g_ptr_array_add (swept, bs_qemu_template_lab_name (key));
    }
  return g_steal_pointer (&swept);
}
