/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-ipv4.h"

#include <string.h>

/* A decimal number up to @most, without sign or leading zeros; advances *@text. */
static gboolean
take_number (const char **text, guint most, guint *number)
{
  const char *start = *text;
  guint value = 0;

  while (g_ascii_isdigit (**text) && *text - start < 3)
    value = value * 10 + (guint) (*(*text)++ - '0');
  if (*text == start || value > most || (*start == '0' && *text - start > 1))
    return FALSE;
  *number = value;
  return TRUE;
}

static gboolean
take_address (const char **text, guint32 *address)
{
  guint32 value = 0;

  for (guint i = 0; i < 4; i++)
    {
      guint part;

      if (i > 0 && *(*text)++ != '.')
        return FALSE;
      if (!take_number (text, 255, &part))
        return FALSE;
      value = value << 8 | part;
    }
  *address = value;
  return TRUE;
}

gboolean
bs_ipv4_parse (const char *text, guint32 *address)
{
  guint32 value;

  if (!take_address (&text, &value) || *text != '\0')
    return FALSE;
  *address = value;
  return TRUE;
}

gboolean
bs_ipv4_parse_subnet (const char *text, BsIpv4Subnet *subnet)
{
  BsIpv4Subnet value;

  if (!take_address (&text, &value.address) || *text++ != '/' || !take_number (&text, 32, &value.prefix)
      || *text != '\0')
    return FALSE;
  *subnet = value;
  return TRUE;
}

char *
bs_ipv4_format (guint32 address)
{
  return g_strdup_printf ("%u.%u.%u.%u", address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255);
}
