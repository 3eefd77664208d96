/* SPDX-License-Identifier: Apache-2.0 */
/* bs-name.h — names that end up in other systems' files and commands: what they may look like
 *
 * Each tells why not in @problem (a constant phrase, such as "it contains a line break"), so that the caller can say
 * whose it was.
 */
#pragma once

#include <glib.h>

/* A user of a machine, as useradd(8) takes them everywhere: [a-z_][a-z0-9_-]{0,31}. */
gboolean bs_name_is_user (const char *name, const char **problem);
/* "USER" or "USER:GROUP", names or numbers, for chown(1). */
gboolean bs_name_is_owner (const char *name, const char **problem);
/* RFC 1123: labels of letters, digits and hyphens, dots between; 64 characters at most, as Linux has it. */
gboolean bs_name_is_host (const char *name, const char **problem);
/* One line of authorized_keys, with options or without; "ssh-ed25519 AAAA… comment". */
gboolean bs_name_is_ssh_key (const char *line, const char **problem);
/* What chpasswd(8) can be told: one line of UTF-8, not empty. */
gboolean bs_name_is_password (const char *text, const char **problem);
/* Absolute, without control characters. */
gboolean bs_name_is_path (const char *path, const char **problem);
