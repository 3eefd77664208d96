/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-complete.c — what the file does not say */
#include "bs-topology-check.h"

#include "bs-topology-model.h"

#include <string.h>

#define INTERFACE_BYTES (sizeof (BsTopologyInterface) + 32)

/* The lab is named for its file: "shop" for "labs/shop.yaml". */
static char *
name_from_file (const char *file)
{
  g_autofree char *name = g_path_get_basename (file);
  char *dot = strchr (name, '.');

  if (dot != NULL)
    *dot = '\0';
  g_strcanon (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-", '-');
  if (!g_ascii_isalnum (*name))
    return g_strdup ("lab");
  return g_strndup (name, 63);
}

static void
complete_interfaces (BsDecoder *decoder, BsTopologyNode *node)
{
  BsTopology *topology = decoder->topology;
  const BsTopologyNetwork *only = topology->networks->len == 1 ? g_ptr_array_index (topology->networks, 0) : NULL;
  const BsYamlNode *mapping;

  for (guint i = 0; i < node->interfaces->len; i++)
    {
      BsTopologyInterface *interface = g_ptr_array_index (node->interfaces, i);

      if (interface->network == NULL && only != NULL)
        interface->network = g_strdup (only->name);
    }
  if (node->interfaces->len > 0)
    return;
  mapping = g_hash_table_lookup (decoder->places, node);
  if ((mapping->kind == BS_YAML_MAPPING && bs_yaml_get (mapping, "interfaces") != NULL)
      || !bs_decoder_charge (decoder, mapping, topology->networks->len * INTERFACE_BYTES))
    return;
  for (guint i = 0; i < topology->networks->len; i++)
    {
      const BsTopologyNetwork *network = g_ptr_array_index (topology->networks, i);
      BsTopologyInterface *interface = bs_topology_interface_new ((BsPosition){ 0, 0 });

      interface->network = g_strdup (network->name);
      g_ptr_array_add (node->interfaces, interface);
    }
}

static void
complete_node (BsDecoder *decoder, BsTopologyNode *node)
{
  BsTopology *topology = decoder->topology;

  if (node->backend == NULL)
    node->backend = g_strdup (topology->backend);
  if (node->env == NULL)
    node->env = g_new0 (char *, 1);
  complete_interfaces (decoder, node);
  if (node->machine != NULL && node->machine->display == NULL)
    node->machine->display = g_strdup ("none");
}

void
bs_topology_complete (BsDecoder *decoder)
{
  BsTopology *topology = decoder->topology;

  if (topology->name == NULL)
    topology->name = name_from_file (topology->file);
  if (topology->backend == NULL)
    topology->backend = g_strdup ("auto");
  if (topology->tags == NULL)
    topology->tags = g_new0 (char *, 1);
  if (topology->networks->len == 0)
    {
      BsTopologyNetwork *network = bs_topology_network_new ((BsPosition){ 0, 0 });

      network->name = g_strdup ("lab");
      g_ptr_array_add (topology->networks, network);
    }
  for (guint i = 0; i < topology->nodes->len; i++)
    complete_node (decoder, g_ptr_array_index (topology->nodes, i));
}
