/* SPDX-License-Identifier: Apache-2.0 */
/* bs-outbox.h — bytes that a stream socket did not take yet */
#pragma once

#include <glib.h>

typedef struct
{
  GByteArray *bytes; /* NULL while empty, so that an idle connection holds no memory */
  gsize sent;        /* of bytes */
} BsOutbox;

gsize bs_outbox_pending (const BsOutbox *self);

/**
 * bs_outbox_write:
 *
 * Writes @data to @fd without waiting; what is not taken is kept. With something kept already, all is kept, in order.
 *
 * Returns: FALSE with errno when the peer is gone
 */
gboolean bs_outbox_write (BsOutbox *self, int fd, const void *data, gsize length);
/* Writes what was kept. FALSE with errno when the peer is gone. */
gboolean bs_outbox_flush (BsOutbox *self, int fd);
void bs_outbox_clear (BsOutbox *self);
