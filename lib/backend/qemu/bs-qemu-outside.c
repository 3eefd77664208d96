/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-qemu-outside.h"
#include "bs-error.h"
#include "bs-provision.h"
#include "bs-qemu-args.h"
#include "bs-qemu-foreign.h"
#include "bs-qmp.h"
#include "bs-time.h"

#define MAC "52:55:0a:00:03:0f"
#define NET "10.0.3."
#define QMP_USEC (10 * BS_USEC_PER_SEC)

gboolean
bs_qemu_outside_is_wanted (const BsBackendNode *node)
{
  return bs_qemu_foreign (node) && node->model != NULL && bs_provision_needs_outside (node->model);
}

static void
add (GPtrArray *argv, const char *option, char *value)
{
  g_ptr_array_add (argv, g_strdup (option));
  g_ptr_array_add (argv, value);
}

void
bs_qemu_outside_args (GPtrArray *argv, const char *bus, const char *place, const char *no_rom)
{
  add (argv, "-netdev", g_strdup ("user,id=outside,ipv6=off,net=" NET "0/24"));
  add (argv, "-device",
       g_strdup_printf ("virtio-net-%s,%s,id=outside,netdev=outside,mac=" MAC "%s", bus, place, no_rom));
}

BsSeedInterface
bs_qemu_outside_interface (void)
{
  return (BsSeedInterface){
    .mac = MAC, .name = "out0", .addresses = NET "15/24", .gateway = NET "2", .nameservers = NET "3"
  };
}

gboolean
bs_qemu_outside_open (BsRemote *remote, GError **error)
{
  static const char script[]
      = "grep -qs '^nameserver' /etc/resolv.conf || echo 'nameserver " NET "3' >> /etc/resolv.conf";

  return bs_remote_script (remote, "find the name server", script, NULL, NULL, NULL, error);
}

gboolean
bs_qemu_outside_cut (const BsBackendLab *lab, const BsBackendNode *node, GError **error)
{
  gint64 deadline_usec = bs_time_now_usec () + QMP_USEC;
  g_autofree char *path = bs_qemu_path (node->name, "qmp.sock");
  g_autoptr (BsQmp) qmp = bs_qmp_open (lab->lab_dir, path, deadline_usec, lab->cancellable, error);

  /* The first asks the guest, where devices can be unplugged; the second asks nobody. */
  if (qmp != NULL
      && (node->kernel != NULL
          || bs_qmp_do (qmp, "device_del", json_pack ("{s:s}", "id", "outside"), deadline_usec, lab->cancellable,
                        error))
      && bs_qmp_do (qmp, "netdev_del", json_pack ("{s:s}", "id", "outside"), deadline_usec, lab->cancellable, error))
    return TRUE;
  g_prefix_error (error, "cannot close the way to the outside of node '%s': ", node->name);
  return FALSE;
}

gboolean
bs_qemu_outside_close (const BsBackendLab *lab, const BsBackendNode *node, BsRemote *remote, GError **error)
{
  static const char script[]
      = "[ ! -f /etc/resolv.conf ] || sed -i '/^nameserver " NET "3$/d' /etc/resolv.conf || true";

  return bs_qemu_outside_cut (lab, node, error)
         && bs_remote_script (remote, "forget the name server", script, NULL, NULL, NULL, error);
}
