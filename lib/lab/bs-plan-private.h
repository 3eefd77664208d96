/* SPDX-License-Identifier: Apache-2.0 */
/* bs-plan-private.h — the parts of planning, by what they are about */
#pragma once

#include "bs-plan.h"

/* "FILE:LINE:COLUMN: " before an error about @node, which has no @at of its own when that is a default. */
void bs_plan_prefix_position (GError **error, const BsTopology *topology, const BsTopologyNode *node,
                              const BsPosition *at);

/* bs-plan-images.c: whether there can be such an image, and whether what is asked of its software can be done. */
gboolean bs_plan_check_image (const BsPlan *self, const BsTopologyNode *model, GError **error);

/* Whether its image is one of ours, by name: known before the image is there. */
gboolean bs_plan_image_has_guest (const BsTopologyNode *model);

/* bs-plan-access.c: keys and a port for each node that has an SSH server. Images must be known. */
gboolean bs_plan_open_access (BsPlan *self, GError **error);
