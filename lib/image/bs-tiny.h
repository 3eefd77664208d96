/* SPDX-License-Identifier: Apache-2.0 */
/* bs-tiny.h — the built-in image: the distribution's cloud kernel, busybox and benchscale-guest in an initramfs */
#pragma once

#include <gio/gio.h>

typedef struct
{
  char *kernel, *initrd; /* absolute paths in the cache, immutable */
  char *cmdline;         /* what the image needs on the kernel's command line */
  char *digest;          /* hex, of all inputs */
  char *kernel_version;
} BsTinyImage;

void bs_tiny_image_free (BsTinyImage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsTinyImage, bs_tiny_image_free)

typedef void (*BsTinyProgress) (const char *what, gpointer user_data);

/**
 * bs_tiny_ensure:
 * @cache_dir: made if needed
 * @guest_program: path of benchscale-guest
 *
 * Finds the image for these inputs in the cache or builds it (seconds). Two builds at once share one result; a killed
 * build leaves nothing that is ever used. Quick when cached: no process is started.
 *
 * Returns: NULL with %BS_ERROR_HOST and a hint (no busybox, no apt lists, …), %BS_ERROR_EXHAUSTED, …
 */
BsTinyImage *bs_tiny_ensure (const char *cache_dir, const char *guest_program, BsTinyProgress progress,
                             gpointer user_data, GCancellable *cancellable, GError **error);

/* What is in the cache for these inputs; builds nothing. NULL with %BS_ERROR_NOT_FOUND, or as above. */
BsTinyImage *bs_tiny_find (const char *cache_dir, const char *guest_program, GError **error);
