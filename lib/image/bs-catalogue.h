/* SPDX-License-Identifier: Apache-2.0 */
/* bs-catalogue.h — where publishers have their images, by name
 *
 * The catalogue of the product is lib/image/catalogue.yaml, which is built in; the user's own adds to it and takes the
 * place of entries by name.
 */
#pragma once

#include "bs-checksums.h"
#include "bs-diagnostic.h"

typedef struct
{
  char *name;
  char **aliases;
  char *description; /* (nullable) */
  char *url;
  char *checksums; /* (nullable) URL; NULL: @pinned is set */
  BsChecksumsFormat checksums_format;
  BsDigest pinned;  /* hex is "" when not given */
  char *user;       /* (nullable) */
  char *firmware;   /* "bios" or "uefi" */
  char *format;     /* "qcow2" or "raw" */
  gboolean of_user; /* from the user's own file */
  guint line, column;
} BsCatalogueEntry;

typedef struct
{
  GPtrArray *entries; /* (element-type BsCatalogueEntry) */
} BsCatalogue;

#define BS_CATALOGUE_BYTES_MAX (4 * 1024 * 1024)

/* The text of catalogue.yaml. */
extern const char bs_catalogue_builtin[];

/* Lower-case letters, digits, '.', '_' and '-', beginning and ending with a letter or digit, at most 64. */
gboolean bs_image_name_is_valid (const char *name);
gboolean bs_user_name_is_valid (const char *name);

/**
 * bs_catalogue_parse:
 * @diagnostics: gets every fault, with its position
 *
 * Returns: (transfer full): the entries, or NULL when there was an error
 */
BsCatalogue *bs_catalogue_parse (const char *text, gsize length, BsDiagnostics *diagnostics);

/**
 * bs_catalogue_load:
 * @user_file: (nullable): need not exist
 *
 * Returns: (transfer full): NULL with %BS_ERROR_INVALID: the first fault of @user_file, with its position
 */
BsCatalogue *bs_catalogue_load (const char *user_file, GError **error);
void bs_catalogue_free (BsCatalogue *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsCatalogue, bs_catalogue_free)

/* By name, else by alias; (nullable). */
const BsCatalogueEntry *bs_catalogue_find (const BsCatalogue *self, const char *name);
/* The last part of the entry's address: what its checksum file names it. (transfer full) */
char *bs_catalogue_entry_file (const BsCatalogueEntry *self);
