/* SPDX-License-Identifier: Apache-2.0 */
/* The command line, word for word: a change of it changes every machine. */
#include "bs-qemu-args.h"

#include <string.h>

static BsBackendNode *
tiny_node (void)
{
  BsBackendNode *node = bs_backend_node_new ();

  node->name = g_strdup ("web");
  node->kernel = g_strdup ("/cache/kernel");
  node->initrd = g_strdup ("/cache/initrd");
  node->cmdline = g_strdup ("console=ttyS0");
  node->memory_mib = 512;
  node->vcpus = 2;
  return node;
}

static void
add_interface (BsBackendNode *node, const char *mac)
{
  BsBackendInterface *interface = g_new0 (BsBackendInterface, 1);

  interface->mac = g_strdup (mac);
  g_ptr_array_add (node->interfaces, interface);
}

static char *
line_of (const BsBackendNode *node, gboolean kvm)
{
  BsQemuSpec spec = { .program = "/usr/bin/qemu",
                      .tag = "benchscale:s:lab:u:node:web",
                      .kvm = kvm,
                      .tsc_khz = 2596122,
                      .node = node,
                      .management = bs_qemu_has_management (node) };
  g_auto (GStrv) argv = bs_qemu_args (&spec);

  return g_strjoinv ("\n", argv);
}

#define HEAD                                                                                                           \
  "/usr/bin/"                                                                                                          \
  "qemu\n-name\nbenchscale:s:lab:u:node:web\n-nodefaults\n-no-user-config\n-display\nnone\n-no-reboot\n-sandbox\n"     \
  "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny\n"
#define CHANNELS(bus, first, second)                                                                                   \
  "-chardev\nsocket,id=qmp,path=nodes/web/qmp.sock,server=on,wait=off\n-mon\nchardev=qmp,mode=control\n"               \
  "-chardev\nsocket,id=console,path=nodes/web/console.sock,server=on,wait=off,logfile=nodes/web/"                      \
  "console.log,logappend=on\n"                                                                                         \
  "-serial\nchardev:console\n-chardev\nsocket,id=guest,path=nodes/web/guest.sock,server=on,wait=off\n"                 \
  "-device\nvirtio-serial-" bus "," first "\n-device\nvirtserialport,chardev=guest,name=org.benchscale.guest.0\n"      \
  "-object\nrng-random,id=random,filename=/dev/urandom\n-device\nvirtio-rng-" bus "," second ",rng=random"

static void
kernel_boots_in_a_microvm (void)
{
  g_autoptr (BsBackendNode) node = tiny_node ();
  g_autofree char *line = NULL;

  add_interface (node, "52:54:00:00:00:01");
  add_interface (node, "52:54:00:00:00:02");
  line = line_of (node, FALSE);
  g_assert_cmpstr (
      line, ==,
      HEAD "-machine\nmicrovm,acpi=on,rtc=on\n-accel\ntcg,thread=multi,tb-size=256\n-cpu\nqemu64\n-m\n512\n-smp\n2\n"
           "-kernel\n/cache/kernel\n-initrd\n/cache/initrd\n-append\ntsc_early_khz=2596122 console=ttyS0\n" CHANNELS (
               "device", "bus=virtio-mmio-bus.23",
               "bus=virtio-mmio-bus.22") "\n-netdev\ndgram,id=net0,local.type=fd,local.str=10\n"
                                         "-device\nvirtio-net-device,bus=virtio-mmio-bus.19,netdev=net0,mac=52:54:00:"
                                         "00:00:01\n"
                                         "-netdev\ndgram,id=net1,local.type=fd,local.str=12\n"
                                         "-device\nvirtio-net-device,bus=virtio-mmio-bus.18,netdev=net1,mac=52:54:00:"
                                         "00:00:02");
}

static void
disk_boots_in_a_pc (void)
{
  g_autoptr (BsBackendNode) node = tiny_node ();
  g_autofree char *line = NULL;

  g_clear_pointer (&node->kernel, g_free);
  node->disk = g_strdup ("/images/debian.qcow2");
  add_interface (node, "52:54:00:00:00:01");
  line = line_of (node, FALSE);
  g_assert_cmpstr (
      line, ==,
      HEAD
      "-machine\npc,usb=off,vmport=off\n-accel\ntcg,thread=multi,tb-size=256\n-cpu\nmax\n-m\n512\n-smp\n2\n" CHANNELS (
          "pci", "addr=0x2",
          "addr=0x3") "\n-blockdev\ndriver=file,node-name=disk-file,filename=nodes/web/disk.qcow2,discard=unmap\n"
                      "-blockdev\ndriver=qcow2,node-name=disk,file=disk-file,discard=unmap\n"
                      "-device\nvirtio-blk-pci,addr=0x4,drive=disk\n"
                      "-netdev\nuser,id=management,ipv6=off,net=10.0.2.0/24,restrict=on\n"
                      "-device\nvirtio-net-pci,addr=0x5,netdev=management,mac=52:55:0a:00:02:0f,romfile=\n"
                      "-netdev\ndgram,id=net0,local.type=fd,local.str=10\n"
                      "-device\nvirtio-net-pci,addr=0x6,netdev=net0,mac=52:54:00:00:00:01,romfile=\n"
                      "-blockdev\ndriver=file,node-name=seed-file,filename=nodes/web/seed.iso,read-only=on\n"
                      "-blockdev\ndriver=raw,node-name=seed,file=seed-file,read-only=on\n"
                      "-device\nvirtio-blk-pci,addr=0x1e,drive=seed,serial=seed\n"
                      "-chardev\nsocket,id=qga,path=nodes/web/qga.sock,server=on,wait=off\n"
                      "-device\nvirtserialport,chardev=qga,name=org.qemu.guest_agent.0");
}

static void
kvm_needs_no_help_with_its_clock (void)
{
  g_autoptr (BsBackendNode) node = tiny_node ();
  g_autofree char *line = line_of (node, TRUE);

  g_assert_nonnull (strstr (line, "-accel\nkvm\n-cpu\nhost\n"));
  g_assert_nonnull (strstr (line, "-append\nconsole=ttyS0\n"));
}

static void
ports_open_a_closed_interface (void)
{
  g_autoptr (BsBackendNode) node = tiny_node ();
  BsBackendPort http = { 8080, 80 }, ssh = { 2222, 22 };
  g_autofree char *line = NULL;

  g_array_append_val (node->ports, http);
  g_array_append_val (node->ports, ssh);
  line = line_of (node, FALSE);
  g_assert_true (g_str_has_suffix (
      line,
      "\n-netdev\nuser,id=management,ipv6=off,net=10.0.2.0/24,restrict=on,hostfwd=tcp:127.0.0.1:8080-10.0.2.15:80,"
      "hostfwd=tcp:127.0.0.1:2222-10.0.2.15:22\n-device\nvirtio-net-device,bus=virtio-mmio-bus.20,netdev=management,"
      "mac=52:55:0a:00:02:0f"));
}

static void
node_without_ports_has_no_management (void)
{
  g_autoptr (BsBackendNode) node = tiny_node ();
  g_autofree char *line = line_of (node, FALSE);

  g_assert_null (strstr (line, "user,"));
}

static void
commas_are_escaped (void)
{
  g_autoptr (BsBackendNode) node = tiny_node ();
  g_autofree char *line = NULL;

  g_free (node->name);
  node->name = g_strdup ("a,server=off");
  line = line_of (node, FALSE);
  g_assert_nonnull (strstr (line, "socket,id=qmp,path=nodes/a,,server=off/qmp.sock,server=on"));
  g_assert_nonnull (strstr (line, "logfile=nodes/a,,server=off/console.log,"));
}

static void
room_for_interfaces_is_counted (void)
{
  g_autoptr (BsBackendNode) node = tiny_node ();

  g_assert_cmpuint (bs_qemu_args_interfaces_max (node), ==, 20);
  g_clear_pointer (&node->kernel, g_free);
  node->disk = g_strdup ("/d");
  g_assert_cmpuint (bs_qemu_args_interfaces_max (node), ==, 24); /* one has a seed */
  node->has_guest = TRUE;
  g_assert_cmpuint (bs_qemu_args_interfaces_max (node), ==, 26);
}

static char *
line_at (const BsBackendNode *node, BsQemuStart start)
{
  BsQemuSpec spec = { .program = "/usr/bin/qemu",
                      .tag = "t",
                      .tsc_khz = 1,
                      .node = node,
                      .start = start,
                      .ram = start == BS_QEMU_FORK ? "/cache/a,b/ram" : NULL,
                      .management = TRUE,
                      .outside = start == BS_QEMU_DERIVE };
  g_auto (GStrv) argv = bs_qemu_args (&spec);

  return g_strjoinv ("\n", argv);
}

/* What must be alike in template and fork, or the state cannot be loaded: devices, their places and addresses. */
static char *
devices_of (const char *line)
{
  g_auto (GStrv) argv = g_strsplit (line, "\n", -1);
  g_autoptr (GString) devices = g_string_new (NULL);

  for (char **argument = argv; argument[0] != NULL && argument[1] != NULL; argument++)
    if (strcmp (argument[0], "-device") == 0)
      g_string_append_printf (devices, "%s\n", argument[1]);
  return g_strdup (devices->str);
}

static void
template_and_fork_have_the_same_devices (void)
{
  g_autoptr (BsBackendNode) node = tiny_node ();
  g_autofree char *make = NULL, *derive = NULL, *fork = NULL, *made = NULL, *derived = NULL, *forked = NULL;

  node->disk = g_strdup ("/images/debian.qcow2");
  add_interface (node, "52:54:00:00:00:01");
  add_interface (node, "52:54:00:00:00:02");
  make = line_at (node, BS_QEMU_MAKE);
  derive = line_at (node, BS_QEMU_DERIVE);
  fork = line_at (node, BS_QEMU_FORK);
  made = devices_of (make);
  derived = devices_of (derive);
  forked = devices_of (fork);
  g_assert_nonnull (strstr (made, "virtio-net-device,bus=virtio-mmio-bus.18,netdev=net1,mac=52:55:0a:00:01:01"));
  g_assert_cmpstr (made, ==, derived);
  g_assert_cmpstr (made, ==, forked);
}

static void
template_is_on_no_wire (void)
{
  g_autoptr (BsBackendNode) node = tiny_node ();
  g_autofree char *line = NULL;

  add_interface (node, "52:54:00:00:00:01");
  line = line_at (node, BS_QEMU_MAKE);
  g_assert_null (strstr (line, "dgram"));
  g_assert_null (strstr (line, "52:54:00:00:00:01"));
  g_assert_nonnull (strstr (line, "memory-backend-memfd,id=ram,size=512M,share=on"));
  g_assert_nonnull (strstr (line, "restrict=on"));
}

static void
only_provisioning_leads_outside (void)
{
  g_autoptr (BsBackendNode) node = tiny_node ();
  g_autofree char *derive = line_at (node, BS_QEMU_DERIVE), *fork = line_at (node, BS_QEMU_FORK);

  g_assert_nonnull (strstr (derive, "restrict=off"));
  g_assert_nonnull (strstr (fork, "restrict=on"));
}

static void
fork_maps_privately_and_boots_nothing (void)
{
  g_autoptr (BsBackendNode) node = tiny_node ();
  g_autofree char *line = line_at (node, BS_QEMU_FORK);

  g_assert_nonnull (strstr (line, "memory-backend-file,id=ram,mem-path=/cache/a,,b/ram,size=512M,share=off"));
  g_assert_nonnull (strstr (line, "memory-backend=ram"));
  g_assert_nonnull (strstr (line, "-incoming\ndefer"));
  g_assert_null (strstr (line, "-kernel"));
}

static void
trial_has_a_console_only (void)
{
  g_auto (GStrv) argv = bs_qemu_args_trial ("qemu", "/k", "/i", "c");
  g_autofree char *line = g_strjoinv ("\n", argv);

  g_assert_nonnull (strstr (line, "-accel\nkvm\n-cpu\nhost\n-m\n256\n-kernel\n/k\n-initrd\n/i\n-append\nc\n"));
  g_assert_true (g_str_has_suffix (line, "-chardev\nstdio,id=console,signal=off\n-serial\nchardev:console"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/qemu-args/kernel-boots-in-a-microvm", kernel_boots_in_a_microvm);
  g_test_add_func ("/qemu-args/disk-boots-in-a-pc", disk_boots_in_a_pc);
  g_test_add_func ("/qemu-args/kvm-needs-no-help-with-its-clock", kvm_needs_no_help_with_its_clock);
  g_test_add_func ("/qemu-args/ports-open-a-closed-interface", ports_open_a_closed_interface);
  g_test_add_func ("/qemu-args/node-without-ports-has-no-management", node_without_ports_has_no_management);
  g_test_add_func ("/qemu-args/commas-are-escaped", commas_are_escaped);
  g_test_add_func ("/qemu-args/room-for-interfaces-is-counted", room_for_interfaces_is_counted);
  g_test_add_func ("/qemu-args/template-and-fork-have-the-same-devices", template_and_fork_have_the_same_devices);
  g_test_add_func ("/qemu-args/template-is-on-no-wire", template_is_on_no_wire);
  g_test_add_func ("/qemu-args/only-provisioning-leads-outside", only_provisioning_leads_outside);
  g_test_add_func ("/qemu-args/fork-maps-privately-and-boots-nothing", fork_maps_privately_and_boots_nothing);
  g_test_add_func ("/qemu-args/trial-has-a-console-only", trial_has_a_console_only);
  return g_test_run ();
}
