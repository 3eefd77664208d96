/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-capture-private.h — what the parts of BsLabCapture share */
#pragma once

#include "bs-lab-capture.h"
#include "bs-ring.h"

/* bs_control_call() with the deadline of things that are quick. */
json_t *bs_lab_capture_call (BsControl *control, const char *op, json_t *arguments, int *fd, GCancellable *cancellable,
                             GError **error);
BsLabCapture *bs_lab_capture_new_empty (BsControl *control, gboolean kept);
/* @fd is borrowed. */
gboolean bs_lab_capture_add_source (BsLabCapture *self, guint tap, guint kinds, int fd, GError **error);
guint bs_lab_capture_kinds (const json_t *about, const char *what, gboolean received);
/* (transfer full) */
json_t *bs_lab_capture_request (const json_t *about, const BsLabCaptureSpec *spec, gboolean keep);
