/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-qemu-args.h"
#include "bs-control-protocol.h"
#include "bs-guest-wire.h"
#include "bs-qemu-firmware.h"
#include "bs-qemu-foreign.h"
#include "bs-qemu-outside.h"

#include <string.h>

#define SSH_PORT 22

typedef struct
{
  const char *machine;
  const char *bus;    /* suffix of virtio device names */
  const char *no_rom; /* network cards bring no boot program */
  guint slots;        /* for virtio devices */
  const char *slot;   /* pins a device, before the number */
  gboolean hex;
  int first, step; /* number of the first slot, and to the next one */
} Machine;

/* Slots by use. */
enum
{
  SLOT_CHANNEL,
  SLOT_RANDOM,
  SLOT_DISK,
  SLOT_MANAGEMENT,
  SLOT_INTERFACES,
};

/* With the second I/O APIC that ACPI brings, a microvm has 24 virtio-mmio slots. They are taken from the end, as QEMU
 * itself does: nothing was heard of a device in slot 0. Of the 32 of a pc, host bridge and
 * PIIX take two. */
static const Machine microvm = { "microvm,acpi=on,rtc=on", "device", "", 24, "bus=virtio-mmio-bus.", FALSE, 23, -1 };
static const Machine pc = { "pc,usb=off,vmport=off", "pci", ",romfile=", 30, "addr=", TRUE, 2, 1 };

/* The seed of an image that is not ours comes last but one, as Linux names disks by their slots; its way out last. That
 * of ours, which has no seed, comes last but one, too: a microvm's last slot is its slot 0. */
#define LAST_SLOTS 2

static const Machine *
machine_of (const BsBackendNode *node)
{
  return node->kernel != NULL ? &microvm : &pc;
}

gboolean
bs_qemu_has_management (const BsBackendNode *node)
{
  return node->ports->len > 0 || node->ssh_port != 0 || node->disk != NULL;
}

guint
bs_qemu_args_interfaces_max (const BsBackendNode *node)
{
  guint taken = SLOT_INTERFACES + (bs_qemu_foreign (node) || bs_qemu_outside_is_wanted (node) ? LAST_SLOTS : 0);

  return MIN (machine_of (node)->slots - taken, BS_CONTROL_INTERFACES_MAX);
}

char *
bs_qemu_template_mac (guint i)
{
  return g_strdup_printf ("52:55:0a:00:01:%02x", i);
}

char *
bs_qemu_path (const char *name, const char *leaf)
{
  return g_strdup_printf ("nodes/%s/%s", name, leaf);
}

static void
add (GPtrArray *argv, const char *option, const char *value)
{
  g_ptr_array_add (argv, g_strdup (option));
  if (value != NULL)
    g_ptr_array_add (argv, g_strdup (value));
}

static void add_format (GPtrArray *argv, const char *option, const char *format, ...) G_GNUC_PRINTF (3, 4);

static void
add_format (GPtrArray *argv, const char *option, const char *format, ...)
{
  va_list args;

  g_ptr_array_add (argv, g_strdup (option));
  va_start (args, format);
  g_ptr_array_add (argv, g_strdup_vprintf (format, args));
  va_end (args);
}

/* A value inside an option list: a comma would begin the next option, so QEMU takes two for one. */
static char *
escape (const char *value)
{
  GString *text = g_string_new (value);

  g_string_replace (text, ",", ",,", 0);
  return g_string_free (text, FALSE);
}

static char *
escaped_path (const BsBackendNode *node, const char *leaf)
{
  g_autofree char *path = bs_qemu_path (node->name, leaf);

  return escape (path);
}

static void
add_socket (GPtrArray *argv, const BsBackendNode *node, const char *id, const char *more)
{
  g_autofree char *leaf = g_strconcat (id, ".sock", NULL);
  g_autofree char *path = escaped_path (node, leaf);

  add_format (argv, "-chardev", "socket,id=%s,path=%s,server=on,wait=off%s", id, path, more);
}

/* "addr=0x4"; (transfer full) */
static char *
place_of (const Machine *machine, guint slot)
{
  guint number = (guint) (machine->first + (int) slot * machine->step);

  return g_strdup_printf (machine->hex ? "%s0x%x" : "%s%u", machine->slot, number);
}

/* A device of the kind @name ("virtio-net") in its slot; @more: options, each after a comma. */
static void
add_device (GPtrArray *argv, const Machine *machine, const char *name, guint slot, const char *more)
{
  g_autofree char *place = place_of (machine, slot);

  add_format (argv, "-device", "%s-%s,%s%s", name, machine->bus, place, more);
}

static void
add_base (GPtrArray *argv, const char *machine, gboolean kvm)
{
  add (argv, "-nodefaults", NULL);
  add (argv, "-no-user-config", NULL);
  add (argv, "-display", "none");
  add (argv, "-no-reboot", NULL);
  add (argv, "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
  add (argv, "-machine", machine);
  add (argv, "-accel", kvm ? "kvm" : "tcg,thread=multi,tb-size=256");
}

/* Under TCG each extension that Linux finds is one that it sets up, and code that is chosen for wide vectors is slower
 * there than plain code. Our images are content with qemu64; another one may have been built for more. */
static const char *
cpu_of (const BsQemuSpec *spec)
{
  const BsTopologyNode *model = spec->node->model;

  if (model != NULL && model->machine != NULL && model->machine->cpu != NULL)
    return model->machine->cpu;
  if (spec->kvm)
    return "host";
  return spec->node->disk == NULL || spec->node->has_guest ? "qemu64" : "max";
}

static void
add_kernel (GPtrArray *argv, const char *kernel, const char *initrd, const char *cmdline, guint tsc_khz)
{
  g_autoptr (GString) line = g_string_new (NULL);

  if (kernel == NULL)
    return;
  /* Before the rest, which may end in " -- " and arguments of the first program. */
  if (tsc_khz != 0)
    g_string_append_printf (line, "tsc_early_khz=%u ", tsc_khz);
  if (cmdline != NULL)
    g_string_append (line, cmdline);
  add (argv, "-kernel", kernel);
  if (initrd != NULL)
    add (argv, "-initrd", initrd);
  if (line->len > 0)
    add (argv, "-append", line->str);
}

/* The same name in template and fork: the state is loaded by it. */
static void
add_memory (GPtrArray *argv, const BsQemuSpec *spec)
{
  g_autofree char *path = spec->ram != NULL ? escape (spec->ram) : NULL;

  add_format (argv, "-m", "%u", spec->node->memory_mib);
  if (spec->start == BS_QEMU_FORK)
    add_format (argv, "-object", "memory-backend-file,id=ram,mem-path=%s,size=%uM,share=off", path,
                spec->node->memory_mib);
  else if (spec->start != BS_QEMU_COLD)
    add_format (argv, "-object", "memory-backend-memfd,id=ram,size=%uM,share=on", spec->node->memory_mib);
  if (spec->start == BS_QEMU_FORK || spec->start == BS_QEMU_DERIVE)
    add (argv, "-incoming", "defer");
}

static void
add_channels (GPtrArray *argv, const BsBackendNode *node, const Machine *machine)
{
  g_autofree char *log = escaped_path (node, "console.log");
  g_autofree char *more = g_strdup_printf (",logfile=%s,logappend=on", log);

  add_socket (argv, node, "qmp", "");
  add (argv, "-mon", "chardev=qmp,mode=control");
  add_socket (argv, node, "console", more);
  add (argv, "-serial", "chardev:console");
  add_socket (argv, node, "guest", "");
  add_device (argv, machine, "virtio-serial", SLOT_CHANNEL, "");
  add (argv, "-device", "virtserialport,chardev=guest,name=" BS_WIRE_PORT_NAME);
  add (argv, "-object", "rng-random,id=random,filename=/dev/urandom");
  add_device (argv, machine, "virtio-rng", SLOT_RANDOM, ",rng=random");
}

static void
add_disk (GPtrArray *argv, const BsBackendNode *node, const Machine *machine)
{
  g_autofree char *path = escaped_path (node, "disk.qcow2");

  if (node->disk == NULL)
    return;
  add_format (argv, "-blockdev", "driver=file,node-name=disk-file,filename=%s,discard=unmap", path);
  add (argv, "-blockdev", "driver=qcow2,node-name=disk,file=disk-file,discard=unmap");
  add_device (argv, machine, "virtio-blk", SLOT_DISK, ",drive=disk");
}

/* A fork has the template's address until its guest sets its own; a template is on no wire. */
static void
add_interfaces (GPtrArray *argv, const BsQemuSpec *spec, const Machine *machine)
{
  const BsBackendNode *node = spec->node;

  for (guint i = 0; i < node->interfaces->len; i++)
    {
      const BsBackendInterface *interface = g_ptr_array_index (node->interfaces, i);
      g_autofree char *mac = spec->start == BS_QEMU_COLD ? g_strdup (interface->mac) : bs_qemu_template_mac (i);
      g_autofree char *more = g_strdup_printf (",netdev=net%u,mac=%s%s", i, mac, machine->no_rom);

      if (spec->start == BS_QEMU_MAKE || spec->start == BS_QEMU_DERIVE)
        add_format (argv, "-netdev", "hubport,id=net%u,hubid=%u", i, i);
      else
        add_format (argv, "-netdev", "dgram,id=net%u,local.type=fd,local.str=%d", i, BS_CONTROL_PORT_FD ((int) i));
      add_device (argv, machine, "virtio-net", SLOT_INTERFACES + i, more);
    }
}

static void
forward (GString *net, guint host, guint node)
{
  g_string_append_printf (net, ",hostfwd=tcp:127.0.0.1:%u-10.0.2.15:%u", host, node);
}

/* Restricted: the guest reaches nothing through it, not even the host's loopback by the gateway's address; it answers
 * what was forwarded to it, no more. */
static void
add_management (GPtrArray *argv, const BsQemuSpec *spec, const Machine *machine)
{
  const BsBackendNode *node = spec->node;
  g_autoptr (GString) net = g_string_new ("user,id=management,ipv6=off,net=10.0.2.0/24,restrict=");
  g_autofree char *more = g_strconcat (",netdev=management,mac=" BS_QEMU_MANAGEMENT_MAC, machine->no_rom, NULL);

  if (!spec->management)
    return;
  g_string_append (net, spec->outside ? "off" : "on");
  for (guint i = 0; i < node->ports->len; i++)
    {
      const BsBackendPort *port = &g_array_index (node->ports, BsBackendPort, i);

      forward (net, port->host, port->node);
    }
  if (node->ssh_port != 0)
    forward (net, node->ssh_port, SSH_PORT);
  add (argv, "-netdev", net->str);
  add_device (argv, machine, "virtio-net", SLOT_MANAGEMENT, more);
}

static void
add_last (GPtrArray *argv, const BsQemuSpec *spec, const Machine *machine)
{
  const BsBackendNode *node = spec->node;
  g_autofree char *place = place_of (machine, machine->slots - LAST_SLOTS);
  g_autofree char *last = place_of (machine, machine->slots - 1);

  if (bs_qemu_foreign (node))
    bs_qemu_foreign_args (argv, node, machine->bus, place);
  /* A template has it by its management interface. */
  if (spec->start == BS_QEMU_COLD && bs_qemu_outside_is_wanted (node))
    bs_qemu_outside_args (argv, machine->bus, bs_qemu_foreign (node) ? last : place, machine->no_rom);
}

char **
bs_qemu_args (const BsQemuSpec *spec)
{
  const BsBackendNode *node = spec->node;
  const Machine *machine = machine_of (node);
  g_autofree char *options = g_strconcat (machine->machine, spec->start != BS_QEMU_COLD ? ",memory-backend=ram" : "",
                                          bs_qemu_firmware_machine (node), NULL);
  g_autofree char *cpu = escape (cpu_of (spec));
  GPtrArray *argv = g_ptr_array_new ();

  add (argv, spec->program, NULL);
  add (argv, "-name", spec->tag);
  add_base (argv, options, spec->kvm);
  add (argv, "-cpu", cpu);
  add_memory (argv, spec);
  add_format (argv, "-smp", "%u", node->vcpus);
  /* What is in memory already need not be loaded, and a machine that reboots ends. */
  if (spec->start == BS_QEMU_COLD || spec->start == BS_QEMU_MAKE)
    add_kernel (argv, node->kernel, node->initrd, node->cmdline, spec->kvm ? 0 : spec->tsc_khz);
  add_channels (argv, node, machine);
  add_disk (argv, node, machine);
  add_management (argv, spec, machine);
  add_interfaces (argv, spec, machine);
  add_last (argv, spec, machine);
  bs_qemu_firmware_args (argv, node);
  g_ptr_array_add (argv, NULL);
  return (char **) g_ptr_array_free (argv, FALSE);
}

char **
bs_qemu_args_trial (const char *program, const char *kernel, const char *initrd, const char *cmdline)
{
  GPtrArray *argv = g_ptr_array_new ();

  add (argv, program, NULL);
  add_base (argv, microvm.machine, TRUE);
  add (argv, "-cpu", "host");
  add (argv, "-m", "256");
  add_kernel (argv, kernel, initrd, cmdline, 0);
  add (argv, "-chardev", "stdio,id=console,signal=off");
  add (argv, "-serial", "chardev:console");
  g_ptr_array_add (argv, NULL);
  return (char **) g_ptr_array_free (argv, FALSE);
}
