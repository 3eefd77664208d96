/* SPDX-License-Identifier: Apache-2.0 */
/* bs-accel-trial.c — boot a kernel and see whether it gets anywhere */
#include "bs-accel.h"
#include "bs-fd.h"
#include "bs-poll.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* Printed when all drivers are up and the first program starts. */
#define PROGRESS_MARK "as init process"
#define OUTPUT_MAX (1024 * 1024)

static void
die_with_parent (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* Reads until the mark, the end, too much, or the deadline. */
static gboolean
saw_progress (int fd, gint64 deadline_usec, GCancellable *cancellable, GString *output)
{
  char buffer[4096];

  while (output->len < OUTPUT_MAX && strstr (output->str, PROGRESS_MARK) == NULL)
    {
      ssize_t n;

      if (!bs_poll_fd (fd, POLLIN, deadline_usec, cancellable, "the trial of KVM", NULL))
        return FALSE;
      n = read (fd, buffer, sizeof buffer);
      if (n <= 0)
        return FALSE;
      for (ssize_t i = 0; i < n; i++)
        if (buffer[i] != '\0')
          g_string_append_c (output, buffer[i]);
    }
  return strstr (output->str, PROGRESS_MARK) != NULL;
}

gboolean
bs_accel_try (const char *const *argv, gint64 deadline_usec, GCancellable *cancellable, char **reason)
{
  g_autoptr (GString) output = g_string_new (NULL);
  g_autoptr (GError) local = NULL;
  bs_autofd int fd = -1;
  gboolean progress;
  GPid pid;

  if (!g_spawn_async_with_pipes (NULL, (char **) argv, NULL,
                                 G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL,
                                 die_with_parent, NULL, &pid, NULL, &fd, NULL, &local))
    {
      *reason = g_strdup (local->message);
      return FALSE;
    }
  progress = saw_progress (fd, deadline_usec, cancellable, output);
  kill (pid, SIGKILL);
  while (waitpid (pid, NULL, 0) < 0 && errno == EINTR)
    ;
  *reason = progress          ? g_strdup ("a kernel started its first program under KVM")
            : output->len > 0 ? g_strdup_printf ("a kernel under KVM got no further than: %s",
                                                 output->str + MAX ((gssize) output->len - 200, 0))
                              : g_strdup ("a kernel under KVM printed nothing");
  return progress;
}
