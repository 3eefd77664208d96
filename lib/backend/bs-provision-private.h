/* SPDX-License-Identifier: Apache-2.0 */
/* bs-provision-private.h — the parts of provisioning, one file each (internal to lib/backend) */
#pragma once

#include "bs-provision.h"

/* One provisioning under way; all borrowed. */
typedef struct
{
  const BsTopologyNode *node;
  const char *file, *folder;
  BsRemote *remote;
  BsProvisionProgress progress;
  gpointer user_data;
} BsProvision;

void bs_provision_tell (const BsProvision *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Puts "FILE:LINE:COLUMN: " before the error when @ok is FALSE; returns @ok. */
gboolean bs_provision_at (gboolean ok, const char *file, BsPosition at, GError **error);
/* A path of the topology as one that can be opened here; (transfer full) */
char *bs_provision_host_path (const char *folder, const char *path);
/* Whether a package's or key's name is a URL. */
gboolean bs_provision_is_url (const char *name);
/* How many of an array that may be NULL. */
guint bs_provision_count (const GPtrArray *array);

/* The node's own packages and cloud_init's; (transfer container) (element-type BsTopologyPackage) */
GPtrArray *bs_provision_all_packages (const BsTopologyNode *node);
gboolean bs_provision_packages (const BsProvision *self, GError **error);

/* bs-provision-user.c: cloud_init's user, password and keys */
gboolean bs_provision_user (const BsProvision *self, GError **error);
gboolean bs_provision_write_files (const BsProvision *self, GError **error);
gboolean bs_provision_hostname (const BsProvision *self, GError **error);
gboolean bs_provision_env (const BsProvision *self, GError **error);
gboolean bs_provision_deploy (const BsProvision *self, GError **error);
gboolean bs_provision_commands (const BsProvision *self, GError **error);
