/* SPDX-License-Identifier: Apache-2.0 */
/* What a template depends on, and what keeps a node from being forked. */
#include "bs-error.h"
#include "bs-file.h"
#include "bs-qemu-fork.h"
#include "bs-qemu-room.h"
#include "bs-qemu-template.h"
#include "bs-template-cache.h"

#include <string.h>

static BsBackendNode *
new_node (void)
{
  BsBackendNode *node = bs_backend_node_new ();
  BsBackendInterface *interface = g_new0 (BsBackendInterface, 1);

  node->name = g_strdup ("web");
  node->kernel = g_strdup ("/cache/kernel");
  node->initrd = g_strdup ("/cache/initrd");
  node->cmdline = g_strdup ("console=ttyS0");
  node->image_digest = g_strdup ("d1");
  node->memory_mib = 512;
  node->vcpus = 1;
  node->has_guest = TRUE;
  interface->mac = g_strdup ("52:54:00:00:00:01");
  interface->name = g_strdup ("eth0");
  g_ptr_array_add (node->interfaces, interface);
  return node;
}

static char *
key_with (const BsBackendNode *node, const char *version, gboolean kvm)
{
  g_auto (BsQemuTemplate) self = { .node = node, .kvm = kvm };
  g_autoptr (GError) error = NULL;

  self.host = (BsQemuHost){ g_strdup ("/usr/bin/qemu"), g_strdup (version), g_strdup ("/cache"), BS_ACCEL_TCG };
  bs_qemu_template_name (&self, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (bs_template_is_key (self.key));
  return g_steal_pointer (&self.key);
}

static char *
key_of (const BsBackendNode *node)
{
  return key_with (node, "7.2.22", FALSE);
}

static void
what_one_node_alone_has_does_not_matter (void)
{
  g_autoptr (BsBackendNode) one = new_node (), other = new_node ();
  BsBackendInterface *interface = g_ptr_array_index (other->interfaces, 0);
  g_autofree char *first = NULL, *second = NULL;

  g_free (other->name);
  other->name = g_strdup ("db");
  other->hosts = g_strdup ("10.0.0.1 db\n");
  other->machine_id = g_strdup ("00");
  g_free (interface->mac);
  interface->mac = g_strdup ("52:54:00:00:00:02");
  interface->address = g_strdup ("10.0.0.1/24");
  g_free (interface->name);
  interface->name = g_strdup ("wan0");
  first = key_of (one);
  second = key_of (other);
  g_assert_cmpstr (first, ==, second);
}

static void
which_ports_are_forwarded_does_not_matter (void)
{
  g_autoptr (BsBackendNode) one = new_node (), other = new_node (), none = new_node ();
  BsBackendPort port = { 8080, 80 };
  g_autofree char *first = NULL, *second = NULL, *third = NULL;

  g_array_append_val (one->ports, port);
  other->ssh_port = 2222;
  first = key_of (one);
  second = key_of (other);
  third = key_of (none);
  g_assert_cmpstr (first, ==, second);
  /* but that there is an interface for them does */
  g_assert_cmpstr (first, !=, third);
}

static void
change_memory (BsBackendNode *node)
{
  node->memory_mib = 256;
}

static void
change_vcpus (BsBackendNode *node)
{
  node->vcpus = 2;
}

static void
change_digest (BsBackendNode *node)
{
  node->image_digest[1] = '2';
}

static void
change_cmdline (BsBackendNode *node)
{
  g_free (node->cmdline);
  node->cmdline = g_strdup ("quiet");
}

static void
change_interfaces (BsBackendNode *node)
{
  g_ptr_array_add (node->interfaces, g_new0 (BsBackendInterface, 1));
}

static void
change_disk (BsBackendNode *node)
{
  node->disk = g_strdup ("/images/disk.qcow2");
}

static void
change_machine (BsBackendNode *node)
{
  g_clear_pointer (&node->kernel, g_free);
}

static void
everything_else_does (void)
{
  static void (*const changes[]) (BsBackendNode *)
      = { change_memory, change_vcpus, change_digest, change_cmdline, change_interfaces, change_disk, change_machine };
  g_autoptr (BsBackendNode) node = new_node ();
  g_autoptr (GHashTable) keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_hash_table_add (keys, key_of (node));
  g_hash_table_add (keys, key_with (node, "7.2.23", FALSE));
  g_hash_table_add (keys, key_with (node, "7.2.22", TRUE));
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (BsBackendNode) changed = new_node ();

      changes[i](changed);
      g_hash_table_add (keys, key_of (changed));
    }
  g_assert_cmpuint (g_hash_table_size (keys), ==, 3 + G_N_ELEMENTS (changes));
}

static void
foreign_images_and_what_belongs_to_the_host_boot (void)
{
  g_autoptr (BsBackendNode) node = new_node ();
  g_autoptr (GPtrArray) volumes = g_ptr_array_new ();
  BsTopologyMachine machine = { .firmware = (char *) "bios", .display = (char *) "none" };
  BsTopologyNode model = { .machine = &machine };
  BsTopologyVolume volume = { 0 };

  node->model = &model;
  g_assert_null (bs_qemu_cold_reason (node));
  machine.firmware = (char *) "uefi";
  g_assert_cmpstr (bs_qemu_cold_reason (node), ==, "its firmware keeps variables");
  machine.firmware = NULL;
  machine.tpm = TRUE;
  g_assert_cmpstr (bs_qemu_cold_reason (node), ==, "it has a TPM");
  machine.tpm = FALSE;
  machine.display = (char *) "vnc";
  g_assert_cmpstr (bs_qemu_cold_reason (node), ==, "it has a display");
  machine.display = NULL;
  g_ptr_array_add (volumes, &volume);
  model.volumes = volumes;
  g_assert_cmpstr (bs_qemu_cold_reason (node), ==, "it has volumes, which are the host's");
  model.volumes = NULL;
  node->has_guest = FALSE;
  g_assert_cmpstr (bs_qemu_cold_reason (node), ==, "its image has no benchscale-guest");
}

static void
fork_that_does_not_fit_is_refused (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (bs_qemu_fork_fits_into ("web", 100, BS_QEMU_FORK_OWN_MIB + 100, NULL));
  g_assert_false (bs_qemu_fork_fits_into ("web", 100, BS_QEMU_FORK_OWN_MIB + 99, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_EXHAUSTED);
  g_assert_cmpstr (error->message, ==, "node 'web' needs about 164 MiB of memory to start, 163 MiB are free");
  g_assert_nonnull (bs_error_hint (error));
}

static void
together_forks_count_with_their_own_and_their_templates_once (void)
{
  g_autoptr (BsBackendNode) one = new_node (), other = new_node (), third = new_node (), cold = new_node ();
  const BsBackendNode *const nodes[] = { one, other, third, cold };
  g_autofree char *cache = g_dir_make_tmp ("bs-room-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename (cache, "templates", "k1", NULL);
  g_autofree char *ram = g_build_filename (folder, BS_TEMPLATE_RAM, NULL);
  g_autofree char *content = g_malloc0 (3 * 1024 * 1024);
  BsQemuRoom planned = { 0 }, room = { 0 };
  guint64 missing;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  memset (content, 1, 3 * 1024 * 1024);
  g_assert_true (g_file_set_contents (ram, content, 3 * 1024 * 1024, NULL));
  missing = bs_qemu_fork_missing_mib (ram);
  cold->has_guest = FALSE;
  bs_qemu_room_add (&planned, nodes, 4, TRUE, cache);
  g_assert_cmpuint (planned.forks, ==, 3);
  g_assert_cmpuint (bs_qemu_room_mib (&planned), ==, 512 + 3 * BS_QEMU_FORK_OWN_MIB);
  one->template = g_strdup ("k1");
  other->template = g_strdup ("k1");
  bs_qemu_room_add (&room, nodes, 4, FALSE, cache);
  g_assert_cmpuint (room.forks, ==, 2);
  g_assert_cmpuint (room.booted_mib, ==, 1024); /* what has no template boots */
  g_assert_cmpuint (room.template_mib, ==, missing);
  g_assert_true (bs_file_remove_tree (AT_FDCWD, cache, NULL));
}

static void
labs_that_do_not_fit_are_refused (void)
{
  BsQemuRoom forks = { .forks = 3, .template_mib = 100 }, booted = { .booted_mib = 1024 };
  g_autoptr (GError) error = NULL, other = NULL;

  g_assert_true (bs_qemu_room_fits (&forks, 292, NULL));
  g_assert_false (bs_qemu_room_fits (&forks, 291, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_EXHAUSTED);
  g_assert_cmpstr (error->message, ==,
                   "the lab needs 292 MiB of memory to start (3 forks with 64 MiB each, 100 MiB of templates), "
                   "291 MiB are free");
  g_assert_cmpstr (bs_error_hint (error), ==, "bring up fewer nodes, or take other labs down");
  g_assert_false (bs_qemu_room_fits (&booted, 1023, &other));
  g_assert_cmpstr (other->message, ==, "the lab needs 1024 MiB of memory to start, 1023 MiB are free");
  g_assert_cmpstr (bs_error_hint (other), ==, "give the nodes less with memory_mb, or take other labs down");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/qemu-template/key/what-one-node-alone-has-does-not-matter",
                   what_one_node_alone_has_does_not_matter);
  g_test_add_func ("/qemu-template/key/which-ports-are-forwarded-does-not-matter",
                   which_ports_are_forwarded_does_not_matter);
  g_test_add_func ("/qemu-template/key/everything-else-does", everything_else_does);
  g_test_add_func ("/qemu-template/foreign-images-and-what-belongs-to-the-host-boot",
                   foreign_images_and_what_belongs_to_the_host_boot);
  g_test_add_func ("/qemu-template/fork-that-does-not-fit-is-refused", fork_that_does_not_fit_is_refused);
  g_test_add_func ("/qemu-template/room/forks-share", together_forks_count_with_their_own_and_their_templates_once);
  g_test_add_func ("/qemu-template/room/refused", labs_that_do_not_fit_are_refused);
  return g_test_run ();
}
