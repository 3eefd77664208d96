/* SPDX-License-Identifier: Apache-2.0 */
/* bs-recipe-private.h — what the parts of a recipe's building share */
#pragma once

#include "bs-recipe.h"

#define BS_RECIPE_ARCHITECTURE "amd64"

typedef struct
{
  const char *name;    /* "debian-12" */
  const char *release; /* "bookworm" */
  guint64 disk_bytes;  /* virtual size */
} BsRecipe;

/* NULL with %BS_ERROR_NOT_FOUND. */
const BsRecipe *bs_recipe_find (const char *name, GError **error);

/* The files of recipe/, which the build makes part of the library. */
GResource *bs_recipe_get_resource (void);

/* For arrays of strings. */
int bs_recipe_compare_names (gconstpointer a, gconstpointer b);

/* The names in recipe/packages, NULL-terminated; (transfer full). */
char **bs_recipe_packages (void);

/**
 * bs_recipe_inputs:
 *
 * All files that a build begins with, by their names in its working folder: recipe/, "debian.sources" (Debian's, from
 * this host's configuration), "guest" (the program), and below "files/" also the keyrings and settings that those
 * sources need.
 *
 * Returns: (transfer full): a tree from name to GBytes; NULL with an error
 */
GTree *bs_recipe_inputs (const BsRecipe *recipe, GCancellable *cancellable, GError **error);

/* The name of the input with the sources. */
#define BS_RECIPE_SOURCES "debian.sources"
/* The name of the input that tells apt the way to the mirror (proxies); where we are is no part of an image's key. */
#define BS_RECIPE_WAY "apt.conf"

#define BS_RECIPE_TOOLS_HINT "apt-get install mmdebstrap e2fsprogs qemu-utils util-linux tar"
