/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decode-network.c — networks, and the addresses in them */
#include "bs-decode.h"

#include "bs-ipv4.h"
#include "bs-topology-model.h"

#include <string.h>

#define PREFIX_LEAST 8
#define PREFIX_MOST 30

/* Ranges that no lab can use: this host, loopback, multicast and above. */
static const char *
why_not_usable (const BsIpv4Subnet *subnet)
{
  guint32 first = bs_ipv4_first (subnet) >> 24, last = bs_ipv4_last (subnet) >> 24;

  if (first == 0)
    return "0.0.0.0/8 is not for networks";
  if (first <= 127 && last >= 127)
    return "127.0.0.0/8 is the loopback";
  if (last >= 224)
    return "224.0.0.0 and above is multicast or reserved";
  return NULL;
}

void
bs_decode_subnet (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  g_autofree char *shown = NULL, *network = NULL, *hint = NULL;
  BsIpv4Subnet subnet;

  if (!bs_decode_line (self, field, value))
    return;
  shown = bs_yaml_show (value);
  if (!bs_ipv4_parse_subnet (value->text, &subnet))
    {
      bs_decoder_error (self, value, "write it as 10.10.0.0/24", "'%s' must be an IPv4 subnet, not %s", field->key,
                        shown);
      return;
    }
  if (subnet.prefix < PREFIX_LEAST || subnet.prefix > PREFIX_MOST)
    {
      bs_decoder_error (self, value, NULL, "'%s' must have a prefix from /%d to /%d, not /%u", field->key, PREFIX_LEAST,
                        PREFIX_MOST, subnet.prefix);
      return;
    }
  network = bs_ipv4_format (bs_ipv4_first (&subnet));
  if (subnet.address != bs_ipv4_first (&subnet))
    {
      hint = g_strdup_printf ("write %s/%u", network, subnet.prefix);
      bs_decoder_error (self, value, hint, "'%s' has host bits set: %s", field->key, shown);
    }
  else if (why_not_usable (&subnet) != NULL)
    bs_decoder_error (self, value, "use one of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16", "'%s' cannot be %s: %s",
                      field->key, shown, why_not_usable (&subnet));
  else if (target != NULL)
    {
      *(char **) target = g_strdup_printf ("%s/%u", network, subnet.prefix);
      g_hash_table_insert (self->places, *(char **) target, (gpointer) value);
    }
}

void
bs_decode_address (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  guint32 address;

  if (!bs_decode_line (self, field, value))
    return;
  if (!bs_ipv4_parse (value->text, &address))
    {
      g_autofree char *shown = bs_yaml_show (value);

      bs_decoder_error (self, value,
                        strchr (value->text, '/') != NULL ? "leave the prefix out: the network's subnet says it"
                                                          : "write it as 10.10.0.9",
                        "'%s' must be an IPv4 address, not %s", field->key, shown);
    }
  else if (target != NULL)
    {
      *(char **) target = bs_ipv4_format (address);
      g_hash_table_insert (self->places, *(char **) target, (gpointer) value);
    }
}

/* Six pairs of hex digits with ':' (or '-') between them. */
static gboolean
parse_mac (const char *text, guint8 mac[6])
{
  if (strlen (text) != 17)
    return FALSE;
  for (guint i = 0; i < 6; i++)
    {
      const char *part = text + 3 * i;

      if (!g_ascii_isxdigit (part[0]) || !g_ascii_isxdigit (part[1])
          || (i < 5 && (part[2] != text[2] || strchr (":-", part[2]) == NULL)))
        return FALSE;
      mac[i] = (guint8) (g_ascii_xdigit_value (part[0]) << 4 | g_ascii_xdigit_value (part[1]));
    }
  return TRUE;
}

void
bs_decode_mac (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  static const guint8 zero[6];
  g_autofree char *shown = NULL;
  guint8 mac[6];

  if (!bs_decode_line (self, field, value))
    return;
  shown = bs_yaml_show (value);
  if (!parse_mac (value->text, mac))
    bs_decoder_error (self, value, "write it as 52:54:00:12:34:56", "'%s' must be a MAC address, not %s", field->key,
                      shown);
  else if ((mac[0] & 1) != 0 || memcmp (mac, zero, sizeof (mac)) == 0)
    bs_decoder_error (self, value, "let its first byte be even, such as 52", "'%s' must be a unicast address, not %s",
                      field->key, shown);
  else if (target != NULL)
    {
      *(char **) target
          = g_strdup_printf ("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
      g_hash_table_insert (self->places, *(char **) target, (gpointer) value);
    }
}

/* @target: a BsTopologyNat ** */
void
bs_decode_nat (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  BsTopologyNat *nat = bs_topology_nat_new (bs_yaml_position (value));

  *(BsTopologyNat **) target = nat;
  self->path[self->path_length++] = field;
  bs_decoder_object (self, field->fields, value, nat);
  self->path_length--;
  if (nat->mapping == NULL)
    nat->mapping = g_strdup (BS_NAT_BEHAVIOUR);
  if (nat->filtering == NULL)
    nat->filtering = g_strdup (BS_NAT_BEHAVIOUR);
}

void
bs_decode_lone_nat (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  bs_decoder_error (self, value->key, "write 'networks' with both of them",
                    "'%s' needs a second network that it leads to", field->key);
}

static void
take_seed (BsDecoder *self, const BsField *field, const BsYamlNode *value, guint64 *seed, gboolean *has_seed)
{
  gint64 number;

  if (!bs_decode_integer (self, field, value, &number))
    return;
  *seed = (guint64) number;
  *has_seed = TRUE;
}

void
bs_decode_lab_seed (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  BsTopology *topology = target;

  take_seed (self, field, value, &topology->seed, &topology->has_seed);
}

void
bs_decode_network_seed (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  BsTopologyNetwork *network = target;

  take_seed (self, field, value, &network->seed, &network->has_seed);
}

static void
take_network (BsDecoder *self, const BsField *field, const BsYamlNode *value, gboolean one)
{
  BsTopologyNetwork *network = bs_topology_network_new (bs_yaml_position (value));
  gboolean good;

  g_ptr_array_add (self->topology->networks, network);
  g_hash_table_insert (self->places, network, (gpointer) value);
  bs_decoder_enter (self, "network", value->kind == BS_YAML_MAPPING ? bs_yaml_get (value, "name") : NULL);
  good = bs_decoder_object (self, field->fields, value, network);
  if (one && network->name == NULL)
    network->name = g_strdup ("lab");
  else if (good && bs_yaml_get (value, "name") == NULL)
    bs_decoder_error (self, value, NULL, "'name' is missing");
  bs_decoder_leave (self);
}

void
bs_decode_network (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  self->path[self->path_length++] = field;
  take_network (self, field, value, TRUE);
  self->path_length--;
}

static void
decode_one_of_several (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  take_network (self, field, value, FALSE);
}

void
bs_decode_networks (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (value->kind == BS_YAML_SEQUENCE && value->first == NULL)
    bs_decoder_error (self, value, "remove the key: one network is made then", "'%s' is empty", field->key);
  bs_decoder_elements (self, field, value, NULL, decode_one_of_several);
}
