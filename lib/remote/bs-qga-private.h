/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qga-private.h — the channel, for what is no plain command (internal to lib/remote) */
#pragma once

#include "bs-qga.h"

/* Sends @line, of whole requests, and returns what the first answer holds, as bs_qga_call() does for @command. */
json_t *bs_qga_exchange (BsQga *self, const char *line, const char *command, gint64 deadline_usec,
                         GCancellable *cancellable, GError **error);
/* Answers may come that nobody waits for: the next request finds its own first. */
void bs_qga_unsync (BsQga *self);
/* For tests that cannot know the number of a sync. */
void bs_qga_assume_synced (BsQga *self);
/* The content of @path goes to @stream, which stays open. */
gboolean bs_qga_read_into (BsQga *self, const char *path, GOutputStream *stream, gint64 deadline_usec,
                           GCancellable *cancellable, GError **error);
