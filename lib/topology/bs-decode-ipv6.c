/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decode-ipv6.c — IPv6 subnets of networks and addresses in them */
#include "bs-decode.h"

#include "bs-ipv6.h"

#include <string.h>

#define PREFIX_LEAST 16
#define PREFIX_MOST 126

/* Ranges that no lab can use. */
static const char *
why_not_usable (BsIpv6 first)
{
  if (first.high >> 56 == 0)
    return "::/8 has the loopback and what stands for IPv4";
  if (first.high >> 54 == 0xfe80 >> 6)
    return "fe80::/10 is every network's own already";
  if (first.high >> 56 == 0xff)
    return "ff00::/8 is multicast";
  return NULL;
}

static void
take_text (BsDecoder *self, const BsYamlNode *value, char **target, char *text)
{
  if (target == NULL)
    {
      g_free (text);
      return;
    }
  *target = text;
  g_hash_table_insert (self->places, text, (gpointer) value);
}

static void
check_subnet (BsDecoder *self, const BsField *field, const BsYamlNode *value, const BsIpv6Subnet *subnet, char **target)
{
  g_autofree char *shown = bs_yaml_show (value), *first = bs_ipv6_format (bs_ipv6_first (subnet)), *hint = NULL;

  if (subnet->prefix < PREFIX_LEAST || subnet->prefix > PREFIX_MOST)
    bs_decoder_error (self, value, NULL, "'%s' must have a prefix from /%d to /%d, not /%u", field->key, PREFIX_LEAST,
                      PREFIX_MOST, subnet->prefix);
  else if (bs_ipv6_compare (subnet->address, bs_ipv6_first (subnet)) != 0)
    {
      hint = g_strdup_printf ("write %s/%u", first, subnet->prefix);
      bs_decoder_error (self, value, hint, "'%s' has host bits set: %s", field->key, shown);
    }
  else if (why_not_usable (subnet->address) != NULL)
    bs_decoder_error (self, value, "use one of fd00::/8, such as fd00:10:10::/64", "'%s' cannot be %s: %s", field->key,
                      shown, why_not_usable (subnet->address));
  else
    take_text (self, value, target, g_strdup_printf ("%s/%u", first, subnet->prefix));
}

void
bs_decode_subnet6 (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  BsIpv6Subnet subnet;

  if (!bs_decode_line (self, field, value))
    return;
  if (strcmp (value->text, "auto") == 0)
    take_text (self, value, target, g_strdup ("auto"));
  else if (!bs_ipv6_parse_subnet (value->text, &subnet))
    bs_decoder_wrong (self, field, value, "write it as fd00:10:10::/64", "an IPv6 subnet or auto");
  else
    check_subnet (self, field, value, &subnet, target);
}

void
bs_decode_address6 (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  BsIpv6 address;

  if (!bs_decode_line (self, field, value))
    return;
  if (bs_ipv6_parse (value->text, &address))
    take_text (self, value, target, bs_ipv6_format (address));
  else
    bs_decoder_wrong (self, field, value,
                      strchr (value->text, '/') != NULL ? "leave the prefix out: the network's subnet6 says it"
                                                        : "write it as fd00:10:10::9",
                      "an IPv6 address");
}
