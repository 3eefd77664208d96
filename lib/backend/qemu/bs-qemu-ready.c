/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-guest.h"
#include "bs-qemu-args.h"
#include "bs-qemu-node.h"
#include "bs-time.h"

#include <string.h>
#include <sys/random.h>

#define ENTROPY_BYTES 64
#define MACHINE_ID_BYTES 16
/* How much longer than the supervisor we wait, so that its answer, which knows more, comes first. */
#define SLACK_USEC (2 * BS_USEC_PER_SEC)

int
bs_qemu_session (const BsBackendLab *lab, const char *name, gint64 deadline_usec, GError **error)
{
  gint64 left_usec = MAX (deadline_usec - bs_time_now_usec (), 0);
  json_t *arguments = json_pack ("{s:s, s:I}", "node", name, "timeout_ms", (json_int_t) (left_usec / BS_USEC_PER_MSEC));
  int fd = -1;
  g_autoptr (json_t) answer
      = bs_control_call (lab->control, "guest", arguments, &fd, deadline_usec + SLACK_USEC, lab->cancellable, error);

  if (answer != NULL && fd < 0)
    bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "the supervisor gave no session with node '%s'", name);
  return answer != NULL ? fd : -1;
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
  bs_autofd int fd = bs_qemu_session (lab, name, deadline_usec, &local);

  if (fd >= 0)
    return TRUE;
  explain (lab, name, bs_time_now_usec () - begun_usec, local, error);
  return FALSE;
}

static GArray *
list_interfaces (const BsBackendNode *node)
{
  GArray *list = g_array_new (FALSE, TRUE, sizeof (BsGuestInterface));

  for (guint i = 0; i < node->interfaces->len; i++)
    {
      const BsBackendInterface *from = g_ptr_array_index (node->interfaces, i);
      BsGuestInterface to = { from->mac, from->name, from->address, from->mtu };

      g_array_append_val (list, to);
    }
  if (node->ports->len > 0)
    {
      BsGuestInterface management = { BS_QEMU_MANAGEMENT_MAC, BS_QEMU_MANAGEMENT_NAME, BS_QEMU_MANAGEMENT_ADDRESS, 0 };

      g_array_append_val (list, management);
    }
  return list;
}

static gboolean
fill_random (guint8 *bytes, gsize length, GError **error)
{
  if (getrandom (bytes, length, 0) == (gssize) length)
    return TRUE;
  bs_set_error_errno (error, errno, "cannot get random bytes");
  return FALSE;
}

gboolean
bs_qemu_identify_node (const BsBackendLab *lab, const BsBackendNode *node, gint64 deadline_usec, GError **error)
{
  bs_autofd int fd = bs_qemu_session (lab, node->name, deadline_usec, error);
  g_autoptr (GArray) interfaces = list_interfaces (node);
  guint8 random[ENTROPY_BYTES + MACHINE_ID_BYTES];
  char machine_id[2 * MACHINE_ID_BYTES + 1];
  g_autoptr (BsGuest) guest = NULL;
  BsGuestIdentity identity = {
    .hostname = node->name,
    .hosts = node->hosts,
    .machine_id = machine_id,
    .entropy = random,
    .entropy_length = ENTROPY_BYTES,
    .interfaces = (const BsGuestInterface *) (void *) interfaces->data,
    .n_interfaces = interfaces->len,
  };

  if (fd < 0 || !fill_random (random, sizeof random, error))
    return FALSE;
  for (guint i = 0; i < MACHINE_ID_BYTES; i++)
    g_snprintf (machine_id + 2 * i, 3, "%02x", random[ENTROPY_BYTES + i]);
  guest = bs_guest_new (bs_fd_steal (&fd));
  identity.clock_usec = g_get_real_time ();
  if (bs_guest_identify (guest, &identity, deadline_usec, lab->cancellable, error))
    return TRUE;
  g_prefix_error (error, "cannot give node '%s' its identity: ", node->name);
  return FALSE;
}
