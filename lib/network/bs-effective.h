/* SPDX-License-Identifier: Apache-2.0 */
/* bs-effective.h — what the levels of a topology come to for one wire, and which of them said it
 *
 * A wire is what one interface sends to another on the same network. Four levels speak of it, each over the ones
 * before: network, node (of the sender), interface (of the sender), pair. Within a level, a preset comes before its own
 * keys. What an interface receives has its `ingress` besides, which is a level of its own and merges with none.
 */
#pragma once

#include "bs-topology.h"

typedef enum
{
  BS_LEVEL_NONE, /* nobody says it: the default */
  BS_LEVEL_NETWORK,
  BS_LEVEL_NODE,
  BS_LEVEL_INTERFACE,
  BS_LEVEL_PAIR,
  BS_LEVEL_INGRESS,
} BsConditionsLevel;

typedef struct
{
  BsConditionsLevel level;
  const char *preset; /* (nullable) borrowed from bs_presets: it said so, not the level's own key */
  BsPosition at;      /* of the value, or of the preset's name */
} BsConditionOrigin;

typedef struct
{
  BsConditions *conditions; /* (owned) all levels merged: without a preset */
  BsConditionOrigin origins[BS_N_CONDITIONS];
  const BsTopologyNetwork *network; /* whose wire it is; borrowed from the topology, as all below */
  const BsTopologyNode *node; /* whose interface's conditions these are: the sender, or with ingress the receiver */
  const BsTopologyInterface *interface;
} BsEffective;

void bs_effective_free (BsEffective *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsEffective, bs_effective_free)

/* The topology's pairs by the nodes that they name. */
typedef struct _BsEffectiveIndex BsEffectiveIndex;

/* @topology must outlive it and stay as it is. */
BsEffectiveIndex *bs_effective_index_new (const BsTopology *topology);
void bs_effective_index_free (BsEffectiveIndex *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsEffectiveIndex, bs_effective_index_free)

/**
 * bs_effective_between:
 * @interface: the sending one, by its place in @node's list
 * @other: the receiving node, which may be the same
 *
 * Returns: (transfer full) (nullable): what happens to what the one sends to the other; NULL when they are on different
 * networks or are the same interface
 */
BsEffective *bs_effective_between (const BsEffectiveIndex *self, const BsTopologyNode *node, guint interface,
                                   const BsTopologyNode *other, guint other_interface);

/* What happens to what the interface sends to those of whom no pair speaks: all levels but the pair; (transfer full) */
BsEffective *bs_effective_port (const BsEffectiveIndex *self, const BsTopologyNode *node, guint interface);

/* What happens besides to all that the interface receives; (transfer full) */
BsEffective *bs_effective_ingress (const BsEffectiveIndex *self, const BsTopologyNode *node, guint interface);

/* A pair's rate is a bucket of its own; any other is that of the sending port, whoever it sends to. */
gboolean bs_effective_has_own_bucket (const BsEffective *self);

/* Whether packets go through untouched, and at once. */
gboolean bs_effective_is_nothing (const BsEffective *self);

/* Who said @key: "network 'wan'", "node 'web'", "interface 'eth0' of node 'web'", "pair", "ingress of interface 'eth0'
 * of node 'web'", each "preset NAME of …" when it was the preset; "default"; (transfer full) */
char *bs_effective_describe (const BsEffective *self, BsConditionKey key);

/* The seed of the network's decisions: its own, else from the lab's seed, else from @lab, the lab's name. */
guint64 bs_effective_seed (const BsTopology *topology, const char *lab, const BsTopologyNetwork *network);
