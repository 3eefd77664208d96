/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-template.h — machines booted, provisioned and frozen once, from which nodes fork
 *
 * How one comes to be. A hidden lab of its own, CACHE_DIR/templates/.building-KEY, with supervisor, tag, journal and
 * the template's lock: a machine like the node's boots in it, with its memory in a memfd and its interfaces on no wire,
 * until its system is up. Then it is stopped, its devices' state is saved by a migration that leaves memory out
 * (x-ignore-shared), and the memory is copied to a file, pages of zeros as holes. A *derived* template does not boot:
 * its machine begins as its base's (memory and disk copied, state loaded), is provisioned, and frozen the same way. So
 * no template needs another one, and a chain of disks is never longer than image ← template ← node.
 *
 * Whoever is killed leaves the hidden lab; the lock is free then, and who comes next removes it.
 *
 * The key is a digest of everything that the frozen state depends on; see bs_qemu_template_recipe().
 */
#pragma once

#include "bs-qemu-host.h"
#include "bs-qemu-node.h"

/* The one machine of a hidden lab. */
#define BS_QEMU_TEMPLATE_NODE "template"

typedef struct
{
  const BsBackendNode *node; /* (borrowed) who is to be forked from it */
  BsQemuHost host;
  gboolean kvm;
  char *key;          /* of it */
  char *provisioning; /* (nullable) digest; NULL: a base, which boots */
  char *recipe;       /* what key is the digest of */
} BsQemuTemplate;

void bs_qemu_template_clear (BsQemuTemplate *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BsQemuTemplate, bs_qemu_template_clear)

/* bs-qemu-template-key.c */

/* Why @node has to boot, a phrase; NULL: it may be forked. */
const char *bs_qemu_cold_reason (const BsBackendNode *node);
/* The machine that is frozen for @node: named BS_QEMU_TEMPLATE_NODE, without what only one fork has. */
BsBackendNode *bs_qemu_template_machine (const BsBackendNode *node);
/* All that a template depends on, one fact a line. (transfer full) */
char *bs_qemu_template_recipe (const BsQemuTemplate *self);
/* Fills provisioning, recipe and key. @bake: with what the node wants to have baked; else its base. */
gboolean bs_qemu_template_name (BsQemuTemplate *self, gboolean bake, GError **error);

/* bs-qemu-template.c */
gboolean bs_qemu_prepare_node (const BsBackendNode *node, BsBackendProgress progress, gpointer user_data,
                               GCancellable *cancellable, char **template, GError **error);
char *bs_qemu_explain_start (const BsBackendNode *node);

/* bs-qemu-template-build.c */
typedef struct
{
  BsBackendProgress function; /* (nullable) */
  gpointer user_data;
  const char *node;
} BsQemuProgress;

void bs_qemu_progress (const BsQemuProgress *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Makes it, @base: (nullable): key of the one to derive it from. @kept: (out): on failure, key of the machine that was
 * kept, or NULL. The caller holds its lock. */
gboolean bs_qemu_template_build (const BsQemuTemplate *self, const char *base, const BsQemuProgress *progress,
                                 GCancellable *cancellable, char **kept, GError **error);

/* bs-qemu-template-sweep.c */

/* Ends and removes the hidden lab of @key. The caller holds its lock. */
gboolean bs_qemu_template_sweep_key (const char *cache_dir, const char *key, GError **error);
GPtrArray *bs_qemu_sweep_templates (gboolean dry_run, GError **error);
