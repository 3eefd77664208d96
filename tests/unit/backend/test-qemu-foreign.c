/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-qemu-firmware.h"
#include "bs-qemu-foreign.h"
#include "bs-qemu-outside.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct
{
  char *folder;
  BsBackendLab lab;
  BsBackendNode *node;
  int lab_dir;
} Lab;

static void
set_up (Lab *self, gconstpointer data)
{
  g_autofree char *nodes = NULL;

  self->folder = g_dir_make_tmp ("bs-foreign-XXXXXX", NULL);
  nodes = g_build_filename (self->folder, "nodes/web", NULL);
  g_assert_cmpint (g_mkdir_with_parents (nodes, 0700), ==, 0);
  self->lab_dir = bs_file_open_dir (AT_FDCWD, self->folder, NULL);
  self->lab = (BsBackendLab){ .lab = "lab", .uuid = "0c65", .lab_dir = self->lab_dir };
  self->node = bs_backend_node_new ();
  self->node->name = g_strdup ("web");
  self->node->disk = g_strdup ("/x.qcow2");
}

static void
tear_down (Lab *self, gconstpointer data)
{
  bs_backend_node_free (self->node);
  bs_fd_clear (&self->lab_dir);
  g_assert_true (bs_file_remove_tree (AT_FDCWD, self->folder, NULL));
  g_free (self->folder);
}

static void
test_which_are_foreign (Lab *self, gconstpointer data)
{
  g_assert_true (bs_qemu_foreign (self->node));
  self->node->has_guest = TRUE;
  g_assert_false (bs_qemu_foreign (self->node));
  self->node->has_guest = FALSE;
  g_clear_pointer (&self->node->disk, g_free);
  g_assert_false (bs_qemu_foreign (self->node));
}

static void
test_arguments (Lab *self, gconstpointer data)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *line = NULL;

  bs_qemu_foreign_args (argv, self->node, "pci", "addr=0x1e");
  g_ptr_array_add (argv, NULL);
  line = g_strjoinv (" ", (char **) argv->pdata);
  g_assert_cmpstr (line, ==,
                   "-blockdev driver=file,node-name=seed-file,filename=nodes/web/seed.iso,read-only=on"
                   " -blockdev driver=raw,node-name=seed,file=seed-file,read-only=on"
                   " -device virtio-blk-pci,addr=0x1e,drive=seed,serial=seed"
                   " -chardev socket,id=qga,path=nodes/web/qga.sock,server=on,wait=off"
                   " -device virtserialport,chardev=qga,name=org.qemu.guest_agent.0");
}

static void
test_the_seed_says_who_it_is (Lab *self, gconstpointer data)
{
  g_autofree char *program = g_find_program_in_path ("xorriso"), *command = NULL, *user = NULL, *network = NULL;
  g_autofree char *user_path = g_build_filename (self->folder, "out/user-data", NULL);
  g_autofree char *network_path = g_build_filename (self->folder, "out/network-config", NULL);
  BsTopologyCloudInit init = { .user = (char *) "shop" };
  BsTopologyNode model = { .cloud_init = &init };
  g_autoptr (GError) error = NULL;

  if (program == NULL)
    {
      g_test_skip ("needs xorriso");
      return;
    }
  self->node->model = &model;
  self->node->hosts = g_strdup ("127.0.0.1 localhost\n");
  self->node->ssh_port = 2222;
  self->node->machine_id = g_strdup ("0123456789abcdef0123456789abcdef");
  bs_qemu_foreign_create (&self->lab, self->node, FALSE, &error);
  g_assert_no_error (error);
  command = g_strdup_printf ("xorriso -osirrox on -indev %s/nodes/web/seed.iso -extract / %s/out", self->folder,
                             self->folder);
  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  g_assert_true (g_file_get_contents (user_path, &user, NULL, NULL));
  g_assert_true (g_file_get_contents (network_path, &network, NULL, NULL));
  g_assert_nonnull (strstr (user, "hostname: \"web\"\n"));
  g_assert_nonnull (strstr (user, "- name: \"shop\"\n"));
  g_assert_nonnull (strstr (user, "content: \"127.0.0.1 localhost\\n\"\n"));
  g_assert_nonnull (strstr (user, "bootcmd:\n"));
  g_assert_nonnull (strstr (user, "- \"0123456789abcdef0123456789abcdef\"\n"));
  g_assert_nonnull (strstr (network, "mgmt0:\n"));
  g_assert_nonnull (strstr (network, "\"10.0.2.15/24\""));
  g_assert_nonnull (strstr (network, "optional: false"));
  g_assert_null (strstr (network, "routes"));
  init.user = (char *) "a b";
  g_assert_false (bs_qemu_foreign_create (&self->lab, self->node, FALSE, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_true (g_str_has_prefix (error->message, "cannot make the seed of node 'web': 'a b' cannot be a user"));
}

static void
assert_no_firmware (Lab *self, BsErrorCode code, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (bs_qemu_firmware_check (self->node, &error));
  g_assert_error (error, BS_ERROR, (int) code);
  g_assert_cmpstr (error->message, ==, text);
}

static void
test_firmware_that_cannot_be (Lab *self, gconstpointer data)
{
  BsTopologyMachine machine = { .firmware = (char *) "bios" };
  BsTopologyNode model = { .machine = &machine };

  self->node->model = &model;
  g_assert_true (bs_qemu_firmware_check (self->node, NULL));
  machine.firmware = (char *) "uefi-secure";
  assert_no_firmware (self, BS_ERROR_UNSUPPORTED, "node 'web': firmware 'uefi-secure' is not supported");
  machine.firmware = (char *) "uefi";
  self->node->kernel = g_strdup ("/vmlinuz");
  assert_no_firmware (self, BS_ERROR_UNSUPPORTED, "node 'web' starts by a kernel, not by a firmware");
}

/* Of the image, unless the topology says another one. */
static void
test_whose_firmware (Lab *self, gconstpointer data)
{
  BsTopologyMachine machine = { .tpm = FALSE };
  BsTopologyNode model = { .machine = &machine };

  g_assert_false (bs_qemu_firmware_is_uefi (self->node));
  self->node->firmware = g_strdup ("uefi");
  g_assert_true (bs_qemu_firmware_is_uefi (self->node));
  self->node->model = &model;
  g_assert_true (bs_qemu_firmware_is_uefi (self->node));
  machine.firmware = (char *) "bios";
  g_assert_false (bs_qemu_firmware_is_uefi (self->node));
  machine.firmware = (char *) "uefi";
  self->node->has_guest = TRUE;
  assert_no_firmware (self, BS_ERROR_UNSUPPORTED, "node 'web' starts by a kernel, not by a firmware");
}

static void
test_uefi (Lab *self, gconstpointer data)
{
  BsTopologyMachine machine = { .firmware = (char *) "uefi" };
  BsTopologyNode model = { .machine = &machine };
  g_autofree char *vars = g_build_filename (self->folder, "nodes/web/vars.fd", NULL);
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  self->node->model = &model;
  if (!bs_qemu_firmware_check (self->node, &error))
    {
      g_assert_error (error, BS_ERROR, BS_ERROR_HOST);
      g_assert_cmpstr (bs_error_hint (error), ==, "apt-get install ovmf");
      g_test_skip ("needs OVMF");
      return;
    }
  g_assert_true (bs_qemu_firmware_create (&self->lab, self->node, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_test (vars, G_FILE_TEST_IS_REGULAR));
  g_assert_cmpstr (bs_qemu_firmware_machine (self->node), ==, ",pflash0=code,pflash1=vars");
  bs_qemu_firmware_args (argv, self->node);
  g_assert_cmpuint (argv->len, ==, 4);
  g_assert_cmpstr (g_ptr_array_index (argv, 3), ==, "driver=file,node-name=vars,filename=nodes/web/vars.fd");
}

static void
test_the_way_out_is_for_packages (Lab *self, gconstpointer data)
{
  BsTopologyPackage package = { .kind = BS_PACKAGE_NAME, .name = (char *) "jq" };
  g_autoptr (GPtrArray) packages = g_ptr_array_new (), argv = g_ptr_array_new_with_free_func (g_free);
  BsTopologyNode model = { .packages = packages };

  self->node->model = &model;
  g_assert_false (bs_qemu_outside_is_wanted (self->node));
  g_ptr_array_add (packages, &package);
  g_assert_true (bs_qemu_outside_is_wanted (self->node));
  bs_qemu_outside_args (argv, "pci", "addr=0x1f", ",romfile=");
  g_assert_cmpuint (argv->len, ==, 4);
  g_assert_cmpstr (g_ptr_array_index (argv, 1), ==, "user,id=outside,ipv6=off,net=10.0.3.0/24");
  g_assert_cmpstr (g_ptr_array_index (argv, 3), ==,
                   "virtio-net-pci,addr=0x1f,id=outside,netdev=outside,mac=52:55:0a:00:03:0f,romfile=");
  /* ours needs none: its template had it */
  self->node->has_guest = TRUE;
  g_assert_false (bs_qemu_outside_is_wanted (self->node));
}

#define LAB_TEST(path, function) g_test_add (path, Lab, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  LAB_TEST ("/foreign/which", test_which_are_foreign);
  LAB_TEST ("/foreign/arguments", test_arguments);
  LAB_TEST ("/foreign/seed", test_the_seed_says_who_it_is);
  LAB_TEST ("/foreign/firmware/none", test_firmware_that_cannot_be);
  LAB_TEST ("/foreign/firmware/whose", test_whose_firmware);
  LAB_TEST ("/foreign/firmware/uefi", test_uefi);
  LAB_TEST ("/foreign/way-out", test_the_way_out_is_for_packages);
  return g_test_run ();
}
