/* SPDX-License-Identifier: Apache-2.0 */
/* bs-recipe-initrd.h — what comes between the kernel and the disk of an image that we build
 *
 * The guest program as /init (guest/root.c) and the modules that a virtual machine needs, all loaded by it without a
 * single process: under emulation a shell, insmod and switch_root would cost 20 to 30 ms a start. The rest of the
 * kernel's modules are on the disk.
 */
#pragma once

#include <glib.h>

/**
 * bs_recipe_initrd_build:
 * @modules_dir: /usr/lib/modules/VERSION of the kernel that it is for
 *
 * Returns: (transfer full): the archive, the same bytes for the same inputs; NULL with an error
 */
GBytes *bs_recipe_initrd_build (const char *modules_dir, GBytes *guest, GError **error);
