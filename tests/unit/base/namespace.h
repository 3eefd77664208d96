/* SPDX-License-Identifier: Apache-2.0 */
/* namespace.h — test bodies that mount, in a child whose mounts nobody else sees and that leave with it */
#pragma once

#include "bs-fd.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>

#define NAMESPACE_REFUSED 77

static inline void
namespace_write (const char *path, const char *text)
{
  bs_autofd int fd = open (path, O_WRONLY | O_CLOEXEC);

  if (fd >= 0 && write (fd, text, strlen (text)) < 0)
    g_test_message ("cannot write %s", path);
}

/* FALSE when this host does not let us mount. */
static inline gboolean
namespace_enter (void)
{
  char map[64], group_map[64];
  unsigned uid = geteuid ();

  if (uid == 0)
    return unshare (CLONE_NEWNS) == 0 && mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
  g_snprintf (map, sizeof map, "0 %u 1", uid);
  g_snprintf (group_map, sizeof group_map, "0 %u 1", (unsigned) getegid ());
  if (unshare (CLONE_NEWUSER | CLONE_NEWNS) != 0)
    return FALSE;
  namespace_write ("/proc/self/uid_map", map);
  namespace_write ("/proc/self/setgroups", "deny");
  namespace_write ("/proc/self/gid_map", group_map);
  return geteuid () == 0 && mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/* Runs @body, which asserts, in a mount namespace of its own; skips the test where that is refused. */
static inline void
namespace_run (void (*body) (const char *path), const char *path)
{
  pid_t pid = fork ();
  int status;

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      if (!namespace_enter ())
        _exit (NAMESPACE_REFUSED);
      body (path);
      _exit (0);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  if (WIFEXITED (status) && WEXITSTATUS (status) == NAMESPACE_REFUSED)
    g_test_skip ("no mount namespace for this user here");
  else
    g_assert_cmpint (status, ==, 0);
}
