/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ssh-keys.h — key pairs for labs and nodes, and their texts */
#pragma once

#include <glib.h>

typedef struct
{
  char *private_text; /* OpenSSH's format, as in a file id_ed25519 */
  char *public_text;  /* "ssh-ed25519 AAAA… COMMENT", without newline */
} BsSshKeyPair;

/* A new ed25519 pair; @comment: (nullable): one line. %BS_ERROR_HOST,
 * %BS_ERROR_INVALID, %BS_ERROR_FAILED. */
BsSshKeyPair *bs_ssh_key_pair_new (const char *comment, GError **error);
void bs_ssh_key_pair_free (BsSshKeyPair *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsSshKeyPair, bs_ssh_key_pair_free)

/**
 * bs_ssh_public_key_parse:
 * @text: a line as in a file id_*.pub: type, base64, perhaps a comment
 * @type: (out) (transfer full)
 * @base64: (out) (transfer full)
 *
 * Checks that the base64 holds a key of that type by its name.
 *
 * Returns: FALSE with %BS_ERROR_INVALID
 */
gboolean bs_ssh_public_key_parse (const char *text, char **type, char **base64, GError **error);

/* TRUE when both texts are the same key, whatever their comments. */
gboolean bs_ssh_public_key_equal (const char *a, const char *b);

/* "SHA256:…", as ssh-keygen -l prints it; (transfer full). %BS_ERROR_INVALID. */
char *bs_ssh_fingerprint (const char *public_text, GError **error);

/**
 * bs_ssh_known_hosts_find:
 * @text: a known-hosts file with plain names (no hashes, patterns or markers: such lines are passed over)
 *
 * Returns: (transfer full) (nullable): "TYPE BASE64" of the first line that has exactly @name
 */
char *bs_ssh_known_hosts_find (const char *text, gsize length, const char *name);

/* One line for such a file, with its newline; (transfer full). */
char *bs_ssh_known_hosts_line (const char *name, const char *public_text);
