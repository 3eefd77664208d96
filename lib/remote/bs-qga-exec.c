/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qga-exec.c — a command through the agent: started, then asked for until it has ended
 *
 * The agent replaces the whole environment or nothing, knows neither folder nor user, and cannot kill. A shell does the
 * first three, then becomes the command in a session of its own, whose process group is the agent's process id. A line
 * with a number of ours on stderr tells that the command could not be started at all.
 */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-qga.h"
#include "bs-time.h"

#include <poll.h>
#include <signal.h>
#include <string.h>

#define POLL_FIRST_USEC (5 * BS_USEC_PER_MSEC)
#define POLL_MOST_USEC (100 * BS_USEC_PER_MSEC)
#define TERM_USEC (2 * BS_USEC_PER_SEC)
#define KILL_USEC (2 * BS_USEC_PER_SEC)
#define DECODED_MAX ((gsize) 3 * BS_QGA_DATA_MAX / 2)

static const char wrapper[]
    = "mark=$1 folder=$2 user=$3 count=$4\n"
      "shift 4\n"
      "while [ \"$count\" -gt 0 ]; do export \"$1\"; shift; count=$((count - 1)); done\n"
      "if [ -n \"$folder\" ]; then cd \"$folder\" 2> /dev/null || { echo \"$mark folder\" >&2; exit 126; }; fi\n"
      "command -v \"$1\" > /dev/null 2>&1 || { echo \"$mark program\" >&2; exit 127; }\n"
      "new=setsid\n"
      "command -v setsid > /dev/null || new=\n"
      "[ -n \"$user\" ] || exec $new \"$@\"\n"
      "id -u \"$user\" > /dev/null 2>&1 || { echo \"$mark user\" >&2; exit 126; }\n"
      "if command -v runuser > /dev/null; then exec $new runuser -u \"$user\" -- \"$@\"; fi\n"
      "exec $new su -s /bin/sh \"$user\" -c 'exec \"$@\"' sh \"$@\"\n";

typedef struct
{
  BsQga *qga;
  const BsExecSpec *spec;
  const BsExecIO *io;
  char mark[24];
  json_int_t pid;
  int control_fd;
  gint64 deadline_usec; /* negative: none */
  GCancellable *cancellable;
} Run;

static json_t *
wrapped_arguments (const Run *self)
{
  json_t *list
      = json_pack ("[s, s, s, s, s, s]", "-c", wrapper, "sh", self->mark,
                   self->spec->cwd != NULL ? self->spec->cwd : "", self->spec->user != NULL ? self->spec->user : "");
  g_autofree char *count = NULL;
  guint n = 0;

  while (self->spec->env != NULL && self->spec->env[n] != NULL)
    n++;
  count = g_strdup_printf ("%u", n);
  json_array_append_new (list, json_string (count));
  for (guint i = 0; i < n; i++)
    json_array_append_new (list, json_string (self->spec->env[i]));
  for (guint i = 0; self->spec->argv[i] != NULL; i++)
    json_array_append_new (list, json_string (self->spec->argv[i]));
  return list;
}

/* Starts /bin/sh with @list (transfer full) and @input (nullable). Returns: its process id, or -1. */
static json_int_t
start_shell (BsQga *qga, json_t *list, GByteArray *input, gint64 deadline_usec, GCancellable *cancellable,
             GError **error)
{
  json_t *arguments = json_pack ("{s:s, s:o, s:b}", "path", "/bin/sh", "arg", list, "capture-output", 1);
  g_autoptr (json_t) answer = NULL;
  json_int_t pid;

  if (arguments == NULL)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "a command for the guest's agent must be UTF-8");
      return -1;
    }
  if (input != NULL)
    {
      g_autofree char *text = g_base64_encode (input->data, input->len);

      json_object_set_new (arguments, "input-data", json_string (text));
    }
  answer = bs_qga_call (qga, "guest-exec", arguments, deadline_usec, cancellable, error);
  if (answer == NULL)
    return -1;
  pid = (json_int_t) bs_json_int (answer, "pid", -1);
  if (pid <= 0 || pid > G_MAXINT32)
    {
      bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "the guest's agent started a command without process id");
      return -1;
    }
  return pid;
}

/* Returns: (transfer full) (nullable): its end, or NULL; when it runs still, without error */
static json_t *
ask (const Run *self, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  json_t *arguments = json_pack ("{s:I}", "pid", self->pid);
  g_autoptr (json_t) status
      = bs_qga_call (self->qga, "guest-exec-status", arguments, deadline_usec, cancellable, error);

  return bs_json_bool (status, "exited", FALSE) ? g_steal_pointer (&status) : NULL;
}

/* Waits for whatever may change what is to be done: cancellation, a signal to pass on, the time to ask again. */
static void
pause_until (Run *self, gint64 until_usec)
{
  struct pollfd items[2] = { { .fd = self->control_fd, .events = POLLIN },
                             { .fd = g_cancellable_get_fd (self->cancellable), .events = POLLIN } };

  poll (items, 2, bs_time_poll_timeout (until_usec));
  if (items[1].fd >= 0)
    g_cancellable_release_fd (self->cancellable);
}

/* To the whole session. The agent remembers a command until it was asked for its end, so this one is, too. */
static void
send_signal (const Run *self, int number)
{
  static const char script[] = "kill -s \"$1\" -- \"-$2\" 2> /dev/null || kill -s \"$1\" \"$2\"";
  g_autofree char *name = g_strdup_printf ("%d", number);
  g_autofree char *pid = g_strdup_printf ("%" JSON_INTEGER_FORMAT, self->pid);
  gint64 deadline_usec = bs_time_now_usec () + KILL_USEC;
  Run killer = { .qga = self->qga, .control_fd = -1 };

  killer.pid = start_shell (self->qga, json_pack ("[s, s, s, s, s]", "-c", script, "sh", name, pid), NULL,
                            deadline_usec, NULL, NULL);
  while (killer.pid > 0 && bs_time_now_usec () < deadline_usec)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (json_t) end = ask (&killer, deadline_usec, NULL, &local);

      if (end != NULL || local != NULL)
        return;
      pause_until (&killer, bs_time_now_usec () + POLL_FIRST_USEC);
    }
}

static void
pass_signals (Run *self)
{
  struct pollfd item = { .fd = self->control_fd, .events = POLLIN };
  BsExecControl record;

  while (self->control_fd >= 0 && poll (&item, 1, 0) > 0)
    {
      ssize_t n = read (self->control_fd, &record, sizeof record);

      if (n != sizeof record)
        self->control_fd = -1;
      else if (record.signal > 0 && record.signal <= 64)
        send_signal (self, (int) record.signal);
    }
}

/* Asks ever less often until @until_usec (negative: for ever). Returns: as ask(); NULL without error at that time, too
 */
static json_t *
ask_until (Run *self, gint64 until_usec, GError **error)
{
  gint64 step_usec = POLL_FIRST_USEC;
  /* What was asked just before is worth its answer. */
  gint64 answer_usec = until_usec >= 0 ? until_usec + KILL_USEC : -1;

  while (until_usec < 0 || bs_time_now_usec () < until_usec)
    {
      g_autoptr (GError) local = NULL;
      gint64 next_usec = bs_time_now_usec () + step_usec;
      json_t *end = ask (self, answer_usec, self->cancellable, &local);

      if (end != NULL)
        return end;
      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      pause_until (self, until_usec >= 0 ? MIN (next_usec, until_usec) : next_usec);
      pass_signals (self);
      step_usec = MIN (2 * step_usec, POLL_MOST_USEC);
    }
  return NULL;
}

/* The end of a command that was told to end. */
static json_t *
force_end (Run *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  json_t *end;

  send_signal (self, SIGTERM);
  end = ask_until (self, bs_time_now_usec () + TERM_USEC, &local);
  if (end == NULL && local == NULL)
    {
      send_signal (self, SIGKILL);
      end = ask_until (self, bs_time_now_usec () + KILL_USEC, &local);
    }
  if (end == NULL)
    bs_set_error (error, BS_ERROR_TIMEOUT, NULL, "'%s' did not end in time, and its end is not known",
                  self->spec->argv[0]);
  return end;
}

static gboolean
give (const Run *self, const json_t *end, const char *key, BsExecChannel channel, GError **error)
{
  const char *text = bs_json_string (end, key, "");
  g_autofree guchar *data = NULL;
  gsize length = 0;

  if (text[0] == '\0')
    return TRUE;
  data = g_base64_decode (text, &length);
  if (length > DECODED_MAX)
    {
      bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "the guest's agent sent more output than it keeps");
      return FALSE;
    }
  if (length == 0 || self->io->output == NULL || self->io->output (channel, data, length, self->io->user_data, error))
    return TRUE;
  if (error != NULL && *error == NULL)
    bs_set_error (error, BS_ERROR_CANCELLED, NULL, "its output is not wanted");
  return FALSE;
}

/* What the wrapper said: FALSE with an error when the command never ran. */
static gboolean
check_started (const Run *self, const json_t *end, GError **error)
{
  const char *encoded = bs_json_string (end, "err-data", "");
  gsize length = 0;
  g_autofree guchar *data = encoded[0] != '\0' ? g_base64_decode (encoded, &length) : NULL;
  gsize mark = strlen (self->mark);
  const char *said = (const char *) data;

  if (data == NULL || length < mark + 5 || memcmp (said, self->mark, mark) != 0)
    return TRUE;
  if (memcmp (said + mark, " fold", 5) == 0)
    bs_set_error (error, BS_ERROR_NOT_FOUND, NULL, "cannot run '%s': there is no folder '%s'", self->spec->argv[0],
                  self->spec->cwd);
  else if (memcmp (said + mark, " user", 5) == 0)
    bs_set_error (error, BS_ERROR_NOT_FOUND, NULL, "cannot run '%s': there is no user '%s'", self->spec->argv[0],
                  self->spec->user);
  else
    bs_set_error (error, BS_ERROR_NOT_FOUND, NULL, "cannot run '%s': there is no such program", self->spec->argv[0]);
  return FALSE;
}

static gboolean
finish (const Run *self, const json_t *end, gboolean timed_out, BsExecResult *result, GError **error)
{
  gint64 code = bs_json_int (end, "exitcode", 0), number = bs_json_int (end, "signal", 0);

  if (code < 0 || code > 255 || number < 0 || number > 64)
    {
      bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "the guest's agent told an impossible end");
      return FALSE;
    }
  if (!check_started (self, end, error) || !give (self, end, "out-data", BS_EXEC_STDOUT, error)
      || !give (self, end, "err-data", BS_EXEC_STDERR, error))
    return FALSE;
  if (bs_json_bool (end, "out-truncated", FALSE) || bs_json_bool (end, "err-truncated", FALSE))
    {
      bs_set_error (error, BS_ERROR_EXHAUSTED, "write it to a file there",
                    "'%s' printed more than the guest's agent keeps, 16 MiB", self->spec->argv[0]);
      return FALSE;
    }
  *result = (BsExecResult){ .exit_code = number > 0 ? 128 + (int) number : (int) code,
                            .exit_signal = (int) number,
                            .timed_out = timed_out };
  if (timed_out)
    result->exit_code = 124;
  return TRUE;
}

/* One piece. Returns: as read(2), -1 with an error */
static gssize
read_piece (const Run *self, guint8 *piece, gsize size, GError **error)
{
  struct pollfd items[2] = { { .fd = self->io->stdin_fd, .events = POLLIN },
                             { .fd = g_cancellable_get_fd (self->cancellable), .events = POLLIN } };
  gssize n;

  do
    n = poll (items, 2, bs_time_poll_timeout (self->deadline_usec));
  while (n < 0 && errno == EINTR);
  if (items[1].fd >= 0)
    g_cancellable_release_fd (self->cancellable);
  if (n == 0 || g_cancellable_is_cancelled (self->cancellable))
    {
      bs_set_error (error, n == 0 ? BS_ERROR_TIMEOUT : BS_ERROR_CANCELLED, NULL, "'%s' was waiting for its input",
                    self->spec->argv[0]);
      return -1;
    }
  do
    n = read (self->io->stdin_fd, piece, size);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    bs_set_error_errno (error, errno, "cannot read the input of '%s'", self->spec->argv[0]);
  return n;
}

/* All of it, as the agent takes no more later. */
static GByteArray *
read_input (const Run *self, GError **error)
{
  g_autoptr (GByteArray) input = g_byte_array_new ();
  guint8 piece[65536];
  gssize n;

  while ((n = read_piece (self, piece, sizeof piece, error)) > 0)
    {
      g_byte_array_append (input, piece, (guint) n);
      if (input->len > BS_QGA_DATA_MAX)
        {
          bs_set_error (error, BS_ERROR_EXHAUSTED, "copy it as a file first",
                        "the input of '%s' is more than the guest's agent takes, 16 MiB", self->spec->argv[0]);
          return NULL;
        }
    }
  return n == 0 ? g_steal_pointer (&input) : NULL;
}

/* To its end, or its deadline, or the user's wish. */
static gboolean
follow (Run *self, BsExecResult *result, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (json_t) end = ask_until (self, self->deadline_usec, &local);
  gboolean timed_out = end == NULL && local == NULL;

  if (timed_out)
    end = force_end (self, error);
  else if (g_error_matches (local, BS_ERROR, BS_ERROR_CANCELLED))
    {
      self->cancellable = NULL;
      send_signal (self, SIGKILL);
      bs_set_error (error, BS_ERROR_CANCELLED, NULL, "'%s' was interrupted", self->spec->argv[0]);
    }
  else if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return end != NULL && finish (self, end, timed_out, result, error);
}

gboolean
bs_qga_exec (BsQga *qga, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result, gint64 deadline_usec,
             GCancellable *cancellable, GError **error)
{
  Run self = { .qga = qga,
               .spec = spec,
               .io = io,
               .control_fd = io->control_fd,
               .deadline_usec = deadline_usec,
               .cancellable = cancellable };
  g_autoptr (GByteArray) input = NULL;

  if (spec->tty)
    {
      bs_set_error (error, BS_ERROR_UNSUPPORTED, "use SSH", "the guest's agent has no terminals");
      return FALSE;
    }
  if (spec->timeout_usec > 0)
    {
      gint64 own_usec = bs_time_now_usec () + spec->timeout_usec;

      self.deadline_usec = deadline_usec >= 0 ? MIN (deadline_usec, own_usec) : own_usec;
    }
  g_snprintf (self.mark, sizeof self.mark, "%08x%08x", g_random_int (), g_random_int ());
  if (io->stdin_fd >= 0 && (input = read_input (&self, error)) == NULL)
    return FALSE;
  self.pid = start_shell (qga, wrapped_arguments (&self), input, self.deadline_usec, cancellable, error);
  if (self.pid < 0)
    return FALSE;
  if (io->started != NULL)
    io->started (io->user_data);
  return follow (&self, result, error);
}
