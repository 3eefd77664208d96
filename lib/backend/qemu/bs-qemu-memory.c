/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-memory.c — what a machine costs the host: its own pages, and those that it shares with others
 *
 * Own is what it has written: nobody else has it, and it is gone with the machine. Shared are the pages of files, the
 * template's memory above all: any fork maps the same ones, whether there is another one at this moment or not, and the
 * host may drop them when it wants room.
 */
#include "bs-error.h"
#include "bs-file.h"
#include "bs-qemu-node.h"
#include "bs-tag.h"

#include <string.h>

#define TEXT_MAX 65536

/* Sum of the lines "NAME:   123 kB" of the names given. */
static guint64
sum_of (const char *text, const char *const *names)
{
  guint64 sum = 0;

  for (; *names != NULL; names++)
    {
      const char *line = strstr (text, *names);

      if (line != NULL)
        sum += g_ascii_strtoull (line + strlen (*names), NULL, 10);
    }
  return sum;
}

gboolean
bs_qemu_node_memory (const BsBackendLab *lab, const char *name, guint64 *own_kib, guint64 *shared_kib, GError **error)
{
  static const char *const own[] = { "\nPrivate_Dirty:", "\nSwap:", NULL };
  static const char *const shared[] = { "\nPrivate_Clean:", "\nShared_Clean:", "\nShared_Dirty:", NULL };
  g_autofree char *tag = bs_tag_format (lab->state_id, lab->lab, lab->uuid, "node", name);
  g_autoptr (GPtrArray) found = bs_tag_find (tag);
  g_autofree char *path = NULL, *text = NULL;

  if (found->len == 0)
    {
      bs_set_error (error, BS_ERROR_DIED, NULL, "node '%s' does not run", name);
      return FALSE;
    }
  path = g_strdup_printf ("/proc/%d/smaps_rollup", (int) ((BsProcess *) g_ptr_array_index (found, 0))->pid);
  text = bs_file_read (AT_FDCWD, path, TEXT_MAX, NULL, error);
  if (text == NULL)
    return FALSE;
  *own_kib = sum_of (text, own);
  *shared_kib = sum_of (text, shared);
  return TRUE;
}
