/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-check.h — what must hold between the parts of a topology, once all are decoded */
#pragma once

#include "bs-decoder.h"

typedef struct
{
  BsDecoder *decoder;
  BsTopology *topology;
  GHashTable *nodes;    /* (element-type utf8 BsTopologyNode) by name, borrowed; groups by theirs too */
  GHashTable *networks; /* (element-type utf8 BsTopologyNetwork) */
  gboolean has_groups;
} BsChecker;

/* The node of that name. One with `count` is found by its own name, which means all of its members (@count is how
 * many), and by those of its members. (nullable) */
BsTopologyNode *bs_checker_find_node (const BsChecker *self, const char *name, guint *count);

/* Looks names up; reports repeated ones of nodes and networks if @complete, and unknown ones always. */
void bs_check_names (BsChecker *self, gboolean complete);
void bs_check_scenarios (BsChecker *self);
void bs_check_interfaces (BsChecker *self);
void bs_check_addresses (BsChecker *self);
void bs_check_ports (BsChecker *self);
void bs_check_nat (BsChecker *self);
void bs_check_pairs (BsChecker *self);
void bs_check_cycles (BsChecker *self);
void bs_check_nodes (BsChecker *self);
/* Of the scenarios that were decoded now. */
void bs_check_steps (BsChecker *self);

/* Reports a second use of @text, which is a MAC or an address. @seen is of utf8 to utf8. */
void bs_check_unique (BsChecker *self, GHashTable *seen, const char *what, const char *text);

/* Fills in what the file does not say. Must come before the checks. */
void bs_topology_complete (BsDecoder *decoder);

/* All of the above. */
void bs_topology_check (BsDecoder *decoder);
/* What holds for scenarios alone. */
void bs_topology_check_scenarios (BsDecoder *decoder);

/* Makes of each node with `count` its members, and of each name of such a node theirs, in scenarios from
 * @first_scenario on. What was checked only: it cannot fail. */
void bs_topology_expand (BsTopology *topology, guint first_scenario);

/* Where the value of a decoded struct or string is in the file. */
const BsYamlNode *bs_checker_place (const BsChecker *self, gconstpointer decoded);
/* Names the node in messages until bs_decoder_leave(). */
void bs_checker_enter_node (const BsChecker *self, const BsTopologyNode *node);
