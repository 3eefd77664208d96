/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-folder-watch.h"
#include "bs-fd.h"
#include "bs-file.h"

#include <string.h>
#include <sys/inotify.h>

typedef struct
{
  int id; /* of inotify; shared when two names are awaited in one folder */
  char *name;
  BsFolderWatchCreated created;
  gpointer user_data;
} Watch;

struct _BsFolderWatch
{
  BsLoop *loop;
  int dir;
  int fd; /* one for all, made when first needed: a user has few of them */
  BsLoopSource *source;
  GPtrArray *watches;
};

static void
watch_free (Watch *watch)
{
  g_free (watch->name);
  g_free (watch);
}

BsFolderWatch *
bs_folder_watch_new (BsLoop *loop, int dir)
{
  BsFolderWatch *self = g_new0 (BsFolderWatch, 1);

  self->loop = loop;
  self->dir = dir;
  self->fd = -1;
  self->watches = g_ptr_array_new_with_free_func ((GDestroyNotify) watch_free);
  return self;
}

void
bs_folder_watch_free (BsFolderWatch *self)
{
  if (self == NULL)
    return;
  bs_loop_remove (&self->source);
  bs_fd_clear (&self->fd);
  g_ptr_array_unref (self->watches);
  g_free (self);
}

/* Backwards, since a callback may remove its own watch. */
static void
dispatch (BsFolderWatch *self, const struct inotify_event *event)
{
  for (guint i = self->watches->len; i > 0; i--)
    {
      const Watch *watch = i <= self->watches->len ? g_ptr_array_index (self->watches, i - 1) : NULL;

      if (watch != NULL && watch->id == event->wd && event->len > 0 && strcmp (watch->name, event->name) == 0)
        watch->created (watch->user_data);
    }
}

static void
ready (guint32 events, gpointer user_data)
{
  BsFolderWatch *self = user_data;
  char buffer[4096] __attribute__ ((aligned (__alignof__(struct inotify_event))));
  ssize_t n = read (self->fd, buffer, sizeof buffer);

  for (char *at = buffer; at < buffer + n;)
    {
      const struct inotify_event *event = (const struct inotify_event *) (const void *) at;

      dispatch (self, event);
      at += sizeof *event + event->len;
    }
}

gboolean
bs_folder_watch_add (BsFolderWatch *self, const char *path, BsFolderWatchCreated created, gpointer user_data)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *where = bs_file_proc_path (self->dir, folder);
  Watch *watch;
  int id;

  if (self->fd < 0)
    {
      self->fd = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
      if (self->fd < 0)
        return FALSE;
      self->source = bs_loop_add (self->loop, self->fd, EPOLLIN, ready, self);
    }
  id = inotify_add_watch (self->fd, where, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
  if (id < 0)
    return FALSE;
  watch = g_new0 (Watch, 1);
  watch->id = id;
  watch->name = g_path_get_basename (path);
  watch->created = created;
  watch->user_data = user_data;
  g_ptr_array_add (self->watches, watch);
  return TRUE;
}

void
bs_folder_watch_remove (BsFolderWatch *self, gpointer user_data)
{
  int id = -1;
  gboolean shared = FALSE;

  for (guint i = self->watches->len; i > 0; i--)
    {
      const Watch *watch = g_ptr_array_index (self->watches, i - 1);

      if (watch->user_data != user_data)
        continue;
      id = watch->id;
      g_ptr_array_remove_index (self->watches, i - 1);
    }
  for (guint i = 0; i < self->watches->len; i++)
    shared = shared || ((Watch *) g_ptr_array_index (self->watches, i))->id == id;
  if (id >= 0 && !shared)
    inotify_rm_watch (self->fd, id);
}
