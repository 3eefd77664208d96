/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-qemu-args.h"
#include "bs-qemu-node.h"
#include "bs-time.h"

#include <string.h>
#include <sys/stat.h>

#define QMP_USEC (10 * BS_USEC_PER_SEC)

static BsQmp *
open_qmp (const BsBackendLab *lab, const char *name, gint64 deadline_usec, GError **error)
{
  g_autofree char *path = bs_qemu_path (name, "qmp.sock");

  return bs_qmp_open (lab->lab_dir, path, deadline_usec, lab->cancellable, error);
}

static gboolean
is_there (const BsBackendLab *lab, const char *name)
{
  g_autofree char *folder = bs_qemu_path (name, "");
  struct stat st;

  return fstatat (lab->lab_dir, folder, &st, 0) == 0;
}

static BsNodeState
parse_status (const json_t *answer)
{
  const char *status = bs_json_string (answer, "status", "");

  if (strcmp (status, "paused") == 0 || strcmp (status, "prelaunch") == 0)
    return BS_NODE_PAUSED;
  return strcmp (status, "shutdown") == 0 ? BS_NODE_STOPPED : BS_NODE_RUNNING;
}

gboolean
bs_qemu_node_state (const BsBackendLab *lab, const char *name, BsNodeState *state, GError **error)
{
  gint64 deadline_usec = bs_time_now_usec () + QMP_USEC;
  g_autoptr (GError) local = NULL;
  g_autoptr (BsQmp) qmp = open_qmp (lab, name, deadline_usec, &local);
  g_autoptr (json_t) answer = NULL;

  if (qmp != NULL)
    answer = bs_qmp_call (qmp, "query-status", NULL, deadline_usec, lab->cancellable, &local);
  if (answer != NULL)
    *state = parse_status (answer);
  else if (local->code == BS_ERROR_NOT_FOUND || local->code == BS_ERROR_DIED)
    *state = is_there (lab, name) ? BS_NODE_STOPPED : BS_NODE_ABSENT;
  else
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&local), "cannot ask node '%s' for its state: ", name);
      return FALSE;
    }
  return TRUE;
}

/* A command without arguments or answer. */
static gboolean
command (const BsBackendLab *lab, const char *name, const char *what, GError **error)
{
  gint64 deadline_usec = bs_time_now_usec () + QMP_USEC;
  g_autoptr (GError) local = NULL;
  g_autoptr (BsQmp) qmp = open_qmp (lab, name, deadline_usec, &local);
  g_autoptr (json_t) answer = NULL;

  if (qmp != NULL)
    answer = bs_qmp_call (qmp, what, NULL, deadline_usec, lab->cancellable, &local);
  if (answer != NULL)
    return TRUE;
  if (local->code == BS_ERROR_NOT_FOUND)
    bs_set_error (error, BS_ERROR_DIED, NULL, "node '%s' does not run", name);
  else
    g_propagate_prefixed_error (error, g_steal_pointer (&local), "node '%s': ", name);
  return FALSE;
}

gboolean
bs_qemu_pause_node (const BsBackendLab *lab, const char *name, GError **error)
{
  return command (lab, name, "stop", error);
}

gboolean
bs_qemu_resume_node (const BsBackendLab *lab, const char *name, GError **error)
{
  return command (lab, name, "cont", error);
}
