/* SPDX-License-Identifier: Apache-2.0 */
/* bs-recipe.h — images that are built here from the distribution's packages */
#pragma once

#include "bs-image.h"
#include "bs-json.h"

/* NULL-terminated: "debian-12", … */
const char *const *bs_recipe_names (void);

/* Hex SHA-256 of all inputs of the recipe: an image with another key is built anew. (transfer full) */
char *bs_recipe_key (const char *name, GError **error);

/**
 * bs_recipe_build:
 * @folder_fd: of the empty folder @folder_path, which is filled with disk.qcow2, kernel, initrd and rootfs.tar
 * @manifest: (out) (transfer full): members for the image's manifest (bs-manifest.h), such as "cmdline" and "has_guest"
 *
 * Returns: FALSE with %BS_ERROR_HOST (a tool is missing, with hint), %BS_ERROR_EXHAUSTED, %BS_ERROR_CANCELLED, …
 */
gboolean bs_recipe_build (const char *name, int folder_fd, const char *folder_path, BsImageProgress progress,
                          gpointer user_data, GCancellable *cancellable, json_t **manifest, GError **error);
