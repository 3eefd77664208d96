/* SPDX-License-Identifier: Apache-2.0 */
/* bs-remote-guest.c — a BsRemote over the guest program */
#include "bs-remote.h"

static gboolean
guest_exec (BsRemote *self, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result, GError **error)
{
  return bs_guest_exec (self->data, spec, io, result, self->cancellable, error);
}

static gboolean
guest_copy_in (BsRemote *self, const char *source, const char *destination, GError **error)
{
  return bs_guest_copy_in_until (self->data, source, destination, self->deadline_usec, self->cancellable, error);
}

void
bs_remote_over_guest (BsRemote *self, BsGuest *guest, GCancellable *cancellable, gint64 deadline_usec)
{
  *self = (BsRemote){ .exec = guest_exec,
                      .copy_in = guest_copy_in,
                      .data = guest,
                      .cancellable = cancellable,
                      .deadline_usec = deadline_usec };
}
