/* SPDX-License-Identifier: Apache-2.0 */
/* console.c — a shell on the console for whoever presses Enter there */
#include "guest.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static const char greeting[] = "\r\nbenchscale-guest " GUEST_VERSION ": press Enter for a shell\r\n";

/* The device behind /dev/console, which alone can be a controlling terminal. */
static int
open_console (int flags)
{
  char names[128], path[160], *last;
  int fd = open ("/sys/class/tty/console/active", O_RDONLY | O_CLOEXEC);
  ssize_t n = fd >= 0 ? read (fd, names, sizeof names - 1) : -1;

  if (fd >= 0)
    close (fd);
  if (n > 0)
    {
      names[n] = '\0';
      names[strcspn (names, "\n")] = '\0';
      last = strrchr (names, ' ');
      snprintf (path, sizeof path, "/dev/%s", last != NULL ? last + 1 : names);
      fd = open (path, flags | O_RDWR | O_NOCTTY | O_CLOEXEC);
      if (fd >= 0)
        return fd;
    }
  return open ("/dev/console", flags | O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static void
greet (const Console *console)
{
  /* A console that does not take it has no reader. */
  if (write (console->fd, greeting, sizeof greeting - 1) < 0)
    return;
}

void
guest_console_init (Console *console, int epoll)
{
  struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.u64 = (uint64_t) GUEST_SLOT_CONSOLE << 8 };

  console->pid = 0;
  console->fd = open_console (O_NONBLOCK);
  if (console->fd >= 0 && epoll_ctl (epoll, EPOLL_CTL_ADD, console->fd, &event) != 0)
    {
      close (console->fd);
      console->fd = -1;
    }
  if (console->fd >= 0)
    greet (console);
}

void
guest_console_readable (Console *console)
{
  char *argv[] = { (char *) "/bin/sh", (char *) "-l", NULL };
  char *env[] = { (char *) "TERM=vt220", NULL };
  char line[256], text[512];
  const char *code;
  bool pressed = false;
  int fd;

  if (console->pid != 0)
    return;
  while (read (console->fd, line, sizeof line) > 0)
    pressed = true;
  if (!pressed)
    return;
  fd = open_console (0);
  if (fd >= 0)
    {
      Spawn spawn = { .argv = argv, .env = env, .fds = { fd, fd, fd }, .tty = true };

      console->pid = guest_spawn (&spawn, &code, text, sizeof text);
      if (console->pid < 0)
        {
          console->pid = 0;
          dprintf (fd, "%s\r\n", text);
        }
      close (fd);
    }
}

bool
guest_console_reap (Console *console, pid_t pid)
{
  if (pid == 0 || pid != console->pid)
    return false;
  console->pid = 0;
  greet (console);
  return true;
}
