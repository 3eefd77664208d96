/* SPDX-License-Identifier: Apache-2.0 */
/* exec.c — a command with its streams
 *
 * Output is read straight into frames while there is credit and room; a command that outruns the host blocks on its
 * pipe. After the command's own end what is in the pipes is still sent, but what its children in the background may
 * write later is not waited for. A terminal's last output comes through a kernel thread, so there the end of file is
 * awaited for a moment.
 */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define TERM_TO_KILL_USEC 2000000
#define TTY_DRAIN_USEC 200000
#define HOLD_USEC 2000

typedef struct
{
  int fds[3]; /* our ends; with tty 0 and 1 are the same descriptor */
  bool tty, exited, timed_out, eof;
  int status;
  pid_t group;
  uint8_t *pending; /* stdin that the pipe did not take yet */
  size_t pending_at, pending_end;
} Exec;

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
  n = exec->fds[0] >= 0 ? write (exec->fds[0], exec->pending + exec->pending_at, left) : (ssize_t)left;
  if (n < 0 && errno == EAGAIN)
    {
      stream->ready &= (uint8_t)~1;
      return false;
    }
  if (n < 0)
    {
      close_input (exec);
      n = (ssize_t)left;
    }
  exec->pending_at += (size_t)n;
  guest_consumed (session, stream, (size_t)n);
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
  guest_send (session, BS_WIRE_EOF, (uint8_t)channel, stream->id, NULL, 0);
}

/* Reads one frame's worth of output. */
static bool
take_output (Session *session, Stream *stream, unsigned channel)
{
  Exec *exec = stream->self;
  size_t room = BS_WIRE_PAYLOAD_MAX;
  uint8_t bit = (uint8_t)(1 << channel);
  ssize_t n;

  if (exec->fds[channel] < 0 || (stream->ready & bit) == 0 || stream->credit[channel] == 0
      || guest_room (session) < GUEST_ANSWER_ROOM)
    return false;
  if (stream->credit[channel] < room)
    room = stream->credit[channel];
  n = read (exec->fds[channel], guest_out (session) + BS_WIRE_HEADER_SIZE, room);
  if (n > 0)
    {
      guest_send_built (session, BS_WIRE_DATA, (uint8_t)channel, stream->id, (size_t)n);
      stream->credit[channel] -= (uint32_t)n;
      return true;
    }
  if (n < 0 && errno == EAGAIN)
    {
      stream->ready &= (uint8_t)~bit;
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
    bs_wire_add32 (&builder, BS_WIRE_TAG_EXIT_SIGNAL, (uint32_t)WTERMSIG (exec->status));
  else
    bs_wire_add32 (&builder, BS_WIRE_TAG_EXIT_CODE, (uint32_t)WEXITSTATUS (exec->status));
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

static const StreamKind exec_kind = {
  .pump = exec_pump,
  .data = exec_data,
  .eof = exec_eof,
  .signal = exec_signal,
  .winsize = exec_winsize,
  .exited = exec_exited,
  .tick = exec_tick,
  .free = exec_free,
};

/* Makes the streams: ours in exec->fds, the command's in @theirs. */
static bool
make_terminal (Exec *exec, int theirs[3], const uint8_t *payload, size_t length)
{
  struct winsize size = { .ws_row = (uint16_t)guest_number (payload, length, BS_WIRE_TAG_ROWS, 24),
                          .ws_col = (uint16_t)guest_number (payload, length, BS_WIRE_TAG_COLUMNS, 80) };
  int unlock = 0;

  exec->fds[1] = open ("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (exec->fds[1] < 0 || ioctl (exec->fds[1], TIOCSPTLCK, &unlock) != 0)
    return false;
  ioctl (exec->fds[1], TIOCSWINSZ, &size);
  theirs[0] = ioctl (exec->fds[1], TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  theirs[1] = theirs[2] = theirs[0];
  exec->fds[0] = exec->fds[1];
  return theirs[0] >= 0;
}

static bool
make_pipes (Exec *exec, int theirs[3], bool no_stdin)
{
  int ends[2];

  if (no_stdin)
    theirs[0] = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  else if (pipe2 (ends, O_CLOEXEC) == 0)
    {
      theirs[0] = ends[0];
      exec->fds[0] = ends[1];
      fcntl (ends[1], F_SETFL, O_NONBLOCK);
    }
  for (int i = 1; i < 3 && theirs[0] >= 0; i++)
    {
      if (pipe2 (ends, O_CLOEXEC) != 0)
        return false;
      exec->fds[i] = ends[0];
      theirs[i] = ends[1];
      fcntl (ends[0], F_SETFL, O_NONBLOCK);
    }
  return theirs[0] >= 0;
}

static bool
watch_streams (Session *session, const Stream *stream, const Exec *exec)
{
  if (exec->tty)
    return guest_watch (session, exec->fds[1], EPOLLIN | EPOLLOUT, stream->slot, 1);
  return (exec->fds[0] < 0 || guest_watch (session, exec->fds[0], EPOLLOUT, stream->slot, 0))
         && guest_watch (session, exec->fds[1], EPOLLIN, stream->slot, 1)
         && guest_watch (session, exec->fds[2], EPOLLIN, stream->slot, 2);
}

static void
send_started (Session *session, const Stream *stream)
{
  BsWireBuilder builder;

  if (session->out_at == session->out_end)
    session->hold_usec = guest_now_usec () + HOLD_USEC;
  bs_wire_builder_init (&builder, guest_out (session), guest_room (session));
  bs_wire_add32 (&builder, BS_WIRE_TAG_PID, (uint32_t)stream->pid);
  guest_out_add (session, bs_wire_builder_finish (&builder, BS_WIRE_STARTED, stream->id));
}

static void
start (Session *session, Stream *stream, Exec *exec, Spawn *spawn, const uint8_t *payload, size_t length)
{
  const char *code;
  char text[512];
  bool ok;

  spawn->tty = exec->tty;
  ok = exec->tty ? make_terminal (exec, spawn->fds, payload, length) : make_pipes (exec, spawn->fds, exec->eof);
  if (!ok || !watch_streams (session, stream, exec))
    guest_end_error (session, stream, "failed", "cannot make streams for '%s': %s", spawn->argv[0], strerror (errno));
  else
    {
      stream->pid = guest_spawn (spawn, &code, text, sizeof text);
      exec->group = stream->pid;
      if (stream->pid < 0)
        {
          stream->pid = 0;
          guest_end_error (session, stream, code, "%s", text);
        }
      else
        send_started (session, stream);
    }
  for (int i = 0; i < (exec->tty ? 1 : 3); i++)
    if (spawn->fds[i] >= 0)
      close (spawn->fds[i]);
}

static bool
add_term (StringList *env, const uint8_t *payload, size_t length)
{
  char *term = guest_string (payload, length, BS_WIRE_TAG_TERM), *variable;
  char **grown;

  if (term == NULL)
    return true;
  grown = realloc (env->items, (env->count + 2) * sizeof *grown);
  variable = malloc (strlen (term) + 6);
  if (grown != NULL)
    env->items = grown;
  if (grown == NULL || variable == NULL)
    {
      free (term);
      free (variable);
      return false;
    }
  sprintf (variable, "TERM=%s", term);
  free (term);
  env->items[env->count++] = variable;
  env->items[env->count] = NULL;
  return true;
}

void
guest_exec_start (Session *session, Stream *stream, const uint8_t *payload, size_t length)
{
  StringList argv = { 0 }, env = { 0 };
  char *cwd = guest_string (payload, length, BS_WIRE_TAG_CWD);
  char *user = guest_string (payload, length, BS_WIRE_TAG_USER);
  uint64_t timeout = guest_number (payload, length, BS_WIRE_TAG_TIMEOUT_USEC, 0);
  Exec *exec = calloc (1, sizeof *exec);

  if (exec != NULL && guest_strings (payload, length, BS_WIRE_TAG_ARGV, &argv) && argv.count > 0
      && guest_strings (payload, length, BS_WIRE_TAG_ENV, &env) && add_term (&env, payload, length))
    {
      Spawn spawn = { .argv = argv.items, .env = env.items, .cwd = cwd, .user = user, .fds = { -1, -1, -1 } };

      stream->kind = &exec_kind;
      stream->self = exec;
      stream->ready = 1;
      exec->tty = guest_flag (payload, length, BS_WIRE_TAG_TTY);
      exec->eof = guest_flag (payload, length, BS_WIRE_TAG_NO_STDIN);
      exec->fds[0] = exec->fds[1] = exec->fds[2] = -1;
      if (timeout > 0 && timeout < INT64_MAX / 2)
        stream->deadline_usec = guest_now_usec () + (int64_t)timeout;
      start (session, stream, exec, &spawn, payload, length);
    }
  else
    {
      free (exec);
      guest_end_error (session, stream, "invalid", "the request to run a command is malformed");
    }
  guest_strings_free (&argv);
  guest_strings_free (&env);
  free (cwd);
  free (user);
}
