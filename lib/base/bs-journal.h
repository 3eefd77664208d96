/* SPDX-License-Identifier: Apache-2.0 */
/* bs-journal.h — what was about to be done outside, written before it was done
 *
 * One JSON object a line: {"step":S,"object":O,"state":"begin"|"done"|"undone","data":{…}}. A line is on disk (fsync)
 * before the effect begins and again after it ended, so that whoever finds the file knows everything that may exist.
 * A torn last line (the writer was killed, its effect never began) has no newline: the reader ignores it, and opening
 * for appending cuts it off. A line that could not be written whole is cut off at once. Each step is a failpoint twice:
 * "STEP.before" after its begin line and "STEP.after" before its done line. One writer, under the lab's lock; lines may
 * come from any thread.
 */
#pragma once

#include "bs-json.h"

typedef struct _BsJournal BsJournal;

/* Opens or makes @path for appending (0600); a new one is durable in its folder. Returns: NULL with an error,
 * %BS_ERROR_INVALID when it is no regular file. */
BsJournal *bs_journal_open (int dirfd, const char *path, GError **error);
void bs_journal_free (BsJournal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsJournal, bs_journal_free)

/* @data: (nullable) (transfer none): whatever removal needs to know. FALSE with an error: then do not begin the effect.
 * Names that are not UTF-8 are %BS_ERROR_INVALID. */
gboolean bs_journal_begin (BsJournal *self, const char *step, const char *object, const json_t *data, GError **error);
gboolean bs_journal_done (BsJournal *self, const char *step, const char *object, const json_t *data, GError **error);
/* The effect of @step on @object was taken back, or never came to be. */
gboolean bs_journal_undone (BsJournal *self, const char *step, const char *object, GError **error);

/**
 * bs_journal_read:
 *
 * Returns: (transfer full): an array of the lines' objects in order; empty when the file is missing; NULL with
 * %BS_ERROR_PROTOCOL, which gives the line's number, when a line that ends in a newline is no JSON object
 */
json_t *bs_journal_read (int dirfd, const char *path, GError **error);
