/* SPDX-License-Identifier: Apache-2.0 */
/* bs-image.h — what nodes start from, by name: built in, built by a recipe, of the catalogue, or a file of the user's
 *
 * All images of a cache lie in CACHE_DIR/images/, one folder each (bs-cache-entry.h), named NAME-DIGEST, with
 * `manifest.json` (format, name, origin, digest, files with size, mtime and SHA-256, created, kernel, user, firmware).
 * Finished folders are never changed. Functions block and may be called from any thread and process at once: who
 * comes second waits for the first one's result and shares it.
 */
#pragma once

#include <gio/gio.h>

typedef enum
{
  BS_IMAGE_TINY,      /* built in */
  BS_IMAGE_RECIPE,    /* built here from the distribution's packages; benchscale-guest is in it */
  BS_IMAGE_CATALOGUE, /* downloaded from its publisher and verified */
  BS_IMAGE_IMPORTED,  /* a copy in the cache, made by `image import` */
  BS_IMAGE_FILE,      /* a path: used where it is, never written */
} BsImageOrigin;

typedef struct
{
  char *name; /* canonical: "debian-12", "tiny", or an absolute path */
  BsImageOrigin origin;
  char *digest;                    /* hex SHA-256 that changes when anything of it changes */
  char *disk, *disk_format;        /* (nullable) absolute path; "qcow2" or "raw" */
  char *kernel, *initrd, *cmdline; /* (nullable) for direct boot; absolute paths */
  char *rootfs;                    /* (nullable) absolute path of a tar file, for containers */
  char *user;                      /* (nullable) the default login of a publisher's image */
  char *firmware;                  /* "bios" or "uefi" */
  guint64 disk_bytes;              /* virtual size, 0 without a disk */
  gboolean has_guest;              /* benchscale-guest answers on its port; else: seed, stock agent, SSH */
} BsImage;

void bs_image_free (BsImage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsImage, bs_image_free)

/* @what: one phrase, "downloading debian-12-cloudimg"; @done and @total: bytes, total 0: unknown or not counted. */
typedef void (*BsImageProgress) (const char *image, const char *what, guint64 done, guint64 total, gpointer user_data);

/**
 * bs_image_check:
 * @name: as a topology says it: a name or alias of the catalogue, "tiny", or a path
 * @folder: of the topology file, which relative paths begin at
 *
 * Whether there can be such an image. Reads the catalogue (and looks whether a file is there), changes nothing.
 *
 * Returns: FALSE with %BS_ERROR_NOT_FOUND (hint: the nearest name) or %BS_ERROR_INVALID
 */
gboolean bs_image_check (const char *name, const char *folder, GError **error);

/**
 * bs_image_ensure:
 *
 * Finds the image in the cache, or builds or downloads it. A cached one whose files are not as its manifest says (by
 * inode, size and time; `bs_image_verify()` looks at every byte) is refused, removed, and made again.
 *
 * Returns: (transfer full): NULL with %BS_ERROR_NOT_FOUND, %BS_ERROR_HOST (a tool is missing, with hint),
 * %BS_ERROR_EXHAUSTED (disk full), %BS_ERROR_INVALID (a wrong checksum, not a disk image), %BS_ERROR_CANCELLED
 */
BsImage *bs_image_ensure (const char *name, const char *folder, BsImageProgress progress, gpointer user_data,
                          GCancellable *cancellable, GError **error);

/**
 * bs_image_find:
 * @missing: (out) (transfer full): what bs_image_ensure() would do when there is none: "will be built", "will be
 *   downloaded"
 *
 * What is in the cache; it counts as used now. Makes nothing.
 *
 * Returns: (transfer full): NULL with @missing set, or with an error as for bs_image_ensure()
 */
BsImage *bs_image_find (const char *name, const char *folder, char **missing, GError **error);
