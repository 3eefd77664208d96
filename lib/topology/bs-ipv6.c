/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-ipv6.h"

#include <arpa/inet.h>
#include <string.h>

gboolean
bs_ipv6_parse (const char *text, BsIpv6 *address)
{
  struct in6_addr bytes;
  guint64 halves[2];

  if (inet_pton (AF_INET6, text, &bytes) != 1)
    return FALSE;
  memcpy (halves, &bytes, sizeof (halves));
  address->high = GUINT64_FROM_BE (halves[0]);
  address->low = GUINT64_FROM_BE (halves[1]);
  return TRUE;
}

gboolean
bs_ipv6_parse_subnet (const char *text, BsIpv6Subnet *subnet)
{
  const char *slash = strchr (text, '/'), *digits = slash != NULL ? slash + 1 : "";
  gsize n_digits = strspn (digits, "0123456789");
  char address[INET6_ADDRSTRLEN];
  guint prefix = 0;

  if (slash == NULL || (gsize) (slash - text) >= sizeof (address) || n_digits == 0 || n_digits > 3
      || digits[n_digits] != '\0' || (digits[0] == '0' && n_digits > 1))
    return FALSE;
  for (gsize i = 0; i < n_digits; i++)
    prefix = prefix * 10 + (guint) (digits[i] - '0');
  memcpy (address, text, (gsize) (slash - text));
  address[slash - text] = '\0';
  if (prefix > 128 || !bs_ipv6_parse (address, &subnet->address))
    return FALSE;
  subnet->prefix = prefix;
  return TRUE;
}

char *
bs_ipv6_format (BsIpv6 address)
{
  guint64 halves[2] = { GUINT64_TO_BE (address.high), GUINT64_TO_BE (address.low) };
  char text[INET6_ADDRSTRLEN];

  return g_strdup (inet_ntop (AF_INET6, halves, text, sizeof (text)));
}

/* The host bits of one half, of which the prefix takes @taken bits or more. */
static guint64
host_bits (guint taken)
{
  return taken >= 64 ? 0 : G_MAXUINT64 >> taken;
}

BsIpv6
bs_ipv6_first (const BsIpv6Subnet *subnet)
{
  return (BsIpv6){ subnet->address.high & ~host_bits (subnet->prefix),
                   subnet->address.low & ~host_bits (subnet->prefix > 64 ? subnet->prefix - 64 : 0) };
}

BsIpv6
bs_ipv6_last (const BsIpv6Subnet *subnet)
{
  return (BsIpv6){ subnet->address.high | host_bits (subnet->prefix),
                   subnet->address.low | host_bits (subnet->prefix > 64 ? subnet->prefix - 64 : 0) };
}

BsIpv6
bs_ipv6_plus (BsIpv6 address, guint64 number)
{
  BsIpv6 sum = { address.high, address.low + number };

  sum.high += sum.low < number;
  return sum;
}

int
bs_ipv6_compare (BsIpv6 a, BsIpv6 b)
{
  if (a.high != b.high)
    return a.high < b.high ? -1 : 1;
  return a.low < b.low ? -1 : a.low > b.low;
}
