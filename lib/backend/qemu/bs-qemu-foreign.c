/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-qemu-foreign.h"
#include "bs-error.h"
#include "bs-file.h"
#include "bs-provision.h"
#include "bs-qemu-args.h"
#include "bs-qemu-link.h"
#include "bs-qemu-outside.h"
#include "bs-qemu-way.h"
#include "bs-seed.h"
#include "bs-settings.h"
#include "bs-socket.h"
#include "bs-time.h"

#include <string.h>
#include <sys/socket.h>

/* An agent that runs answers within milliseconds; a busy emulated one within this. */
#define AGENT_USEC (3 * BS_USEC_PER_SEC)

gboolean
bs_qemu_foreign (const BsBackendNode *node)
{
  return node->disk != NULL && !node->has_guest;
}

static GArray *
list_interfaces (const BsBackendNode *node, gboolean outside)
{
  GArray *list = g_array_new (FALSE, TRUE, sizeof (BsSeedInterface));
  BsSeedInterface management = { .mac = BS_QEMU_MANAGEMENT_MAC,
                                 .name = BS_QEMU_MANAGEMENT_NAME,
                                 .addresses = BS_QEMU_MANAGEMENT_ADDRESS,
                                 .required = TRUE,
                                 .gateway = outside ? BS_QEMU_GATEWAY : NULL,
                                 .nameservers = outside ? BS_QEMU_NAMESERVER : NULL };

  BsSeedInterface way_out = bs_qemu_outside_interface ();

  for (guint i = 0; i < node->interfaces->len; i++)
    {
      const BsBackendInterface *from = g_ptr_array_index (node->interfaces, i);
      BsSeedInterface to = { .mac = from->mac, .name = from->name, .addresses = from->address, .mtu = from->mtu };

      g_array_append_val (list, to);
    }
  if (outside || bs_qemu_has_management (node))
    g_array_append_val (list, management);
  if (bs_qemu_outside_is_wanted (node))
    g_array_append_val (list, way_out);
  return list;
}

/* Only now it is known that the image is not ours. */
static gboolean
check_room (const BsBackendNode *node, GError **error)
{
  guint max = bs_qemu_args_interfaces_max (node);

  if (node->interfaces->len <= max)
    return TRUE;
  bs_set_error (error, BS_ERROR_UNSUPPORTED, "give it fewer networks",
                "it has %u interfaces, its machine has room for %u", node->interfaces->len, max);
  return FALSE;
}

gboolean
bs_qemu_foreign_create (const BsBackendLab *lab, const BsBackendNode *node, gboolean outside, GError **error)
{
  const BsTopologyCloudInit *init = node->model != NULL ? node->model->cloud_init : NULL;
  g_autoptr (GArray) interfaces = list_interfaces (node, outside);
  g_autofree char *relative = bs_qemu_path (node->name, BS_QEMU_SEED);
  g_autofree char *path = bs_file_proc_path (lab->lab_dir, relative);
  g_autofree char *instance = g_strdup_printf ("%s-%s", lab->uuid, node->name);
  BsSeed seed = { .instance_id = instance,
                  .hostname = init != NULL && init->hostname != NULL ? init->hostname : node->name,
                  .hosts = node->hosts,
                  .machine_id = node->machine_id,
                  .host_key = node->host_key,
                  .host_key_public = node->host_key_public,
                  .authorized_key = node->authorized_key,
                  .user = init != NULL ? init->user : NULL,
                  .password = init != NULL ? init->password : NULL,
                  .ssh_authorized_keys = init != NULL ? init->ssh_authorized_keys : NULL,
                  .interfaces = (const BsSeedInterface *) (void *) interfaces->data,
                  .n_interfaces = interfaces->len };

  if (check_room (node, error) && bs_seed_write (&seed, path, lab->cancellable, error))
    return bs_qemu_link_create (lab, node, error);
  g_prefix_error (error, "cannot make the seed of node '%s': ", node->name);
  return FALSE;
}

static void
add (GPtrArray *argv, const char *option, char *value)
{
  g_ptr_array_add (argv, g_strdup (option));
  g_ptr_array_add (argv, value);
}

/* A comma would begin the next option, so QEMU takes two for one. */
static char *
escaped_path (const char *name, const char *leaf)
{
  g_autofree char *path = bs_qemu_path (name, leaf);
  GString *text = g_string_new (path);

  g_string_replace (text, ",", ",,", 0);
  return g_string_free (text, FALSE);
}

void
bs_qemu_foreign_args (GPtrArray *argv, const BsBackendNode *node, const char *bus, const char *place)
{
  g_autofree char *seed = escaped_path (node->name, BS_QEMU_SEED), *qga = escaped_path (node->name, BS_QEMU_QGA);

  add (argv, "-blockdev", g_strdup_printf ("driver=file,node-name=seed-file,filename=%s,read-only=on", seed));
  add (argv, "-blockdev", g_strdup ("driver=raw,node-name=seed,file=seed-file,read-only=on"));
  add (argv, "-device", g_strdup_printf ("virtio-blk-%s,%s,drive=seed,serial=seed", bus, place));
  add (argv, "-chardev", g_strdup_printf ("socket,id=qga,path=%s,server=on,wait=off", qga));
  add (argv, "-device", g_strdup ("virtserialport,chardev=qga,name=" BS_QGA_PORT_NAME));
}

BsQga *
bs_qemu_foreign_agent (const BsBackendLab *lab, const char *name, GError **error)
{
  g_autofree char *path = bs_qemu_path (name, BS_QEMU_QGA);
  g_autoptr (GError) local = NULL;
  int fd = bs_socket_connect (lab->lab_dir, path, SOCK_STREAM, &local);

  if (fd >= 0)
    return bs_qga_new (fd);
  bs_set_error (error, BS_ERROR_DIED, NULL, "node '%s' does not run: %s", name, local->message);
  return NULL;
}

/* 2 is its word for "done, with complaints". */
gboolean
bs_qemu_foreign_settle (BsRemote *remote, GError **error)
{
  static const char script[] = "command -v cloud-init > /dev/null || exit 0\n"
                               "cloud-init status --wait --long\n"
                               "code=$?\n"
                               "[ $code = 0 ] || [ $code = 2 ]\n";

  return bs_remote_script (remote, "let cloud-init finish", script, NULL, NULL, NULL, error);
}

/* Whether the agent is there too is told by whether it answers now, when all has started. */
static gboolean
note_way (const BsBackendLab *lab, const char *name, GError **error)
{
  g_autoptr (BsQga) agent = bs_qemu_foreign_agent (lab, name, error);

  if (agent == NULL)
    return FALSE;
  return bs_qga_sync (agent, bs_time_now_usec () + AGENT_USEC, lab->cancellable, NULL)
         || bs_qemu_link_prefer_ssh (lab, name, error);
}

static gboolean
boot (const BsBackendLab *lab, const char *name, gint64 deadline_usec, GError **error)
{
  g_auto (BsQemuWay) way = { 0 };

  return bs_qemu_way_await (&way, lab, name, deadline_usec, error) && bs_qemu_foreign_settle (&way.remote, error)
         && (way.ssh == NULL || note_way (lab, name, error));
}

gboolean
bs_qemu_foreign_boot (const BsBackendLab *lab, const char *name, gint64 deadline_usec, GError **error)
{
  for (;;)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (BsQga) alive = NULL;

      if (boot (lab, name, deadline_usec, &local))
        return TRUE;
      /* cloud-init may start the SSH server anew under us; a machine that is gone is told by its agent's socket. */
      if (g_error_matches (local, BS_ERROR, BS_ERROR_DIED) && bs_time_now_usec () < deadline_usec)
        alive = bs_qemu_foreign_agent (lab, name, NULL);
      if (alive != NULL)
        continue;
      if (!g_str_has_prefix (local->message, "node '"))
        g_prefix_error (&local, "node '%s': ", name);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
}

gboolean
bs_qemu_foreign_provision (const BsBackendLab *lab, const BsBackendNode *node, GError **error)
{
  gint64 now_usec = bs_time_now_usec ();
  g_auto (BsQemuWay) way = { 0 };
  gboolean outside = bs_qemu_outside_is_wanted (node), ok;

  if (node->model == NULL || !bs_provision_bakes (node->model))
    return TRUE;
  if (!bs_qemu_way_open (&way, lab, node->name, now_usec + bs_setting_number (BS_SETTING_SESSION_TIMEOUT),
                         now_usec + bs_setting_number (BS_SETTING_UP_TIMEOUT), error))
    return FALSE;
  ok = (!outside || bs_qemu_outside_open (&way.remote, error))
       && bs_provision_bake (node->model, node->file, node->folder, &way.remote, NULL, NULL, error);
  /* Also of a node that is kept after it failed. */
  if (outside && !bs_qemu_outside_close (lab, node, &way.remote, ok ? error : NULL))
    ok = FALSE;
  return ok;
}
