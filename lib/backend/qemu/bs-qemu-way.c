/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-qemu-way.h"
#include "bs-error.h"
#include "bs-qemu-args.h"
#include "bs-qemu-await.h"
#include "bs-qemu-foreign.h"
#include "bs-time.h"

#include <fcntl.h>
#include <unistd.h>

gboolean
bs_qemu_is_foreign (const BsBackendLab *lab, const char *name)
{
  g_autofree char *path = bs_qemu_path (name, BS_QEMU_SEED);

  return faccessat (lab->lab_dir, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

void
bs_qemu_way_clear (BsQemuWay *self)
{
  g_clear_pointer (&self->agent, bs_qga_free);
}

gboolean
bs_qemu_way_open (BsQemuWay *self, const BsBackendLab *lab, const char *name, gint64 open_deadline_usec,
                  gint64 deadline_usec, GError **error)
{
  g_autoptr (BsQga) agent = bs_qemu_foreign_agent (lab, name, error);

  *self = (BsQemuWay){ 0 };
  if (agent == NULL)
    return FALSE;
  if (!bs_qga_sync (agent, open_deadline_usec, lab->cancellable, error))
    {
      if (error != NULL && g_error_matches (*error, BS_ERROR, BS_ERROR_TIMEOUT))
        bs_error_set_hint (*error, "it talks to one at a time; is it paused, or its qemu-guest-agent stopped?");
      g_prefix_error (error, "node '%s': ", name);
      return FALSE;
    }
  self->agent = g_steal_pointer (&agent);
  bs_remote_over_qga (&self->remote, self->agent, lab->cancellable, deadline_usec);
  return TRUE;
}

static gboolean
refuse_tty (const BsBackendLab *lab, const char *name, GError **error)
{
  g_autofree char *hint = g_strdup_printf ("use `benchscale ssh %s/%s`", lab->lab, name);

  bs_set_error (error, BS_ERROR_UNSUPPORTED, hint,
                "node '%s' gives no terminal: its image has no benchscale-guest, and the stock agent has none", name);
  return FALSE;
}

gboolean
bs_qemu_way_exec (const BsBackendLab *lab, const char *name, const BsExecSpec *spec, const BsExecIO *io,
                  gint64 open_deadline_usec, BsExecResult *result, GError **error)
{
  g_auto (BsQemuWay) way = { 0 };

  if (spec->tty)
    return refuse_tty (lab, name, error);
  if (!bs_qemu_way_open (&way, lab, name, open_deadline_usec, -1, error))
    return FALSE;
  if (way.remote.exec (&way.remote, spec, io, result, error))
    return TRUE;
  g_prefix_error (error, "node '%s': ", name);
  return FALSE;
}

gboolean
bs_qemu_way_copy (const BsBackendLab *lab, const char *name, const char *source, const char *destination, gboolean out,
                  gint64 open_deadline_usec, GError **error)
{
  /* Commands around a copy want a time; the copy itself takes as long as it takes. */
  gint64 deadline_usec = bs_time_now_usec () + 24 * 3600 * BS_USEC_PER_SEC;
  g_auto (BsQemuWay) way = { 0 };
  gboolean ok;

  if (!bs_qemu_way_open (&way, lab, name, open_deadline_usec, deadline_usec, error))
    return FALSE;
  ok = out ? bs_qga_copy_out (way.agent, source, destination, deadline_usec, lab->cancellable, error)
           : bs_qga_copy_in (way.agent, source, destination, deadline_usec, lab->cancellable, error);
  if (!ok)
    g_prefix_error (error, "node '%s': ", name);
  return ok;
}

gboolean
bs_qemu_way_wait_for (const BsBackendLab *lab, const char *name, const char *kind, const char *const *arguments,
                      gint64 deadline_usec, GError **error)
{
  g_auto (BsQemuWay) way = { 0 };

  return bs_qemu_way_open (&way, lab, name, deadline_usec, deadline_usec, error)
         && bs_qemu_await (&way.remote, kind, arguments, error);
}
