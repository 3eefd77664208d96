/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-equal.c — each member of each struct, written out: the tables that write and read are what it tests */
#include "bs-topology-equal.h"

#include <string.h>

/* Two structs `a` and `b` in scope. */
#define SAME(member) (a->member == b->member)
#define SAME_TEXT(member) (g_strcmp0 (a->member, b->member) == 0)
#define SAME_TEXTS(member) same_texts (a->member, b->member)
#define SAME_LIST(member, compare) same_list (a->member, b->member, compare)

typedef gboolean (*Compare) (gconstpointer a, gconstpointer b);

/* None is not an empty list. */
static gboolean
same_texts (char **a, char **b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return g_strv_equal ((const char *const *) a, (const char *const *) b);
}

static gboolean
same_list (const GPtrArray *a, const GPtrArray *b, Compare compare)
{
  if (a == NULL || b == NULL)
    return a == b;
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    if (!compare (g_ptr_array_index (a, i), g_ptr_array_index (b, i)))
      return FALSE;
  return TRUE;
}

static gboolean
same_argv (gconstpointer left, gconstpointer right)
{
  return same_texts ((char **) left, (char **) right);
}

static gboolean
same_names (gconstpointer left, gconstpointer right)
{
  return same_list (left, right, g_str_equal);
}

static gboolean
same_nat (const BsTopologyNat *a, const BsTopologyNat *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return SAME_TEXT (uplink) && SAME_TEXT (mapping) && SAME_TEXT (filtering) && SAME (hairpin) && SAME (lifetime_usec);
}

static gboolean
same_network (gconstpointer left, gconstpointer right)
{
  const BsTopologyNetwork *a = left, *b = right;

  return SAME_TEXT (name) && SAME_TEXT (subnet) && SAME_TEXT (subnet6) && SAME (mtu) && SAME (internet)
         && same_nat (a->nat, b->nat) && bs_conditions_equal (a->conditions, b->conditions) && SAME (has_seed)
         && SAME (seed);
}

static gboolean
same_name (const BsTopologyInterface *a, const BsTopologyInterface *b, guint place)
{
  g_autofree char *name = g_strdup_printf ("eth%u", place);

  return strcmp (a->name != NULL ? a->name : name, b->name != NULL ? b->name : name) == 0;
}

static guint
mtu_of (const BsTopology *topology, const BsTopologyInterface *interface)
{
  return interface->mtu != 0 ? interface->mtu : bs_topology_network (topology, interface->network)->mtu;
}

static gboolean
same_interfaces (const BsTopology *left, const GPtrArray *lefts, const BsTopology *right, const GPtrArray *rights)
{
  if (lefts->len != rights->len)
    return FALSE;
  for (guint i = 0; i < lefts->len; i++)
    {
      const BsTopologyInterface *a = g_ptr_array_index (lefts, i), *b = g_ptr_array_index (rights, i);

      if (!SAME_TEXT (network) || !SAME_TEXT (address) || !SAME_TEXT (address6) || !SAME_TEXT (mac)
          || !same_name (a, b, i) || mtu_of (left, a) != mtu_of (right, b)
          || !bs_conditions_equal (a->conditions, b->conditions) || !bs_conditions_equal (a->ingress, b->ingress))
        return FALSE;
    }
  return TRUE;
}

static gboolean
same_port (gconstpointer left, gconstpointer right)
{
  const BsTopologyPort *a = left, *b = right;

  return SAME (host) && SAME (node);
}

static gboolean
same_ready (gconstpointer left, gconstpointer right)
{
  const BsTopologyReady *a = left, *b = right;

  return SAME (kind) && SAME_TEXTS (arguments) && SAME (within_usec);
}

static gboolean
same_volume (gconstpointer left, gconstpointer right)
{
  const BsTopologyVolume *a = left, *b = right;

  return SAME_TEXT (host) && SAME_TEXT (node) && SAME (read_only);
}

static gboolean
same_package (gconstpointer left, gconstpointer right)
{
  const BsTopologyPackage *a = left, *b = right;

  return SAME (kind) && SAME_TEXT (name) && SAME_TEXT (repository) && SAME_TEXT (key);
}

static gboolean
same_file (gconstpointer left, gconstpointer right)
{
  const BsTopologyFile *a = left, *b = right;

  return SAME_TEXT (path) && SAME (content_length) && memcmp (a->content, b->content, a->content_length) == 0
         && SAME_TEXT (owner) && SAME (mode) && SAME (append);
}

static gboolean
same_deploy (gconstpointer left, gconstpointer right)
{
  const BsTopologyDeploy *a = left, *b = right;

  return SAME_TEXT (source) && SAME_TEXT (destination) && SAME (mode) && SAME_TEXT (owner);
}

static gboolean
same_cloud_init (const BsTopologyCloudInit *a, const BsTopologyCloudInit *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return SAME_TEXT (user) && SAME_TEXT (password) && SAME_TEXTS (ssh_authorized_keys)
         && SAME_LIST (packages, same_package) && SAME_LIST (runcmd, same_argv) && SAME_LIST (write_files, same_file)
         && SAME_TEXT (hostname) && SAME (bake);
}

static gboolean
same_ulimit (gconstpointer left, gconstpointer right)
{
  const BsTopologyUlimit *a = left, *b = right;

  return SAME_TEXT (name) && SAME (soft) && SAME (hard);
}

static gboolean
same_healthcheck (const BsTopologyHealthcheck *a, const BsTopologyHealthcheck *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return SAME_TEXTS (test) && SAME (interval_usec) && SAME (timeout_usec) && SAME (start_period_usec) && SAME (retries)
         && SAME (disable);
}

static gboolean
same_container (const BsTopologyContainer *a, const BsTopologyContainer *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return SAME_TEXTS (command) && SAME_TEXTS (entrypoint) && SAME_TEXT (user) && SAME (privileged) && SAME (read_only)
         && SAME_TEXTS (capabilities) && SAME_TEXTS (tmpfs) && SAME_LIST (ulimits, same_ulimit) && SAME_TEXTS (devices)
         && SAME_TEXT (restart) && same_healthcheck (a->healthcheck, b->healthcheck) && SAME_TEXTS (labels);
}

static gboolean
same_machine (const BsTopologyMachine *a, const BsTopologyMachine *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return SAME_TEXT (firmware) && SAME (tpm) && SAME_TEXT (display) && SAME_TEXT (kernel) && SAME_TEXT (initrd)
         && SAME_TEXT (cmdline) && SAME_TEXT (cpu);
}

static gboolean
same_metadata (const json_t *a, const json_t *b)
{
  return a == b || json_equal (a, b);
}

/* The first of a group has what all of it have. */
static gboolean
same_parts (const BsTopologyNode *a, const BsTopologyNode *b)
{
  return SAME_TEXTS (env) && SAME_LIST (ports, same_port) && SAME_LIST (depends_on, g_str_equal)
         && SAME_LIST (ready, same_ready) && SAME_LIST (packages, same_package) && SAME_LIST (deploy, same_deploy)
         && SAME_LIST (volumes, same_volume) && same_cloud_init (a->cloud_init, b->cloud_init)
         && same_metadata (a->metadata, b->metadata)
         && bs_conditions_equal (a->network_conditions, b->network_conditions)
         && same_container (a->container, b->container) && same_machine (a->machine, b->machine);
}

static gboolean
same_node (const BsTopologyNode *a, const BsTopologyNode *b)
{
  return SAME_TEXT (name) && SAME_TEXT (group) && SAME (group_index) && SAME (group_size) && SAME_TEXT (backend)
         && SAME_TEXT (image) && SAME_TEXT (adopt) && SAME (memory_mib) && SAME (vcpus) && SAME (disk_gb);
}

static gboolean
same_nodes (const BsTopology *left, const BsTopology *right)
{
  if (left->nodes->len != right->nodes->len)
    return FALSE;
  for (guint i = 0; i < left->nodes->len; i++)
    {
      const BsTopologyNode *a = g_ptr_array_index (left->nodes, i), *b = g_ptr_array_index (right->nodes, i);

      if (!same_node (a, b))
        return FALSE;
      if (a->group_index <= 1 && (!same_parts (a, b) || !same_interfaces (left, a->interfaces, right, b->interfaces)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
same_pair (gconstpointer left, gconstpointer right)
{
  const BsTopologyPair *a = left, *b = right;

  return SAME_LIST (nodes, g_str_equal) && SAME_LIST (from, g_str_equal) && SAME_LIST (to, g_str_equal)
         && SAME_TEXT (network) && bs_conditions_equal (a->conditions, b->conditions);
}

static gboolean
same_expect (const BsTopologyExpect *a, const BsTopologyExpect *b)
{
  return SAME_TEXT (equals) && SAME_TEXT (contains) && SAME_TEXT (matches) && SAME_TEXT (not_contains);
}

static gboolean
same_copy (const BsTopologyCopy *a, const BsTopologyCopy *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return SAME_TEXT (source) && SAME_TEXT (destination) && SAME_TEXT (source_node) && SAME_TEXT (destination_node);
}

static gboolean
same_action (const BsTopologyAction *a, const BsTopologyAction *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return SAME (kind) && SAME_LIST (target.nodes, g_str_equal) && SAME_TEXT (target.network)
         && SAME_TEXT (target.interface) && SAME_LIST (groups, same_names) && SAME (one_way) && SAME_TEXT (bridge)
         && bs_conditions_equal (a->conditions, b->conditions) && SAME (ingress) && SAME (for_usec) && SAME (amount);
}

static gboolean
same_step (gconstpointer left, gconstpointer right)
{
  const BsTopologyStep *a = left, *b = right;

  return SAME (kind) && SAME_TEXT (name) && SAME_TEXT (node) && SAME (wait_usec) && same_copy (a->copy, b->copy)
         && same_action (a->action, b->action) && SAME_LIST (parallel, same_step) && SAME_TEXTS (command)
         && SAME_TEXT (standard_input) && SAME_TEXTS (env) && SAME (timeout_usec) && SAME (expected_exit_code)
         && SAME (any_exit_code) && same_expect (&a->out, &b->out) && same_expect (&a->err, &b->err)
         && SAME (retry_every_usec) && SAME (retry_for_usec);
}

static gboolean
same_scenario (gconstpointer left, gconstpointer right)
{
  const BsTopologyScenario *a = left, *b = right;

  return SAME_TEXT (name) && SAME_TEXT (description) && SAME (timeout_usec) && SAME (fresh) && SAME_TEXTS (tags)
         && SAME_LIST (steps, same_step);
}

gboolean
bs_topology_equal (const BsTopology *a, const BsTopology *b)
{
  return SAME_TEXT (name) && SAME_TEXT (description) && SAME_TEXT (version) && SAME_TEXTS (tags) && SAME_TEXT (backend)
         && SAME_LIST (networks, same_network) && same_nodes (a, b) && SAME_LIST (pairs, same_pair)
         && SAME_LIST (scenarios, same_scenario) && SAME (has_seed) && SAME (seed);
}
