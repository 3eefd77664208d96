/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-guest.h"
#include "bs-qemu-args.h"
#include "bs-qemu-node.h"
#include "bs-qemu-way.h"
#include "bs-settings.h"
#include "bs-socket.h"
#include "bs-time.h"

#include <sys/socket.h>

/* For a session with a guest that is up; it may be stopped for a moment. */

static BsGuest *
open_guest (const BsBackendLab *lab, const char *name, gint64 deadline_usec, GError **error)
{
  int fd = bs_qemu_session (lab, name, deadline_usec, error);

  return fd >= 0 ? bs_guest_new (fd) : NULL;
}

/* What fails in a session says whose it was. */
static gboolean
named (gboolean ok, const char *name, GError **error)
{
  if (!ok)
    g_prefix_error (error, "node '%s': ", name);
  return ok;
}

/* A session that comes after its command should have ended is of no use. */
static gint64
exec_session_deadline (const BsExecSpec *spec)
{
  gint64 usec = bs_setting_number (BS_SETTING_SESSION_TIMEOUT);

  if (spec->timeout_usec > 0 && spec->timeout_usec < usec - BS_EXEC_TIMEOUT_GRACE_USEC)
    usec = spec->timeout_usec + BS_EXEC_TIMEOUT_GRACE_USEC;
  return bs_time_now_usec () + usec;
}

gboolean
bs_qemu_exec (const BsBackendLab *lab, const char *name, const BsExecSpec *spec, const BsExecIO *io,
              BsExecResult *result, GError **error)
{
  gint64 session_deadline_usec = exec_session_deadline (spec);
  g_autoptr (BsGuest) guest = NULL;

  if (bs_qemu_is_foreign (lab, name))
    return bs_qemu_way_exec (lab, name, spec, io, session_deadline_usec, result, error);
  guest = open_guest (lab, name, session_deadline_usec, error);
  return guest != NULL && named (bs_guest_exec (guest, spec, io, result, lab->cancellable, error), name, error);
}

gboolean
bs_qemu_copy_in (const BsBackendLab *lab, const char *name, const char *source, const char *destination, GError **error)
{
  gint64 session_deadline_usec = bs_time_now_usec () + bs_setting_number (BS_SETTING_SESSION_TIMEOUT);
  g_autoptr (BsGuest) guest = NULL;

  if (bs_qemu_is_foreign (lab, name))
    return bs_qemu_way_copy (lab, name, source, destination, FALSE, session_deadline_usec, error);
  guest = open_guest (lab, name, session_deadline_usec, error);
  return guest != NULL
         && named (bs_guest_copy_in (guest, source, destination, NULL, NULL, lab->cancellable, error), name, error);
}

gboolean
bs_qemu_copy_out (const BsBackendLab *lab, const char *name, const char *source, const char *destination,
                  GError **error)
{
  gint64 session_deadline_usec = bs_time_now_usec () + bs_setting_number (BS_SETTING_SESSION_TIMEOUT);
  g_autoptr (BsGuest) guest = NULL;

  if (bs_qemu_is_foreign (lab, name))
    return bs_qemu_way_copy (lab, name, source, destination, TRUE, session_deadline_usec, error);
  guest = open_guest (lab, name, session_deadline_usec, error);
  return guest != NULL
         && named (bs_guest_copy_out (guest, source, destination, NULL, NULL, lab->cancellable, error), name, error);
}

static gboolean
wait_for (const BsBackendLab *lab, const char *name, const char *kind, const char *const *arguments,
          gint64 deadline_usec, GError **error)
{
  g_autoptr (BsGuest) guest = open_guest (lab, name, deadline_usec, error);

  return guest != NULL && bs_guest_wait_for (guest, kind, arguments, deadline_usec, lab->cancellable, error);
}

gboolean
bs_qemu_wait_for (const BsBackendLab *lab, const char *name, const char *kind, const char *const *arguments,
                  gint64 deadline_usec, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *hint = NULL;

  if (bs_qemu_is_foreign (lab, name) ? bs_qemu_way_wait_for (lab, name, kind, arguments, deadline_usec, &local)
                                     : wait_for (lab, name, kind, arguments, deadline_usec, &local))
    return TRUE;
  hint = g_strdup_printf ("keep the lab with --keep-failed, then see its console: `benchscale logs %s/%s`", lab->lab,
                          name);
  if (g_error_matches (local, BS_ERROR, BS_ERROR_TIMEOUT))
    bs_error_set_hint (local, hint);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

int
bs_qemu_console (const BsBackendLab *lab, const char *name, GError **error)
{
  g_autofree char *path = bs_qemu_path (name, "console.sock");
  int fd = bs_socket_connect (lab->lab_dir, path, SOCK_STREAM, error);

  if (fd < 0)
    g_prefix_error (error, "node '%s' has no console now: ", name);
  return fd;
}
