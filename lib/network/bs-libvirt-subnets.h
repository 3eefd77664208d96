/* SPDX-License-Identifier: Apache-2.0 */
/* bs-libvirt-subnets.h — IPv4 subnets of libvirt's networks, active or not, without asking libvirt */
#pragma once

#include <glib.h>

/**
 * bs_libvirt_subnets_collect:
 * @folder: where libvirt keeps the definitions (/etc/libvirt/qemu/networks, readable by root only)
 * @subnets: (element-type utf8): a set that owns its keys; canonical CIDRs are added
 *
 * A folder or file that cannot be read or is no XML adds nothing.
 */
void bs_libvirt_subnets_collect (const char *folder, GHashTable *subnets);

/* Adds what one definition names; FALSE when it is no XML. */
gboolean bs_libvirt_subnets_parse (const char *xml, gsize length, GHashTable *subnets);
