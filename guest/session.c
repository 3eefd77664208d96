/* SPDX-License-Identifier: Apache-2.0 */
/* session.c — frames from the host to streams
 *
 * A session is HUNTing (not opened) or opened. Whatever breaks a rule ends all streams, is told on stream 0, and leads
 * back to the hunt; so does a new opening. Frames for streams that are no more are ignored, since the host may have
 * sent them before it knew.
 */
#include "guest.h"

#include <stdlib.h>
#include <string.h>

bool
guest_session_init (Session *session)
{
  session->in_at = session->in = malloc (GUEST_IN_SIZE);
  session->out = malloc (GUEST_OUT_SIZE);
  if (session->in == NULL || session->out == NULL || !bs_wire_parser_init (&session->parser))
    return false;
  bs_wire_parser_hunt (&session->parser, NULL);
  return true;
}

static void
free_stream (Session *session, Stream *stream)
{
  if (stream->kind != NULL && stream->kind->free != NULL)
    stream->kind->free (stream);
  session->streams[stream->slot] = NULL;
  free (stream);
}

static void
end_streams (Session *session)
{
  for (unsigned i = 0; i < session->used; i++)
    if (session->streams[i] != NULL)
      free_stream (session, session->streams[i]);
  session->used = 0;
  session->opened = false;
  session->hold_usec = 0;
}

void
guest_session_end (Session *session)
{
  end_streams (session);
  session->out_at = session->out_end = 0;
  session->in_left = 0;
  bs_wire_parser_hunt (&session->parser, NULL);
}

void
guest_session_clear (Session *session)
{
  end_streams (session);
  bs_wire_parser_clear (&session->parser);
  free (session->in);
  free (session->out);
}

static void
broken (Session *session, const char *what)
{
  end_streams (session);
  guest_end_error (session, NULL, "protocol", "the host broke the protocol: %s", what);
  bs_wire_parser_hunt (&session->parser, NULL);
}

static Stream *
find_stream (Session *session, uint32_t id)
{
  for (unsigned i = 0; i < session->used; i++)
    if (session->streams[i] != NULL && session->streams[i]->id == id && !session->streams[i]->ended)
      return session->streams[i];
  return NULL;
}

static Stream *
add_stream (Session *session, uint32_t id)
{
  Stream *stream;
  unsigned slot = 0;

  while (slot < session->used && session->streams[slot] != NULL)
    slot++;
  if (slot == GUEST_STREAMS_MAX || (stream = calloc (1, sizeof *stream)) == NULL)
    return NULL;
  stream->id = id;
  stream->slot = slot;
  stream->owed = BS_WIRE_CREDIT;
  for (unsigned i = 0; i < 3; i++)
    stream->credit[i] = BS_WIRE_CREDIT;
  session->streams[slot] = stream;
  if (slot >= session->used)
    session->used = slot + 1;
  return stream;
}

static void
ping (Session *session, Stream *stream, const uint8_t *body, size_t length)
{
  guest_send (session, BS_WIRE_DONE, 0, stream->id, body, length);
  stream->ended = true;
}

static void
request (Session *session, const BsWireHeader *frame, const uint8_t *body)
{
  static void (*const starts[]) (Session *, Stream *, const uint8_t *, size_t) = {
    [BS_WIRE_EXEC] = guest_exec_start,
    [BS_WIRE_PUT] = guest_put_start,
    [BS_WIRE_GET] = guest_get_start,
    [BS_WIRE_WAIT] = guest_wait_start,
    [BS_WIRE_IDENTITY] = guest_identity_start,
    [BS_WIRE_POWER] = guest_power_start,
    [BS_WIRE_PING] = ping,
  };
  Stream *stream;

  if (frame->stream == 0 || frame->channel != 0 || find_stream (session, frame->stream) != NULL)
    {
      broken (session, "a request on a stream that it may not open");
      return;
    }
  stream = add_stream (session, frame->stream);
  if (stream == NULL)
    {
      Stream none = { .id = frame->stream };

      {
        guest_end_error (session, &none, "exhausted", "too many requests at once");
        return;
      }
    }
  starts[frame->type](session, stream, body, frame->length);
}

static void
take_data (Session *session, Stream *stream, const BsWireHeader *frame, const uint8_t *body)
{
  if (frame->channel != 0 || frame->length > stream->owed)
    {
      broken (session, "data without credit");
      return;
    }
  stream->owed -= frame->length;
  if (stream->kind->data != NULL)
    stream->kind->data (session, stream, body, frame->length);
  else
    guest_consumed (session, stream, frame->length);
}

static void
take_credit (Session *session, Stream *stream, const BsWireHeader *frame, const uint8_t *body)
{
  uint32_t more = bs_wire_get32 (body);

  if (frame->channel > 2 || more > UINT32_MAX - stream->credit[frame->channel])
    {
      broken (session, "too much credit");
      return;
    }
  stream->credit[frame->channel] += more;
}

/* A frame that belongs to a stream that exists. */
static void
stream_frame (Session *session, Stream *stream, const BsWireHeader *frame, const uint8_t *body)
{
  const StreamKind *kind = stream->kind;

  if ((frame->type == BS_WIRE_CREDIT_MORE || frame->type == BS_WIRE_SIGNAL || frame->type == BS_WIRE_WINSIZE)
      && frame->length != 4)
    {
      broken (session, "a frame of the wrong size");
      return;
    }
  if (frame->type == BS_WIRE_DATA)
    take_data (session, stream, frame, body);
  else if (frame->type == BS_WIRE_EOF && kind->eof != NULL)
    kind->eof (session, stream);
  else if (frame->type == BS_WIRE_CREDIT_MORE)
    take_credit (session, stream, frame, body);
  else if (frame->type == BS_WIRE_SIGNAL && kind->signal != NULL)
    kind->signal (session, stream, (int) bs_wire_get32 (body));
  else if (frame->type == BS_WIRE_WINSIZE && kind->winsize != NULL)
    kind->winsize (session, stream, bs_wire_get16 (body), bs_wire_get16 (body + 2));
  else if (frame->type == BS_WIRE_CLOSE)
    guest_end_error (session, stream, "cancelled", "closed by the host");
}

static void
take_frame (Session *session)
{
  const BsWireHeader *frame = &session->parser.frame;
  const uint8_t *body = session->parser.body;
  Stream *stream;

  if (frame->type >= BS_WIRE_EXEC && frame->type <= BS_WIRE_PING)
    {
      request (session, frame, body);
      return;
    }
  if (frame->type == BS_WIRE_HELLO && frame->stream == 0)
    {
      if (guest_number (body, frame->length, BS_WIRE_TAG_VERSION, 0) == 0)
        broken (session, "a hello without version");
      return;
    }
  if (frame->type < BS_WIRE_DATA || frame->type > BS_WIRE_CLOSE || frame->stream == 0)
    {
      broken (session, "an unknown frame");
      return;
    }
  stream = find_stream (session, frame->stream);
  if (stream != NULL)
    stream_frame (session, stream, frame, body);
}

static void
sweep (Session *session)
{
  for (unsigned i = 0; i < session->used; i++)
    if (session->streams[i] != NULL && session->streams[i]->ended)
      {
        free_stream (session, session->streams[i]);
        session->hold_usec = 0;
      }
  while (session->used > 0 && session->streams[session->used - 1] == NULL)
    session->used--;
}

bool
guest_session_parse (Session *session)
{
  BsWireStep step = BS_WIRE_MORE;
  bool took = false;

  do
    {
      if (guest_room (session) < GUEST_ANSWER_ROOM || session->power != NULL)
        return took;
      step = bs_wire_parser_feed (&session->parser, &session->in_at, &session->in_left);
      took |= step != BS_WIRE_MORE;
      if (step == BS_WIRE_REOPEN || step == BS_WIRE_OPENED)
        {
          end_streams (session);
          session->out_at = session->out_end = 0;
        }
      if (step == BS_WIRE_OPENED)
        {
          session->opened = true;
          guest_send_hello (session);
        }
      else if (step == BS_WIRE_BROKEN)
        broken (session, "a bad header");
      else if (step == BS_WIRE_FRAME)
        take_frame (session);
      if (took)
        sweep (session);
    }
  while (step != BS_WIRE_MORE);
  return took;
}

bool
guest_session_pump (Session *session)
{
  bool did = false;

  for (unsigned i = 0; i < session->used; i++)
    {
      Stream *stream = session->streams[i];

      if (stream != NULL && !stream->ended && stream->kind->pump != NULL && guest_room (session) >= GUEST_ANSWER_ROOM)
        did |= stream->kind->pump (session, stream);
    }
  sweep (session);
  return did;
}

void
guest_session_tick (Session *session, int64_t now_usec)
{
  for (unsigned i = 0; i < session->used; i++)
    {
      Stream *stream = session->streams[i];

      if (stream == NULL || stream->ended || stream->deadline_usec == 0 || now_usec < stream->deadline_usec)
        continue;
      if (guest_room (session) < GUEST_ANSWER_ROOM)
        break;
      stream->deadline_usec = 0;
      stream->kind->tick (session, stream, now_usec);
    }
  sweep (session);
}

int64_t
guest_session_deadline (const Session *session)
{
  int64_t deadline = session->out_at < session->out_end ? session->hold_usec : 0;

  for (unsigned i = 0; i < session->used; i++)
    {
      const Stream *stream = session->streams[i];

      if (stream != NULL && stream->deadline_usec != 0 && (deadline == 0 || stream->deadline_usec < deadline))
        deadline = stream->deadline_usec;
    }
  return deadline;
}

void
guest_session_reap (Session *session, pid_t pid, int status)
{
  for (unsigned i = 0; i < session->used; i++)
    if (session->streams[i] != NULL && session->streams[i]->pid == pid)
      {
        session->streams[i]->pid = 0;
        if (session->streams[i]->kind->exited != NULL)
          session->streams[i]->kind->exited (session, session->streams[i], status);
      }
}
