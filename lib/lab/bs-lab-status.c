/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-status.c — the record joined with how things are now */
#include "bs-error.h"
#include "bs-lab-private.h"
#include "bs-settings.h"
#include "bs-time.h"

#include <string.h>

static json_t *
find_by (json_t *list, const char *key, const char *value)
{
  json_t *item;
  size_t i;

  json_array_foreach (list, i, item) if (strcmp (bs_json_string (item, key, ""), value) == 0) return item;
  return NULL;
}

static void
add_live (json_t *node, json_t *live)
{
  static const char *const kept[] = { "pid", "guest", "exit", "cause" };

  json_object_set_new (node, "state", json_string (bs_json_string (live, "state", "absent")));
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    if (json_object_get (live, kept[i]) != NULL)
      json_object_set (node, kept[i], json_object_get (live, kept[i]));
}

static void
add_counters (json_t *node, json_t *ports)
{
  json_t *interface;
  size_t i, k;

  json_array_foreach (json_object_get (node, "interfaces"), i, interface)
  {
    json_t *port;

    json_array_foreach (ports, k,
                        port) if (strcmp (bs_json_string (port, "node", ""), bs_json_string (node, "name", "")) == 0
                                  && bs_json_int (port, "interface", -1) == (gint64) i)
        json_object_set (interface, "counters", port);
  }
}

/* What of its memory is the node's own, and what it shares with other forks of its template. */
static void
add_memory (BsLab *lab, json_t *node)
{
  const char *name = bs_json_string (node, "name", "");
  BsBackendLab backend_lab;
  const BsBackendClass *backend = bs_lab_backend (lab, name, &backend_lab, NULL);
  guint64 own_kib, shared_kib;

  if (backend == NULL || backend->node_memory == NULL || strcmp (bs_json_string (node, "state", ""), "running") != 0
      || !backend->node_memory (&backend_lab, name, &own_kib, &shared_kib, NULL))
    return;
  json_object_set_new (node, "own_memory_kib", json_integer ((json_int_t) own_kib));
  json_object_set_new (node, "shared_memory_kib", json_integer ((json_int_t) shared_kib));
}

char *
bs_lab_status (BsLab *self, GError **error)
{
  g_autoptr (json_t) status = json_deep_copy (bs_lab_record (self));
  g_autoptr (json_t) live = NULL, counters = NULL;
  g_autoptr (GError) local = NULL;
  BsControl *control = bs_lab_control (self, &local);
  gint64 deadline_usec = bs_time_now_usec () + bs_setting_number (BS_SETTING_STATUS_TIMEOUT);
  gboolean whole = control != NULL;
  json_t *node;
  size_t i;

  if (control != NULL)
    live = bs_control_call (control, "status", NULL, NULL, deadline_usec, NULL, &local);
  if (live != NULL)
    counters = bs_control_call (control, "counters", NULL, NULL, deadline_usec, NULL, NULL);
  if (live == NULL && !g_error_matches (local, BS_ERROR, BS_ERROR_DIED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  json_object_del (status, "variables"); /* their values may be secrets */
  json_array_foreach (json_object_get (status, "nodes"), i, node)
  {
    json_object_del (node, "env");
    add_live (node, find_by (json_object_get (live, "nodes"), "name", bs_json_string (node, "name", "")));
    add_counters (node, json_object_get (counters, "ports"));
    if (live != NULL)
      add_memory (self, node);
    whole = whole && strcmp (bs_json_string (node, "state", ""), "running") == 0;
  }
  if (live != NULL && json_object_get (live, "switch") != NULL)
    json_object_set (status, "switch", json_object_get (live, "switch"));
  if (live != NULL && bs_json_int (json_object_get (live, "switch"), "pid", 0) == 0)
    whole = FALSE; /* every lab has one */
  if (strcmp (bs_json_string (status, "state", ""), "running") == 0 && !whole)
    json_object_set_new (status, "state", json_string (live != NULL ? "degraded" : "stopped"));
  return bs_json_dump (status);
}
