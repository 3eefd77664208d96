/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decode-node.c — nodes, their interfaces, ports and readiness */
#include "bs-decode.h"

#include "bs-topology-model.h"

#include <string.h>

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
  bs_decoder_enter (self, "node", value->kind == BS_YAML_MAPPING ? bs_yaml_get (value, "name") : NULL);
  if (bs_decoder_object (self, field->fields, value, node) && bs_yaml_get (value, "image") == NULL
      && bs_yaml_get (value, "adopt") == NULL)
    take_default_image (self, value, node);
  bs_decoder_leave (self);
}

void
bs_decode_nodes (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (value->kind == BS_YAML_SEQUENCE && value->first == NULL)
    bs_decoder_error (self, value, "add a node: - {name: one, image: tiny}", "'%s' is empty", field->key);
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

static void
decode_package (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (value->kind == BS_YAML_MAPPING)
    bs_decoder_object (self, field->fields, value, NULL);
  else
    bs_decode_line (self, field, value);
}

void
bs_decode_packages (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  bs_decoder_elements (self, field, value, NULL, decode_package);
}

static void
take_ready (BsTopologyReady *ready, BsReadyKind kind, const char *argument)
{
  if (ready == NULL)
    return;
  ready->kind = kind;
  g_strfreev (ready->arguments);
  ready->arguments = g_new0 (char *, argument != NULL ? 2 : 1);
  ready->arguments[0] = g_strdup (argument);
}

void
bs_decode_ready_agent (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (!bs_decode_scalar (self, field, value))
    return;
  if (strcmp (value->text, "true") != 0)
    bs_decoder_error (self, value, "write the word 'agent' alone", "'%s' must be true", field->key);
  take_ready (target, BS_READY_AGENT, NULL);
}

void
bs_decode_ready_port (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  g_autofree char *number = NULL;
  gint64 port;

  if (!bs_decode_integer (self, field, value, &port))
    return;
  number = g_strdup_printf ("%d", (int) port);
  take_ready (target, BS_READY_PORT, number);
}

void
bs_decode_ready_file (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (!bs_decode_line (self, field, value))
    return;
  if (value->text[0] != '/')
    bs_decoder_error (self, value, NULL, "'%s' must be an absolute path", field->key);
  take_ready (target, BS_READY_FILE, value->text);
}

void
bs_decode_ready_process (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (bs_decode_line (self, field, value))
    take_ready (target, BS_READY_PROCESS, value->text);
}

void
bs_decode_ready_command (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  BsTopologyReady *ready = target;

  if (ready != NULL)
    {
      ready->kind = BS_READY_COMMAND;
      g_clear_pointer (&ready->arguments, g_strfreev);
    }
  bs_decode_command (self, field, value, ready != NULL ? &ready->arguments : NULL);
}

/* How many of the keys say what to wait for: all but `within`. */
static guint
count_kinds (const BsYamlNode *mapping)
{
  guint count = 0;

  for (const BsYamlNode *node = mapping->first; node != NULL; node = node->next)
    count += strcmp (node->key->text, "within") != 0;
  return count;
}

static void
decode_ready_entry (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer entries)
{
  BsTopologyReady *ready;

  if (value->kind == BS_YAML_SCALAR && strcmp (value->text, "agent") == 0)
    {
      g_ptr_array_add (entries, bs_topology_ready_new (bs_yaml_position (value)));
      return;
    }
  if (value->kind != BS_YAML_MAPPING)
    {
      bs_decoder_wrong (self, field, value, "write it as {port: 80, within: 20s}",
                        "a list of mappings or the word agent");
      return;
    }
  ready = bs_topology_ready_new (bs_yaml_position (value));
  g_ptr_array_add (entries, ready);
  bs_decoder_object (self, field->fields, value, ready);
  if (count_kinds (value) != 1)
    bs_decoder_error (self, value, "write it as {port: 80, within: 20s}",
                      "each entry of '%s' must say one thing to wait for", field->key);
}

void
bs_decode_ready (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  bs_decoder_elements (self, field, value, *(GPtrArray **) target, decode_ready_entry);
}
