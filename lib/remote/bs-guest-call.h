/* SPDX-License-Identifier: Apache-2.0 */
/* bs-guest-call.h — one request to the guest and the loop that carries it to its end (internal to lib/remote)
 *
 * A call sends its request, then moves bytes until the guest's last frame for its stream: output goes to @data, which
 * is our back pressure (credit is given after it returned), input comes from @fill whenever there is room and credit.
 * Whatever ends a call early (error, cancel, deadline) closes the stream and waits a moment for the guest to say so;
 * frames of earlier streams are ignored.
 */
#pragma once

#include "bs-error.h"
#include "bs-guest-wire.h"
#include "bs-guest.h"

#define BS_GUEST_OUT_SIZE (5 * (BS_WIRE_PAYLOAD_MAX + BS_WIRE_HEADER_SIZE))
#define BS_GUEST_OUT_RESERVE 4096 /* for small frames, never used by @fill */
#define BS_GUEST_IN_SIZE (256 * 1024)

struct _BsGuest
{
  int fd;
  BsWireParser parser;
  guint8 *in, *out;
  const guint8 *in_at;
  gsize in_left, out_at, out_end;
  guint32 next_stream;
  GError *broken; /* why the session is over */
};

typedef struct _BsGuestCall BsGuestCall;
struct _BsGuestCall
{
  BsGuest *guest;
  gint64 deadline_usec; /* negative: none */
  GCancellable *cancellable;
  const char *what; /* for messages: "run 'x'" */
  guint8 final;     /* BS_WIRE_EXITED or BS_WIRE_DONE */
  int read_fd[2];   /* -1, or watched for input; @readable is called with its index */
  gpointer self;

  gboolean (*data) (BsGuestCall *call, guint8 channel, const guint8 *data, gsize length, GError **error);
  void (*started) (BsGuestCall *call);
  /* Adds frames while it may (bs_guest_room(), @credit). */
  gboolean (*fill) (BsGuestCall *call, GError **error);
  gboolean (*readable) (BsGuestCall *call, guint index, GError **error);
  /* The payload of the last frame, when it is no error. */
  gboolean (*finish) (BsGuestCall *call, const guint8 *payload, gsize length, GError **error);

  /* private to the loop, but for @stream and @credit */
  guint32 stream;
  guint32 credit;  /* on channel 0 */
  guint32 owed[3]; /* by channel: what the guest may still send */
  guint32 consumed[3];
  gboolean eof[3], ended, failed;
};

/* Bytes free for @fill, and where. */
gsize bs_guest_room (const BsGuest *self);
guint8 *bs_guest_out (BsGuest *self);
/* A frame whose payload of @length bytes lies after the place of its header at bs_guest_out(). */
void bs_guest_send_built (BsGuestCall *call, guint8 type, gsize length);
/* A frame with a payload of 4 bytes. FALSE when there is no room now. */
gboolean bs_guest_send32 (BsGuestCall *call, guint8 type, guint8 channel, guint32 value);

/* Begins the request: its fields go to the builder that this returns. */
BsWireBuilder bs_guest_request (BsGuest *self);
/* Sends it as @type and carries it to its end. */
gboolean bs_guest_call (BsGuestCall *call, BsWireBuilder *request, guint8 type, GError **error);
/* Waits for bytes from the guest, or room for ours, and moves them. FALSE with an error, @broken is set then unless
 * cancelled or timed out. */
gboolean bs_guest_move (BsGuest *self, BsGuestCall *call, gint64 deadline_usec, GCancellable *cancellable,
                        GError **error);
/* Ends the session for good with this error. FALSE. */
gboolean bs_guest_break (BsGuest *self, GError **error, BsErrorCode code, const char *format, ...) G_GNUC_PRINTF (4, 5);
/* A string from the guest fit to be shown. (transfer full) */
char *bs_guest_text (const BsWireField *field);
