/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-outbox.h"

#include <errno.h>
#include <sys/socket.h>

/* Sent bytes are cut off when they are this many, so that a busy box does not move its content at each write. */
#define CUT_AT (256 * 1024)

gsize
bs_outbox_pending (const BsOutbox *self)
{
  return self->bytes != NULL ? self->bytes->len - self->sent : 0;
}

/* Returns: how many were taken, 0 when none fit, -1 when the peer is gone */
static gssize
send_some (int fd, const guint8 *data, gsize length)
{
  gssize n;

  do
    n = send (fd, data, length, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  return n < 0 && errno == EAGAIN ? 0 : n;
}

gboolean
bs_outbox_write (BsOutbox *self, int fd, const void *data, gsize length)
{
  gssize n = 0;

  if (bs_outbox_pending (self) == 0 && (n = send_some (fd, data, length)) < 0)
    return FALSE;
  if ((gsize) n == length)
    return TRUE;
  if (self->bytes == NULL)
    self->bytes = g_byte_array_new ();
  g_byte_array_append (self->bytes, (const guint8 *) data + n, (guint) (length - (gsize) n));
  return TRUE;
}

gboolean
bs_outbox_flush (BsOutbox *self, int fd)
{
  while (bs_outbox_pending (self) > 0)
    {
      gssize n = send_some (fd, self->bytes->data + self->sent, bs_outbox_pending (self));

      if (n < 0)
        return FALSE;
      self->sent += (gsize) n;
      if (n == 0)
        break;
    }
  if (bs_outbox_pending (self) == 0)
    bs_outbox_clear (self);
  else if (self->sent >= CUT_AT)
    {
      g_byte_array_remove_range (self->bytes, 0, (guint) self->sent);
      self->sent = 0;
    }
  return TRUE;
}

void
bs_outbox_clear (BsOutbox *self)
{
  g_clear_pointer (&self->bytes, g_byte_array_unref);
  self->sent = 0;
}
