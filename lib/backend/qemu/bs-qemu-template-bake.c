/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-template-bake.c — what happens in a template's machine before it is frozen */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-guest.h"
#include "bs-provision.h"
#include "bs-qemu-template-lab.h"
#include "bs-settings.h"
#include "bs-time.h"

#include <stdio.h>
#include <string.h>

#define SETTLE_USEC (180 * BS_USEC_PER_SEC)
#define CALL_USEC (30 * BS_USEC_PER_SEC)
#define STAT_MAX 4096
/* Quiet: so many rounds one after another in which less than a share of one processor was used. */
#define QUIET_ROUND_USEC (100 * BS_USEC_PER_MSEC)
#define QUIET_ROUNDS 3
#define QUIET_SHARE 5
#define QUIET_LIMIT_USEC (30 * BS_USEC_PER_SEC)

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

/* Names are given here, so that a fork renames nothing: each new name is work for the guest's device manager. The
 * node's own interfaces stay down until a fork has its own addresses. */
static void
add_interfaces (GArray *list, const BsQemuTemplateLab *self, gboolean outside)
{
  BsGuestInterface management = { .mac = BS_QEMU_MANAGEMENT_MAC,
                                  .name = BS_QEMU_MANAGEMENT_NAME,
                                  .address = BS_QEMU_MANAGEMENT_ADDRESS,
                                  .gateway = outside ? BS_QEMU_GATEWAY : NULL };

  for (guint i = 0; i < self->machine->interfaces->len; i++)
    {
      const BsBackendInterface *from = g_ptr_array_index (self->machine->interfaces, i);
      BsGuestInterface to = { .mac = from->mac, .name = from->name, .down = TRUE };

      g_array_append_val (list, to);
    }
  if (bs_qemu_has_management (self->template->node))
    g_array_append_val (list, management);
}

static gboolean
identify (BsQemuTemplateLab *self, gboolean outside, GError **error)
{
  gint64 deadline_usec = bs_time_now_usec () + CALL_USEC;
  bs_autofd int fd = bs_qemu_session (&self->lab, self->machine->name, deadline_usec, error);
  g_autoptr (GArray) list = g_array_new (FALSE, TRUE, sizeof (BsGuestInterface));
  g_autoptr (BsGuest) guest = NULL;
  BsGuestIdentity identity = { .clock_usec = g_get_real_time (), .nameserver = outside ? BS_QEMU_NAMESERVER : NULL };

  if (fd < 0)
    return FALSE;
  add_interfaces (list, self, outside);
  identity.interfaces = (const BsGuestInterface *) (void *) list->data;
  identity.n_interfaces = list->len;
  if (!outside && self->template->provisioning != NULL)
    identity.nameserver = "";
  guest = bs_guest_new (bs_fd_steal (&fd));
  return bs_guest_identify (guest, &identity, deadline_usec, self->lab.cancellable, error);
}

/* An SSH server that runs already, and whose pages have been read, answers a fork's first connection a second earlier
 * under TCG. Its key is thrown away: a fork brings its own, and without one there is none. */
static gboolean
warm_ssh (BsQemuTemplateLab *self, GError **error)
{
  static const char script[]
      = "command -v sshd >/dev/null && command -v ssh >/dev/null || exit 0; set -e\n"
        "d=$(mktemp -d); h=/etc/ssh/ssh_host_ed25519_key; a=/root/.ssh/authorized_keys\n"
        "rm -f /etc/ssh/ssh_host_*; ssh-keygen -q -t ed25519 -N '' -f $h; ssh-keygen -q -t ed25519 -N '' -f $d/key\n"
        "mkdir -p -m 0700 /root/.ssh; test ! -e $a || cp -a $a $d/keys; cat $d/key.pub >>$a; chmod 0600 $a\n"
        "systemctl start ssh.service || service ssh start || true\n"
        "ssh -i $d/key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null localhost true || "
        "true\n"
        "rm -f $h $h.pub $a; test ! -e $d/keys || cp -a $d/keys $a; rm -rf $d\n";
  static const char *const argv[] = { "sh", "-c", script, NULL };

  return run (self, argv, CALL_USEC, error);
}

/* Processor time that QEMU has used, in microseconds; 0 when it cannot be told. */
static gint64
processor_usec (const BsQemuTemplateLab *self)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", (int) bs_json_int (self->record, "pid", 0));
  g_autofree char *text = bs_file_read (AT_FDCWD, path, STAT_MAX, NULL, NULL);
  const char *at = text != NULL ? strrchr (text, ')') : NULL;
  unsigned long long user, system;

  if (at == NULL || sscanf (at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &system) != 2)
    return 0;
  return (gint64) (user + system) * G_USEC_PER_SEC / sysconf (_SC_CLK_TCK);
}

/* Until the machine has done next to nothing for a while: what it still has to do, each fork would do. */
static gboolean
wait_until_quiet (BsQemuTemplateLab *self, GError **error)
{
  gint64 deadline_usec = bs_time_now_usec () + QUIET_LIMIT_USEC, used_usec = processor_usec (self);
  guint quiet = 0;

  while (quiet < QUIET_ROUNDS && bs_time_now_usec () < deadline_usec)
    {
      gint64 now_usec;

      g_usleep (QUIET_ROUND_USEC);
      if (g_cancellable_set_error_if_cancelled (self->lab.cancellable, NULL))
        {
          bs_set_error (error, BS_ERROR_CANCELLED, NULL, "making a template was interrupted");
          return FALSE;
        }
      now_usec = processor_usec (self);
      quiet = now_usec - used_usec <= QUIET_ROUND_USEC / QUIET_SHARE ? quiet + 1 : 0;
      used_usec = now_usec;
    }
  return TRUE;
}

/* A service that failed is the image's affair: the boot has ended all the same. */
gboolean
bs_qemu_template_settle (BsQemuTemplateLab *self, GError **error)
{
  static const char *const boot[] = { "systemctl", "is-system-running", "--wait", NULL };
  static const char *const devices[] = { "udevadm", "settle", NULL };

  return run (self, boot, SETTLE_USEC, error) && run (self, devices, SETTLE_USEC, error)
         && identify (self, FALSE, error) && warm_ssh (self, error);
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
                      .deadline_usec = bs_time_now_usec () + bs_setting_number (BS_SETTING_TEMPLATE_TIMEOUT) };

  if (self->template->provisioning != NULL)
    {
      bs_qemu_progress (self->progress, "provisions a template");
      if ((outside && !identify (self, TRUE, error))
          || !bs_provision_bake (node->model, node->file, node->folder, &remote, tell, (gpointer) self->progress, error)
          || (outside && !identify (self, FALSE, error)))
        return FALSE;
    }
  return run (self, sync, CALL_USEC, error) && wait_until_quiet (self, error);
}
