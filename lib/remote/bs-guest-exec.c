/* SPDX-License-Identifier: Apache-2.0 */
/* bs-guest-exec.c — a command in the guest, its streams here */
#include "bs-guest-call.h"
#include "bs-time.h"

#include <errno.h>
#include <unistd.h>

typedef struct
{
  const BsExecIO *io;
  BsExecResult *result;
} Exec;

static gboolean
exec_data (BsGuestCall *call, guint8 channel, const guint8 *data, gsize length, GError **error)
{
  const BsExecIO *io = ((Exec *) call->self)->io;

  if (length == 0 || io->output == NULL)
    return TRUE;
  if (io->output ((BsExecChannel) channel, data, length, io->user_data, error))
    return TRUE;
  if (error != NULL && *error == NULL)
    bs_set_error (error, BS_ERROR_CANCELLED, NULL, "its output is not wanted");
  return FALSE;
}

static void
exec_started (BsGuestCall *call)
{
  const BsExecIO *io = ((Exec *) call->self)->io;

  if (io->started != NULL)
    io->started (io->user_data);
}

static gboolean
read_stdin (BsGuestCall *call)
{
  gsize most = MIN (call->credit, BS_WIRE_PAYLOAD_MAX);
  ssize_t n = read (call->read_fd[0], bs_guest_out (call->guest) + BS_WIRE_HEADER_SIZE, most);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return TRUE;
  if (n > 0)
    {
      bs_guest_send_built (call, BS_WIRE_DATA, (gsize) n);
      call->credit -= (guint32) n;
      return TRUE;
    }
  bs_guest_send_built (call, BS_WIRE_EOF, 0);
  call->read_fd[0] = -1;
  return TRUE;
}

static gboolean
read_control (BsGuestCall *call)
{
  BsExecControl record;
  ssize_t n = read (call->read_fd[1], &record, sizeof record);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return TRUE;
  if (n != sizeof record)
    call->read_fd[1] = -1;
  else if (record.signal != 0)
    bs_guest_send32 (call, BS_WIRE_SIGNAL, 0, record.signal);
  else
    bs_guest_send32 (call, BS_WIRE_WINSIZE, 0, record.rows | (guint32) record.columns << 16);
  return TRUE;
}

static gboolean
exec_readable (BsGuestCall *call, guint index, GError **error)
{
  return index == 0 ? read_stdin (call) : read_control (call);
}

static gboolean
exec_finish (BsGuestCall *call, const guint8 *payload, gsize length, GError **error)
{
  BsExecResult *result = ((Exec *) call->self)->result;
  BsWireField field;
  guint32 code = 0, number = 0;
  gboolean signalled
      = bs_wire_fields_find (payload, length, BS_WIRE_TAG_EXIT_SIGNAL, &field) && bs_wire_field32 (&field, &number);
  gboolean exited
      = bs_wire_fields_find (payload, length, BS_WIRE_TAG_EXIT_CODE, &field) && bs_wire_field32 (&field, &code);

  if (signalled == exited || code > 255 || (signalled && (number < 1 || number > 64)))
    return bs_guest_break (call->guest, error, BS_ERROR_PROTOCOL, "the guest broke the protocol: an impossible end");
  *result = (BsExecResult){ .exit_code = signalled ? 128 + (int) number : (int) code,
                            .exit_signal = (int) number,
                            .timed_out = bs_wire_fields_find (payload, length, BS_WIRE_TAG_TIMED_OUT, &field) };
  if (result->timed_out)
    result->exit_code = 124;
  return TRUE;
}

static BsWireBuilder
exec_request (BsGuest *self, const BsExecSpec *spec, gboolean has_stdin)
{
  BsWireBuilder request = bs_guest_request (self);

  for (guint i = 0; spec->argv[i] != NULL; i++)
    bs_wire_add_string (&request, BS_WIRE_TAG_ARGV, spec->argv[i]);
  for (guint i = 0; spec->env != NULL && spec->env[i] != NULL; i++)
    bs_wire_add_string (&request, BS_WIRE_TAG_ENV, spec->env[i]);
  bs_wire_add_string (&request, BS_WIRE_TAG_CWD, spec->cwd);
  bs_wire_add_string (&request, BS_WIRE_TAG_USER, spec->user);
  if (spec->timeout_usec > 0)
    bs_wire_add64 (&request, BS_WIRE_TAG_TIMEOUT_USEC, (guint64) spec->timeout_usec);
  if (!has_stdin)
    bs_wire_add_flag (&request, BS_WIRE_TAG_NO_STDIN);
  if (spec->tty)
    {
      bs_wire_add_flag (&request, BS_WIRE_TAG_TTY);
      bs_wire_add16 (&request, BS_WIRE_TAG_ROWS, spec->rows != 0 ? spec->rows : 24);
      bs_wire_add16 (&request, BS_WIRE_TAG_COLUMNS, spec->columns != 0 ? spec->columns : 80);
      bs_wire_add_string (&request, BS_WIRE_TAG_TERM, spec->term);
    }
  return request;
}

gboolean
bs_guest_exec (BsGuest *self, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result,
               GCancellable *cancellable, GError **error)
{
  g_autofree char *what = g_strdup_printf ("run '%s'", spec->argv[0]);
  BsWireBuilder request = exec_request (self, spec, io->stdin_fd >= 0);
  Exec exec = { .io = io, .result = result };
  BsGuestCall call = { .guest = self,
                       .what = what,
                       .deadline_usec = -1,
                       .cancellable = cancellable,
                       .final = BS_WIRE_EXITED,
                       .read_fd = { io->stdin_fd, io->control_fd },
                       .self = &exec,
                       .data = exec_data,
                       .started = exec_started,
                       .readable = exec_readable,
                       .finish = exec_finish };

  if (spec->timeout_usec > 0)
    call.deadline_usec = bs_time_now_usec () + spec->timeout_usec + BS_EXEC_TIMEOUT_GRACE_USEC;
  return bs_guest_call (&call, &request, BS_WIRE_EXEC, error);
}
