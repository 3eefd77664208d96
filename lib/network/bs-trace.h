/* SPDX-License-Identifier: Apache-2.0 */
/* bs-trace.h — when a wire may send: a file of delivery opportunities
 *
 * The packet-delivery format of Mahimahi (Netravali et al., USENIX ATC 2015): one number a line, milliseconds from the
 * start, never falling; each is an opportunity to send one packet of 1504 bytes, and the file starts over after its
 * last, which is later than 0.
 */
#pragma once

#include <glib.h>

typedef struct
{
  GBytes *times; /* (owned) guint32 each, milliseconds, host byte order */
  guint64 rate;  /* bit/s that it comes to */
  char *digest;  /* (owned) SHA-256 of them, hexadecimal */
} BsTrace;

void bs_trace_free (BsTrace *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsTrace, bs_trace_free)

/* @name: of the file, for messages. NULL with %BS_ERROR_INVALID: "NAME:LINE:1: MESSAGE" */
BsTrace *bs_trace_parse (const char *name, const char *text, gsize length, GError **error);
/* @path is below @folder (nullable) unless it is absolute. */
BsTrace *bs_trace_load (const char *folder, const char *path, GError **error);
