/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-process.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-socket.h"
#include "bs-text.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>

#define STDERR_SHOWN 2000

/* The name of the program may hold spaces and brackets: fields are counted from the last ')' (proc(5)). */
guint64
bs_process_stat (pid_t pid, char *state)
{
  char path[64], data[1024];
  bs_autofd int fd = -1;
  ssize_t n;
  char *at;

  g_snprintf (path, sizeof path, "/proc/%d/stat", (int) pid);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || (n = read (fd, data, sizeof data - 1)) <= 0)
    return 0;
  data[n] = '\0';
  at = strrchr (data, ')');
  if (at == NULL || at[1] == '\0')
    return 0;
  *state = at[2];
  for (int field = 2; field < 22 && at != NULL; field++)
    at = strchr (at + 1, ' ');
  return at != NULL ? g_ascii_strtoull (at, NULL, 10) : 0;
}

guint64
bs_process_start_time (pid_t pid)
{
  char state;

  return bs_process_stat (pid, &state);
}

const char *
bs_process_boot_id (void)
{
  static char *id;

  if (g_once_init_enter (&id))
    {
      char *text = NULL;

      if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
        text = g_strdup ("unknown");
      g_once_init_leave (&id, g_strchomp (text));
    }
  return id;
}

int
bs_process_open (pid_t pid, guint64 start_time)
{
  bs_autofd int fd = (int) syscall (SYS_pidfd_open, pid, 0);

  if (fd < 0)
    return -1;
  if (start_time != 0 && bs_process_start_time (pid) != start_time)
    {
      errno = ESRCH;
      return -1;
    }
  return bs_fd_steal (&fd);
}

gboolean
bs_process_wait_fd (int pidfd, gint64 deadline_usec)
{
  return pidfd < 0 || bs_socket_wait (pidfd, POLLIN, deadline_usec) > 0;
}

void
bs_process_free (BsProcess *self)
{
  if (self == NULL)
    return;
  g_strfreev (self->argv);
  g_free (self);
}

/* The end of what a program said on stderr, where the reason usually is. */
static char *
last_words (const char *text)
{
  gsize length = strlen (text);
  gsize skipped = length > STDERR_SHOWN ? length - STDERR_SHOWN : 0;

  return g_strchomp (bs_text_printable (text + skipped, length - skipped));
}

gboolean
bs_process_run (const char *const *argv, char **stdout_text, GError **error)
{
  g_autofree char *out = NULL, *err = NULL, *told = NULL;
  g_autoptr (GError) local = NULL;
  int status = 0;

  if (!g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, &err, &status, &local))
    {
      bs_set_error (error, BS_ERROR_HOST, NULL, "cannot run '%s': %s", argv[0], local->message);
      return FALSE;
    }
  if (!g_spawn_check_wait_status (status, &local))
    {
      told = last_words (err);
      bs_set_error (error, BS_ERROR_FAILED, NULL, "'%s' failed: %s%s%s", argv[0], local->message, told[0] ? ": " : "",
                    told);
      return FALSE;
    }
  if (stdout_text != NULL)
    *stdout_text = g_steal_pointer (&out);
  return TRUE;
}
