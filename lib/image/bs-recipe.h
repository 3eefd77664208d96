/* SPDX-License-Identifier: Apache-2.0 */
/* bs-recipe.h — images that are built here, from the packages of the host's Debian mirror
 *
 * recipe/ holds what goes into them: `packages`, `masked` (what never starts), `files` (laid over the packages') and
 * `build.sh`, the steps that need root's view of files. One build gives all forms: a disk with the kernel and initrd
 * that start it, and a root file system for containers. The same inputs give the same bytes: times are those of a fixed
 * day, names are sorted, identifiers of the file system are fixed.
 */
#pragma once

#include "bs-image.h"
#include "bs-json.h"

/* NULL-terminated; canonical names. */
const char *const *bs_recipe_names (void);

/**
 * bs_recipe_key:
 *
 * A digest of all that decides what bs_recipe_build() gives and is known before: the recipe, the guest program's bytes,
 * the sources, the versions of all packages as apt knows them now (so that `apt-get update` changes the key only when
 * it brought another version of one of them), mmdebstrap, the architecture. What apt knows is looked up once for each
 * state of its lists and remembered in CACHE_DIR/recipes.
 *
 * Returns: (transfer full): 64 hex digits; NULL with %BS_ERROR_NOT_FOUND (hint: the nearest name) or %BS_ERROR_HOST
 */
char *bs_recipe_key (const char *name, GError **error);

/**
 * bs_recipe_build:
 * @folder_fd: @folder_path, empty; afterwards disk.qcow2, kernel, initrd and rootfs.tar are in it, synced
 * @progress: (nullable): called in this thread; counts nothing
 * @manifest: (out) (transfer full): "kernel", "initrd", "disk" and "rootfs" (names in the folder), "disk_format",
 * "disk_bytes" (virtual), "cmdline", "firmware", "has_guest", "user" (null), "kernel_version", "packages" (an object of
 * versions)
 *
 * Takes a minute or two. Nothing of it outlives this process; what SIGKILL leaves is below @folder_path only.
 *
 * Returns: FALSE with %BS_ERROR_HOST (a tool is missing, no mirror, no right to be root of a namespace: with hint),
 * %BS_ERROR_EXHAUSTED (disk full), %BS_ERROR_FAILED with the last lines of the tool, %BS_ERROR_CANCELLED
 */
gboolean bs_recipe_build (const char *name, int folder_fd, const char *folder_path, BsImageProgress progress,
                          gpointer user_data, GCancellable *cancellable, json_t **manifest, GError **error);
