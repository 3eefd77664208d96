/* SPDX-License-Identifier: Apache-2.0 */
/* bs-image-make.h — the ways an image gets into the cache; bs_image_ensure() chooses among them
 *
 * All block, share the result of another that makes the same, and leave nothing that is ever used when they fail.
 * Errors are those of bs_image_ensure().
 */
#pragma once

#include "bs-catalogue.h"
#include "bs-store.h"

/* Asks the publisher what is current; downloads unless the cache has just that. */
BsImage *bs_image_pull (const BsImageWork *work, const BsCatalogueEntry *entry, GError **error);

/* What an entry's image must have been made from to be used: changes when its address, digest or attributes do.
 * (transfer full) */
char *bs_image_pull_source (const BsCatalogueEntry *entry);

/* The recipes: a table, so that tests can bring their own. */
typedef struct
{
  const char *const *(*names) (void);
  char *(*key) (const char *name, GError **error);
  gboolean (*build) (const char *name, int folder_fd, const char *folder_path, BsImageProgress progress,
                     gpointer user_data, GCancellable *cancellable, json_t **manifest, GError **error);
} BsImageRecipes;

extern const BsImageRecipes bs_image_recipes;

/* @anew: even if the cache has one of the same inputs. */
BsImage *bs_image_build (const BsImageWork *work, const BsImageRecipes *recipes, const char *name, gboolean anew,
                         GError **error);

/* The built-in image. */
BsImage *bs_image_tiny (const BsImageWork *work, GError **error);
/* The cached one, or NULL with an error. */
BsImage *bs_image_tiny_find (const BsImageWork *work, GError **error);

typedef struct
{
  const char *file, *name;
  const char *user;     /* (nullable) */
  const char *firmware; /* (nullable) "bios" or "uefi" */
} BsImageImport;

/**
 * bs_image_import:
 *
 * Copies a qcow2 or raw file into the cache; an image imported before under that name is replaced.
 *
 * Returns: NULL with %BS_ERROR_EXISTS when @name is that of an image which is not imported, %BS_ERROR_INVALID for what
 * is no name, user or disk image, …
 */
BsImage *bs_image_import (const BsImageWork *work, const BsImageImport *request, GError **error);
