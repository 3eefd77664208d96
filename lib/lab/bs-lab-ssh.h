/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-ssh.h — how SSH reaches a lab's nodes, for us and for other programs
 *
 * The plan decides it and `up` writes it: a node's member "ssh" of lab.json, {"port", "user", "host_key"}, and in the
 * lab's folder ssh/id_ed25519, ssh/id_ed25519.pub and ssh/known_hosts (0600), whose lines are named LAB.NODE. A node
 * without that member, such as one of the image tiny, has no SSH server.
 */
#pragma once

#include "bs-lab-private.h"
#include "bs-ssh.h"

#define BS_LAB_SSH_KEY BS_BACKEND_LAB_KEY
#define BS_LAB_SSH_PUBLIC_KEY "ssh/id_ed25519.pub"
#define BS_LAB_SSH_KNOWN_HOSTS "ssh/known_hosts"

/* "LAB.NODE": what the node is called in known_hosts, ssh_config and inventories; (transfer full). */
char *bs_lab_ssh_name (const char *lab, const char *node);

/**
 * bs_lab_ssh_target:
 *
 * Returns: (transfer full): for bs_ssh_open(); or NULL with %BS_ERROR_NOT_FOUND (no such node, or the lab's key is
 * missing), %BS_ERROR_UNSUPPORTED (it has no SSH server), %BS_ERROR_PROTOCOL (what is recorded makes no sense)
 */
BsSshTarget *bs_lab_ssh_target (BsLab *self, const char *node, GError **error);

/* Blocks of ssh_config(5), one for each node that has an SSH server; (transfer full). %BS_ERROR_UNSUPPORTED when none
 * has, %BS_ERROR_INVALID when the state folder's path cannot be written there. */
char *bs_lab_ssh_config (BsLab *self, GError **error);

/**
 * bs_lab_inventory_add:
 * @inventory: {"all": {"hosts": {…}, "children": {…}}}; an empty object to begin with
 *
 * Adds the lab's nodes that have an SSH server as Ansible sees them, with groups by lab, network, image and tag.
 * As bs_lab_ssh_config(), fails with %BS_ERROR_UNSUPPORTED or %BS_ERROR_INVALID.
 */
gboolean bs_lab_inventory_add (BsLab *self, json_t *inventory, GError **error);
/* @format: "yaml", "ini" or "json"; (transfer full). %BS_ERROR_INVALID for another one. */
char *bs_inventory_format (const json_t *inventory, const char *format, GError **error);
