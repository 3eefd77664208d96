/* SPDX-License-Identifier: Apache-2.0 */
/* bs-provision.h — what is done to a machine before it is used: packages, users, files, commands
 *
 * In two parts, so that a template can hold the first. *Baked*, once per template: cloud_init's user, password, keys
 * and write_files; packages; runcmd when `bake: true`. *After the fork*, in each node, after its identity: cloud_init's
 * hostname, env, deploy, runcmd otherwise. The same functions serve every backend through a BsRemote, whose commands
 * run as root.
 */
#pragma once

#include "bs-remote.h"
#include "bs-topology.h"

/* @what: one phrase: "installing nginx-light" */
typedef void (*BsProvisionProgress) (const char *what, gpointer user_data);

/**
 * bs_provision_check:
 *
 * What can be known to fail without a machine: names and lines that cannot be represented, files that cannot be read.
 * For the plan; the functions below do it too.
 *
 * Returns: FALSE with %BS_ERROR_INVALID or %BS_ERROR_NOT_FOUND, "FILE:LINE:COLUMN: " first
 */
gboolean bs_provision_check (const BsTopologyNode *node, const char *file, const char *folder, GError **error);

/* Whether there is anything to bake, or to do after the fork. */
gboolean bs_provision_bakes (const BsTopologyNode *node);
gboolean bs_provision_finishes (const BsTopologyNode *node);

/* Whether baking needs a way to the outside: names of packages, URLs, baked commands. */
gboolean bs_provision_needs_outside (const BsTopologyNode *node);

/**
 * bs_provision_digest:
 * @folder: of the topology file
 *
 * Returns: (transfer full): hex SHA-256 of all that is baked, the content of named files included; equal for nodes
 * that can share a template. NULL when a file cannot be read, with its position in the message.
 */
char *bs_provision_digest (const BsTopologyNode *node, const char *file, const char *folder, GError **error);

/* Errors begin with "FILE:LINE:COLUMN: " of the entry that failed, and contain the last lines of what it printed. */
gboolean bs_provision_bake (const BsTopologyNode *node, const char *file, const char *folder, BsRemote *remote,
                            BsProvisionProgress progress, gpointer user_data, GError **error);
gboolean bs_provision_finish (const BsTopologyNode *node, const char *file, const char *folder, BsRemote *remote,
                              BsProvisionProgress progress, gpointer user_data, GError **error);
