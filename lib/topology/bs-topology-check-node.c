/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-check-node.c — what a node's fields must not say together */
#include "bs-topology-check.h"

#include "bs-decode.h"
#include "bs-topology-model.h"

#include <string.h>

#define NAME_MAX_BYTES 63
#define MEMBER_BYTES (sizeof (BsTopologyNode) + 64)
#define EDGE_BYTES ((gsize) 8)

/* What is decided by whoever made an adopted machine. */
static const char *const adopted_keys[] = { "image", "count", "memory_mb", "vcpus", "disk_gb", "cloud_init" };

static void
refuse (BsChecker *self, const BsYamlNode *mapping, const char *key, const char *hint, const char *why)
{
  const BsYamlNode *value = mapping->kind == BS_YAML_MAPPING ? bs_yaml_get (mapping, key) : NULL;

  if (value != NULL)
    bs_decoder_error (self->decoder, value->key, hint, "'%s' %s", key, why);
}

static void
check_adopted (BsChecker *self, const BsTopologyNode *node, const BsYamlNode *mapping, GHashTable *adopted)
{
  const BsTopologyNode *first = g_hash_table_lookup (adopted, node->adopt);

  if (first == NULL)
    g_hash_table_insert (adopted, node->adopt, (gpointer) node);
  else
    bs_decoder_error (self->decoder, bs_checker_place (self, node->adopt), NULL, "'%s' is adopted by node '%s' already",
                      node->adopt, first->name != NULL ? first->name : "?");
  for (guint i = 0; i < G_N_ELEMENTS (adopted_keys); i++)
    refuse (self, mapping, adopted_keys[i], "remove it, or 'adopt'", "is not for a machine that exists already");
}

/* Members are alike, so nothing that only one may have can be given to all. */
static void
check_count (BsChecker *self, const BsTopologyNode *node, const BsYamlNode *mapping)
{
  static const char why[] = "cannot be the same for all that 'count' makes";
  g_autofree char *digits = g_strdup_printf ("%u", node->group_size);

  if (node->name != NULL && strlen (node->name) + 1 + strlen (digits) > NAME_MAX_BYTES)
    bs_decoder_error (self->decoder, bs_checker_place (self, node->name), NULL,
                      "'name' is too long for 'count': '-%s' comes after it, and a name has at most %d characters",
                      digits, NAME_MAX_BYTES);
  for (guint i = 0; i < node->interfaces->len; i++)
    {
      const BsYamlNode *interface = bs_checker_place (self, g_ptr_array_index (node->interfaces, i));

      if (interface == NULL)
        continue;
      refuse (self, interface, "address", "remove it: each gets a free one", why);
      refuse (self, interface, "address6", "remove it: each gets a free one", why);
      refuse (self, interface, "mac", "remove it: each gets one of its own", why);
    }
  if (node->ports->len > 0)
    refuse (self, mapping, "ports", "remove it, or write the nodes out", why);
  if (node->cloud_init != NULL && node->cloud_init->hostname != NULL)
    refuse (self, bs_yaml_get (mapping, "cloud_init"), "hostname", "remove it: each is called by its name", why);
  bs_decoder_charge (self->decoder, mapping, (node->group_size - 1) * MEMBER_BYTES);
}

/* Reports each key of @mapping that belongs to @part. */
static void
refuse_part (BsChecker *self, const BsYamlNode *mapping, gsize part, const char *of, const char *backend)
{
  for (const BsYamlNode *value = mapping->first; value != NULL; value = value->next)
    for (const BsField *field = bs_fields_node; field->key != NULL; field++)
      if (field->part != NULL && field->part->offset == part && strcmp (field->key, value->key->text) == 0)
        bs_decoder_error (self->decoder, value->key, "remove it, or choose another 'backend'",
                          "'%s' is for %s, and backend '%s' has none", field->key, of, backend);
}

static void
check_backend (BsChecker *self, const BsTopologyNode *node, const BsYamlNode *mapping)
{
  static const char *const machines_only[] = { "qemu", "libvirt", NULL };
  static const char *const containers_only[] = { "docker", "podman", NULL };

  if (node->container != NULL && g_strv_contains (machines_only, node->backend))
    refuse_part (self, mapping, G_STRUCT_OFFSET (BsTopologyNode, container), "containers", node->backend);
  else if (node->machine != NULL && g_strv_contains (containers_only, node->backend))
    refuse_part (self, mapping, G_STRUCT_OFFSET (BsTopologyNode, machine), "virtual machines", node->backend);
  else if (node->container != NULL && node->machine != NULL)
    bs_decoder_error (self->decoder, mapping, "remove the keys of one of them",
                      "a node cannot be both a container and a virtual machine (lines %u and %u)",
                      node->container->at.line, node->machine->at.line);
}

static void
check_machine (BsChecker *self, const BsTopologyNode *node, const BsYamlNode *mapping)
{
  if (node->machine->kernel != NULL || bs_yaml_get (mapping, "kernel") != NULL)
    return;
  refuse (self, mapping, "initrd", "add 'kernel: PATH'", "needs 'kernel'");
  refuse (self, mapping, "cmdline", "add 'kernel: PATH'", "needs 'kernel'");
}

/* How many pairs of nodes wait for each other: groups multiply. */
static void
charge_dependencies (BsChecker *self, const BsTopologyNode *node)
{
  gsize edges = 0;
  guint count;

  for (guint i = 0; i < node->depends_on->len; i++)
    if (bs_checker_find_node (self, g_ptr_array_index (node->depends_on, i), &count) != NULL)
      edges += count;
  bs_decoder_charge (self->decoder, bs_checker_place (self, g_ptr_array_index (node->depends_on, 0)),
                     edges * node->group_size * EDGE_BYTES);
}

static void
check_node (BsChecker *self, const BsTopologyNode *node, GHashTable *adopted)
{
  const BsYamlNode *mapping;

  if (node->group_size == 0 && node->adopt == NULL && node->container == NULL && node->machine == NULL)
    return;
  mapping = bs_checker_place (self, node);
  if (mapping->kind != BS_YAML_MAPPING)
    return;
  bs_checker_enter_node (self, node);
  if (node->group_size > 0)
    check_count (self, node, mapping);
  if (node->group_size > 0 && node->depends_on->len > 0)
    charge_dependencies (self, node);
  if (node->adopt != NULL)
    check_adopted (self, node, mapping, adopted);
  check_backend (self, node, mapping);
  if (node->machine != NULL)
    check_machine (self, node, mapping);
  bs_decoder_leave (self->decoder);
}

/* Each member counts. */
static void
check_number (BsChecker *self)
{
  guint64 total = 0;

  for (guint i = 0; i < self->topology->nodes->len; i++)
    {
      const BsTopologyNode *node = g_ptr_array_index (self->topology->nodes, i);

      total += MAX (node->group_size, 1);
      if (total <= BS_NODES_MAX)
        continue;
      bs_decoder_error (self->decoder, bs_checker_place (self, node), NULL, "more than %d nodes", BS_NODES_MAX);
      return;
    }
}

void
bs_check_nodes (BsChecker *self)
{
  g_autoptr (GHashTable) adopted = g_hash_table_new (g_str_hash, g_str_equal);

  check_number (self);
  for (guint i = 0; i < self->topology->nodes->len; i++)
    check_node (self, g_ptr_array_index (self->topology->nodes, i), adopted);
}
