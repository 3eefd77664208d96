/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-test.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-lab-net.h"

#include <string.h>

typedef struct
{
  BsLab *lab;
  BsEvents *events;
  char *folder; /* of the topology: where the paths of traces begin */
} Host;

static gboolean
host_exec (const char *node, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result,
           GCancellable *cancellable, gpointer user_data, GError **error)
{
  return bs_lab_exec (((Host *) user_data)->lab, node, spec, io, result, cancellable, error);
}

static gboolean
host_act (const BsTopologyAction *action, const char *what, guint64 *fault, GCancellable *cancellable,
          gpointer user_data, GError **error)
{
  const Host *host = user_data;
  g_autoptr (GError) local = NULL;

  *fault = bs_lab_net_act (host->lab, action, host->folder, what, cancellable, &local);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
host_end (const guint64 *faults, guint n_faults, gpointer user_data, GError **error)
{
  return bs_lab_net_end (((Host *) user_data)->lab, faults, n_faults, error);
}

static void
host_event (const char *kind, const char *scenario, const char *step, const char *node, const char *detail,
            gpointer user_data)
{
  const char *end = strrchr (kind, '-');

  bs_events_emit (((Host *) user_data)->events, NULL, "test", end != NULL ? end + 1 : kind, "%s%s%s%s%s", scenario,
                  step != NULL ? ": " : "", step != NULL ? step : "", detail != NULL ? ": " : "",
                  detail != NULL ? detail : "");
}

BsRunReport *
bs_test_lab (BsLab *lab, const BsTopology *topology, const char *const *names, const BsLabOptions *options,
             GCancellable *cancellable, GError **error)
{
  g_autoptr (BsTopology) own = NULL;
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsEvents) events = bs_events_new (bs_lab_name (lab), options);
  g_autofree char *folder = NULL;
  Host host = { lab, events, NULL };
  BsScenarioHost scenario_host
      = { .exec = host_exec, .act = host_act, .end = host_end, .event = host_event, .user_data = &host };
  bs_autofd int hold = bs_lab_hold (lab, error);

  if (hold < 0)
    return NULL;
  if (topology == NULL)
    topology = own = bs_lab_topology (lab, &diagnostics);
  if (topology == NULL)
    {
      bs_diagnostics_to_error (diagnostics, error);
      return NULL;
    }
  if (topology->scenarios->len == 0)
    {
      bs_set_error (error, BS_ERROR_INVALID, "add `scenarios:` to it, see docs/scenarios.md", "%s: it has no scenarios",
                    topology->file);
      return NULL;
    }
  host.folder = folder = g_path_get_dirname (topology->file);
  bs_events_set_control (events, bs_lab_control (lab, NULL));
  return bs_scenario_run (topology, bs_lab_name (lab), names, &scenario_host, cancellable, error);
}
