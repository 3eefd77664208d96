/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-model-scenario.c — scenarios, their steps, and what steps do */
#include "bs-topology-model.h"

gpointer
bs_topology_copy_new (BsPosition at)
{
  return g_new0 (BsTopologyCopy, 1);
}

static void
copy_free (BsTopologyCopy *self)
{
  if (self == NULL)
    return;
  g_free (self->source);
  g_free (self->destination);
  g_free (self->source_node);
  g_free (self->destination_node);
  g_free (self);
}

gpointer
bs_topology_action_new (BsPosition at)
{
  BsTopologyAction *self = g_new0 (BsTopologyAction, 1);

  self->at = at;
  self->target.nodes = g_ptr_array_new_with_free_func (g_free);
  self->groups = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  return self;
}

static void
action_free (BsTopologyAction *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->target.nodes);
  g_free (self->target.network);
  g_free (self->target.interface);
  g_ptr_array_unref (self->groups);
  g_free (self->bridge);
  bs_conditions_free (self->conditions);
  g_free (self);
}

static void
expect_clear (BsTopologyExpect *self)
{
  g_free (self->equals);
  g_free (self->contains);
  g_free (self->matches);
  g_free (self->not_contains);
}

BsTopologyStep *
bs_topology_step_new (BsPosition at)
{
  BsTopologyStep *self = g_new0 (BsTopologyStep, 1);

  self->at = at;
  return self;
}

void
bs_topology_step_free (gpointer data)
{
  BsTopologyStep *self = data;

  g_free (self->name);
  g_free (self->node);
  copy_free (self->copy);
  action_free (self->action);
  g_clear_pointer (&self->parallel, g_ptr_array_unref);
  g_strfreev (self->command);
  g_free (self->standard_input);
  g_strfreev (self->env);
  expect_clear (&self->out);
  expect_clear (&self->err);
  g_free (self);
}

BsTopologyScenario *
bs_topology_scenario_new (BsPosition at)
{
  BsTopologyScenario *self = g_new0 (BsTopologyScenario, 1);

  self->at = at;
  self->timeout_usec = BS_SCENARIO_TIMEOUT_USEC;
  self->steps = g_ptr_array_new_with_free_func (bs_topology_step_free);
  return self;
}

void
bs_topology_scenario_free (gpointer data)
{
  BsTopologyScenario *self = data;

  g_free (self->name);
  g_free (self->description);
  g_strfreev (self->tags);
  g_ptr_array_unref (self->steps);
  g_free (self);
}
