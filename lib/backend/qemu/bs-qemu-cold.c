/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-qemu-cold.h"
#include "bs-backend-remote.h"
#include "bs-fd.h"
#include "bs-guest.h"
#include "bs-provision.h"
#include "bs-qemu-node.h"
#include "bs-qemu-outside.h"
#include "bs-qemu.h"
#include "bs-settings.h"
#include "bs-time.h"

#define CALL_USEC (30 * BS_USEC_PER_SEC)

gboolean
bs_qemu_cold_bakes (const BsBackendNode *node)
{
  return node->has_guest && node->disk != NULL && node->template == NULL && node->model != NULL
         && bs_provision_bakes (node->model);
}

/* The guest's half of the way out. */
static gboolean
tell_way_out (const BsBackendLab *lab, const BsBackendNode *node, gboolean open, GError **error)
{
  gint64 deadline_usec = bs_time_now_usec () + CALL_USEC;
  bs_autofd int fd = bs_qemu_session (lab, node->name, deadline_usec, error);
  BsSeedInterface way_out = bs_qemu_outside_interface ();
  BsGuestInterface interface = { .mac = way_out.mac, .name = way_out.name, .down = !open };
  BsGuestIdentity identity
      = { .interfaces = &interface, .n_interfaces = 1, .nameserver = open ? way_out.nameservers : "" };
  g_autoptr (BsGuest) guest = NULL;

  if (fd < 0)
    return FALSE;
  interface.address = open ? way_out.addresses : NULL;
  interface.gateway = open ? way_out.gateway : NULL;
  guest = bs_guest_new (bs_fd_steal (&fd));
  return bs_guest_identify (guest, &identity, deadline_usec, lab->cancellable, error);
}

/* A service that failed is the image's affair: the boot has ended all the same. */
static gboolean
bake (const BsBackendLab *lab, const BsBackendNode *node, GError **error)
{
  static const char settle[] = "systemctl is-system-running --wait > /dev/null 2>&1 || true";
  BsBackendRemote way;

  bs_backend_remote_init (&way, &bs_qemu_backend, lab, node->name,
                          bs_time_now_usec () + bs_setting_number (BS_SETTING_UP_TIMEOUT));
  return bs_remote_script (&way.remote, "wait until all has started", settle, NULL, NULL, NULL, error)
         && bs_provision_bake (node->model, node->file, node->folder, &way.remote, NULL, NULL, error);
}

gboolean
bs_qemu_cold_bake (const BsBackendLab *lab, const BsBackendNode *node, GError **error)
{
  gboolean outside = bs_qemu_outside_is_wanted (node), ok;

  if (outside && !tell_way_out (lab, node, TRUE, error))
    return FALSE;
  ok = bake (lab, node, error);
  /* Also of a node that is kept after it failed. */
  if (outside
      && (!bs_qemu_outside_cut (lab, node, ok ? error : NULL) || !tell_way_out (lab, node, FALSE, ok ? error : NULL)))
    return FALSE;
  return ok;
}
