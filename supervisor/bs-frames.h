/* SPDX-License-Identifier: Apache-2.0 */
/* bs-frames.h — whole frames out of a stream, read into a borrowed buffer and relayed from there without a copy */
#pragma once

#include "bs-guest-wire.h"

#include <glib.h>

#define BS_FRAME_MAX (BS_WIRE_HEADER_SIZE + BS_WIRE_PAYLOAD_MAX)

typedef struct
{
  GByteArray *rest; /* the beginning of a frame whose end has not come; NULL when none */
} BsFrames;

/**
 * bs_frames_read:
 * @buffer: of at least %BS_FRAME_MAX + @most bytes
 *
 * Puts the rest and up to @most new bytes into @buffer, without waiting.
 *
 * Returns: how many bytes are in @buffer; 0 when the peer has closed; -1 with errno (EAGAIN: nothing new)
 */
gssize bs_frames_read (BsFrames *self, int fd, guint8 *buffer, gsize most);

typedef enum
{
  BS_FRAMES_PARTIAL,
  BS_FRAMES_WHOLE,
  BS_FRAMES_BROKEN,
} BsFramesStep;

/* Looks at the first frame of @data. */
BsFramesStep bs_frames_peek (const guint8 *data, gsize length, BsWireHeader *header);

/* Keeps what no frame was made of, for the next bs_frames_read(). */
void bs_frames_keep (BsFrames *self, const guint8 *data, gsize length);
void bs_frames_clear (BsFrames *self);
