/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ipv6.h — IPv6 addresses and subnets as text and as numbers */
#pragma once

#include <glib.h>

typedef struct
{
  guint64 high, low; /* in host byte order */
} BsIpv6;

typedef struct
{
  BsIpv6 address; /* as given: host bits may be set */
  guint prefix;   /* 0–128 */
} BsIpv6Subnet;

/* Any form of RFC 4291, without a zone. FALSE: @address is untouched. */
gboolean bs_ipv6_parse (const char *text, BsIpv6 *address);
/* "ADDRESS/PREFIX" */
gboolean bs_ipv6_parse_subnet (const char *text, BsIpv6Subnet *subnet);
/* As RFC 5952 wants it; (transfer full) */
char *bs_ipv6_format (BsIpv6 address);

BsIpv6 bs_ipv6_first (const BsIpv6Subnet *subnet);
BsIpv6 bs_ipv6_last (const BsIpv6Subnet *subnet);
BsIpv6 bs_ipv6_plus (BsIpv6 address, guint64 number);
/* Less than, equal to or greater than 0 */
int bs_ipv6_compare (BsIpv6 a, BsIpv6 b);
