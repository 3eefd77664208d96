/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-qemu-args.h"
#include "bs-control-protocol.h"
#include "bs-guest-wire.h"

#include <string.h>

typedef struct
{
  const char *machine;
  const char *bus;    /* suffix of virtio device names */
  const char *no_rom; /* network cards bring no boot program */
  guint slots;        /* for virtio devices */
} Machine;

/* With the second I/O APIC that ACPI brings, a microvm has 24 virtio-mmio slots. Of the 32 of a pc, host bridge and
 * PIIX take two. */
static const Machine microvm = { "microvm,acpi=on,rtc=on", "device", "", 24 };
static const Machine pc = { "pc,usb=off,vmport=off", "pci", ",romfile=", 30 };

static const Machine *
machine_of (const BsBackendNode *node)
{
  return node->kernel != NULL ? &microvm : &pc;
}

/* Slots that are not for the node's own interfaces: serial, random numbers, disk, management. */
static guint
slots_taken (const BsBackendNode *node)
{
  return 2 + (node->disk != NULL) + (node->ports->len > 0);
}

guint
bs_qemu_args_interfaces_max (const BsBackendNode *node)
{
  return MIN (machine_of (node)->slots - slots_taken (node), BS_CONTROL_INTERFACES_MAX);
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

/* Under TCG each extension that Linux finds is one that it sets up: qemu64 boots 0.1 s faster than max. A disk's system
 * may have been built for more. */
static const char *
cpu_of (const BsQemuSpec *spec)
{
  if (spec->kvm)
    return "host";
  return spec->node->disk == NULL ? "qemu64" : "max";
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

static void
add_channels (GPtrArray *argv, const BsBackendNode *node, const char *bus)
{
  g_autofree char *log = escaped_path (node, "console.log");
  g_autofree char *more = g_strdup_printf (",logfile=%s,logappend=on", log);

  add_socket (argv, node, "qmp", "");
  add (argv, "-mon", "chardev=qmp,mode=control");
  add_socket (argv, node, "console", more);
  add (argv, "-serial", "chardev:console");
  add_socket (argv, node, "guest", "");
  add_format (argv, "-device", "virtio-serial-%s", bus);
  add (argv, "-device", "virtserialport,chardev=guest,name=" BS_WIRE_PORT_NAME);
  add (argv, "-object", "rng-random,id=random,filename=/dev/urandom");
  add_format (argv, "-device", "virtio-rng-%s,rng=random", bus);
}

static void
add_disk (GPtrArray *argv, const BsBackendNode *node, const char *bus)
{
  g_autofree char *path = escaped_path (node, "disk.qcow2");

  if (node->disk == NULL)
    return;
  add_format (argv, "-blockdev", "driver=file,node-name=disk-file,filename=%s,discard=unmap", path);
  add (argv, "-blockdev", "driver=qcow2,node-name=disk,file=disk-file,discard=unmap");
  add_format (argv, "-device", "virtio-blk-%s,drive=disk", bus);
}

static void
add_interfaces (GPtrArray *argv, const BsBackendNode *node, const Machine *machine)
{
  for (guint i = 0; i < node->interfaces->len; i++)
    {
      const BsBackendInterface *interface = g_ptr_array_index (node->interfaces, i);

      add_format (argv, "-netdev", "dgram,id=net%u,local.type=fd,local.str=%d", i, BS_CONTROL_PORT_FD ((int) i));
      add_format (argv, "-device", "virtio-net-%s,netdev=net%u,mac=%s%s", machine->bus, i, interface->mac,
                  machine->no_rom);
    }
}

/* Restricted: the guest reaches nothing through it, not even the host's loopback by the gateway's address; it answers
 * what was forwarded to it, no more. */
static void
add_management (GPtrArray *argv, const BsBackendNode *node, const Machine *machine)
{
  g_autoptr (GString) net = g_string_new ("user,id=management,restrict=on,ipv6=off,net=10.0.2.0/24");

  if (node->ports->len == 0)
    return;
  for (guint i = 0; i < node->ports->len; i++)
    {
      const BsBackendPort *port = &g_array_index (node->ports, BsBackendPort, i);

      g_string_append_printf (net, ",hostfwd=tcp:127.0.0.1:%u-10.0.2.15:%u", port->host, port->node);
    }
  add (argv, "-netdev", net->str);
  add_format (argv, "-device", "virtio-net-%s,netdev=management,mac=" BS_QEMU_MANAGEMENT_MAC "%s", machine->bus,
              machine->no_rom);
}

char **
bs_qemu_args (const BsQemuSpec *spec)
{
  const BsBackendNode *node = spec->node;
  const Machine *machine = machine_of (node);
  GPtrArray *argv = g_ptr_array_new ();

  add (argv, spec->program, NULL);
  add (argv, "-name", spec->tag);
  add_base (argv, machine->machine, spec->kvm);
  add (argv, "-cpu", cpu_of (spec));
  add_format (argv, "-m", "%u", node->memory_mib);
  add_format (argv, "-smp", "%u", node->vcpus);
  add_kernel (argv, node->kernel, node->initrd, node->cmdline, spec->kvm ? 0 : spec->tsc_khz);
  add_channels (argv, node, machine->bus);
  add_disk (argv, node, machine->bus);
  add_interfaces (argv, node, machine);
  add_management (argv, node, machine);
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
