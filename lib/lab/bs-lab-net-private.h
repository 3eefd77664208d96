/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-net-private.h — names of a lab's record to what the supervisor calls them */
#pragma once

#include "bs-lab-net.h"

/* Asks the supervisor; (transfer full). @request: (transfer full) */
json_t *bs_lab_net_call (BsLab *self, const char *op, json_t *request, GCancellable *cancellable, GError **error);

/* Index of the network or -1. */
int bs_lab_net_find_network (BsLab *self, const char *name);
const char *bs_lab_net_network_name (BsLab *self, int index);
/* Index of the interface of @node (a member of the record), or -1. */
int bs_lab_net_find_interface (const json_t *node, const char *name);
const char *bs_lab_net_interface_name (const json_t *node, int index);

/* The members of the group @text (of `count`), none when it is a node or no such group: (element-type utf8). */
GPtrArray *bs_lab_net_group (BsLab *self, const char *text);

/* "node" or "node/interface" as {"node","interface"?}; (transfer full) */
json_t *bs_lab_net_end_of (BsLab *self, const char *text, GError **error);
/* The targets that @text means; @direction: "out", "in" or "both" */
json_t *bs_lab_net_targets (BsLab *self, const char *text, const char *direction, GError **error);
/* Values of a wire with the names and units of a topology; (transfer full) */
json_t *bs_lab_net_conditions (const json_t *values);
