/* SPDX-License-Identifier: Apache-2.0 */
/* bs-part.h — the file that a download grows, and what is known of it
 *
 * NAME holds the bytes that came, in order; NAME.state, which is written before the first of them, says from which
 * address they are, what tells the server's file from a later one (its ETag, or its time), and how many there will be.
 * Whoever is killed leaves both; the next one goes on where they end, if the server still has the same file. Bytes that
 * did not reach the disk are found by the digest.
 */
#pragma once

#include <glib.h>

typedef struct
{
  int fd;
  char *name, *state_name, *url;
  char *validator; /* (nullable) for If-Range: a strong ETag or a date */
  gint64 total;    /* -1: not known */
  gint64 length;
  GChecksumType type;
  GChecksum *sha256, *other; /* over @length bytes; @other (nullable) is of @type */
} BsPart;

/* Opens or makes @name in the current folder for a download of @url. What is there already is read for the digests. */
BsPart *bs_part_open (const char *name, const char *url, GChecksumType type, GError **error);
void bs_part_free (BsPart *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsPart, bs_part_free)

/* Forgets all bytes, and notes what is known of those that come. */
gboolean bs_part_restart (BsPart *self, const char *validator, gint64 total, GError **error);
gboolean bs_part_append (BsPart *self, const void *data, gsize length, GError **error);
/* FALSE with %BS_ERROR_EXHAUSTED unless the disk has room for @more bytes. */
gboolean bs_part_check_room (const BsPart *self, gint64 more, GError **error);
gboolean bs_part_sync (BsPart *self, GError **error);
/* All bytes are here. */
gboolean bs_part_is_whole (const BsPart *self);
/* Removes both files. */
void bs_part_discard (BsPart *self);
/* Hex digest of the bytes; (transfer full) */
char *bs_part_digest (const BsPart *self, GChecksumType type);
