/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-poll.h"
#include "bs-error.h"
#include "bs-time.h"

#include <errno.h>

gboolean
bs_poll_fd (int fd, short events, gint64 deadline_usec, GCancellable *cancellable, const char *what, GError **error)
{
  GPollFD fds[2] = { { .fd = fd, .events = (gushort) events } };
  guint n = cancellable != NULL && g_cancellable_make_pollfd (cancellable, &fds[1]) ? 2 : 1;
  int ready;

  do
    ready = g_poll (fds, n, bs_time_poll_timeout (deadline_usec));
  while ((ready < 0 && errno == EINTR) || (ready == 0 && (deadline_usec < 0 || bs_time_now_usec () < deadline_usec)));
  if (n == 2)
    g_cancellable_release_fd (cancellable);
  if (g_cancellable_is_cancelled (cancellable))
    bs_set_error (error, BS_ERROR_CANCELLED, NULL, "waiting for %s was interrupted", what);
  else if (ready == 0)
    bs_set_error (error, BS_ERROR_TIMEOUT, NULL, "timed out waiting for %s", what);
  else if (ready < 0)
    bs_set_error_errno (error, errno, "cannot wait for %s", what);
  else
    return TRUE;
  return FALSE;
}
