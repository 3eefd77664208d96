/* SPDX-License-Identifier: Apache-2.0 */
/* send.c — frames to the host, built in one buffer */
#include "guest.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <fcntl.h>

#define CREDIT_STEP (BS_WIRE_CREDIT / 2)
#define HOLD_USEC 10000

size_t
guest_room (Session *session)
{
  if (session->out_at == session->out_end)
    session->out_at = session->out_end = 0;
  else if (session->out_at > GUEST_OUT_SIZE / 2)
    {
      memmove (session->out, session->out + session->out_at, session->out_end - session->out_at);
      session->out_end -= session->out_at;
      session->out_at = 0;
    }
  return GUEST_OUT_SIZE - session->out_end;
}

uint8_t *
guest_out (Session *session)
{
  return session->out + session->out_end;
}

void
guest_out_add (Session *session, size_t length)
{
  session->out_end += length;
}

/* For frames that nobody waits for (STARTED, EOF): they go out with what comes next, since a write costs a guest
 * dearly. */
void
guest_hold (Session *session)
{
  if (session->out_at == session->out_end || session->hold_usec != 0)
    session->hold_usec = guest_now_usec () + HOLD_USEC;
}

void
guest_send_built (Session *session, uint8_t type, uint8_t channel, uint32_t stream, size_t length)
{
  if (type != BS_WIRE_EOF)
    session->hold_usec = 0;
  bs_wire_put_header (guest_out (session), type, channel, stream, (uint32_t) length);
  guest_out_add (session, BS_WIRE_HEADER_SIZE + length);
}

void
guest_send (Session *session, uint8_t type, uint8_t channel, uint32_t stream, const void *payload, size_t length)
{
  if (guest_room (session) < BS_WIRE_HEADER_SIZE + length)
    abort (); /* every caller asked for room first: a bug, not the host's doing */
  if (length > 0)
    memcpy (guest_out (session) + BS_WIRE_HEADER_SIZE, payload, length);
  guest_send_built (session, type, channel, stream, length);
}

void
guest_grant (Session *session, Stream *stream, uint32_t n)
{
  uint8_t payload[4];

  bs_wire_put32 (payload, n);
  guest_send (session, BS_WIRE_CREDIT_MORE, 0, stream->id, payload, sizeof payload);
  stream->owed += n;
}

void
guest_consumed (Session *session, Stream *stream, size_t n)
{
  stream->consumed += (uint32_t) n;
  if (stream->consumed < CREDIT_STEP)
    return;
  guest_grant (session, stream, stream->consumed);
  stream->consumed = 0;
}

void
guest_end_done (Session *session, Stream *stream)
{
  guest_send (session, BS_WIRE_DONE, 0, stream->id, NULL, 0);
  stream->ended = true;
}

static void
send_error (Session *session, uint32_t stream, const char *code, const char *text)
{
  BsWireBuilder builder;

  bs_wire_builder_init (&builder, guest_out (session), guest_room (session));
  bs_wire_add_string (&builder, BS_WIRE_TAG_CODE, code);
  bs_wire_add_string (&builder, BS_WIRE_TAG_TEXT, text);
  guest_out_add (session, bs_wire_builder_finish (&builder, BS_WIRE_ERROR, stream));
}

void
guest_end_error (Session *session, Stream *stream, const char *code, const char *format, ...)
{
  char text[1024];
  va_list args;

  va_start (args, format);
  vsnprintf (text, sizeof text, format, args);
  va_end (args);
  send_error (session, stream != NULL ? stream->id : 0, code, text);
  if (stream != NULL)
    stream->ended = true;
}

void
guest_end_archive (Session *session, Stream *stream, const BsArchiveError *error)
{
  guest_end_error (session, stream, error->code, "%s", error->text);
}

static void
add_boot_id (BsWireBuilder *builder)
{
  char id[37];
  int fd = open ("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    return;
  if (read (fd, id, 36) == 36)
    bs_wire_add (builder, BS_WIRE_TAG_BOOT_ID, id, 36);
  close (fd);
}

/* Magic and the host's nonce, so that it knows where this session begins; then HELLO. */
void
guest_send_hello (Session *session)
{
  struct utsname names;
  BsWireBuilder builder;
  uint8_t *at;

  guest_room (session);
  at = guest_out (session);
  memcpy (at, BS_WIRE_MAGIC, BS_WIRE_MAGIC_SIZE);
  memcpy (at + BS_WIRE_MAGIC_SIZE, session->parser.nonce, BS_WIRE_NONCE_SIZE);
  guest_out_add (session, BS_WIRE_OPENING_ANSWER);
  bs_wire_builder_init (&builder, guest_out (session), guest_room (session));
  bs_wire_add32 (&builder, BS_WIRE_TAG_VERSION, BS_WIRE_VERSION);
  bs_wire_add_string (&builder, BS_WIRE_TAG_PROGRAM, GUEST_VERSION);
  if (uname (&names) == 0)
    {
      bs_wire_add_string (&builder, BS_WIRE_TAG_KERNEL, names.release);
      bs_wire_add_string (&builder, BS_WIRE_TAG_HOSTNAME, names.nodename);
    }
  add_boot_id (&builder);
  guest_out_add (session, bs_wire_builder_finish (&builder, BS_WIRE_HELLO, 0));
}
