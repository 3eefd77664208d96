/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-capture.h — what passes on a lab's wires, and what was decided of it: through taps of the switch
 *
 * A capture is one ring of shared memory for each tap, which the switch fills and we empty. It ends with the connection
 * to the supervisor, so nothing is left when its process dies. One that is kept lives in the supervisor until it is
 * stopped: it remembers the last of what happened.
 */
#pragma once

#include "bs-decision-log.h"
#include "bs-lab-private.h"
#include "bs-sample.h"

/* At most one of the first four; none: the whole lab. */
typedef struct
{
  const char *node;      /* all that its interfaces send and receive */
  const char *interface; /* NODE/INTERFACE */
  const char *pair;      /* A:B, each a node or one of its interfaces: what they send each other, and broadcast */
  const char *network;
  gboolean received;  /* of a pair, a network, the lab: frames as machines were given them, not as they sent them */
  gboolean drops;     /* frames that were dropped, in place of those that passed */
  gboolean decisions; /* the decisions, in place of frames */
  guint32 snap;       /* bytes of a frame at most; 0: all */
  guint64 bytes;      /* of memory for each tap; 0: 64 MiB */
} BsLabCaptureSpec;

typedef struct _BsLabCapture BsLabCapture;

/* FALSE ends the taking; with an error, as a failure. */
typedef gboolean (*BsLabSampleFunc) (const BsSwitchSample *sample, const guint8 *payload, gpointer user_data,
                                     GError **error);

/* NULL with %BS_ERROR_NOT_FOUND, %BS_ERROR_INVALID … */
BsLabCapture *bs_lab_capture_new (BsLab *lab, const BsLabCaptureSpec *spec, GCancellable *cancellable, GError **error);
void bs_lab_capture_free (BsLabCapture *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsLabCapture, bs_lab_capture_free)

/* Gives all that there is now, by time, to @func, and returns. FALSE with an error, or without when @func ended it. */
gboolean bs_lab_capture_take (BsLabCapture *self, BsLabSampleFunc func, gpointer user_data, GError **error);
/* How often frames came faster than they were taken, and the oldest were lost. */
guint64 bs_lab_capture_overruns (const BsLabCapture *self);
/* FALSE when the supervisor has gone, and the capture with it. */
gboolean bs_lab_capture_is_alive (const BsLabCapture *self);

/* A kept capture: one a lab. %BS_ERROR_EXISTS when there is one. */
gboolean bs_lab_ring_start (BsLab *lab, const BsLabCaptureSpec *spec, GCancellable *cancellable, GError **error);
/* What it holds; %BS_ERROR_NOT_FOUND when none is kept. */
BsLabCapture *bs_lab_ring_open (BsLab *lab, GCancellable *cancellable, GError **error);
gboolean bs_lab_ring_stop (BsLab *lab, GCancellable *cancellable, GError **error);
/* Writes what it holds as a capture file, atomically. @frames: (out) (optional) */
gboolean bs_lab_ring_save (BsLab *lab, const char *path, guint64 *frames, GCancellable *cancellable, GError **error);

/* The lab's wires follow @log from now on. */
gboolean bs_lab_replay (BsLab *lab, const BsDecisionLog *log, GCancellable *cancellable, GError **error);
/* %BS_ERROR_NOT_FOUND when no log is followed. */
gboolean bs_lab_replay_stop (BsLab *lab, GCancellable *cancellable, GError **error);
