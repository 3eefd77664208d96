/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-control-wait.h"
#include "bs-error.h"
#include "bs-time.h"

#include <errno.h>

static gboolean
fail_timeout (GError **error)
{
  bs_set_error (error, BS_ERROR_TIMEOUT, NULL, "the supervisor does not answer in time");
  return FALSE;
}

gboolean
bs_control_wait_check (gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  if (g_cancellable_is_cancelled (cancellable))
    {
      bs_set_error (error, BS_ERROR_CANCELLED, NULL, "interrupted");
      return FALSE;
    }
  if (deadline_usec >= 0 && bs_time_now_usec () >= deadline_usec)
    return fail_timeout (error);
  return TRUE;
}

gboolean
bs_control_wait_socket (int fd, short events, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  struct pollfd items[2] = { { .fd = fd, .events = events }, { .fd = -1, .events = POLLIN } };
  GPollFD cancelled;
  gboolean made = cancellable != NULL && g_cancellable_make_pollfd (cancellable, &cancelled);
  int n;

  if (made)
    items[1].fd = cancelled.fd;
  do
    n = poll (items, G_N_ELEMENTS (items), bs_time_poll_timeout (deadline_usec));
  while (n < 0 && errno == EINTR);
  if (made)
    g_cancellable_release_fd (cancellable);
  if (g_cancellable_is_cancelled (cancellable))
    return bs_control_wait_check (-1, cancellable, error);
  return items[0].revents != 0 ? TRUE : fail_timeout (error);
}

static void
wake (GCancellable *cancellable, gpointer user_data)
{
  BsControlWake *self = user_data;

  pthread_mutex_lock (self->lock);
  pthread_cond_broadcast (self->condition);
  pthread_mutex_unlock (self->lock);
}

void
bs_control_wake_init (BsControlWake *self, pthread_cond_t *condition, pthread_mutex_t *lock, GCancellable *cancellable)
{
  *self = (BsControlWake){ condition, lock, cancellable, 0 };
  if (cancellable != NULL)
    self->id = g_cancellable_connect (cancellable, G_CALLBACK (wake), self, NULL);
}

void
bs_control_wake_clear (BsControlWake *self)
{
  g_cancellable_disconnect (self->cancellable, self->id);
}

gboolean
bs_control_wait_condition (BsControlWake *self, gint64 deadline_usec, GError **error)
{
  const struct timespec until
      = { .tv_sec = deadline_usec / BS_USEC_PER_SEC, .tv_nsec = deadline_usec % BS_USEC_PER_SEC * 1000 };

  if (!bs_control_wait_check (deadline_usec, self->cancellable, error))
    return FALSE;
  if (deadline_usec < 0)
    pthread_cond_wait (self->condition, self->lock);
  else
    pthread_cond_clockwait (self->condition, self->lock, CLOCK_MONOTONIC, &until);
  return bs_control_wait_check (deadline_usec, self->cancellable, error);
}
