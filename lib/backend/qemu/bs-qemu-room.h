/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-room.h — whether machines fit into the host's memory together, before the first of them starts
 *
 * A machine that boots counts with all that it was given. A fork counts with what it makes its own until it is ready;
 * what it shares with its template counts once for all forks of it, and only as far as it is not in memory already.
 * What guests take when they work comes on top: memory is promised to more forks than could all use theirs up.
 */
#pragma once

#include "bs-backend.h"

typedef struct
{
  guint64 booted_mib;   /* of machines that boot */
  guint64 template_mib; /* of templates, still on disk */
  guint forks;
} BsQemuRoom;

/* What the machines take. @planned: who can fork will, and nothing is known of templates. @cache_dir: of templates. */
void bs_qemu_room_add (BsQemuRoom *self, const BsBackendNode *const *nodes, guint n_nodes, gboolean planned,
                       const char *cache_dir);
guint64 bs_qemu_room_mib (const BsQemuRoom *self);
/* %BS_ERROR_EXHAUSTED, saying what is wanted for what, and what is free. */
gboolean bs_qemu_room_fits (const BsQemuRoom *self, guint64 free_mib, GError **error);

/* The backend's operation; see bs-backend.h. */
gboolean bs_qemu_check_room (const BsBackendNode *const *nodes, guint n_nodes, gboolean planned, GError **error);
