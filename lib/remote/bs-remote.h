/* SPDX-License-Identifier: Apache-2.0 */
/* bs-remote.h — one machine that commands can be run in and files copied to, whatever carries them
 *
 * The guest channel, SSH, the stock agent and a backend's own operations each fill one.
 */
#pragma once

#include "bs-guest.h"

typedef struct _BsRemote BsRemote;
struct _BsRemote
{
  gboolean (*exec) (BsRemote *self, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result, GError **error);
  /* @source on the host into @destination in the machine, as cp -a does: a folder written "FOLDER/." is its content.
   */
  gboolean (*copy_in) (BsRemote *self, const char *source, const char *destination, GError **error);
  gpointer data;             /* of who filled it */
  GCancellable *cancellable; /* (nullable) */
  gint64 deadline_usec;      /* monotonic; of everything done through it */
};

/* Over a session of the guest program, which @self borrows. */
void bs_remote_over_guest (BsRemote *self, BsGuest *guest, GCancellable *cancellable, gint64 deadline_usec);

/**
 * bs_remote_run:
 * @input: (nullable): what it reads
 * @output: (out) (optional) (transfer full): stdout and stderr as they came, at most the last 64 KiB; set also when
 * the command failed
 *
 * Runs a command that must exit with 0.
 *
 * Returns: FALSE with %BS_ERROR_FAILED ("'apt-get install nginx' exited with 100: LAST LINES"; several lines begin on
 * the next one, indented), %BS_ERROR_TIMEOUT past the deadline, with what it printed too, or what exec() fails with
 */
gboolean bs_remote_run (BsRemote *self, const char *const *argv, const char *const *env, GBytes *input, char **output,
                        GError **error);

/**
 * bs_remote_script:
 * @what: for messages, such as "write '/etc/motd'"
 * @script: of ours, for sh -c
 * @arguments: (nullable): its $1 …
 *
 * As bs_remote_run(), but says "cannot WHAT: LAST LINES" when it fails, as nobody wants to read the script.
 */
gboolean bs_remote_script (BsRemote *self, const char *what, const char *script, const char *const *arguments,
                           GBytes *input, char **output, GError **error);

/* Writes @content to the absolute @path with @mode and @owner (nullable: root), through a temporary name beside it;
 * folders on the way are made. Of a symbolic link, what it leads to is written. %BS_ERROR_INVALID for a @path that is
 * not absolute, ends in a slash or contains a control character. */
gboolean bs_remote_write (BsRemote *self, const char *path, const void *content, gsize length, guint mode,
                          const char *owner, gboolean append, GError **error);
