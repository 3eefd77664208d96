/* SPDX-License-Identifier: Apache-2.0 */
/* bs-provision-tool.h — the package tool that a machine has: how it is asked, and what its complaints mean */
#pragma once

#include "bs-provision-private.h"

typedef struct
{
  const char *name;
  const char *const *update;  /* (nullable) fetches the lists */
  const char *const *install; /* then names */
  const char *const *options; /* after the names, so that messages begin with what matters */
  const char *suffix;         /* of its package files */
  gboolean fetches;           /* takes URLs of packages as they are */
  const char *const *stale;   /* what it says when its lists are old */
} BsPackageTool;

typedef struct
{
  const BsPackageTool *tool;
  gboolean has_lists, has_certificates;
} BsPackageState;

/* %BS_ERROR_UNSUPPORTED when the machine has none that we know. */
gboolean bs_package_state (BsRemote *remote, BsPackageState *state, GError **error);

/* The tool with @words after its own. (transfer container) NULL-terminated */
GPtrArray *bs_package_command (const BsPackageTool *tool, const GPtrArray *words);
gboolean bs_package_run (BsRemote *remote, const char *const *argv, char **output, GError **error);
/* Whether @output says that fetching the lists anew may help. */
gboolean bs_package_is_stale (const BsPackageTool *tool, const char *output);
/* Whether a line of @output that tells of an error has @name in it as a word. */
gboolean bs_package_blames (const char *output, const char *name);
/* What the user can do about @output; (nullable) */
const char *bs_package_hint (const char *output);
