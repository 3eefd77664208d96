/* SPDX-License-Identifier: Apache-2.0 */
/* spawn.c — making processes: vfork, so that a start costs no copy of page tables and reports its own failure */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GROUPS_MAX 256

typedef struct
{
  const Spawn *spawn;
  char **env;
  const char *path, *home;
  const struct passwd *user;
  gid_t groups[GROUPS_MAX];
  int n_groups;
  volatile int errnum;                                 /* written by the child in our memory */
  const char *volatile failed_at, *volatile failed_on; /* failed_at NULL: exec itself */
} Start;

extern char **environ;

static void
set_variable (char **env, size_t *count, char *variable)
{
  size_t length = strcspn (variable, "=") + 1;

  for (size_t i = 0; i < *count; i++)
    if (strncmp (env[i], variable, length) == 0)
      {
        env[i] = variable;
        return;
      }
  env[(*count)++] = variable;
  env[*count] = NULL;
}

static const char *
get_variable (char **env, const char *name, const char *fallback)
{
  size_t length = strlen (name);

  for (; *env != NULL; env++)
    if (strncmp (*env, name, length) == 0 && (*env)[length] == '=')
      return *env + length + 1;
  return fallback;
}

/* Ours, then the user's, then the request's; @own holds the user's variables. */
static char **
merge_env (char **wanted, const struct passwd *user, char own[4][PATH_MAX])
{
  size_t ours = 0, theirs = 0, count = 0;
  char **env;

  while (environ[ours] != NULL)
    ours++;
  while (wanted != NULL && wanted[theirs] != NULL)
    theirs++;
  env = calloc (ours + theirs + 5, sizeof *env);
  if (env == NULL)
    return NULL;
  memcpy (env, environ, ours * sizeof *env);
  count = ours;
  if (user != NULL)
    {
      snprintf (own[0], PATH_MAX, "HOME=%s", user->pw_dir);
      snprintf (own[1], PATH_MAX, "USER=%s", user->pw_name);
      snprintf (own[2], PATH_MAX, "LOGNAME=%s", user->pw_name);
      snprintf (own[3], PATH_MAX, "SHELL=%s", user->pw_shell);
      for (unsigned i = 0; i < 4; i++)
        set_variable (env, &count, own[i]);
    }
  for (size_t i = 0; i < theirs; i++)
    set_variable (env, &count, wanted[i]);
  return env;
}

static _Noreturn void
child_failed (Start *start, const char *at, const char *on)
{
  start->errnum = errno;
  start->failed_at = at;
  start->failed_on = on;
  _exit (127);
}

static void
become_user (Start *start)
{
  const struct passwd *user = start->user;

  if (user == NULL)
    return;
  /* Straight system calls: the C library's would tell other threads, in our parent's memory. */
  if (geteuid () == 0 && syscall (SYS_setgroups, start->n_groups, start->groups) != 0)
    child_failed (start, "cannot become user", user->pw_name);
  if (syscall (SYS_setresgid, user->pw_gid, user->pw_gid, user->pw_gid) != 0
      || syscall (SYS_setresuid, user->pw_uid, user->pw_uid, user->pw_uid) != 0)
    child_failed (start, "cannot become user", user->pw_name);
}

static void
exec_in_path (Start *start)
{
  char *const *argv = start->spawn->argv;
  const char *at = start->path;
  char candidate[PATH_MAX];
  int seen = ENOENT;

  if (strchr (argv[0], '/') != NULL || argv[0][0] == '\0')
    {
      execve (argv[0], argv, start->env);
      return;
    }
  for (;;)
    {
      size_t length = strcspn (at, ":");

      if (length + strlen (argv[0]) + 2 <= sizeof candidate)
        {
          memcpy (candidate, at, length);
          candidate[length] = '/';
          strcpy (candidate + length + (length > 0), argv[0]);
          execve (candidate, argv, start->env);
          if (errno != ENOENT && errno != ENOTDIR)
            seen = errno;
        }
      if (at[length] == '\0')
        break;
      at += length + 1;
    }
  errno = seen;
}

static _Noreturn void
child (Start *start)
{
  const Spawn *spawn = start->spawn;
  sigset_t none;

  setsid ();
  for (int i = 0; i < 3; i++)
    if (dup2 (spawn->fds[i], i) < 0)
      child_failed (start, "cannot give streams to", spawn->argv[0]);
  if (spawn->tty)
    ioctl (0, TIOCSCTTY, 0);
  become_user (start);
  if (spawn->cwd != NULL ? chdir (spawn->cwd) != 0 : chdir (start->home) != 0 && chdir ("/") != 0)
    child_failed (start, "cannot enter folder", spawn->cwd != NULL ? spawn->cwd : "/");
  signal (SIGPIPE, SIG_DFL);
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  exec_in_path (start);
  child_failed (start, NULL, spawn->argv[0]);
}

static bool
find_user (Start *start)
{
  start->n_groups = GROUPS_MAX;
  start->user = getpwnam (start->spawn->user);
  if (start->user == NULL)
    return false;
  if (getgrouplist (start->user->pw_name, start->user->pw_gid, start->groups, &start->n_groups) < 0)
    start->n_groups = 0;
  return true;
}

pid_t
guest_spawn (const Spawn *spawn, const char **code, char *text, size_t text_size)
{
  static char own[4][PATH_MAX];
  Start start = { .spawn = spawn };
  pid_t pid;

  *code = "failed";
  if (spawn->user != NULL && !find_user (&start))
    {
      snprintf (text, text_size, "there is no user '%s'", spawn->user);
      return -1;
    }
  start.env = merge_env (spawn->env, start.user, own);
  if (start.env == NULL)
    {
      snprintf (text, text_size, "no memory to run '%s'", spawn->argv[0]);
      return -1;
    }
  start.path = get_variable (start.env, "PATH", GUEST_PATH);
  start.home = get_variable (start.env, "HOME", "/");
  pid = vfork ();
  if (pid == 0)
    child (&start);
  if (pid < 0)
    start.errnum = errno;
  free (start.env);
  if (start.errnum == 0)
    return pid;
  if (start.failed_at != NULL)
    snprintf (text, text_size, "%s '%.300s': %s", start.failed_at, start.failed_on, strerror (start.errnum));
  else
    {
      *code = start.errnum == ENOENT ? "not-found" : "failed";
      snprintf (text, text_size, "%s", strerror (start.errnum));
    }
  return -1; /* the child, if any, is reaped with the others */
}

void
guest_kill (pid_t pid, int number)
{
  if (pid > 1)
    kill (-pid, number);
}
