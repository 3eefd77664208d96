/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-qemu-way.h"
#include "bs-error.h"
#include "bs-qemu-args.h"
#include "bs-qemu-await.h"
#include "bs-qemu-foreign.h"
#include "bs-qemu-way-open.h"
#include "bs-ssh-copy.h"
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
  if (self->ssh != NULL && self->pool != NULL)
    bs_ssh_pool_give (self->pool, g_steal_pointer (&self->ssh));
  g_clear_pointer (&self->ssh, bs_ssh_free);
}

gboolean
bs_qemu_way_open (BsQemuWay *self, const BsBackendLab *lab, const char *name, gint64 open_deadline_usec,
                  gint64 deadline_usec, GError **error)
{
  return bs_qemu_way_open_kind (self, BS_QEMU_WAY_ANY, lab, name, open_deadline_usec, deadline_usec, error);
}

gboolean
bs_qemu_way_await (BsQemuWay *self, const BsBackendLab *lab, const char *name, gint64 deadline_usec, GError **error)
{
  return bs_qemu_way_open_kind (self, BS_QEMU_WAY_BOOT, lab, name, deadline_usec, deadline_usec, error);
}

void
bs_qemu_way_power_off (BsQemuWay *self, const BsBackendLab *lab, gint64 deadline_usec)
{
  static const char script[] = "systemctl poweroff 2> /dev/null || poweroff";

  self->remote.deadline_usec = deadline_usec;
  if (self->agent != NULL)
    bs_qga_power (self->agent, "off", deadline_usec, lab->cancellable, NULL);
  else if (self->ssh != NULL)
    bs_remote_script (&self->remote, "power off", script, NULL, NULL, NULL, NULL);
}

gboolean
bs_qemu_way_exec (const BsBackendLab *lab, const char *name, const BsExecSpec *spec, const BsExecIO *io,
                  gint64 open_deadline_usec, BsExecResult *result, GError **error)
{
  BsQemuWayKind kind = spec->tty ? BS_QEMU_WAY_TERMINAL : BS_QEMU_WAY_ANY;

  for (;;)
    {
      g_auto (BsQemuWay) way = { 0 };
      g_autoptr (GError) local = NULL;

      if (!bs_qemu_way_open_kind (&way, kind, lab, name, open_deadline_usec, -1, error))
        return FALSE;
      if (way.remote.exec (&way.remote, spec, io, result, &local))
        return TRUE;
      /* A pooled session may have died without a word since it was last used. */
      if (way.pool != NULL && bs_ssh_never_began (way.ssh) && g_error_matches (local, BS_ERROR, BS_ERROR_DIED)
          && bs_time_now_usec () < open_deadline_usec)
        continue;
      g_propagate_prefixed_error (error, g_steal_pointer (&local), "node '%s': ", name);
      return FALSE;
    }
}

static gboolean
copy (BsQemuWay *way, const BsBackendLab *lab, const char *source, const char *destination, gboolean out,
      gint64 deadline_usec, GError **error)
{
  BsSshCopy options = { .deadline_usec = deadline_usec, .cancellable = lab->cancellable };

  if (way->ssh != NULL)
    return out ? bs_ssh_copy_out (way->ssh, source, destination, &options, error)
               : bs_ssh_copy_in (way->ssh, source, destination, &options, error);
  return out ? bs_qga_copy_out (way->agent, source, destination, deadline_usec, lab->cancellable, error)
             : bs_qga_copy_in (way->agent, source, destination, deadline_usec, lab->cancellable, error);
}

gboolean
bs_qemu_way_copy (const BsBackendLab *lab, const char *name, const char *source, const char *destination, gboolean out,
                  gint64 open_deadline_usec, GError **error)
{
  /* Commands around a copy want a time; the copy itself takes as long as it takes. */
  gint64 deadline_usec = bs_time_now_usec () + 24 * 3600 * BS_USEC_PER_SEC;
  g_auto (BsQemuWay) way = { 0 };

  if (!bs_qemu_way_open (&way, lab, name, open_deadline_usec, deadline_usec, error))
    return FALSE;
  if (copy (&way, lab, source, destination, out, deadline_usec, error))
    return TRUE;
  g_prefix_error (error, "node '%s': ", name);
  return FALSE;
}

gboolean
bs_qemu_way_wait_for (const BsBackendLab *lab, const char *name, const char *kind, const char *const *arguments,
                      gint64 deadline_usec, GError **error)
{
  g_auto (BsQemuWay) way = { 0 };

  return bs_qemu_way_open (&way, lab, name, deadline_usec, deadline_usec, error)
         && bs_qemu_await (&way.remote, kind, arguments, error);
}
