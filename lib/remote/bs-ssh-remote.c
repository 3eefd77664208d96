/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ssh-remote.c — a session as a BsRemote */
#include "bs-ssh-copy.h"
#include "bs-ssh-exec.h"

static gboolean
remote_exec (BsRemote *remote, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result, GError **error)
{
  gint64 deadline = remote->deadline_usec > 0 ? remote->deadline_usec : -1;

  return bs_ssh_exec_until (remote->data, spec, io, result, deadline, remote->cancellable, error);
}

static gboolean
remote_copy_in (BsRemote *remote, const char *source, const char *destination, GError **error)
{
  BsSshCopy copy = { .deadline_usec = remote->deadline_usec, .cancellable = remote->cancellable };

  return bs_ssh_copy_in (remote->data, source, destination, &copy, error);
}

void
bs_ssh_remote (BsSsh *self, BsRemote *remote)
{
  *remote = (BsRemote){ .exec = remote_exec, .copy_in = remote_copy_in, .data = self };
}
