/* SPDX-License-Identifier: Apache-2.0 */
#include "scenario-fixture.h"
#include "bs-topology-model.h"

static void
scenario_free (BsTopologyScenario *scenario)
{
  g_free (scenario->name);
  g_free (scenario->description);
  g_ptr_array_unref (scenario->steps);
  g_free (scenario);
}

BsTopology *
fixture_topology_new (void)
{
  BsTopology *topology = g_new0 (BsTopology, 1);

  topology->file = g_strdup ("lab.yaml");
  topology->scenarios = g_ptr_array_new_with_free_func ((GDestroyNotify) scenario_free);
  return topology;
}

void
fixture_topology_free (BsTopology *topology)
{
  g_free (topology->file);
  g_ptr_array_unref (topology->scenarios);
  g_free (topology);
}

BsTopologyScenario *
fixture_scenario (BsTopology *topology, const char *name)
{
  BsTopologyScenario *scenario = g_new0 (BsTopologyScenario, 1);

  scenario->name = g_strdup (name);
  scenario->timeout_usec = 600 * G_USEC_PER_SEC;
  scenario->steps = g_ptr_array_new_with_free_func (bs_topology_step_free);
  g_ptr_array_add (topology->scenarios, scenario);
  return scenario;
}

BsTopologyStep *
fixture_step (BsTopology *topology, const char *script)
{
  const char *const argv[] = { "sh", "-c", script, NULL };
  BsTopologyScenario *scenario = topology->scenarios->pdata[topology->scenarios->len - 1];
  BsTopologyStep *step = g_new0 (BsTopologyStep, 1);

  step->at = (BsPosition){ 21 + scenario->steps->len, 9 };
  step->name = g_strdup_printf ("step %u", scenario->steps->len + 1);
  step->node = g_strdup ("here");
  step->command = g_strdupv ((char **) argv);
  step->env = g_new0 (char *, 1);
  g_ptr_array_add (scenario->steps, step);
  return step;
}
