/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-backend-remote.h"

static gboolean
run (BsRemote *remote, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result, GError **error)
{
  BsBackendRemote *self = (BsBackendRemote *) remote;

  return self->backend->exec (self->lab, self->name, spec, io, result, error);
}

static gboolean
copy_in (BsRemote *remote, const char *source, const char *destination, GError **error)
{
  BsBackendRemote *self = (BsBackendRemote *) remote;

  return self->backend->copy_in (self->lab, self->name, source, destination, error);
}

void
bs_backend_remote_init (BsBackendRemote *self, const BsBackendClass *backend, const BsBackendLab *lab, const char *name,
                        gint64 deadline_usec)
{
  *self = (BsBackendRemote){
    .remote = { .exec = run, .copy_in = copy_in, .cancellable = lab->cancellable, .deadline_usec = deadline_usec },
    .backend = backend,
    .lab = lab,
    .name = name
  };
}
