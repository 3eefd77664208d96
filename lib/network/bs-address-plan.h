/* SPDX-License-Identifier: Apache-2.0 */
/* bs-address-plan.h — every subnet, address and MAC of a lab, decided before anything starts */
#pragma once

#include "bs-topology.h"

/* The closed management interface's, which a machine may have beside those of the lab's networks. */
#define BS_MANAGEMENT_SUBNET "10.0.2.0/24"

typedef struct
{
  char *node, *network, *name, *mac;
  char *address; /* "10.0.0.2" */
  guint prefix;
  guint mtu;
  guint network_index; /* in the topology's networks */
} BsPlannedInterface;

typedef struct
{
  char *name, *subnet; /* canonical CIDR */
} BsPlannedNetwork;

typedef struct
{
  GPtrArray *networks;   /* (element-type BsPlannedNetwork), as in the topology */
  GPtrArray *interfaces; /* (element-type BsPlannedInterface), nodes in the topology's order, then their interfaces */
} BsAddressPlan;

void bs_address_plan_free (BsAddressPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsAddressPlan, bs_address_plan_free)

/* Subnets that must not be chosen: host routes (netlink), engines' networks (Docker and Podman sockets when they answer
 * within a second, libvirt's network definitions), and 10.0.2.0/24, which is the closed management interface's.
 * (element-type utf8) CIDRs. */
GPtrArray *bs_address_plan_used_subnets (void);

/**
 * bs_address_plan_make:
 * @lab: MACs and the choice of subnets depend on it and on names, so that the same file gives the same plan on the same
 * host
 * @used: (nullable): as from bs_address_plan_used_subnets(), plus other labs' subnets
 *
 * A subnet that the topology names is taken as it is, whatever @used says: no packet of a lab crosses the host's own
 * wires. Only %BS_MANAGEMENT_SUBNET is never a lab's: a subnet inside it is refused, and of a larger one its addresses
 * are left out. An address or MAC that the topology names is kept; the others get the lowest free address. Network,
 * gateway (first) and broadcast address are nobody's.
 *
 * Returns: NULL with %BS_ERROR_EXHAUSTED (no free subnet; too small for its nodes) or %BS_ERROR_INVALID; where the file
 * is the cause the message begins with "FILE:LINE:COLUMN: "
 */
BsAddressPlan *bs_address_plan_make (const BsTopology *topology, const char *lab, GPtrArray *used, GError **error);

/* Content of /etc/hosts for @node: localhost, itself, and each other node by the address on a network that both share
 * (first shared network in @node's interface order wins; then the other's first interface there); (transfer full). A
 * node without interfaces is known to itself as 127.0.1.1. */
char *bs_address_plan_hosts (const BsAddressPlan *self, const char *node);
