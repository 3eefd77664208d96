/* SPDX-License-Identifier: Apache-2.0 */
/* bs-file.h — files and folders relative to folder descriptors, durable where it matters */
#pragma once

#include <fcntl.h>
#include <glib.h>
#include <sys/types.h>

/* All take a folder descriptor @dirfd (or AT_FDCWD) and a path relative to it. Errors are BS_ERROR and name the path.
 */

/* Opens the folder @path for use as @dirfd (O_DIRECTORY | O_CLOEXEC). Returns: descriptor or -1. */
int bs_file_open_dir (int dirfd, const char *path, GError **error);

/* Makes @path and its parents, each new one with @mode. An existing folder is fine. */
gboolean bs_file_make_dirs (const char *path, mode_t mode, GError **error);

/**
 * bs_file_write_atomic:
 *
 * Temporary file beside @path, write, fsync, rename, fsync of the folder: afterwards either the old or the
 * whole new content is there, whatever crashed. @mode is given exactly (umask does not apply).
 */
gboolean bs_file_write_atomic (int dirfd, const char *path, const void *data, gsize length, mode_t mode,
                               GError **error);

/* fsync of the folder that @path is in: a name made, changed or removed there is durable afterwards. FALSE with errno.
 */
gboolean bs_file_sync_folder_of (int dirfd, const char *path);

/**
 * bs_file_read:
 * @limit: greatest size in bytes, at most 1 GiB; a larger file is %BS_ERROR_INVALID
 * @length: (out) (optional): bytes read; the buffer has one NUL more
 *
 * Only regular files are read; FIFOs, devices and folders are %BS_ERROR_INVALID at once.
 * Returns: (transfer full): content, or NULL
 */
char *bs_file_read (int dirfd, const char *path, gsize limit, gsize *length, GError **error);

/* The same of a file that somebody may be writing: %BS_ERROR_INVALID when it changed meanwhile, for then what was read
 * is half of one text and half of another. */
char *bs_file_read_settled (int dirfd, const char *path, gsize limit, gsize *length, GError **error);

/* The last @limit bytes of @path, from the start of a line where one is in them, made safe to show by
 * bs_text_printable(); "" when it is missing or no regular file. (transfer full) */
char *bs_file_read_tail (int dirfd, const char *path, gsize limit);

/**
 * bs_file_remove_tree:
 *
 * Removes @path and all below it, never following a symbolic link and never entering another mount, not even one of the
 * same file system ("cannot remove": %BS_ERROR_FAILED, naming what was mounted). Folders without permissions are
 * given them first. What others remove or add meanwhile is no error. A missing @path is success.
 */
gboolean bs_file_remove_tree (int dirfd, const char *path, GError **error);

/* Writes all of @data to a blocking descriptor, through EINTR and short writes. FALSE with errno set on failure. */
gboolean bs_fd_write_all (int fd, const void *data, gsize length);

/* "/proc/self/fd/N/PATH": names @path below @dirfd where only a path is taken and must be short (sun_path).
 * An absolute @path, and one relative to AT_FDCWD, stays as it is. (transfer full) */
char *bs_file_proc_path (int dirfd, const char *path);
