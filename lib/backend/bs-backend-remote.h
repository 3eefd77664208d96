/* SPDX-License-Identifier: Apache-2.0 */
/* bs-backend-remote.h — a node of any backend as a machine that commands run in */
#pragma once

#include "bs-backend.h"
#include "bs-remote.h"

typedef struct
{
  BsRemote remote; /* first: it is what is passed on */
  const BsBackendClass *backend;
  const BsBackendLab *lab;
  const char *name;
} BsBackendRemote;

/* All borrowed, must outlive @self. The lab's cancellable is the remote's. */
void bs_backend_remote_init (BsBackendRemote *self, const BsBackendClass *backend, const BsBackendLab *lab,
                             const char *name, gint64 deadline_usec);
