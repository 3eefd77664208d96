/* SPDX-License-Identifier: Apache-2.0 */
/* bs-events.h — one stream of facts: to the caller's function and to the lab's events.ndjson */
#pragma once

#include "bs-control.h"

#include <benchscale/bs-lab.h>

typedef struct _BsEvents BsEvents;

/* @options: (nullable): borrowed, must outlive the result */
BsEvents *bs_events_new (const char *lab, const BsLabOptions *options);
void bs_events_free (BsEvents *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsEvents, bs_events_free)

/* From now on events go to the supervisor too, which appends them to the file; NULL: no more. */
void bs_events_set_control (BsEvents *self, BsControl *control);

/* Any thread. @node is nullable; see BsEvent for the words. */
void bs_events_emit (BsEvents *self, const char *node, const char *stage, const char *kind, const char *format, ...)
    G_GNUC_PRINTF (5, 6);
