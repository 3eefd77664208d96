/* SPDX-License-Identifier: Apache-2.0 */
/* copy.c — PUT (archive in) and GET (archive out) */
#include "guest.h"

#include <stdlib.h>

/* What a copy in may have under way beside the usual credit: it is written as it comes, and a round trip through an
 * emulated guest is long. */
#define PUT_CREDIT (2 * 1024 * 1024)

static void
put_free (Stream *stream)
{
  bs_unpack_free (stream->self);
}

static void
put_data (Session *session, Stream *stream, const uint8_t *data, size_t length)
{
  BsArchiveError error;

  if (!bs_unpack_write (stream->self, data, length, &error))
    guest_end_archive (session, stream, &error);
  else
    guest_consumed (session, stream, length);
}

static void
put_eof (Session *session, Stream *stream)
{
  BsArchiveError error;

  if (bs_unpack_finish (stream->self, &error))
    guest_end_done (session, stream);
  else
    guest_end_archive (session, stream, &error);
}

static const StreamKind put_kind = { .data = put_data, .eof = put_eof, .free = put_free };

void
guest_put_start (Session *session, Stream *stream, const uint8_t *payload, size_t length)
{
  char *path = guest_string (payload, length, BS_WIRE_TAG_PATH);
  char *name = guest_string (payload, length, BS_WIRE_TAG_NAME);
  BsArchiveError error;

  if (path == NULL)
    guest_end_error (session, stream, "invalid", "the request to copy in has no path");
  else if ((stream->self = bs_unpack_new (path, name, false, &error)) == NULL)
    guest_end_archive (session, stream, &error);
  else
    {
      stream->kind = &put_kind;
      guest_grant (session, stream, PUT_CREDIT);
    }
  free (path);
  free (name);
}

static void
get_free (Stream *stream)
{
  bs_pack_free (stream->self);
}

static bool
get_pump (Session *session, Stream *stream)
{
  size_t room = BS_WIRE_PAYLOAD_MAX;
  BsArchiveError error;
  ssize_t n;

  if (stream->credit[BS_WIRE_STDOUT] < BS_ARCHIVE_CHUNK_MIN)
    return false;
  if (stream->credit[BS_WIRE_STDOUT] < room)
    room = stream->credit[BS_WIRE_STDOUT];
  n = bs_pack_read (stream->self, guest_out (session) + BS_WIRE_HEADER_SIZE, room, &error);
  if (n < 0)
    guest_end_archive (session, stream, &error);
  else if (n == 0)
    {
      guest_send (session, BS_WIRE_EOF, BS_WIRE_STDOUT, stream->id, NULL, 0);
      guest_end_done (session, stream);
    }
  else
    {
      stream->credit[BS_WIRE_STDOUT] -= (uint32_t) n;
      guest_send_built (session, BS_WIRE_DATA, BS_WIRE_STDOUT, stream->id, (size_t) n);
    }
  return true;
}

static const StreamKind get_kind = { .pump = get_pump, .free = get_free };

void
guest_get_start (Session *session, Stream *stream, const uint8_t *payload, size_t length)
{
  char *path = guest_string (payload, length, BS_WIRE_TAG_PATH);
  BsArchiveError error;

  if (path == NULL)
    guest_end_error (session, stream, "invalid", "the request to copy out has no path");
  else if ((stream->self = bs_pack_new (path, &error)) == NULL)
    guest_end_archive (session, stream, &error);
  else
    stream->kind = &get_kind;
  free (path);
}
