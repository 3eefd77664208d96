/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-args.h — the command line of a machine; a pure function of its description
 *
 * QEMU runs in the lab's folder, so that every path in it is short: nodes/NAME/{qmp,guest,console}.sock.
 *
 * Which machine. A kernel that is booted directly gets a `microvm`: no firmware worth the name, no PCI to be searched,
 * devices on virtio-mmio; the tiny image says hello after 1.0 s in it under TCG, in `pc` after 1.3 s (2-core Debian 12,
 * QEMU 7.2). It needs `acpi=on`, since Debian's virtio_mmio learns of its devices by ACPI only, and `rtc=on`, since
 * Linux waits a second for a clock that is not there. A disk needs a BIOS to boot from, so it gets a `pc`.
 *
 * Every device is pinned to its slot, since a machine's state can only be loaded into one that is laid out the same:
 * the channel, random numbers, the disk, the management interface, then the node's interfaces.
 */
#pragma once

#include "bs-backend.h"

/* The guest's side of the closed management interface. It alone is on its wire. */
#define BS_QEMU_MANAGEMENT_NAME "mgmt0"
#define BS_QEMU_MANAGEMENT_MAC "52:55:0a:00:02:0f"
#define BS_QEMU_MANAGEMENT_ADDRESS "10.0.2.15/24"

#define BS_QEMU_GATEWAY "10.0.2.2"
#define BS_QEMU_NAMESERVER "10.0.2.3"

typedef enum
{
  BS_QEMU_COLD,   /* boots */
  BS_QEMU_MAKE,   /* boots, to become a template: memory in a memfd that can be read from outside, no wires */
  BS_QEMU_DERIVE, /* as BS_QEMU_MAKE, but waits for the state of another template, with memory filled from outside */
  BS_QEMU_FORK,   /* a template's memory, privately; waits for its state */
} BsQemuStart;

typedef struct
{
  const char *program; /* QEMU */
  const char *tag;     /* becomes an argument of its own */
  gboolean kvm;
  guint tsc_khz; /* bs_tsc_khz(), 0: not told */
  const BsBackendNode *node;
  BsQemuStart start;
  const char *ram;     /* of a fork: absolute path of the template's memory */
  gboolean management; /* bs_qemu_has_management() of the node, or of those that will be forked from it */
  gboolean outside;    /* the management interface leads to the outside */
} BsQemuSpec;

/* (transfer full) NULL-terminated */
char **bs_qemu_args (const BsQemuSpec *spec);

/* Whether the machine has a management interface: for ports, for SSH, and in every machine with a disk. */
gboolean bs_qemu_has_management (const BsBackendNode *node);
/* The address that interface @i of a template has, which its forks change. (transfer full) */
char *bs_qemu_template_mac (guint i);

/* A boot of @kernel with nothing but a console on stdout. (transfer full) */
char **bs_qemu_args_trial (const char *program, const char *kernel, const char *initrd, const char *cmdline);

/* How many interfaces fit into the machine that @node gets. */
guint bs_qemu_args_interfaces_max (const BsBackendNode *node);

/* The path of a file of a node, relative to the lab's folder: "nodes/NAME/LEAF". (transfer full) */
char *bs_qemu_path (const char *name, const char *leaf);
