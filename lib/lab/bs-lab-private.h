/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-private.h — what a running lab offers inside the tree; the public half is <benchscale/bs-lab.h> */
#pragma once

#include "bs-backend.h"
#include "bs-diagnostic.h"
#include "bs-plan.h"

#include <benchscale/bs-lab.h>

/* As bs_lab_up(); @plan: (transfer full). */
BsLab *bs_lab_up_plan (BsPlan *plan, const BsLabOptions *options, GCancellable *cancellable, GError **error);

/* The connection to the lab's supervisor, (transfer none); a supervisor that is gone is started again and takes over.
 */
BsControl *bs_lab_control (BsLab *self, GError **error);
/* Starts the supervisor of the lab in @lab_dir; one that listens already is success. */
BsControl *bs_lab_start_supervisor (int lab_dir, const char *state_id, const char *name, const char *uuid,
                                    GError **error);

const json_t *bs_lab_record (BsLab *self);
int bs_lab_dir (BsLab *self);
/* The record's member of @node, (transfer none); %BS_ERROR_NOT_FOUND with the nodes there are. */
const json_t *bs_lab_find_node (BsLab *self, const char *node, GError **error);

/* The backend of @node and what its functions want; %BS_ERROR_NOT_FOUND with the nodes there are. */
const BsBackendClass *bs_lab_backend (BsLab *self, const char *node, BsBackendLab *backend_lab, GError **error);

/* The node's env from the topology is put before @spec's. */
gboolean bs_lab_exec (BsLab *self, const char *node, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result,
                      GCancellable *cancellable, GError **error);

/* The topology as it was when the lab came up. */
BsTopology *bs_lab_topology (BsLab *self, BsDiagnostics **diagnostics);

/* Holds the lab against up and down until the descriptor is closed; -1 with %BS_ERROR_BUSY. */
int bs_lab_hold (BsLab *self, GError **error);
