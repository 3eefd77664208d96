/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-net.h — what the wires of a running lab do: see it, change it for a time or for good, cut some of them
 *
 * The supervisor does all of it and keeps it: a change outlives its asker, its end too. A target is the name of a
 * network or node, NODE/INTERFACE, A:B for both directions between two nodes or interfaces, or "A>B" for one.
 */
#pragma once

#include "bs-lab-private.h"

typedef struct
{
  const BsConditions *conditions; /* (nullable) over what wires do */
  gboolean ingress;               /* on what the target receives */
  gboolean down;                  /* it carries nothing, either way */
  gint64 for_usec;                /* 0: until it is reset */
  const char *folder;             /* (nullable) where a trace's path begins */
  const char *what;               /* (nullable) who asked, for `net show` */
} BsLabNetChange;

/* Returns: the number of the fault, 0 with an error */
guint64 bs_lab_net_set (BsLab *self, const char *target, const BsLabNetChange *change, GCancellable *cancellable,
                        GError **error);
/* @target: (nullable): all wires do again what the topology says */
gboolean bs_lab_net_reset (BsLab *self, const char *target, GCancellable *cancellable, GError **error);

typedef struct
{
  const char *const *groups; /* "web,db/eth0" each; NULL-terminated */
  gboolean one_way;          /* what the first of two sends is lost, and nothing else */
  gboolean majority;         /* of the nodes of the one group, or of all, the larger half against the others */
  const char *bridge;        /* (nullable) this node reaches all groups */
  gint64 for_usec;           /* 0: until it is healed */
  const char *what;          /* (nullable) */
} BsLabNetPartition;

guint64 bs_lab_net_partition (BsLab *self, const BsLabNetPartition *partition, GCancellable *cancellable,
                              GError **error);
/* All partitions end. */
gboolean bs_lab_net_heal (BsLab *self, GCancellable *cancellable, GError **error);

/* What a step asks for; 0 without an error: it is nothing that ends. @action was checked against the topology. */
guint64 bs_lab_net_act (BsLab *self, const BsTopologyAction *action, const char *folder, const char *what,
                        GCancellable *cancellable, GError **error);
/* Ends faults of these numbers; those that have ended already are fine. */
gboolean bs_lab_net_end (BsLab *self, const guint64 *faults, guint n_faults, GError **error);

/**
 * bs_lab_net_show:
 *
 * Returns: (transfer full): {"lab","interfaces":[{"node","interface","network","sends","receives","counters"}],
 * "pairs":[{"from","to","network", and what "sends" has}],"faults":[…]}; "sends" and "receives" are
 * {"declared","effective","faults":[NUMBER],"left_ms"?}, conditions with the names and units of a topology
 */
json_t *bs_lab_net_show (BsLab *self, GCancellable *cancellable, GError **error);
