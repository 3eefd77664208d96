/* SPDX-License-Identifier: Apache-2.0 */
/* bs-net-target.h — which wires a change is about */
#pragma once

#include "bs-json.h"
#include "bs-link.h"

/* One wire of the lab: what @from sends to @to; or to all of whom no pair speaks (NULL); or what @from receives. */
typedef struct
{
  BsLink *from, *to;
  gboolean ingress;
} BsNetWire;

typedef struct
{
  char *node;    /* (nullable) all */
  int interface; /* -1: all */
  int network;   /* -1: all */
  char *to;      /* (nullable) only what goes to this node: a pair's */
  int to_interface;
  gboolean out, in; /* what is sent, what is received */
} BsNetTarget;

/* {"node"?,"interface"?,"network"?,"to"?,"to_interface"?,"direction"?: "out" (when absent), "in" or "both"} */
BsNetTarget *bs_net_target_load (const json_t *object, GError **error);
void bs_net_target_free (BsNetTarget *self);
json_t *bs_net_target_save (const BsNetTarget *self);

/* A list of them, at least one: (element-type BsNetTarget) (transfer full). */
GPtrArray *bs_net_targets_load (const json_t *list, GError **error);
json_t *bs_net_targets_save (const GPtrArray *targets);

/* Whether all wires of each of @inner are among those of @outer, whatever machines there will be. */
gboolean bs_net_targets_cover (const GPtrArray *outer, const GPtrArray *inner);

gboolean bs_net_target_is_sender (const BsNetTarget *self, const BsLink *link);
gboolean bs_net_target_is_receiver (const BsNetTarget *self, const BsLink *link);

typedef enum
{
  BS_NET_MATCH_NONE,
  BS_NET_MATCH_PORT, /* the wire is the port's, or a pair's of a sender that is meant as a whole */
  BS_NET_MATCH_PAIR, /* the pair itself is meant */
} BsNetMatch;

/* The closest of them. */
BsNetMatch bs_net_targets_match (const GPtrArray *targets, const BsNetWire *wire);
