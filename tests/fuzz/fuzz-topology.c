/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-topology.c — any bytes as a topology file: a model or faults, never both and never neither */
#include "bs-topology.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_conditions (const BsConditions *conditions)
{
  g_autoptr (BsConditions) merged = NULL, copy = bs_conditions_copy (conditions);
  g_autofree char *text = NULL;

  g_assert_true (bs_conditions_equal (conditions, copy));
  if (conditions == NULL)
    return;
  merged = bs_conditions_new (conditions->at);
  bs_conditions_merge (merged, conditions);
  g_assert_null (merged->preset);
  g_assert_true (merged->set == 0 || merged->key_at != NULL);
  text = bs_conditions_format (merged);
  g_assert_true (g_utf8_validate (text, -1, NULL));
}

static void
check_interfaces (const BsTopology *topology, const BsTopologyNode *node)
{
  g_assert_cmpuint (node->interfaces->len, >, 0);
  for (guint i = 0; i < node->interfaces->len; i++)
    {
      const BsTopologyInterface *interface = g_ptr_array_index (node->interfaces, i);

      g_assert_nonnull (bs_topology_network (topology, interface->network));
      check_conditions (interface->conditions);
      check_conditions (interface->ingress);
    }
}

static void
check_wires (const BsTopology *topology)
{
  for (guint i = 0; i < topology->networks->len; i++)
    {
      const BsTopologyNetwork *network = g_ptr_array_index (topology->networks, i);

      check_conditions (network->conditions);
      g_assert_true (network->nat == NULL || bs_topology_network (topology, network->nat->uplink) != NULL);
    }
  for (guint i = 0; i < topology->pairs->len; i++)
    {
      const BsTopologyPair *pair = g_ptr_array_index (topology->pairs, i);

      g_assert_nonnull (pair->conditions);
      check_conditions (pair->conditions);
      g_assert_true (pair->nodes->len > 1 || (pair->from->len > 0 && pair->to->len > 0));
      for (guint j = 0; j < pair->nodes->len; j++)
        g_assert_nonnull (bs_topology_node (topology, g_ptr_array_index (pair->nodes, j)));
    }
}

/* What those who read a model rely on. */
static void
check_model (const BsTopology *topology)
{
  g_assert_nonnull (topology->name);
  g_assert_cmpuint (topology->networks->len, >, 0);
  g_assert_cmpuint (topology->nodes->len, >, 0);
  for (guint i = 0; i < topology->nodes->len; i++)
    {
      const BsTopologyNode *node = g_ptr_array_index (topology->nodes, i);

      g_assert_true (bs_topology_node (topology, node->name) == node);
      g_assert_true ((node->image != NULL) != (node->adopt != NULL));
      g_assert_cmpint (node->group != NULL, ==, node->group_index > 0);
      g_assert_true (node->backend != NULL && node->env != NULL);
      for (guint j = 0; j < node->depends_on->len; j++)
        g_assert_nonnull (bs_topology_node (topology, g_ptr_array_index (node->depends_on, j)));
      check_interfaces (topology, node);
    }
}

static void
check_names (const BsTopology *topology, const GPtrArray *names)
{
  for (guint i = 0; i < names->len; i++)
    g_assert_nonnull (bs_topology_node (topology, g_ptr_array_index (names, i)));
}

static void
check_action (const BsTopology *topology, const BsTopologyAction *action)
{
  check_names (topology, action->target.nodes);
  for (guint i = 0; i < action->groups->len; i++)
    check_names (topology, g_ptr_array_index (action->groups, i));
  g_assert_true (action->bridge == NULL || bs_topology_node (topology, action->bridge) != NULL);
  g_assert_true (action->kind != BS_ACTION_PARTITION || action->groups->len >= 2);
}

static void
check_step (const BsTopology *topology, const BsTopologyStep *step)
{
  g_assert_true (step->name != NULL && step->env != NULL);
  g_assert_cmpint (step->kind == BS_STEP_COMMAND, ==, step->command != NULL);
  g_assert_cmpint (step->kind == BS_STEP_WAIT, ==, step->wait_usec > 0);
  g_assert_cmpint (step->kind == BS_STEP_COPY, ==, step->copy != NULL);
  g_assert_cmpint (step->kind == BS_STEP_FAULT || step->kind == BS_STEP_NET, ==, step->action != NULL);
  g_assert_cmpint (step->kind == BS_STEP_PARALLEL, ==, step->parallel != NULL);
  if (step->kind == BS_STEP_COMMAND)
    g_assert_true (step->command[0] != NULL && bs_topology_node (topology, step->node) != NULL);
  if (step->copy != NULL)
    g_assert_cmpint (step->copy->source_node == NULL, ==, step->copy->destination_node != NULL);
  if (step->action != NULL)
    check_action (topology, step->action);
  for (guint i = 0; step->parallel != NULL && i < step->parallel->len; i++)
    check_step (topology, g_ptr_array_index (step->parallel, i));
}

static void
check_steps (const BsTopology *topology)
{
  for (guint i = 0; i < topology->scenarios->len; i++)
    {
      const BsTopologyScenario *scenario = g_ptr_array_index (topology->scenarios, i);

      g_assert_true (scenario->name != NULL && scenario->tags != NULL && scenario->steps->len > 0);
      for (guint j = 0; j < scenario->steps->len; j++)
        {
          const BsTopologyStep *step = g_ptr_array_index (scenario->steps, j);

          check_step (topology, step);
        }
    }
}

/* One line each, whatever was written. */
static void
check_lines (const BsDiagnostics *diagnostics)
{
  for (guint i = 0; i < diagnostics->items->len; i++)
    {
      const BsDiagnostic *item = g_ptr_array_index (diagnostics->items, i);

      g_assert_null (strpbrk (item->message, "\r\n\t\x1b"));
      g_assert_true (item->hint == NULL || strpbrk (item->hint, "\r\n\t\x1b") == NULL);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsTopology) topology = bs_topology_parse ("fuzz.yaml", (const char *) data, size, &diagnostics);
  g_autofree char *said = bs_diagnostics_format (diagnostics);

  g_assert_true (g_utf8_validate (said, -1, NULL));
  check_lines (diagnostics);
  g_assert_cmpint (topology == NULL, ==, bs_diagnostics_has_errors (diagnostics));
  if (topology == NULL)
    return 0;
  check_model (topology);
  check_wires (topology);
  check_steps (topology);
  return 0;
}
