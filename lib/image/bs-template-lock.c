/* SPDX-License-Identifier: Apache-2.0 */
/* bs-template-lock.c — one maker, or remover, of a template at a time */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-template-cache.h"

#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define LOCK_RETRY_USEC 20000
#define LOCK_PREFIX "lock-"

static char *
lock_path (const char *cache_dir, const char *key)
{
  g_autofree char *name = g_strconcat (LOCK_PREFIX, key, NULL);

  return bs_template_path (cache_dir, name, NULL);
}

static int
open_lock (const char *cache_dir, const char *key, GError **error)
{
  g_autofree char *folder = bs_template_folder (cache_dir, error), *path = lock_path (cache_dir, key);
  int fd;

  if (folder == NULL)
    return -1;
  fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    bs_set_error_errno (error, errno, "cannot open '%s'", path);
  return fd;
}

/* Whether the key's lock is still what @fd has locked: who removed the template may have removed it too. */
static gboolean
is_there (const char *cache_dir, const char *key, int fd)
{
  g_autofree char *path = lock_path (cache_dir, key);
  struct stat ours, named;

  return fstat (fd, &ours) == 0 && stat (path, &named) == 0 && ours.st_ino == named.st_ino
         && ours.st_dev == named.st_dev;
}

int
bs_template_try_lock (const char *cache_dir, const char *key)
{
  bs_autofd int fd = open_lock (cache_dir, key, NULL);

  return fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) == 0 && is_there (cache_dir, key, fd) ? bs_fd_steal (&fd) : -1;
}

void
bs_template_forget_locks (const char *cache_dir)
{
  g_autofree char *folder = g_build_filename (cache_dir, "templates", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      const char *key = g_str_has_prefix (name, LOCK_PREFIX) ? name + strlen (LOCK_PREFIX) : "";
      g_autofree char *path = bs_template_path (cache_dir, key, NULL);
      bs_autofd int lock = -1;

      if (!bs_template_is_key (key) || g_file_test (path, G_FILE_TEST_EXISTS))
        continue;
      lock = bs_template_try_lock (cache_dir, key);
      if (lock >= 0 && !g_file_test (path, G_FILE_TEST_EXISTS))
        bs_template_forget_lock (cache_dir, key);
    }
}

void
bs_template_forget_lock (const char *cache_dir, const char *key)
{
  g_autofree char *path = lock_path (cache_dir, key);

  unlink (path);
}

typedef struct
{
  const char *key;
  void (*waiting) (gpointer user_data);
  gpointer user_data;
  GCancellable *cancellable;
  gboolean told;
} Wait;

static gboolean
acquire (Wait *self, int fd, GError **error)
{
  while (flock (fd, LOCK_EX | LOCK_NB) != 0)
    {
      if (errno != EWOULDBLOCK && errno != EINTR)
        {
          bs_set_error_errno (error, errno, "cannot lock template '%s'", self->key);
          return FALSE;
        }
      if (g_cancellable_is_cancelled (self->cancellable))
        {
          bs_set_error (error, BS_ERROR_CANCELLED, NULL, "waiting for template '%s' was interrupted", self->key);
          return FALSE;
        }
      if (self->waiting != NULL && !self->told)
        self->waiting (self->user_data);
      self->told = TRUE;
      g_usleep (LOCK_RETRY_USEC);
    }
  return TRUE;
}

int
bs_template_lock (const char *cache_dir, const char *key, void (*waiting) (gpointer user_data), gpointer user_data,
                  GCancellable *cancellable, GError **error)
{
  Wait wait = { key, waiting, user_data, cancellable, FALSE };

  for (;;)
    {
      bs_autofd int fd = open_lock (cache_dir, key, error);

      if (fd < 0 || !acquire (&wait, fd, error))
        return -1;
      if (is_there (cache_dir, key, fd))
        return bs_fd_steal (&fd);
    }
}
