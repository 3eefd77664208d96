/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-node.h — the operations of the qemu backend on one node, by what they are about */
#pragma once

#include "bs-backend.h"
#include "bs-qemu-args.h"
#include "bs-qmp.h"

/* bs-qemu-create.c */
gboolean bs_qemu_create_node (const BsBackendLab *lab, const BsBackendNode *node, GError **error);
gboolean bs_qemu_delete_node (const BsBackendLab *lab, const char *name, GError **error);

/* bs-qemu-start.c */
gboolean bs_qemu_start_node (const BsBackendLab *lab, const BsBackendNode *node, json_t **record, GError **error);

/* bs-qemu-ready.c */
gboolean bs_qemu_wait_node (const BsBackendLab *lab, const char *name, gint64 deadline_usec, GError **error);
gboolean bs_qemu_identify_node (const BsBackendLab *lab, const BsBackendNode *node, gint64 deadline_usec,
                                GError **error);

/* bs-qemu-stop.c */
gboolean bs_qemu_stop_node (const BsBackendLab *lab, const char *name, gint64 graceful_deadline_usec, GError **error);

/* bs-qemu-state.c */
gboolean bs_qemu_node_state (const BsBackendLab *lab, const char *name, BsNodeState *state, GError **error);
gboolean bs_qemu_pause_node (const BsBackendLab *lab, const char *name, GError **error);
gboolean bs_qemu_resume_node (const BsBackendLab *lab, const char *name, GError **error);

/* bs-qemu-exec.c */
gboolean bs_qemu_exec (const BsBackendLab *lab, const char *name, const BsExecSpec *spec, const BsExecIO *io,
                       BsExecResult *result, GError **error);
gboolean bs_qemu_copy_in (const BsBackendLab *lab, const char *name, const char *source, const char *destination,
                          GError **error);
gboolean bs_qemu_copy_out (const BsBackendLab *lab, const char *name, const char *source, const char *destination,
                           GError **error);
gboolean bs_qemu_wait_for (const BsBackendLab *lab, const char *name, const char *kind, const char *const *arguments,
                           gint64 deadline_usec, GError **error);
int bs_qemu_console (const BsBackendLab *lab, const char *name, GError **error);

/* bs-qemu-owned.c */
GPtrArray *bs_qemu_list_owned (const char *tag_prefix, GError **error);
gboolean bs_qemu_remove_owned (const char *tag_prefix, GError **error);
/* Kills processes of one node that the supervisor does not know. */
gboolean bs_qemu_kill_by_tag (const BsBackendLab *lab, const char *name, GError **error);

/* bs-qemu-memory.c */
gboolean bs_qemu_node_memory (const BsBackendLab *lab, const char *name, guint64 *own_kib, guint64 *shared_kib,
                              GError **error);

/* Shared helpers. */

/* Starts the process of @spec (its tag is filled in here) and waits until it can be spoken to. @record: (out): pid,
 * start time, accelerator. */
BsQmp *bs_qemu_launch (const BsBackendLab *lab, BsQemuSpec *spec, json_t **record, GError **error);
/* QEMU ended before it did what it should; its own words say why. */
void bs_qemu_explain_death (const BsBackendLab *lab, const BsBackendNode *node, GError **error);
/* Makes an overlay of @base (@format NULL: looked up), of @bytes or, 0, of its size. */
gboolean bs_qemu_make_overlay (const char *path, const char *base, const char *format, guint64 bytes, GError **error);
/* The size that the topology wants of the disk, 0: the image's. */
guint64 bs_qemu_disk_bytes (const BsBackendNode *node);

/* A session with the node's guest program; waits for its hello until @deadline_usec. Returns: a descriptor or -1. */
int bs_qemu_session (const BsBackendLab *lab, const char *name, gint64 deadline_usec, GError **error);

/* Why QEMU ended: the last lines of its log, "" when it said nothing; (transfer full) */
char *bs_qemu_said (const BsBackendLab *lab, const char *name);
/* What the console shows of a kernel's end, or its last line; (nullable) (transfer full) */
char *bs_qemu_console_cause (const BsBackendLab *lab, const char *name, gboolean *panic);
