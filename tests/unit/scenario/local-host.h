/* SPDX-License-Identifier: Apache-2.0 */
/* local-host.h — a host of scenarios whose only node is this machine: commands are really run */
#pragma once

#include "bs-scenario.h"

/* For BsScenarioHost.exec. */
gboolean local_host_exec (const char *node, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result,
                          GCancellable *cancellable, gpointer user_data, GError **error);
