/* SPDX-License-Identifier: Apache-2.0 */
/* bs-recipe-run.h — run a tool that needs root's view of files, as root or as an ordinary user, and watch what it says
 *
 * The tool runs in mount and process-id namespaces of its own. Whatever ends it (an error, a cancellation, SIGKILL to
 * us) ends all its processes and takes away all its mounts. An ordinary user's tool is root of a user namespace
 * besides: the user's own id there is 0, and the ids above come from /etc/subuid and /etc/subgid.
 */
#pragma once

#include <gio/gio.h>

/* One line that the tool printed, without newline. */
typedef void (*BsRecipeLine) (const char *line, gpointer user_data);

/**
 * bs_recipe_check_root:
 *
 * Whether this user can be root of a namespace here; at once for root.
 *
 * Returns: FALSE with %BS_ERROR_HOST: the reason, and the cure as its hint
 */
gboolean bs_recipe_check_root (GCancellable *cancellable, GError **error);

/**
 * bs_recipe_run:
 * @folder: working folder
 * @environment: "NAME=value", NULL-terminated; in addition to ours
 * @as_root: in namespaces, see above; else as a plain process, which dies with us too
 *
 * Returns: FALSE with %BS_ERROR_FAILED and the tool's last lines, %BS_ERROR_EXHAUSTED when one says that the disk is
 * full, %BS_ERROR_CANCELLED after all of it was killed, or %BS_ERROR_HOST when it cannot be started
 */
gboolean bs_recipe_run (const char *folder, const char *const *argv, const char *const *environment, gboolean as_root,
                        BsRecipeLine line, gpointer user_data, GCancellable *cancellable, GError **error);
