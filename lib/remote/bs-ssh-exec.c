/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ssh-exec.c — one command over one channel
 *
 * A loop moves what can be moved (both outputs, input as far as the server's window goes, control records), then waits
 * for anything of that, for the canceller, or for the next of these moments: the timeout (SIGTERM), two seconds later
 * (SIGKILL), the end of the grace after it, half a second of silence after the command's end, fifteen seconds of
 * silence of the server (keepalive; three unanswered end the session).
 */
#include "bs-ssh-exec.h"
#include "bs-time.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define TERM_TO_KILL_USEC (2 * BS_USEC_PER_SEC)
#define KILL_TO_END_USEC (2 * BS_USEC_PER_SEC)
#define QUIET_USEC (500 * BS_USEC_PER_MSEC)
#define SIGNAL_PATIENCE_USEC (5 * BS_USEC_PER_SEC)
#define ALIVE_USEC (15 * BS_USEC_PER_SEC)
#define ALIVE_MAX 3

static gboolean exec_until (BsSsh *self, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result,
                            gint64 deadline_usec, gboolean is_signal, GCancellable *cancellable, GError **error);

static void
on_exit_status (ssh_session session, ssh_channel channel, int status, void *user_data)
{
  BsSshExec *self = user_data;

  self->ended = TRUE;
  self->exit_code = status < 0 || status > 255 ? 255 : status;
}

static void
on_exit_signal (ssh_session session, ssh_channel channel, const char *name, int core, const char *message,
                const char *language, void *user_data)
{
  BsSshExec *self = user_data;
  int number = bs_ssh_signal_number (name);

  self->ended = TRUE;
  self->exit_signal = number != 0 ? number : SIGKILL; /* "SEGV@openssh.com" and the like */
  self->exit_code = 128 + self->exit_signal;
}

/* Asks again until libssh has the server's answer. */
#define AWAIT(self, result, request, error)                                                                            \
  while (((result) = (request)) == SSH_AGAIN)                                                                          \
    if (!bs_ssh_wait (&(self)->call, NULL, 0, -1, error))                                                              \
      return FALSE;                                                                                                    \
  if ((result) != SSH_OK)                                                                                              \
    return bs_ssh_call_failed (&(self)->call, error);

static gboolean
begin (BsSshExec *self, const char *line, GError **error)
{
  const BsExecSpec *spec = self->spec;
  int result;

  self->channel = bs_ssh_channel_open (&self->call, error);
  if (self->channel == NULL)
    return FALSE;
  ssh_callbacks_init (&self->callbacks);
  self->callbacks.userdata = self;
  self->callbacks.channel_exit_status_function = on_exit_status;
  self->callbacks.channel_exit_signal_function = on_exit_signal;
  bs_libssh.ssh_set_channel_callbacks (self->channel, &self->callbacks);
  if (spec->tty)
    {
      AWAIT (self, result,
             bs_libssh.ssh_channel_request_pty_size (self->channel, spec->term != NULL ? spec->term : "xterm",
                                                     spec->columns != 0 ? spec->columns : 80,
                                                     spec->rows != 0 ? spec->rows : 24),
             error)
    }
  if (line != NULL)
    {
      AWAIT (self, result, bs_libssh.ssh_channel_request_exec (self->channel, line), error)
    }
  else
    {
      AWAIT (self, result, bs_libssh.ssh_channel_request_shell (self->channel), error)
    }
  if (self->io->started != NULL)
    self->io->started (self->io->user_data);
  return TRUE;
}

/* --- output */

static gboolean
hand_out (BsSshExec *self, BsExecChannel channel, const char *data, gsize length, GError **error)
{
  if (length == 0 || self->io->output == NULL || self->unwanted)
    return TRUE;
  if (self->io->output (channel, data, length, self->io->user_data, error))
    return TRUE;
  self->unwanted = TRUE;
  if (error != NULL && *error == NULL)
    bs_set_error (error, BS_ERROR_CANCELLED, NULL, "its output is not wanted");
  return FALSE;
}

static gboolean
reports_here (const BsSshExec *self, BsExecChannel channel)
{
  return channel == (self->spec->tty ? BS_EXEC_STDOUT : BS_EXEC_STDERR);
}

/* Returns: FALSE with an error; @moved: something came */
static gboolean
read_channel (BsSshExec *self, BsExecChannel channel, gboolean *moved, GError **error)
{
  int n = bs_libssh.ssh_channel_read_nonblocking (self->channel, self->call.ssh->buffer, BS_SSH_BUFFER,
                                                  channel == BS_EXEC_STDERR);
  const char *data = (const char *) self->call.ssh->buffer;
  gsize length = n > 0 ? (gsize) n : 0;

  if (n == SSH_ERROR && !bs_libssh.ssh_is_connected (self->call.ssh->session) && !self->ended)
    return bs_ssh_call_failed (&self->call, error);
  if (length == 0)
    return TRUE;
  *moved = TRUE;
  if (reports_here (self, channel))
    bs_ssh_report_take (&self->report, &data, &length);
  return hand_out (self, channel, data, length, error);
}

/* --- input */

static void
end_input (BsSshExec *self)
{
  if (!self->input_ended && !self->spec->tty)
    bs_libssh.ssh_channel_send_eof (self->channel);
  self->input_ended = TRUE;
}

/* The terminal's own end of file, since a channel with a terminal has only one life. */
static void
end_terminal_input (BsSshExec *self)
{
  static const char end_of_file = 4;

  if (!self->input_ended && self->spec->tty && self->io->stdin_fd >= 0)
    bs_libssh.ssh_channel_write (self->channel, &end_of_file, 1);
}

static gboolean
wants_input (const BsSshExec *self)
{
  return !self->input_ended && !self->ended && self->in_left == 0
         && (bs_libssh.ssh_get_poll_flags (self->call.ssh->session) & SSH_WRITE_PENDING) == 0
         && bs_libssh.ssh_channel_window_size (self->channel) > 0;
}

static void
read_input (BsSshExec *self)
{
  gssize n = read (self->io->stdin_fd, self->in, sizeof self->in);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n > 0)
    {
      self->in_at = 0;
      self->in_left = (gsize) n;
      return;
    }
  end_terminal_input (self);
  end_input (self);
}

static void
write_input (BsSshExec *self, gboolean *moved)
{
  int n;

  if (self->in_left == 0 || (bs_libssh.ssh_get_poll_flags (self->call.ssh->session) & SSH_WRITE_PENDING) != 0)
    return;
  n = bs_libssh.ssh_channel_write (self->channel, self->in + self->in_at, (uint32_t) self->in_left);
  if (n > 0)
    {
      self->in_at += (gsize) n;
      self->in_left -= (gsize) n;
      *moved = TRUE;
    }
  else if (n == SSH_ERROR)
    {
      self->in_left = 0; /* it reads no more */
      self->input_ended = TRUE;
    }
}

/* --- signals */

/* By a command of its own, beside the one that is to get it. */
static gboolean
kill_group (BsSshExec *self, int number)
{
  const char *login = self->call.ssh->target->user;
  const char *user = self->spec->user != NULL ? self->spec->user : "root";
  char script[96];
  const char *argv[] = { "sh", "-c", script, NULL };
  BsExecSpec spec = { .argv = argv, .user = strcmp (user, login) == 0 ? login : "root" };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1 };
  BsExecResult result;

  g_snprintf (script, sizeof script, "kill -%d -%u || kill -%d %u", number, self->report.group, number,
              self->report.group);
  return exec_until (self->call.ssh, &spec, &io, &result, bs_time_now_usec () + SIGNAL_PATIENCE_USEC, TRUE, NULL, NULL);
}

static void
send_signal (BsSshExec *self, int number)
{
  const char *name = bs_ssh_signal_name (number);

  if (self->ended || self->is_signal || self->deaf)
    return;
  if (self->report.group != 0)
    self->deaf = !kill_group (self, number);
  else if (name != NULL)
    bs_libssh.ssh_channel_request_send_signal (self->channel, name);
}

static void
read_control (BsSshExec *self)
{
  BsExecControl record;
  gssize n = read (self->control_fd, &record, sizeof record);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n != sizeof record)
    self->control_fd = -1;
  else if (record.signal != 0)
    send_signal (self, (int) record.signal);
  else if (self->spec->tty)
    bs_libssh.ssh_channel_change_pty_size (self->channel, record.columns, record.rows);
}

/* --- time */

/* FALSE when the last of the moments passed without an end. */
static gboolean
keep_time (BsSshExec *self, gint64 now, GError **error)
{
  if (self->ended || self->next_usec == 0 || now < self->next_usec)
    return TRUE;
  if (!self->timed_out && !self->deaf)
    {
      self->timed_out = TRUE;
      send_signal (self, SIGTERM); /* which takes its time */
      self->next_usec = self->deaf ? now : bs_time_now_usec () + TERM_TO_KILL_USEC;
      return TRUE;
    }
  if (!self->killed && !self->deaf)
    {
      self->killed = TRUE;
      send_signal (self, SIGKILL);
      self->next_usec = bs_time_now_usec () + KILL_TO_END_USEC;
      return TRUE;
    }
  self->call.ssh->broken = TRUE;
  bs_set_error (error, BS_ERROR_TIMEOUT, NULL, "'%s' did not end '%s' after its timeout", self->call.ssh->name,
                self->what);
  return FALSE;
}

/* Is the server there at all? */
static gboolean
keep_alive (BsSshExec *self, gint64 now, GError **error)
{
  if (self->call.ssh->counter.in_bytes != self->heard_bytes)
    {
      self->heard_bytes = self->call.ssh->counter.in_bytes;
      self->heard_usec = now;
      self->unanswered = 0;
    }
  if (now - self->heard_usec < ALIVE_USEC)
    return TRUE;
  self->heard_usec = now;
  if (self->unanswered++ < ALIVE_MAX)
    {
      bs_ssh_ask (self->call.ssh);
      return TRUE;
    }
  self->call.ssh->broken = TRUE;
  bs_set_error (error, BS_ERROR_DIED, NULL, "'%s' does not answer any more", self->call.ssh->name);
  return FALSE;
}

/* All that it had to say is here, or nothing more comes. */
static gboolean
is_over (BsSshExec *self, gboolean moved, gint64 now)
{
  gboolean eof = bs_libssh.ssh_channel_is_eof (self->channel) || bs_libssh.ssh_channel_is_closed (self->channel);

  if (eof && !self->ended)
    bs_libssh.ssh_channel_get_exit_status (self->channel); /* takes what came in */
  if (moved || !self->ended)
    self->quiet_usec = now + QUIET_USEC;
  if (moved)
    return FALSE;
  return eof ? self->ended || bs_libssh.ssh_channel_is_closed (self->channel) : self->ended && now >= self->quiet_usec;
}

static gboolean
wait_for_more (BsSshExec *self, GError **error)
{
  struct pollfd items[2] = { { .fd = wants_input (self) ? self->io->stdin_fd : -1, .events = POLLIN },
                             { .fd = self->control_fd, .events = POLLIN } };
  gint64 until = self->heard_usec + ALIVE_USEC;

  if (self->ended)
    until = MIN (until, self->quiet_usec);
  else if (self->next_usec != 0)
    until = MIN (until, self->next_usec);
  if (!bs_ssh_wait (&self->call, items, 2, until, error))
    return FALSE;
  if (items[0].revents != 0)
    read_input (self);
  if (items[1].revents != 0)
    read_control (self);
  return TRUE;
}

static gboolean
carry (BsSshExec *self, GError **error)
{
  for (;;)
    {
      gboolean moved = FALSE;
      gint64 now;

      if (!read_channel (self, BS_EXEC_STDOUT, &moved, error) || !read_channel (self, BS_EXEC_STDERR, &moved, error))
        return FALSE;
      write_input (self, &moved);
      now = bs_time_now_usec ();
      if (is_over (self, moved, now))
        return TRUE;
      if (!keep_time (self, now, error) || !keep_alive (self, now, error) || (!moved && !wait_for_more (self, error)))
        return FALSE;
    }
}

static gboolean
finish (BsSshExec *self, BsExecResult *result, GError **error)
{
  const char *data;
  gsize length;

  bs_ssh_report_end (&self->report, &data, &length);
  if (!hand_out (self, self->spec->tty ? BS_EXEC_STDOUT : BS_EXEC_STDERR, data, length, error))
    return FALSE;
  if (!self->ended)
    {
      self->call.ssh->broken = !bs_libssh.ssh_is_connected (self->call.ssh->session);
      bs_set_error (error, BS_ERROR_DIED, NULL, "'%s' did not say how '%s' ended", self->call.ssh->name, self->what);
      return FALSE;
    }
  if (self->report.missing != NULL)
    {
      gboolean program = strcmp (self->report.missing, "program") == 0;
      const char *subject = program                                        ? self->spec->argv[0]
                            : strcmp (self->report.missing, "folder") == 0 ? self->spec->cwd
                                                                           : self->spec->user;

      bs_set_error (error, program ? BS_ERROR_NOT_FOUND : BS_ERROR_FAILED, NULL,
                    "cannot run '%s' on '%s': no %s '%s' there", self->what, self->call.ssh->name, self->report.missing,
                    subject);
      return FALSE;
    }
  *result = (BsExecResult){ .exit_code = self->timed_out ? 124 : self->exit_code,
                            .exit_signal = self->exit_signal,
                            .timed_out = self->timed_out };
  return TRUE;
}

/* Ended early: nothing of it shall go on there. */
static void
abandon (BsSshExec *self)
{
  if (self->channel == NULL || self->ended || !bs_libssh.ssh_is_connected (self->call.ssh->session))
    return;
  self->call.ssh->broken = FALSE;
  send_signal (self, SIGKILL);
  self->call.ssh->broken = TRUE;
}

static gboolean
run (BsSshExec *self, const char *line, BsExecResult *result, GError **error)
{
  gboolean ok = begin (self, line, error);

  if (ok)
    {
      self->heard_usec = bs_time_now_usec ();
      self->next_usec = self->spec->timeout_usec > 0 ? self->heard_usec + self->spec->timeout_usec : 0;
      if (self->io->stdin_fd < 0)
        end_input (self);
      ok = carry (self, error) && finish (self, result, error);
    }
  if (!ok)
    abandon (self);
  bs_ssh_channel_free (self->channel);
  return ok;
}

static gboolean
exec_line (BsSsh *ssh, const BsExecSpec *spec, const char *line, BsSshReport *report, const BsExecIO *io,
           BsExecResult *result, gint64 deadline_usec, gboolean is_signal, GCancellable *cancellable, GError **error)
{
  const char *what = line != NULL ? spec->argv[0] : "the shell";
  g_autofree char *doing = g_strdup_printf ("run '%s'", what);
  g_autofree BsSshExec *self = g_new0 (BsSshExec, 1);
  gboolean ok;

  self->spec = spec;
  self->io = io;
  self->what = what;
  self->is_signal = is_signal;
  self->control_fd = io->control_fd;
  self->report = *report;
  bs_ssh_call_begin (&self->call, ssh, doing, deadline_usec, cancellable);
  ok = bs_ssh_call_check (&self->call, error) && run (self, line, result, error);
  bs_ssh_call_end (&self->call);
  bs_ssh_report_clear (&self->report);
  return ok;
}

/* @is_signal: it only sends one, and is not itself sent any. */
static gboolean
exec_until (BsSsh *self, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result, gint64 deadline_usec,
            gboolean is_signal, GCancellable *cancellable, GError **error)
{
  BsSshReport report = { 0 };
  g_autofree char *line = bs_ssh_command_line (spec, self->target->user, &report, error);

  if (line != NULL)
    return exec_line (self, spec, line, &report, io, result, deadline_usec, is_signal, cancellable, error);
  bs_ssh_report_clear (&report);
  return FALSE;
}

gboolean
bs_ssh_exec_until (BsSsh *self, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result, gint64 deadline_usec,
                   GCancellable *cancellable, GError **error)
{
  return exec_until (self, spec, io, result, deadline_usec, FALSE, cancellable, error);
}

gboolean
bs_ssh_exec (BsSsh *self, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result, GCancellable *cancellable,
             GError **error)
{
  return bs_ssh_exec_until (self, spec, io, result, -1, cancellable, error);
}

gboolean
bs_ssh_shell (BsSsh *self, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result, GCancellable *cancellable,
              GError **error)
{
  BsSshReport none = { 0 };

  return exec_line (self, spec, NULL, &none, io, result, -1, FALSE, cancellable, error);
}
