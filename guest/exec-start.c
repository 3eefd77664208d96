/* SPDX-License-Identifier: Apache-2.0 */
/* exec-start.c — EXEC: reading the request, making the streams, starting the command */
#include "exec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* Makes the streams: ours in exec->fds, the command's in @theirs. */
static bool
make_terminal (Exec *exec, int theirs[3], const uint8_t *payload, size_t length)
{
  struct winsize size = { .ws_row = (uint16_t) guest_number (payload, length, BS_WIRE_TAG_ROWS, 24),
                          .ws_col = (uint16_t) guest_number (payload, length, BS_WIRE_TAG_COLUMNS, 80) };
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

  guest_hold (session);
  bs_wire_builder_init (&builder, guest_out (session), guest_room (session));
  bs_wire_add32 (&builder, BS_WIRE_TAG_PID, (uint32_t) stream->pid);
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

      stream->kind = &guest_exec_kind;
      stream->self = exec;
      stream->ready = 1;
      exec->tty = guest_flag (payload, length, BS_WIRE_TAG_TTY);
      exec->eof = guest_flag (payload, length, BS_WIRE_TAG_NO_STDIN);
      exec->fds[0] = exec->fds[1] = exec->fds[2] = -1;
      if (timeout > 0 && timeout < INT64_MAX / 2)
        stream->deadline_usec = guest_now_usec () + (int64_t) timeout;
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
