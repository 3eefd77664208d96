/* SPDX-License-Identifier: Apache-2.0 */
/* scratch.h — a folder of its own for each test */
#pragma once

#include "bs-fd.h"
#include "bs-file.h"

#include <sys/stat.h>

typedef struct
{
  char *path;
  int fd;
} Scratch;

static inline void
scratch_init (Scratch *self)
{
  self->path = g_dir_make_tmp ("bs-test-XXXXXX", NULL);
  g_assert_nonnull (self->path);
  self->fd = open (self->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_assert_cmpint (self->fd, >=, 0);
}

static inline void
scratch_clear (Scratch *self)
{
  g_autoptr (GError) error = NULL;

  bs_fd_clear (&self->fd);
  bs_file_remove_tree (AT_FDCWD, self->path, &error);
  g_assert_no_error (error);
  g_free (self->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scratch, scratch_clear)

static inline void
scratch_write (Scratch *self, const char *name, const char *text)
{
  bs_autofd int fd = openat (self->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  g_assert_true (bs_fd_write_all (fd, text, strlen (text)));
}

static inline gboolean
scratch_has (Scratch *self, const char *name)
{
  struct stat st;

  return fstatat (self->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}
