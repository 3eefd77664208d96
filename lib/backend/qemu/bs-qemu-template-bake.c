/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-template-bake.c — what happens in a template's machine before it is frozen */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-guest.h"
#include "bs-provision.h"
#include "bs-qemu-template-lab.h"
#include "bs-time.h"

#define SETTLE_USEC (180 * BS_USEC_PER_SEC)
#define CALL_USEC (30 * BS_USEC_PER_SEC)
#define BAKE_USEC (60 * 60 * BS_USEC_PER_SEC)

/* Runs a command whose exit code does not matter; one that is not there is fine. */
static gboolean
run (BsQemuTemplateLab *self, const char *const *argv, gint64 timeout_usec, GError **error)
{
  BsExecSpec spec = { .argv = argv, .timeout_usec = timeout_usec };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1 };
  g_autoptr (GError) local = NULL;
  BsExecResult result;

  if (bs_qemu_exec (&self->lab, self->machine->name, &spec, &io, &result, &local) || local->code == BS_ERROR_NOT_FOUND)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* A service that failed is the image's affair: the boot has ended all the same. */
gboolean
bs_qemu_template_settle (BsQemuTemplateLab *self, GError **error)
{
  static const char *const argv[] = { "systemctl", "is-system-running", "--wait", NULL };

  return run (self, argv, SETTLE_USEC, error);
}

static gboolean
identify (BsQemuTemplateLab *self, gboolean outside, GError **error)
{
  gint64 deadline_usec = bs_time_now_usec () + CALL_USEC;
  bs_autofd int fd = bs_qemu_session (&self->lab, self->machine->name, deadline_usec, error);
  BsGuestInterface management = { .mac = BS_QEMU_MANAGEMENT_MAC,
                                  .name = BS_QEMU_MANAGEMENT_NAME,
                                  .address = BS_QEMU_MANAGEMENT_ADDRESS,
                                  .gateway = outside ? BS_QEMU_GATEWAY : NULL };
  BsGuestIdentity identity = { .clock_usec = g_get_real_time (),
                               .interfaces = &management,
                               .n_interfaces = 1,
                               .nameserver = outside ? BS_QEMU_NAMESERVER : "" };
  g_autoptr (BsGuest) guest = NULL;

  if (fd < 0)
    return FALSE;
  guest = bs_guest_new (bs_fd_steal (&fd));
  return bs_guest_identify (guest, &identity, deadline_usec, self->lab.cancellable, error);
}

static gboolean
remote_exec (BsRemote *remote, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result, GError **error)
{
  BsQemuTemplateLab *self = remote->data;

  return bs_qemu_exec (&self->lab, self->machine->name, spec, io, result, error);
}

static gboolean
remote_copy_in (BsRemote *remote, const char *source, const char *destination, GError **error)
{
  BsQemuTemplateLab *self = remote->data;

  return bs_qemu_copy_in (&self->lab, self->machine->name, source, destination, error);
}

static void
tell (const char *what, gpointer user_data)
{
  bs_qemu_progress (user_data, "%s", what);
}

gboolean
bs_qemu_template_bake (BsQemuTemplateLab *self, GError **error)
{
  static const char *const sync[] = { "sync", NULL };
  const BsBackendNode *node = self->template->node;
  gboolean outside = bs_qemu_has_management (node);
  BsRemote remote = { .exec = remote_exec,
                      .copy_in = remote_copy_in,
                      .data = self,
                      .cancellable = self->lab.cancellable,
                      .deadline_usec = bs_time_now_usec () + BAKE_USEC };

  if (self->template->provisioning != NULL)
    {
      bs_qemu_progress (self->progress, "provisions a template");
      if ((outside && !identify (self, TRUE, error))
          || !bs_provision_bake (node->model, node->file, node->folder, &remote, tell, (gpointer) self->progress, error)
          || (outside && !identify (self, FALSE, error)))
        return FALSE;
    }
  return run (self, sync, CALL_USEC, error);
}
