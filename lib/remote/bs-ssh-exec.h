/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ssh-exec.h — the state of one command (internal to lib/remote) */
#pragma once

#include "bs-ssh-command.h"
#include "bs-ssh-private.h"

#include <unistd.h>

typedef struct
{
  BsSshCall call;
  const BsExecSpec *spec;
  const BsExecIO *io;
  const char *what;
  gboolean is_signal; /* a command that only sends one to another */
  ssh_channel channel;
  struct ssh_channel_callbacks_struct callbacks;
  BsSshReport report;

  gboolean ended; /* the server said how */
  int exit_code, exit_signal;
  gboolean timed_out, killed, unwanted;
  gboolean deaf;     /* a signal could not be sent: the server does nothing any more */
  gint64 next_usec;  /* of the timeout: what is next; 0: none */
  gint64 quiet_usec; /* after its end: until when more output is awaited */

  int control_fd;
  gboolean input_ended;
  gsize in_at, in_left;
  guint8 in[32 * 1024];

  guint64 heard_bytes;
  gint64 heard_usec; /* when the server was last heard, or asked */
  guint unanswered;
} BsSshExec;

/* As bs_ssh_exec(), but given up at @deadline_usec (negative: never) with %BS_ERROR_TIMEOUT. */
gboolean bs_ssh_exec_until (BsSsh *self, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result,
                            gint64 deadline_usec, GCancellable *cancellable, GError **error);
