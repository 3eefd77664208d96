/* SPDX-License-Identifier: Apache-2.0 */
/* bs-cpio.h — a newc archive for an initramfs, the same bytes for the same entries */
#pragma once

#include <glib.h>

typedef struct _BsCpio BsCpio;

BsCpio *bs_cpio_new (void);
void bs_cpio_free (BsCpio *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsCpio, bs_cpio_free)

/* Names are relative, without leading slash; a name that was added before is replaced. Missing parent folders are made
 * (0755). */
void bs_cpio_add_folder (BsCpio *self, const char *name, guint mode);
void bs_cpio_add_file (BsCpio *self, const char *name, guint mode, const void *data, gsize length);
void bs_cpio_add_text (BsCpio *self, const char *name, const char *text);
void bs_cpio_add_link (BsCpio *self, const char *name, const char *target);

/* The archive: entries sorted by name, owned by root, dated 1970, numbered from 1. (transfer full) */
GBytes *bs_cpio_write (const BsCpio *self);
