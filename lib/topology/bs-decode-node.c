/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decode-node.c — nodes, their interfaces and ports */
#include "bs-decode.h"

#include "bs-topology-model.h"

#include <string.h>

#define NODE_BYTES (sizeof (BsTopologyNode) + 8 * sizeof (GPtrArray) * 3)

/* The user's own image for nodes without one, where there is such a setting. */
static void
take_default_image (BsDecoder *self, const BsYamlNode *value, BsTopologyNode *node)
{
  const char *image = bs_setting_text (BS_SETTING_NODE_IMAGE);

  if (*image != '\0')
    node->image = g_strdup (image);
  else
    bs_decoder_error (self, value, "add 'image: tiny'", "'image' is missing");
}

static void
decode_node (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  BsTopologyNode *node = bs_topology_node_new (bs_yaml_position (value));

  g_ptr_array_add (self->topology->nodes, node);
  g_hash_table_insert (self->places, node, (gpointer) value);
  if (!bs_decoder_charge (self, value, NODE_BYTES))
    return;
  bs_decoder_enter (self, "node", value->kind == BS_YAML_MAPPING ? bs_yaml_get (value, "name") : NULL);
  if (bs_decoder_object (self, field->fields, value, node) && bs_yaml_get (value, "image") == NULL
      && bs_yaml_get (value, "adopt") == NULL)
    take_default_image (self, value, node);
  bs_decoder_leave (self);
}

void
bs_decode_nodes (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  guint count = 0;

  if (value->kind == BS_YAML_SEQUENCE && value->first == NULL)
    bs_decoder_error (self, value, "add a node: - {name: one, image: tiny}", "'%s' is empty", field->key);
  if (value->kind == BS_YAML_SEQUENCE)
    for (const BsYamlNode *element = value->first; element != NULL; element = element->next)
      count++;
  if (count > BS_NODES_MAX)
    bs_decoder_error (self, value, "split it into several labs", "'%s' has %u entries, more than %d", field->key, count,
                      BS_NODES_MAX);
  else
    bs_decoder_elements (self, field, value, NULL, decode_node);
}

static void
decode_interface (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer interfaces)
{
  BsTopologyInterface *interface = bs_topology_interface_new (bs_yaml_position (value));

  g_ptr_array_add (interfaces, interface);
  g_hash_table_insert (self->places, interface, (gpointer) value);
  bs_decoder_object (self, field->fields, value, interface);
}

void
bs_decode_interfaces (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (value->kind == BS_YAML_SEQUENCE && value->first == NULL)
    bs_decoder_error (self, value, "remove the key: a node is on all networks then", "'%s' is empty", field->key);
  bs_decoder_elements (self, field, value, *(GPtrArray **) target, decode_interface);
}

static gboolean
take_port (const char *text, guint16 *port, const char **rest)
{
  guint64 number;
  char *end = NULL;

  if (!g_ascii_isdigit (*text))
    return FALSE;
  number = g_ascii_strtoull (text, &end, 10);
  *rest = end;
  *port = (guint16) number;
  return number >= 1 && number <= 65535;
}

static void
decode_port (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer ports)
{
  g_autofree BsTopologyPort *port = g_new0 (BsTopologyPort, 1);
  const char *rest = NULL;

  if (!bs_decode_line (self, field, value))
    return;
  port->at = bs_yaml_position (value);
  if (!take_port (value->text, &port->host, &rest) || *rest != ':' || !take_port (rest + 1, &port->node, &rest)
      || *rest != '\0')
    {
      bs_decoder_wrong (self, field, value, "write HOST:NODE, such as 8080:80", "pairs of ports from 1 to 65535");
      return;
    }
  g_hash_table_insert (self->places, port, (gpointer) value);
  g_ptr_array_add (ports, g_steal_pointer (&port));
}

void
bs_decode_ports (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  bs_decoder_elements (self, field, value, *(GPtrArray **) target, decode_port);
}
