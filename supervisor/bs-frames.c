/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-frames.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

gssize
bs_frames_read (BsFrames *self, int fd, guint8 *buffer, gsize most)
{
  gsize have = self->rest != NULL ? self->rest->len : 0;
  gssize n;

  do
    n = recv (fd, buffer + have, most, MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n <= 0)
    return n;
  if (have > 0)
    memcpy (buffer, self->rest->data, have);
  bs_frames_clear (self);
  return (gssize) have + n;
}

BsFramesStep
bs_frames_peek (const guint8 *data, gsize length, BsWireHeader *header)
{
  if (length < BS_WIRE_HEADER_SIZE)
    return BS_FRAMES_PARTIAL;
  if (!bs_wire_get_header (data, header))
    return BS_FRAMES_BROKEN;
  return length < BS_WIRE_HEADER_SIZE + header->length ? BS_FRAMES_PARTIAL : BS_FRAMES_WHOLE;
}

void
bs_frames_keep (BsFrames *self, const guint8 *data, gsize length)
{
  if (length == 0)
    return;
  self->rest = g_byte_array_sized_new ((guint) length);
  g_byte_array_append (self->rest, data, (guint) length);
}

void
bs_frames_clear (BsFrames *self)
{
  g_clear_pointer (&self->rest, g_byte_array_unref);
}
