/* SPDX-License-Identifier: Apache-2.0 */
/* bs-subnet.h — an IPv4 network and the free addresses in it; addresses are numbers in host byte order */
#pragma once

#include "bs-ipv4.h"

typedef struct _BsSubnet BsSubnet;

/**
 * bs_subnet_parse:
 * @text: CIDR notation, such as "10.1.0.0/24"; host bits must be zero
 *
 * Returns: (transfer full): the subnet, or NULL with %BS_ERROR_INVALID, which names the offending part
 */
BsSubnet *bs_subnet_parse (const char *text, GError **error);

/* The subnet in which "10.1.0.7/24" lies: as bs_subnet_parse(), but host bits may be set. */
BsSubnet *bs_subnet_parse_around (const char *text, GError **error);

/* @prefix is at most 32; host bits of @address are cleared. (transfer full) */
BsSubnet *bs_subnet_new (guint32 address, guint prefix);
void bs_subnet_free (BsSubnet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsSubnet, bs_subnet_free)

guint32 bs_subnet_first (const BsSubnet *self); /* the network's own address */
guint32 bs_subnet_last (const BsSubnet *self);  /* broadcast */
guint bs_subnet_prefix (const BsSubnet *self);
char *bs_subnet_format (const BsSubnet *self); /* canonical CIDR, (transfer full) */
gboolean bs_subnet_contains (const BsSubnet *self, guint32 address);
gboolean bs_subnet_overlaps (const BsSubnet *self, const BsSubnet *other);

/* Addresses of @other are never given out. One such range per subnet: a later one replaces it. */
void bs_subnet_exclude (BsSubnet *self, const BsSubnet *other);

/**
 * bs_subnet_reserve:
 *
 * Takes @address, which somebody asked for.
 *
 * Returns: FALSE with %BS_ERROR_INVALID when it can be no node's (network, gateway, broadcast), %BS_ERROR_EXISTS when
 * it is taken
 */
gboolean bs_subnet_reserve (BsSubnet *self, guint32 address, GError **error);

/**
 * bs_subnet_take:
 * @address: (out): the address; untouched on failure
 *
 * Takes the lowest free address; network, gateway (first) and broadcast are never given out.
 *
 * Returns: FALSE with %BS_ERROR_EXHAUSTED when none is free
 */
gboolean bs_subnet_take (BsSubnet *self, guint32 *address, GError **error);
