/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-pcap.h"
#include "bs-error.h"
#include "bs-file.h"

#include <errno.h>

#define FLUSH_BYTES (256 * 1024)
#define LINKTYPE_ETHERNET 1

typedef struct
{
  guint32 magic;
  guint16 major, minor;
  gint32 zone;
  guint32 accuracy, snap, link;
} Head;

typedef struct
{
  guint32 sec, nsec, length, original;
} PacketHead;

BsPcap *
bs_pcap_new (int fd, guint32 snap)
{
  BsPcap *self = g_new0 (BsPcap, 1);
  Head head = { BS_PCAP_MAGIC_NSEC, 2, 4, 0, 0, snap, LINKTYPE_ETHERNET };

  self->fd = fd;
  self->buffer = g_byte_array_sized_new (FLUSH_BYTES);
  g_byte_array_append (self->buffer, (const guint8 *) &head, sizeof head);
  return self;
}

void
bs_pcap_free (BsPcap *self)
{
  if (self == NULL)
    return;
  g_byte_array_unref (self->buffer);
  g_free (self);
}

gboolean
bs_pcap_flush (BsPcap *self, GError **error)
{
  guint length = self->buffer->len;

  if (bs_fd_write_all (self->fd, self->buffer->data, length))
    {
      g_byte_array_set_size (self->buffer, 0);
      return TRUE;
    }
  if (errno == EPIPE)
    bs_set_error (error, BS_ERROR_DIED, NULL, "nobody reads the capture any more");
  else
    bs_set_error_errno (error, errno, "cannot write the capture");
  return FALSE;
}

gboolean
bs_pcap_write (BsPcap *self, guint64 time_nsec, const guint8 *frame, guint32 length, guint32 original, GError **error)
{
  PacketHead head = { (guint32) (time_nsec / 1000000000), (guint32) (time_nsec % 1000000000), length, original };

  g_byte_array_append (self->buffer, (const guint8 *) &head, sizeof head);
  g_byte_array_append (self->buffer, frame, length);
  return self->buffer->len < FLUSH_BYTES || bs_pcap_flush (self, error);
}
