/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-qemu-room.h"
#include "bs-error.h"
#include "bs-host-memory.h"
#include "bs-qemu-fork.h"
#include "bs-qemu-template.h"
#include "bs-settings.h"
#include "bs-template-cache.h"

void
bs_qemu_room_add (BsQemuRoom *self, const BsBackendNode *const *nodes, guint n_nodes, gboolean planned,
                  const char *cache_dir)
{
  g_autoptr (GHashTable) templates = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < n_nodes; i++)
    {
      const BsBackendNode *node = nodes[i];
      gboolean fork = planned ? bs_qemu_cold_reason (node) == NULL : node->template != NULL && !node->cold;

      if (!fork)
        self->booted_mib += node->memory_mib;
      else
        self->forks++;
      if (node->template != NULL && g_hash_table_add (templates, node->template))
        {
          g_autofree char *ram = bs_template_path (cache_dir, node->template, BS_TEMPLATE_RAM);

          self->template_mib += bs_qemu_fork_missing_mib (ram);
        }
    }
}

guint64
bs_qemu_room_mib (const BsQemuRoom *self)
{
  return self->booted_mib + self->template_mib + (guint64) self->forks * BS_QEMU_FORK_OWN_MIB;
}

/* " (3 forks with 64 MiB each, 100 MiB of their templates)"; "" when all boot. */
static char *
explain (const BsQemuRoom *self)
{
  g_autofree char *templates = NULL;

  if (self->forks == 0)
    return g_strdup ("");
  if (self->template_mib > 0)
    templates = g_strdup_printf (", %" G_GUINT64_FORMAT " MiB of templates", self->template_mib);
  return g_strdup_printf (" (%u fork%s with %u MiB%s%s)", self->forks, self->forks == 1 ? "" : "s",
                          BS_QEMU_FORK_OWN_MIB, self->forks == 1 ? "" : " each", templates != NULL ? templates : "");
}

gboolean
bs_qemu_room_fits (const BsQemuRoom *self, guint64 free_mib, GError **error)
{
  g_autofree char *parts = explain (self);

  if (bs_qemu_room_mib (self) <= free_mib)
    return TRUE;
  bs_set_error (error, BS_ERROR_EXHAUSTED,
                self->booted_mib > 0 ? "give the nodes less with memory_mb, or take other labs down"
                                     : "bring up fewer nodes, or take other labs down",
                "the lab needs %" G_GUINT64_FORMAT " MiB of memory to start%s, %" G_GUINT64_FORMAT " MiB are free",
                bs_qemu_room_mib (self), parts, free_mib);
  return FALSE;
}

gboolean
bs_qemu_check_room (const BsBackendNode *const *nodes, guint n_nodes, gboolean planned, GError **error)
{
  const BsSettings *settings = bs_settings_get (error);
  BsQemuRoom room = { 0 };

  if (settings == NULL)
    return FALSE;
  bs_qemu_room_add (&room, nodes, n_nodes, planned, bs_settings_cache_dir (settings));
  return bs_qemu_room_fits (&room, bs_host_memory_free_mib ("/"), error);
}
