/* SPDX-License-Identifier: Apache-2.0 */
/* exec.c — a command with its streams
 *
 * Output is read straight into frames while there is credit and room; a command that outruns the host blocks on its
 * pipe. After the command's own end what is in the pipes is still sent, but what its children in the background may
 * write later is not waited for. A terminal's last output comes through a kernel thread, so there the end of file is
 * awaited for a moment.
 */
#include "exec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define TERM_TO_KILL_USEC 2000000
#define TTY_DRAIN_USEC 200000

static void
close_input (Exec *exec)
{
  if (exec->fds[0] >= 0 && !exec->tty)
    close (exec->fds[0]);
  exec->fds[0] = -1;
}

static void
exec_free (Stream *stream)
{
  Exec *exec = stream->self;

  if (stream->pid != 0)
    guest_kill (stream->pid, SIGKILL);
  close_input (exec);
  for (int i = 1; i < 3; i++)
    if (exec->fds[i] >= 0)
      close (exec->fds[i]);
  free (exec->pending);
  free (exec);
}

/* Writes what the pipe takes. True when something went. */
static bool
feed_input (Session *session, Stream *stream)
{
  Exec *exec = stream->self;
  size_t left = exec->pending_end - exec->pending_at;
  ssize_t n;

  if (left == 0 || (stream->ready & 1) == 0)
    return false;
  n = exec->fds[0] >= 0 ? write (exec->fds[0], exec->pending + exec->pending_at, left) : (ssize_t) left;
  if (n < 0 && errno == EAGAIN)
    {
      stream->ready &= (uint8_t) ~1;
      return false;
    }
  if (n < 0)
    {
      close_input (exec);
      n = (ssize_t) left;
    }
  exec->pending_at += (size_t) n;
  guest_consumed (session, stream, (size_t) n);
  if (exec->pending_at == exec->pending_end)
    exec->pending_at = exec->pending_end = 0;
  return true;
}

/* Ends stdin once all of it went: a terminal gets its end-of-file character. */
static void
finish_input (Exec *exec)
{
  if (!exec->eof || exec->pending_end > 0 || exec->fds[0] < 0)
    return;
  if (exec->tty && write (exec->fds[0], "\x04", 1) < 0)
    return;
  close_input (exec);
}

static void
exec_data (Session *session, Stream *stream, const uint8_t *data, size_t length)
{
  Exec *exec = stream->self;

  if (exec->eof || exec->fds[0] < 0 || (exec->pending == NULL && (exec->pending = malloc (BS_WIRE_CREDIT)) == NULL))
    {
      guest_consumed (session, stream, length);
      return;
    }
  if (exec->pending_end + length > BS_WIRE_CREDIT)
    {
      memmove (exec->pending, exec->pending + exec->pending_at, exec->pending_end - exec->pending_at);
      exec->pending_end -= exec->pending_at;
      exec->pending_at = 0;
    }
  memcpy (exec->pending + exec->pending_end, data, length);
  exec->pending_end += length;
  feed_input (session, stream);
}

static void
exec_eof (Session *session, Stream *stream)
{
  Exec *exec = stream->self;

  exec->eof = true;
  finish_input (exec);
}

static void
end_channel (Session *session, Stream *stream, unsigned channel)
{
  Exec *exec = stream->self;

  if (exec->tty)
    exec->fds[0] = -1;
  close (exec->fds[channel]);
  exec->fds[channel] = -1;
  guest_hold (session); /* a command that ends closes its streams just before */
  guest_send (session, BS_WIRE_EOF, (uint8_t) channel, stream->id, NULL, 0);
}

/* Reads one frame's worth of output. */
static bool
take_output (Session *session, Stream *stream, unsigned channel)
{
  Exec *exec = stream->self;
  size_t room = BS_WIRE_PAYLOAD_MAX;
  uint8_t bit = (uint8_t) (1 << channel);
  ssize_t n;

  if (exec->fds[channel] < 0 || (stream->ready & bit) == 0 || stream->credit[channel] == 0
      || guest_room (session) < GUEST_ANSWER_ROOM)
    return false;
  if (stream->credit[channel] < room)
    room = stream->credit[channel];
  n = read (exec->fds[channel], guest_out (session) + BS_WIRE_HEADER_SIZE, room);
  if (n > 0)
    {
      guest_send_built (session, BS_WIRE_DATA, (uint8_t) channel, stream->id, (size_t) n);
      stream->credit[channel] -= (uint32_t) n;
      return true;
    }
  if (n < 0 && errno == EAGAIN)
    {
      stream->ready &= (uint8_t) ~bit;
      if (!exec->exited || exec->tty)
        return false;
    }
  end_channel (session, stream, channel);
  return true;
}

static void
send_exited (Session *session, Stream *stream)
{
  const Exec *exec = stream->self;
  BsWireBuilder builder;

  bs_wire_builder_init (&builder, guest_out (session), guest_room (session));
  if (WIFSIGNALED (exec->status))
    bs_wire_add32 (&builder, BS_WIRE_TAG_EXIT_SIGNAL, (uint32_t) WTERMSIG (exec->status));
  else
    bs_wire_add32 (&builder, BS_WIRE_TAG_EXIT_CODE, (uint32_t) WEXITSTATUS (exec->status));
  if (exec->timed_out)
    bs_wire_add_flag (&builder, BS_WIRE_TAG_TIMED_OUT);
  guest_out_add (session, bs_wire_builder_finish (&builder, BS_WIRE_EXITED, stream->id));
  stream->ended = true;
}

static bool
exec_pump (Session *session, Stream *stream)
{
  Exec *exec = stream->self;
  bool did = feed_input (session, stream);

  finish_input (exec);
  did |= take_output (session, stream, BS_WIRE_STDOUT);
  did |= take_output (session, stream, BS_WIRE_STDERR);
  if (exec->exited && exec->fds[1] < 0 && exec->fds[2] < 0 && guest_room (session) >= GUEST_ANSWER_ROOM)
    send_exited (session, stream);
  return did;
}

static void
exec_exited (Session *session, Stream *stream, int status)
{
  Exec *exec = stream->self;

  exec->exited = true;
  exec->status = status;
  if (exec->timed_out)
    guest_kill (exec->group, SIGKILL); /* what is left of it */
  stream->ready |= 2 | 4;
  stream->deadline_usec = exec->tty ? guest_now_usec () + TTY_DRAIN_USEC : 0;
}

static void
exec_tick (Session *session, Stream *stream, int64_t now_usec)
{
  Exec *exec = stream->self;

  if (exec->exited)
    {
      if (exec->fds[1] >= 0 && stream->credit[1] == 0)
        stream->deadline_usec = now_usec + TTY_DRAIN_USEC; /* the host is slow, not the terminal */
      else if (exec->fds[1] >= 0)
        end_channel (session, stream, BS_WIRE_STDOUT);
      stream->ready |= 2;
      return;
    }
  guest_kill (stream->pid, exec->timed_out ? SIGKILL : SIGTERM);
  stream->deadline_usec = exec->timed_out ? 0 : now_usec + TERM_TO_KILL_USEC;
  exec->timed_out = true;
}

static void
exec_signal (Session *session, Stream *stream, int number)
{
  Exec *exec = stream->self;
  pid_t foreground;

  if (number < 1 || number > 64 || stream->pid == 0)
    return;
  if (exec->tty && exec->fds[1] >= 0 && ioctl (exec->fds[1], TIOCGPGRP, &foreground) == 0 && foreground > 1)
    guest_kill (foreground, number);
  else
    guest_kill (stream->pid, number);
}

static void
exec_winsize (Session *session, Stream *stream, uint16_t rows, uint16_t columns)
{
  Exec *exec = stream->self;
  struct winsize size = { .ws_row = rows, .ws_col = columns };

  if (exec->tty && exec->fds[1] >= 0)
    ioctl (exec->fds[1], TIOCSWINSZ, &size);
}

const StreamKind guest_exec_kind = {
  .pump = exec_pump,
  .data = exec_data,
  .eof = exec_eof,
  .signal = exec_signal,
  .winsize = exec_winsize,
  .exited = exec_exited,
  .tick = exec_tick,
  .free = exec_free,
};
