/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-lab-list.h"
#include "bs-fd.h"
#include "bs-lab-private.h"
#include "bs-process.h"
#include "bs-registry.h"
#include "bs-settings.h"
#include "bs-tag.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

/* uuid → number of live machines, from the tags: nothing has to answer. */
static GHashTable *
count_machines (void)
{
  GHashTable *counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const BsSettings *settings = bs_settings_get (NULL);
  g_autofree char *id = settings != NULL ? bs_tag_state_id (bs_settings_state_dir (settings)) : g_strdup ("none");
  g_autofree char *prefix = bs_tag_prefix_state (id);
  g_autoptr (GPtrArray) found = bs_tag_find (prefix);

  for (guint i = 0; i < found->len; i++)
    {
      g_auto (BsTag) tag = { 0 };
      guint n;

      if (!bs_tag_of_process (g_ptr_array_index (found, i), &tag) || tag.node == NULL)
        continue;
      n = GPOINTER_TO_UINT (g_hash_table_lookup (counts, tag.uuid));
      g_hash_table_insert (counts, g_strdup (tag.uuid), GUINT_TO_POINTER (n + 1));
    }
  return counts;
}

static const char *
state_now (const char *recorded, guint running, guint nodes)
{
  if (strcmp (recorded, "running") != 0)
    return recorded;
  return running == nodes ? "running" : running == 0 ? "stopped" : "degraded";
}

json_t *
bs_lab_list (void)
{
  json_t *labs = json_array ();
  g_autoptr (GPtrArray) names = bs_registry_list ();
  g_autoptr (GHashTable) counts = count_machines ();

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      bs_autofd int lab_dir = bs_registry_open_lab (name, BS_LOCK_NONE, NULL);
      g_autoptr (json_t) record = lab_dir >= 0 ? bs_record_read (lab_dir, NULL) : NULL;
      guint running = 0, nodes = (guint) json_array_size (json_object_get (record, "nodes"));

      if (record != NULL)
        running = GPOINTER_TO_UINT (g_hash_table_lookup (counts, bs_json_string (record, "uuid", "")));
      json_array_append_new (
          labs, json_pack ("{s:s, s:s, s:i, s:i, s:s}", "name", name, "state",
                           record != NULL ? state_now (bs_json_string (record, "state", ""), running, nodes) : "broken",
                           "nodes", (int) nodes, "running", (int) running, "topology",
                           bs_json_string (record, "topology", "")));
    }
  return labs;
}

/* The tag of the supervisor of another state folder in the command line of @pid, whoever owns it. */
static gboolean
is_foreign_supervisor (const char *pid, const char *state_id)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/cmdline", pid);
  g_autofree char *data = NULL;
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_auto (BsTag) tag = { 0 };
  gsize length = 0;
  const char *text;

  if (!g_file_get_contents (path, &data, &length, NULL))
    return FALSE;
  for (char *at = data; at < data + length; at += strlen (at) + 1)
    g_ptr_array_add (argv, at);
  g_ptr_array_add (argv, NULL);
  text = bs_tag_argument ((char *const *) argv->pdata);
  return text != NULL && bs_tag_parse (text, &tag) && strcmp (tag.role, "supervisor") == 0
         && strcmp (tag.state_id, state_id) != 0;
}

guint
bs_lab_count_others (void)
{
  const BsSettings *settings = bs_settings_get (NULL);
  g_autofree char *id = settings != NULL ? bs_tag_state_id (bs_settings_state_dir (settings)) : g_strdup ("none");
  DIR *dir = opendir ("/proc");
  struct dirent *entry;
  guint n = 0;

  while (dir != NULL && (entry = readdir (dir)) != NULL)
    if (g_ascii_isdigit (entry->d_name[0]) && is_foreign_supervisor (entry->d_name, id))
      n++;
  if (dir != NULL)
    closedir (dir);
  return n;
}
