/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-guest.h"
#include "bs-qemu-args.h"
#include "bs-qemu-foreign.h"
#include "bs-qemu-fork.h"
#include "bs-qemu-node.h"
#include "bs-qemu-way.h"
#include "bs-qmp.h"
#include "bs-time.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define ENTROPY_BYTES 64
#define MACHINE_ID_BYTES 16
/* How much longer than the supervisor we wait, so that its answer, which knows more, comes first. */
#define SLACK_USEC (2 * BS_USEC_PER_SEC)

int
bs_qemu_session (const BsBackendLab *lab, const char *name, gint64 deadline_usec, GError **error)
{
  gint64 left_usec = bs_time_left_usec (deadline_usec);
  json_t *arguments = json_pack ("{s:s, s:I}", "node", name, "timeout_ms", (json_int_t) (left_usec / BS_USEC_PER_MSEC));
  int fd = -1;
  g_autoptr (json_t) answer
      = bs_control_call (lab->control, "guest", arguments, &fd, deadline_usec + SLACK_USEC, lab->cancellable, error);

  if (answer != NULL && fd < 0)
    bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "the supervisor gave no session with node '%s'", name);
  return answer != NULL ? fd : -1;
}

/* QEMU lets a machine stand still whose disk cannot be written for want of space on the host. */
static gboolean
is_out_of_space (const BsBackendLab *lab, const char *name)
{
  gint64 deadline_usec = bs_time_now_usec () + SLACK_USEC;
  g_autofree char *path = bs_qemu_path (name, "qmp.sock");
  g_autoptr (BsQmp) qmp = bs_qmp_open (lab->lab_dir, path, deadline_usec, lab->cancellable, NULL);
  g_autoptr (json_t) status
      = qmp != NULL ? bs_qmp_call (qmp, "query-status", NULL, deadline_usec, lab->cancellable, NULL) : NULL;

  return strcmp (bs_json_string (status, "status", ""), "io-error") == 0;
}

static gboolean
blame_disk (const BsBackendLab *lab, const char *name, const GError *cause, GError **error)
{
  if (cause->code != BS_ERROR_TIMEOUT || !is_out_of_space (lab, name))
    return FALSE;
  bs_set_error_errno (error, ENOSPC, "node '%s' stands still, since its disk cannot be written", name);
  return TRUE;
}

/* Of the same code, told with what the machine showed. */
static void
explain (const BsBackendLab *lab, const char *name, gint64 waited_usec, GError *cause, GError **error)
{
  g_autofree char *hint = g_strdup_printf ("benchscale logs %s/%s shows its console", lab->lab, name);
  g_autofree char *said = bs_qemu_said (lab, name);
  g_autofree char *waited = bs_time_format_duration (waited_usec);
  gboolean panic = FALSE;
  g_autofree char *shown = bs_qemu_console_cause (lab, name, &panic);

  if (panic)
    bs_set_error (error, BS_ERROR_DIED, hint, "node '%s' died of a kernel panic: %s", name, shown);
  else if (cause->code == BS_ERROR_DIED)
    bs_set_error (error, BS_ERROR_DIED, hint, "node '%s' died before it was up: %s", name,
                  said[0] != '\0' ? said
                  : shown != NULL ? shown
                                  : "it said nothing");
  else if (cause->code == BS_ERROR_TIMEOUT)
    bs_set_error (error, BS_ERROR_TIMEOUT, hint, "node '%s' did not come up in %s; its console ends with: %s", name,
                  waited, shown != NULL ? shown : "(nothing)");
  else
    g_propagate_error (error, g_error_copy (cause));
}

gboolean
bs_qemu_wait_node (const BsBackendLab *lab, const char *name, gint64 deadline_usec, GError **error)
{
  gint64 begun_usec = bs_time_now_usec ();
  g_autoptr (GError) local = NULL;
  bs_autofd int fd = -1;

  if (bs_qemu_is_foreign (lab, name) ? bs_qemu_foreign_boot (lab, name, deadline_usec, &local)
                                     : (fd = bs_qemu_session (lab, name, deadline_usec, &local)) >= 0)
    return TRUE;
  if (!blame_disk (lab, name, local, error))
    explain (lab, name, bs_time_now_usec () - begun_usec, local, error);
  return FALSE;
}

typedef struct
{
  GArray *list;    /* BsGuestInterface */
  GPtrArray *macs; /* owned, what the list borrows */
} Interfaces;

static void
interfaces_clear (Interfaces *self)
{
  g_array_unref (self->list);
  g_ptr_array_unref (self->macs);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Interfaces, interfaces_clear)

/* Those of a fork still have their template's addresses. */
static Interfaces
list_interfaces (const BsBackendLab *lab, const BsBackendNode *node)
{
  gboolean fork = bs_qemu_starts_by_fork (lab, node);
  Interfaces self = { g_array_new (FALSE, TRUE, sizeof (BsGuestInterface)), g_ptr_array_new_with_free_func (g_free) };
  BsGuestInterface management
      = { .mac = BS_QEMU_MANAGEMENT_MAC, .name = BS_QEMU_MANAGEMENT_NAME, .address = BS_QEMU_MANAGEMENT_ADDRESS };

  for (guint i = 0; i < node->interfaces->len; i++)
    {
      const BsBackendInterface *from = g_ptr_array_index (node->interfaces, i);
      BsGuestInterface to = { .mac = from->mac, .name = from->name, .address = from->address, .mtu = from->mtu };

      if (fork)
        {
          g_ptr_array_add (self.macs, bs_qemu_template_mac (i));
          to.mac = g_ptr_array_index (self.macs, i);
          to.new_mac = from->mac;
        }
      g_array_append_val (self.list, to);
    }
  /* A template's has its address already, which is the same in all. */
  if (bs_qemu_has_management (node) && !fork)
    g_array_append_val (self.list, management);
  return self;
}

static gboolean
fill_random (guint8 *bytes, gsize length, GError **error)
{
  if (getrandom (bytes, length, 0) == (gssize) length)
    return TRUE;
  bs_set_error_errno (error, errno, "cannot get random bytes");
  return FALSE;
}

static gboolean
identify (const BsBackendLab *lab, const BsBackendNode *node, gint64 deadline_usec, GError **error)
{
  bs_autofd int fd = bs_qemu_session (lab, node->name, deadline_usec, error);
  g_auto (Interfaces) interfaces = list_interfaces (lab, node);
  guint8 random[ENTROPY_BYTES + MACHINE_ID_BYTES];
  char machine_id[2 * MACHINE_ID_BYTES + 1];
  g_autoptr (BsGuest) guest = NULL;
  BsGuestIdentity identity = {
    .hostname = node->name,
    .hosts = node->hosts,
    .machine_id = node->machine_id != NULL ? node->machine_id : machine_id,
    .entropy = random,
    .entropy_length = ENTROPY_BYTES,
    .interfaces = (const BsGuestInterface *) (void *) interfaces.list->data,
    .n_interfaces = interfaces.list->len,
    .host_key = node->host_key,
    .host_key_public = node->host_key_public,
    .authorized_key = node->authorized_key,
  };

  if (fd < 0 || !fill_random (random, sizeof random, error))
    return FALSE;
  for (guint i = 0; i < MACHINE_ID_BYTES; i++)
    g_snprintf (machine_id + 2 * i, 3, "%02x", random[ENTROPY_BYTES + i]);
  guest = bs_guest_new (bs_fd_steal (&fd));
  identity.clock_usec = g_get_real_time ();
  return bs_guest_identify (guest, &identity, deadline_usec, lab->cancellable, error);
}

gboolean
bs_qemu_identify_node (const BsBackendLab *lab, const BsBackendNode *node, gint64 deadline_usec, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (bs_qemu_foreign (node))
    return bs_qemu_foreign_provision (lab, node, error);
  if (identify (lab, node, deadline_usec, &local))
    return TRUE;
  if (blame_disk (lab, node->name, local, error))
    return FALSE;
  g_propagate_error (error, g_steal_pointer (&local));
  g_prefix_error (error, "cannot give node '%s' its identity: ", node->name);
  return FALSE;
}
