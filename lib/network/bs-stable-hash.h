/* SPDX-License-Identifier: Apache-2.0 */
/* bs-stable-hash.h — numbers that depend on names only: the same on every host, in every version */
#pragma once

#include <glib.h>

/* First eight bytes, big endian, of the SHA-256 of the three texts, each with its NUL, and @attempt as four bytes big
 * endian. */
guint64 bs_stable_hash (const char *purpose, const char *lab, const char *name, guint32 attempt);

/* "52:54:00:xx:xx:xx" for an interface of a node; (transfer full). Never one of QEMU's own defaults
 * (52:54:00:12:34:xx). */
char *bs_stable_mac (const char *lab, const char *node, const char *interface, guint32 attempt);
