/* SPDX-License-Identifier: Apache-2.0 */
/* bs-subnet-choice.h — a free private subnet for a network that names none */
#pragma once

#include "bs-subnet.h"

/* The longest prefix, at most 24, with room for @n_interfaces beside network, gateway and broadcast. */
guint bs_subnet_choice_prefix (guint n_interfaces);

/**
 * bs_subnet_choose:
 * @blocked: (element-type BsSubnet): what it must not overlap
 *
 * Searches 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16, from a place that depends on @lab and @network only, so that
 * the same network gets the same subnet again while that is free.
 *
 * Returns: (transfer full) (nullable): the subnet, or NULL (no error is set) when none is free
 */
BsSubnet *bs_subnet_choose (const char *lab, const char *network, guint prefix, GPtrArray *blocked);
