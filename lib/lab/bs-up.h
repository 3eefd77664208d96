/* SPDX-License-Identifier: Apache-2.0 */
/* bs-up.h — the steps of bringing one node up */
#pragma once

#include "bs-events.h"
#include "bs-journal.h"
#include "bs-plan.h"

typedef struct
{
  const BsPlan *plan;
  BsEvents *events;
  BsJournal *journal;
  BsControl *control;
  BsSshPool *ssh_pool; /* (nullable) for nodes that are reached by SSH */
  GCancellable *cancellable;
  int lab_dir;
  gint64 timeout_usec, deadline_usec; /* the latter once the record is begun */
  gboolean keep_failed;
  GMutex holding; /* over what the plan's nodes are forked from, while that is found */
} BsUp;

/* bs-up-keep.c: machines whose provisioning failed before there was a lab */
gboolean bs_up_has_kept (const BsUp *up);
/* In the lab that was made for them. What fails is told only. */
void bs_up_start_kept (BsUp *up);
/* Without a lab nobody needs them. */
void bs_up_forget_kept (const BsUp *up);

/* bs-up-hold.c: notes in the cache what the lab stands on; before any node is made. */
gboolean bs_up_hold_cache (const BsUp *up, GError **error);
/* The same of what is known before there is a lab, so that nobody prunes it while the rest is made. If it can be. */
void bs_up_hold_early (const BsUp *up);
/* There will be no lab. */
void bs_up_release_cache (const BsUp *up);

/* bs-up-node.c */
gboolean bs_up_create_and_start (BsUp *up, const BsPlanNode *node, const BsBackendLab *lab, GError **error);
gint64 bs_up_agent_deadline (const BsUp *up, const BsPlanNode *node);
gboolean bs_up_identify (BsUp *up, const BsPlanNode *node, const BsBackendLab *lab, GError **error);
/* What is done in each node, not once in its template. */
gboolean bs_up_provision (BsUp *up, const BsPlanNode *node, const BsBackendLab *lab, GError **error);

/* bs-up-ready.c: waits for each of the node's `ready`, in their order. */
gboolean bs_up_check_ready (BsUp *up, const BsPlanNode *node, const BsBackendLab *lab, GError **error);
