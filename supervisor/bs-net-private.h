/* SPDX-License-Identifier: Apache-2.0 */
/* bs-net-private.h — the parts of BsNet: its state, what a wire does now, telling the switch, its records */
#pragma once

#include "bs-net.h"
#include "bs-wires.h"

#define BS_NET_WIRES_RECORD "wires.json"
#define BS_NET_FAULTS_RECORD "faults.json"
#define BS_NET_RECORD_FORMAT 1

struct _BsNet
{
  BsSupervisor *lab;
  GHashTable *declared;  /* (element-type utf8 BsNetDeclared) by bs_net_declared_key() */
  GPtrArray *pairs;      /* (element-type BsNetDeclared) those of @declared that have a receiver */
  GHashTable *seeds;     /* network → guint64 * */
  GPtrArray *layers;     /* (element-type BsNetLayer) oldest first */
  GPtrArray *partitions; /* (element-type BsNetPartition) */
  guint64 used_cuts, last_id;
  gint64 schedules_usec; /* when they began; 0: not yet */
  BsLoopTimer *timer;
  GHashTable *told;      /* what the switch was told of wires, bs-net-tell.c */
  GHashTable *told_cuts; /* port → BsSwitchCuts */
  GHashTable *connected; /* ports that the switch has */
  GQueue waiting;        /* of bs-net-wait.c */
  GError *refusal;       /* (nullable) the first one that nobody waited for */
};

/* bs-net-wire.c */
/* What @wire does now, (transfer full). @next_usec: (inout): the earliest change of it */
json_t *bs_net_wire_now (const BsNet *self, const BsNetWire *wire, gint64 now_usec, gint64 *next_usec);
const BsNetDeclared *bs_net_wire_declared (const BsNet *self, const BsNetWire *wire);
/* All wires of all links, or of pairs only those about @only (nullable): (element-type BsNetWire). */
GArray *bs_net_wires (const BsNet *self);
GArray *bs_net_pairs (const BsNet *self, const BsLink *only);
guint64 bs_net_seed (const BsNet *self, const BsNetWire *wire);

/* bs-net-tell.c */
/* Tells what differs from what was told. */
void bs_net_apply (BsNet *self);
void bs_net_tell_init (BsNet *self);
void bs_net_tell_clear (BsNet *self);

/* bs-net-wait.c: the switch is another one */
void bs_net_ping_again (BsNet *self);

/* bs-net.c: drops what is over, and sets the timer. TRUE when something was dropped */
gboolean bs_net_expire (BsNet *self);

/* bs-net-record.c */
gboolean bs_net_save_declared (const BsNet *self, GError **error);
gboolean bs_net_save_faults (const BsNet *self, GError **error);
