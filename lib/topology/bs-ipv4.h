/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ipv4.h — IPv4 addresses and subnets as text and as numbers in host byte order */
#pragma once

#include <glib.h>

typedef struct
{
  guint32 address; /* as given: host bits may be set */
  guint prefix;    /* 0–32 */
} BsIpv4Subnet;

/* Four decimal parts without leading zeros. FALSE: @address is untouched. */
gboolean bs_ipv4_parse (const char *text, guint32 *address);
/* "ADDRESS/PREFIX" */
gboolean bs_ipv4_parse_subnet (const char *text, BsIpv4Subnet *subnet);
char *bs_ipv4_format (guint32 address);

static inline guint32
bs_ipv4_mask (const BsIpv4Subnet *subnet)
{
  return subnet->prefix == 0 ? 0 : G_MAXUINT32 << (32 - subnet->prefix);
}

static inline guint32
bs_ipv4_first (const BsIpv4Subnet *subnet)
{
  return subnet->address & bs_ipv4_mask (subnet);
}

static inline guint32
bs_ipv4_last (const BsIpv4Subnet *subnet)
{
  return subnet->address | ~bs_ipv4_mask (subnet);
}
