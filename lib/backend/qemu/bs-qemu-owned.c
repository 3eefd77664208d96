/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-owned.c — machines told by their tag alone, without any record */
#include "bs-error.h"
#include "bs-process.h"
#include "bs-qemu-node.h"
#include "bs-tag.h"
#include "bs-time.h"

#include <string.h>

#define KILL_USEC (10 * BS_USEC_PER_SEC)

/* The tag of a machine's command line; NULL when it is no machine (somebody's grep, the supervisor). */
static const char *
node_tag (char **argv)
{
  for (guint i = 1; argv[0] != NULL && argv[i] != NULL && argv[i + 1] != NULL; i++)
    {
      g_auto (BsTag) tag = { 0 };

      if (strcmp (argv[i], "-name") == 0 && bs_tag_parse (argv[i + 1], &tag) && strcmp (tag.role, "node") == 0)
        return argv[i + 1];
    }
  return NULL;
}

static GPtrArray *
find_machines (const char *prefix)
{
  GPtrArray *found = bs_process_find (prefix);

  for (guint i = found->len; i-- > 0;)
    if (node_tag (((BsProcess *) g_ptr_array_index (found, i))->argv) == NULL)
      g_ptr_array_remove_index (found, i);
  return found;
}

GPtrArray *
bs_qemu_list_owned (const char *tag_prefix, GError **error)
{
  g_autoptr (GPtrArray) machines = find_machines (tag_prefix);
  GPtrArray *tags = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < machines->len; i++)
    g_ptr_array_add (tags, g_strdup (node_tag (((BsProcess *) g_ptr_array_index (machines, i))->argv)));
  return tags;
}

gboolean
bs_qemu_remove_owned (const char *tag_prefix, GError **error)
{
  g_autoptr (GPtrArray) machines = find_machines (tag_prefix);

  return bs_process_kill_all (machines, bs_time_now_usec () + KILL_USEC, error);
}

gboolean
bs_qemu_kill_by_tag (const BsBackendLab *lab, const char *name, GError **error)
{
  g_autofree char *tag = bs_tag_format (lab->state_id, lab->lab, lab->uuid, "node", name);

  return bs_qemu_remove_owned (tag, error);
}
