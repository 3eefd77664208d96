/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ring.h — the reader of a ring of samples, which the switch goes on writing (BsSwitchRing) */
#pragma once

#include "bs-switch-protocol.h"

#include <glib.h>

/* Bytes of samples that one ring holds: smallest and largest that may be asked for. */
#define BS_RING_BYTES_MIN (128 * 1024)
#define BS_RING_BYTES_MAX (G_GINT64_CONSTANT (1) << 32)

typedef struct
{
  const BsSwitchRing *ring;
  guint64 size;
  guint64 at;       /* the next sample to read */
  guint64 overruns; /* how often the writer overtook us */
} BsRingView;

/* A new memory for the switch, of a fixed size, with an empty ring; @bytes is rounded up. Returns: descriptor or -1. */
int bs_ring_create (guint64 bytes, GError **error);

/* Begins at the oldest sample. @memory: @length bytes that may change at any time. FALSE with %BS_ERROR_INVALID. */
gboolean bs_ring_view_init (BsRingView *self, const void *memory, gsize length, GError **error);

/**
 * bs_ring_view_next:
 * @payload: (out caller-allocates): room for %BS_SWITCH_FRAME_MAX bytes
 *
 * Returns: 1 with a sample; 0 when there is none yet; -1 with %BS_ERROR_PROTOCOL when what is there is no sample
 */
int bs_ring_view_next (BsRingView *self, BsSwitchSample *sample, guint8 *payload, GError **error);

/* A mapped one. */
typedef struct
{
  BsRingView view;
  void *memory;
  gsize length;
} BsRing;

/* @fd is borrowed; (transfer full) */
BsRing *bs_ring_open (int fd, GError **error);
void bs_ring_free (BsRing *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsRing, bs_ring_free)
