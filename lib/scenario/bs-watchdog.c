/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-watchdog.h"
#include "bs-time.h"

struct _BsWatchdog
{
  GCancellable *parent, *cancellable;
  gulong parent_handler;
  gint64 deadline_usec;
  GThread *thread; /* (nullable) */
  GMutex lock;
  GCond wake;
  gboolean ended, fired; /* under lock */
};

static gpointer
watch (gpointer data)
{
  BsWatchdog *self = data;
  gboolean in_time = TRUE, fired;

  g_mutex_lock (&self->lock);
  while (!self->ended && in_time)
    in_time = g_cond_wait_until (&self->wake, &self->lock, self->deadline_usec);
  self->fired = fired = !self->ended;
  g_mutex_unlock (&self->lock);
  if (fired)
    g_cancellable_cancel (self->cancellable);
  return NULL;
}

static void
on_parent_cancelled (GCancellable *parent, gpointer child)
{
  g_cancellable_cancel (child);
}

BsWatchdog *
bs_watchdog_new (GCancellable *parent, gint64 deadline_usec)
{
  BsWatchdog *self = g_new0 (BsWatchdog, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->wake);
  self->cancellable = g_cancellable_new ();
  self->deadline_usec = deadline_usec;
  if (parent != NULL)
    {
      self->parent = g_object_ref (parent);
      self->parent_handler = g_cancellable_connect (parent, G_CALLBACK (on_parent_cancelled),
                                                    g_object_ref (self->cancellable), g_object_unref);
    }
  if (deadline_usec >= 0)
    self->thread = g_thread_new ("bs-watchdog", watch, self);
  return self;
}

void
bs_watchdog_free (BsWatchdog *self)
{
  if (self == NULL)
    return;
  g_cancellable_disconnect (self->parent, self->parent_handler);
  g_mutex_lock (&self->lock);
  self->ended = TRUE;
  g_cond_signal (&self->wake);
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&self->thread, g_thread_join);
  g_clear_object (&self->parent);
  g_clear_object (&self->cancellable);
  g_cond_clear (&self->wake);
  g_mutex_clear (&self->lock);
  g_free (self);
}

GCancellable *
bs_watchdog_cancellable (BsWatchdog *self)
{
  return self->cancellable;
}

gboolean
bs_watchdog_fired (BsWatchdog *self)
{
  gboolean fired;

  g_mutex_lock (&self->lock);
  fired = self->fired;
  g_mutex_unlock (&self->lock);
  return fired;
}

gboolean
bs_watchdog_sleep (gint64 until_usec, GCancellable *cancellable)
{
  GPollFD item = { 0 };
  gboolean pollable = g_cancellable_make_pollfd (cancellable, &item);

  while (!g_cancellable_is_cancelled (cancellable) && bs_time_now_usec () < until_usec)
    g_poll (&item, pollable ? 1 : 0, bs_time_poll_timeout (until_usec));
  if (pollable)
    g_cancellable_release_fd (cancellable);
  return !g_cancellable_is_cancelled (cancellable);
}
