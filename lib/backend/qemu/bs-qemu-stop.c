/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-stop.c — ending a machine
 *
 * The supervisor is told first that the end is meant ("forget"), so that nobody is alarmed and its wires are freed.
 * Then the guest is asked through its channel, where it has one and there is time; then SIGKILL. A machine that the
 * supervisor does not know (or there is no supervisor) is found by its tag.
 */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-guest.h"
#include "bs-poll.h"
#include "bs-process.h"
#include "bs-qemu-node.h"
#include "bs-qemu-way.h"
#include "bs-time.h"

#include <poll.h>
#include <signal.h>
#include <string.h>

#define CONTROL_USEC (20 * BS_USEC_PER_SEC)
#define FORCED_USEC (1 * BS_USEC_PER_SEC)

/* By force, the supervisor is one way of several: who does not answer soon is not waited for. */
static gint64
control_deadline (gint64 graceful_deadline_usec)
{
  return bs_time_now_usec () + (graceful_deadline_usec > 0 ? CONTROL_USEC : FORCED_USEC);
}

/* A descriptor of the node's running process, or -1; *@known: whether the supervisor knows the node at all. */
static int
find_running (const BsBackendLab *lab, const char *name, gint64 deadline_usec, gboolean *known, GError **error)
{
  g_autoptr (json_t) status = NULL;
  const json_t *node;
  size_t i;

  *known = FALSE;
  if (lab->control == NULL)
    return -1;
  status = bs_control_call (lab->control, "status", NULL, NULL, deadline_usec, NULL, error);
  json_array_foreach (json_object_get (status, "nodes"), i, node)
  {
    if (strcmp (bs_json_string (node, "name", ""), name) != 0)
      continue;
    *known = TRUE;
    if (strcmp (bs_json_string (node, "state", ""), "running") == 0)
      return bs_process_open ((pid_t) bs_json_int (node, "pid", 0), (guint64) bs_json_int (node, "start_time", 0));
  }
  return -1;
}

/* Everything here may fail: force comes after. */
static void
ask (const BsBackendLab *lab, const char *name, int session, int pidfd, gint64 deadline_usec)
{
  g_autoptr (BsGuest) guest = bs_guest_new (session);

  if (bs_guest_power (guest, "off", deadline_usec, lab->cancellable, NULL))
    bs_poll_fd (pidfd, POLLIN, deadline_usec, lab->cancellable, name, NULL);
}

static gboolean
control (const BsBackendLab *lab, const char *op, json_t *arguments, gint64 deadline_usec, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (bs_control_do (lab->control, op, arguments, deadline_usec, NULL, &local) || local->code == BS_ERROR_NOT_FOUND)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* The same, of a machine whose image is not ours. */
static void
ask_agent (const BsBackendLab *lab, const char *name, int pidfd, gint64 deadline_usec)
{
  g_auto (BsQemuWay) way = { 0 };

  if (!bs_qemu_way_open (&way, lab, name, deadline_usec, deadline_usec, NULL))
    return;
  bs_qemu_way_power_off (&way, lab, deadline_usec);
  bs_poll_fd (pidfd, POLLIN, deadline_usec, lab->cancellable, name, NULL);
}

gboolean
bs_qemu_stop_node (const BsBackendLab *lab, const char *name, gint64 graceful_deadline_usec, GError **error)
{
  g_autoptr (GError) local = NULL;
  gboolean known;
  bs_autofd int pidfd = find_running (lab, name, control_deadline (graceful_deadline_usec), &known, &local);
  bs_autofd int session = -1;
  gboolean foreign = bs_qemu_is_foreign (lab, name);

  if (g_error_matches (local, BS_ERROR, BS_ERROR_TIMEOUT) && graceful_deadline_usec <= 0)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (!known)
    return bs_qemu_kill_by_tag (lab, name, error);
  if (pidfd >= 0 && graceful_deadline_usec > 0 && !foreign)
    session = bs_qemu_session (lab, name, graceful_deadline_usec, NULL);
  if (!control (lab, "forget", json_pack ("{s:s}", "node", name), control_deadline (graceful_deadline_usec), error))
    return FALSE;
  if (foreign && pidfd >= 0 && graceful_deadline_usec > 0)
    ask_agent (lab, name, pidfd, graceful_deadline_usec);
  else if (session >= 0)
    ask (lab, name, bs_fd_steal (&session), pidfd, graceful_deadline_usec);
  /* A machine that is gone is forgotten, hence not found, hence stopped. */
  return control (lab, "signal", json_pack ("{s:s, s:i}", "node", name, "signal", SIGKILL),
                  control_deadline (graceful_deadline_usec), error);
}
