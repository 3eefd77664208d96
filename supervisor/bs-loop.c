/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-loop.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-time.h"

#define EVENTS_AT_ONCE 32

struct _BsLoopSource
{
  BsLoop *loop;
  int fd;
  guint32 events;
  BsLoopReady ready; /* NULL once removed */
  gpointer user_data;
};

struct _BsLoopTimer
{
  BsLoop *loop;
  BsLoopTimer **owner;
  gint64 at_usec;
  BsLoopExpired expired;
  gpointer user_data;
};

struct _BsLoop
{
  int epoll;
  gboolean quit;
  GList *timers;      /* by time, earliest first */
  GPtrArray *removed; /* sources that the current turn may still have in hand */
  guint8 *scratch;
};

BsLoop *
bs_loop_new (GError **error)
{
  g_autoptr (BsLoop) self = g_new0 (BsLoop, 1);

  self->removed = g_ptr_array_new_with_free_func (g_free);
  self->epoll = epoll_create1 (EPOLL_CLOEXEC);
  if (self->epoll < 0)
    {
      bs_set_error_errno (error, errno, "cannot make an epoll descriptor");
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
bs_loop_free (BsLoop *self)
{
  if (self == NULL)
    return;
  while (self->timers != NULL)
    {
      BsLoopTimer *timer = self->timers->data;

      bs_loop_stop_timer (timer->owner);
    }
  g_ptr_array_unref (self->removed);
  g_free (self->scratch);
  bs_fd_clear (&self->epoll);
  g_free (self);
}

BsLoopSource *
bs_loop_add (BsLoop *self, int fd, guint32 events, BsLoopReady ready, gpointer user_data)
{
  BsLoopSource *source = g_new0 (BsLoopSource, 1);

  source->loop = self;
  source->fd = fd;
  source->ready = ready;
  source->user_data = user_data;
  bs_loop_set_events (source, events);
  return source;
}

void
bs_loop_set_events (BsLoopSource *source, guint32 events)
{
  struct epoll_event event = { .events = events, .data.ptr = source };
  int op = source->events == 0 ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;

  if (source->events == events)
    return;
  if (epoll_ctl (source->loop->epoll, op, source->fd, &event) != 0)
    g_warning ("cannot watch descriptor %d: %s", source->fd, g_strerror (errno));
  source->events = events;
}

void
bs_loop_remove (BsLoopSource **source)
{
  BsLoopSource *gone = g_steal_pointer (source);

  if (gone == NULL)
    return;
  bs_loop_set_events (gone, 0);
  gone->ready = NULL;
  g_ptr_array_add (gone->loop->removed, gone);
}

static int
compare_timers (gconstpointer a, gconstpointer b)
{
  const BsLoopTimer *left = a, *right = b;

  return left->at_usec < right->at_usec ? -1 : left->at_usec > right->at_usec;
}

void
bs_loop_start_timer (BsLoop *self, BsLoopTimer **timer, gint64 at_usec, BsLoopExpired expired, gpointer user_data)
{
  BsLoopTimer *added = g_new0 (BsLoopTimer, 1);

  g_return_if_fail (*timer == NULL);
  added->loop = self;
  added->owner = timer;
  added->at_usec = at_usec;
  added->expired = expired;
  added->user_data = user_data;
  self->timers = g_list_insert_sorted (self->timers, added, compare_timers);
  *timer = added;
}

void
bs_loop_stop_timer (BsLoopTimer **timer)
{
  BsLoopTimer *gone = g_steal_pointer (timer);

  if (gone == NULL)
    return;
  gone->loop->timers = g_list_remove (gone->loop->timers, gone);
  g_free (gone);
}

static void
fire_timers (BsLoop *self)
{
  gint64 now = bs_time_now_usec ();

  while (self->timers != NULL)
    {
      BsLoopTimer *timer = self->timers->data;
      BsLoopExpired expired = timer->expired;
      gpointer user_data = timer->user_data;

      if (timer->at_usec > now)
        return;
      bs_loop_stop_timer (timer->owner);
      expired (user_data);
    }
}

void
bs_loop_turn (BsLoop *self, int timeout_ms)
{
  struct epoll_event events[EVENTS_AT_ONCE];
  int n;

  if (self->timers != NULL)
    {
      int first = bs_time_poll_timeout (((BsLoopTimer *) self->timers->data)->at_usec);

      timeout_ms = timeout_ms < 0 ? first : MIN (timeout_ms, first);
    }
  n = epoll_wait (self->epoll, events, EVENTS_AT_ONCE, timeout_ms);
  for (int i = 0; i < n; i++)
    {
      BsLoopSource *source = events[i].data.ptr;

      if (source->ready != NULL)
        source->ready (events[i].events, source->user_data);
    }
  fire_timers (self);
  g_ptr_array_set_size (self->removed, 0);
}

void
bs_loop_run (BsLoop *self)
{
  while (!self->quit)
    bs_loop_turn (self, -1);
}

void
bs_loop_quit (BsLoop *self)
{
  self->quit = TRUE;
}

guint8 *
bs_loop_scratch (BsLoop *self)
{
  if (self->scratch == NULL)
    self->scratch = g_malloc (BS_LOOP_SCRATCH);
  return self->scratch;
}
