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

void
bs_control_signal_init (BsControlSignal *self)
{
  pthread_mutex_init (&self->lock, NULL);
  pthread_cond_init (&self->changed, NULL);
}

void
bs_control_signal_clear (BsControlSignal *self)
{
  pthread_mutex_destroy (&self->lock);
  pthread_cond_destroy (&self->changed);
}

static void
wake (GCancellable *cancellable, gpointer user_data)
{
  BsControlSignal *signal = user_data;

  pthread_mutex_lock (&signal->lock);
  pthread_cond_broadcast (&signal->changed);
  pthread_mutex_unlock (&signal->lock);
}

gulong
bs_control_wake_connect (BsControlSignal *signal, GCancellable *cancellable)
{
  return cancellable == NULL ? 0 : g_cancellable_connect (cancellable, G_CALLBACK (wake), signal, NULL);
}

gboolean
bs_control_wait_signal (BsControlSignal *signal, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  const struct timespec until
      = { .tv_sec = deadline_usec / BS_USEC_PER_SEC, .tv_nsec = deadline_usec % BS_USEC_PER_SEC * 1000 };

  if (!bs_control_wait_check (deadline_usec, cancellable, error))
    return FALSE;
  if (deadline_usec < 0)
    pthread_cond_wait (&signal->changed, &signal->lock);
  else
    pthread_cond_clockwait (&signal->changed, &signal->lock, CLOCK_MONOTONIC, &until);
  return bs_control_wait_check (deadline_usec, cancellable, error);
}
