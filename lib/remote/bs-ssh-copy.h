/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ssh-copy.h — files and folders over SFTP, both ways */
#pragma once

#include "bs-ssh.h"

typedef void (*BsSshProgress) (guint64 bytes, gpointer user_data);

typedef struct
{
  gint64 deadline_usec;      /* monotonic; 0: none */
  GCancellable *cancellable; /* (nullable) */
  BsSshProgress progress;    /* (nullable) bytes of content so far */
  gpointer user_data;
} BsSshCopy;

/**
 * bs_ssh_copy_in:
 * @options: (nullable)
 *
 * Copies as bs_guest_copy_in() does: files, folders, symbolic links, modes, times (whole seconds: SFTP has no more),
 * holes; owners where the session is root's. @source into @destination when that is an existing folder (or ends in
 * "/"), else as @destination. Each file appears under its name only when it is whole.
 *
 * Returns: FALSE with %BS_ERROR_NOT_FOUND, %BS_ERROR_DIED (the connection broke), %BS_ERROR_UNSUPPORTED (no SFTP
 * there), %BS_ERROR_EXISTS (a folder and a file, or a link, of one name), %BS_ERROR_FAILED, …
 */
gboolean bs_ssh_copy_in (BsSsh *self, const char *source, const char *destination, const BsSshCopy *options,
                         GError **error);

/* As bs_guest_copy_out() does: written below the destination only, never through a link that the machine made, owned by
 * the caller, without set-user-id and set-group-id bits. Stretches of zeros become holes. */
gboolean bs_ssh_copy_out (BsSsh *self, const char *source, const char *destination, const BsSshCopy *options,
                          GError **error);
