/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-path.h — what is declared of one direction between two interfaces: the sender's wire and the receiver's
 * ingress
 */
#pragma once

#include "bs-lab-private.h"

typedef struct
{
  char *node, *interface, *address; /* without a prefix's length */
} BsLabEnd;

typedef struct
{
  double delay_ms;     /* both wires' latency */
  double spread_ms;    /* by how much jitter may move a median */
  double loss;         /* a chance: lost, or changed so that the receiver's kernel drops it */
  double burst_share;  /* 1, or what bs_measure_burst_share() says */
  double rate_kbps;    /* the slower one; 0: not limited */
  gboolean is_unknown; /* it follows a trace or a schedule: nothing to compare with */
} BsLabPath;

void bs_lab_end_clear (BsLabEnd *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BsLabEnd, bs_lab_end_clear)

/* The first interfaces of @a and @b (each a node or NODE/INTERFACE) that share a network. */
gboolean bs_lab_path_find (BsLab *lab, const char *a, const char *b, BsLabEnd *from, BsLabEnd *to, GError **error);
/* @show: as of bs_lab_net_show() */
void bs_lab_path_read (const json_t *show, const BsLabEnd *from, const BsLabEnd *to, BsLabPath *path);
