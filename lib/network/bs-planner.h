/* SPDX-License-Identifier: Apache-2.0 */
/* bs-planner.h — an address plan while it is made; only for the files of this folder */
#pragma once

#include "bs-address-plan.h"
#include "bs-subnet.h"

typedef struct
{
  const BsTopology *topology;
  const char *lab;
  BsAddressPlan *plan;
  GPtrArray *subnets; /* (element-type BsSubnet), as the topology's networks; elements are NULL until chosen */
  GHashTable *macs;   /* set of what is given or planned; borrows its keys */
} BsPlanner;

/* Sets an error at a place in the file; always FALSE. */
gboolean bs_planner_fail (const BsPlanner *planner, BsPosition at, BsErrorCode code, const char *hint, GError **error,
                          const char *format, ...) G_GNUC_PRINTF (6, 7);

/* Adds all interfaces with node, network, name and MTU; addresses and MACs come later. */
gboolean bs_planner_lay_out (BsPlanner *planner, GError **error);
/* How many interfaces are on a network. */
guint bs_planner_count (const BsPlanner *planner, guint network_index);
gboolean bs_planner_find_subnets (BsPlanner *planner, GPtrArray *used, GError **error);
