/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-owned.c — machines told by their tag alone, without any record */
#include "bs-error.h"
#include "bs-process.h"
#include "bs-qemu-node.h"
#include "bs-tag.h"
#include "bs-time.h"

#include <string.h>

#define KILL_USEC (10 * BS_USEC_PER_SEC)

/* Machines only: no supervisor, no switch. */
static GPtrArray *
find_machines (const char *prefix)
{
  GPtrArray *found = bs_tag_find (prefix);

  for (guint i = found->len; i-- > 0;)
    {
      g_auto (BsTag) tag = { 0 };

      if (!bs_tag_of_process (g_ptr_array_index (found, i), &tag) || tag.node == NULL)
        g_ptr_array_remove_index (found, i);
    }
  return found;
}

GPtrArray *
bs_qemu_list_owned (const char *tag_prefix, GError **error)
{
  g_autoptr (GPtrArray) machines = find_machines (tag_prefix);
  GPtrArray *tags = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < machines->len; i++)
    g_ptr_array_add (tags, g_strdup (bs_tag_argument (((BsProcess *) g_ptr_array_index (machines, i))->argv)));
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
