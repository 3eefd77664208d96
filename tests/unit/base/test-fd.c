/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-fd.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static gboolean
is_null (int fd)
{
  struct stat here, null;

  return fstat (fd, &here) == 0 && stat ("/dev/null", &null) == 0 && here.st_rdev == null.st_rdev
         && here.st_ino == null.st_ino;
}

/* Exit codes tell what was wrong: there is no stderr to say it on. */
static int
without_standard (void)
{
  int kept = open ("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), next;
  struct stat st;

  if (dup2 (kept, STDOUT_FILENO) != STDOUT_FILENO)
    return 1;
  close (STDIN_FILENO);
  close (STDERR_FILENO);
  close (kept);
  bs_fd_ensure_standard ();
  if (!is_null (STDIN_FILENO) || !is_null (STDERR_FILENO))
    return 2;
  if (fstat (STDOUT_FILENO, &st) != 0 || !S_ISDIR (st.st_mode))
    return 3;
  next = open ("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return next == kept ? 0 : 4;
}

static void
test_closed_standard (void)
{
  pid_t pid = fork ();
  int status;

  if (pid == 0)
    _exit (without_standard ());
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fd/closed-standard", test_closed_standard);
  return g_test_run ();
}
