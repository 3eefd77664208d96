/* SPDX-License-Identifier: Apache-2.0 */
/* bs-address-plan.h — every subnet, address and MAC of a lab, decided before anything starts */
#pragma once

#include "bs-topology.h"

typedef struct
{
  char *node, *network, *name, *mac;
  char *address;        /* "10.0.0.2" */
  guint prefix;
  guint mtu;
  guint network_index;  /* in the topology's networks */
} BsPlannedInterface;

typedef struct
{
  char *name, *subnet;  /* canonical CIDR */
} BsPlannedNetwork;

typedef struct
{
  GPtrArray *networks;   /* (element-type BsPlannedNetwork), as in the topology */
  GPtrArray *interfaces; /* (element-type BsPlannedInterface), nodes in the topology's order, then their interfaces */
} BsAddressPlan;

void bs_address_plan_free (BsAddressPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsAddressPlan, bs_address_plan_free)

/* Subnets that must not be chosen: host routes (netlink), engines' networks (Docker and Podman sockets when they answer
 * within a second, libvirt's network definitions), and 10.0.2.0/24, which is the closed management interface's. (element-type utf8) CIDRs. */
GPtrArray *bs_address_plan_used_subnets (void);

/**
 * bs_address_plan_make:
 * @lab: MACs and the choice of subnets depend on it and on names, so that the same file gives the same plan on the same host
 * @used: (nullable): as from bs_address_plan_used_subnets(), plus other labs' subnets
 *
 * Returns: NULL with %BS_ERROR_EXHAUSTED (no free subnet; too small for its nodes) or %BS_ERROR_INVALID
 */
BsAddressPlan *bs_address_plan_make (const BsTopology *topology, const char *lab, GPtrArray *used, GError **error);

/* Content of /etc/hosts for @node: localhost, itself, and each other node by the address on a network that both share (first
 * shared network in @node's interface order wins); (transfer full). */
char *bs_address_plan_hosts (const BsAddressPlan *self, const char *node);
