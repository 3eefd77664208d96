/* SPDX-License-Identifier: Apache-2.0 */
/* bs-store-lock.c — one maker of an image at a time; the others learn whom they wait for */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-store.h"

#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define RETRY_USEC 20000

static void
tell_waiting (const BsImageWork *work, const char *name, int fd)
{
  char holder[32] = "";
  gssize got = pread (fd, holder, sizeof holder - 1, 0);
  g_autofree char *what = NULL;

  holder[MAX (got, 0)] = '\0';
  g_strchomp (holder);
  what = g_strdup_printf ("waiting for process %s, which makes it", holder[0] != '\0' ? holder : "?");
  bs_image_work_tell (work, name, what, 0, 0);
}

static void
write_holder (int fd)
{
  char text[32];

  /* Only for those who wait: a failure costs them the number. */
  if (ftruncate (fd, 0) == 0 && pwrite (fd, text, (gsize) g_snprintf (text, sizeof text, "%d\n", getpid ()), 0) < 0)
    g_debug ("cannot say who holds the lock");
}

/* Returns: 1 locked, 0 interrupted, -1 with errno (EWOULDBLOCK: not waited for). */
static int
acquire (const BsImageWork *work, const char *name, int fd, gboolean wait)
{
  gboolean told = FALSE;

  while (flock (fd, LOCK_EX | LOCK_NB) != 0)
    {
      if (errno == EINTR)
        continue;
      if (errno != EWOULDBLOCK || !wait)
        return -1;
      if (g_cancellable_is_cancelled (work->cancellable))
        return 0;
      if (!told)
        tell_waiting (work, name, fd);
      told = TRUE;
      g_usleep (RETRY_USEC);
    }
  return 1;
}

/* Whether @path still leads to what @fd has locked: a prune may have removed it meanwhile. */
static gboolean
is_there (int fd, const char *path)
{
  struct stat ours, named;

  return fstat (fd, &ours) == 0 && stat (path, &named) == 0 && ours.st_ino == named.st_ino
         && ours.st_dev == named.st_dev;
}

static gboolean
make_folders (const BsImageWork *work, const char *folder, GError **error)
{
  g_autofree char *images = bs_store_images (work);
  GError *local = NULL;

  if (bs_file_make_dirs (folder, 0755, &local) && bs_file_make_dirs (images, 0755, &local))
    return TRUE;
  bs_error_blame_host (local, BS_CACHE_HINT);
  g_propagate_error (error, local);
  return FALSE;
}

static int
lock_file (const BsImageWork *work, const char *name, const char *folder, gboolean wait, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "lock", NULL);

  for (;;)
    {
      bs_autofd int fd = -1;
      int outcome;

      if (!make_folders (work, folder, error))
        return -1;
      fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
      if (fd < 0 && errno == ENOENT)
        continue;
      outcome = fd >= 0 ? acquire (work, name, fd, wait) : -1;
      if (outcome == 0)
        bs_set_error (error, BS_ERROR_CANCELLED, NULL, "waiting for image '%s' was interrupted", name);
      else if (outcome < 0 && errno == EWOULDBLOCK)
        bs_set_error (error, BS_ERROR_BUSY, NULL, "image '%s' is being made", name);
      else if (outcome < 0)
        bs_set_error_errno (error, errno, "cannot lock '%s'", path);
      else if (!is_there (fd, path))
        continue;
      else
        return bs_fd_steal (&fd);
      return -1;
    }
}

BsStoreLock *
bs_store_lock (const BsImageWork *work, const char *name, gboolean wait, GError **error)
{
  g_autofree char *folder = bs_store_work (work, name);
  int fd = lock_file (work, name, folder, wait, error);
  BsStoreLock *self;

  if (fd < 0)
    return NULL;
  write_holder (fd);
  bs_cache_sweep (folder);
  self = g_new0 (BsStoreLock, 1);
  self->fd = fd;
  self->name = g_strdup (name);
  self->folder = g_steal_pointer (&folder);
  return self;
}

void
bs_store_lock_free (BsStoreLock *self)
{
  if (self == NULL)
    return;
  bs_fd_clear (&self->fd);
  g_free (self->name);
  g_free (self->folder);
  g_free (self);
}
