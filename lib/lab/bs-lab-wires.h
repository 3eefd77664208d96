/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-wires.h — what the topology says of wires, told to the supervisor before any machine starts */
#pragma once

#include "bs-control.h"
#include "bs-wire-plan.h"

gboolean bs_lab_declare_wires (BsControl *control, const BsWirePlan *plan, gint64 deadline_usec,
                               GCancellable *cancellable, GError **error);
/* The lab is ready: `at` of schedules counts from now. */
gboolean bs_lab_begin_schedules (BsControl *control, gint64 deadline_usec, GCancellable *cancellable, GError **error);
