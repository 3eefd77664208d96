/* SPDX-License-Identifier: Apache-2.0 */
/* bs-route-subnets.h — IPv4 destinations in all of the host's routing tables */
#pragma once

#include <glib.h>

/**
 * bs_route_subnets_collect:
 * @subnets: (element-type utf8): a set that owns its keys; canonical CIDRs are added
 *
 * Routes wider than a /8 (the default, and the halves of it that a VPN sets) are left out: they claim no subnet.
 */
void bs_route_subnets_collect (GHashTable *subnets);
