/* SPDX-License-Identifier: Apache-2.0 */
/* fake-machine TAG [OPTION…] — stands in for QEMU in tests of the supervisor
 *
 * Says on stdout what it was given (descriptors, session, signals), then lives until it is told to end:
 *   --console PATH TEXT   writes TEXT there first
 *   --stderr TEXT         says TEXT
 *   --exit N              ends at once
 *   --guest PATH PROGRAM  listens at PATH; runs "PROGRAM --fd N" (the real guest program) for each connection, one at a
 * time
 *   --guest PATH @SCRIPT  plays a guest itself, see fake-guest.c
 *   --mac MAC             answers probes on its links, and sends one on each at SIGUSR1
 */
#include "bs-control-protocol.h"
#include "fake-guest.h"

#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROBE 0x88b5
#define ECHO 0x88b6

static unsigned char mac[6];
static int links;

static void
describe_fds (void)
{
  DIR *dir = opendir ("/proc/self/fd");
  struct dirent *entry;
  struct stat st;

  while ((entry = readdir (dir)) != NULL)
    if (entry->d_name[0] != '.' && atoi (entry->d_name) != dirfd (dir) && fstat (atoi (entry->d_name), &st) == 0)
      printf ("fd %s %s\n", entry->d_name, S_ISSOCK (st.st_mode) ? "socket" : S_ISREG (st.st_mode) ? "file" : "other");
  closedir (dir);
}

static void
describe_self (void)
{
  char cwd[4096];
  sigset_t mask;

  describe_fds ();
  sigprocmask (SIG_BLOCK, NULL, &mask);
  printf ("session %s\n", getsid (0) == getpid () ? "own" : "inherited");
  printf ("cwd %s\n", getcwd (cwd, sizeof cwd));
  printf ("sigterm %s\n", sigismember (&mask, SIGTERM) ? "blocked" : "free");
  printf ("sigpipe %s\n", signal (SIGPIPE, SIG_DFL) == SIG_DFL ? "default" : "ignored");
  fflush (stdout);
}

static void
write_file (const char *path, const char *text)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

  if (fd < 0 || write (fd, text, strlen (text)) < 0)
    exit (9);
  close (fd);
}

static int
listen_at (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  strncpy (address.sun_path, path, sizeof address.sun_path - 1);
  if (bind (fd, (struct sockaddr *) &address, sizeof address) != 0 || listen (fd, 1) != 0)
    exit (8);
  return fd;
}

/* Runs the guest of one connection in a process of its own, as a real guest is no part of QEMU either. */
static pid_t
serve_guest (int listener, const char *program)
{
  int fd = accept4 (listener, NULL, NULL, 0);
  pid_t pid = fork ();
  char number[16];

  if (pid != 0)
    {
      close (fd);
      return pid;
    }
  if (program[0] == '@')
    _exit (fake_guest_run (fd, program + 1));
  snprintf (number, sizeof number, "%d", fd);
  execl (program, program, "--fd", number, (char *) NULL);
  _exit (127);
}

static void
send_frame (int fd, const unsigned char *to, unsigned type)
{
  unsigned char frame[60] = { 0 };

  memcpy (frame, to, 6);
  memcpy (frame + 6, mac, 6);
  frame[12] = (unsigned char) (type >> 8);
  frame[13] = (unsigned char) type;
  send (fd, frame, sizeof frame, MSG_DONTWAIT);
}

static void
take_frame (int i)
{
  unsigned char frame[2048];
  ssize_t n = recv (BS_CONTROL_PORT_FD (i), frame, sizeof frame, MSG_DONTWAIT);
  unsigned type;

  if (n < 14)
    return;
  type = (unsigned) frame[12] << 8 | frame[13];
  if (type == PROBE)
    send_frame (BS_CONTROL_PORT_FD (i), frame + 6, ECHO);
  else if (type == ECHO)
    {
      printf ("echo %d from %02x\n", i, frame[11]);
      fflush (stdout);
    }
}

static int
watch_probe_signal (void)
{
  sigset_t set;

  sigemptyset (&set);
  sigaddset (&set, SIGUSR1);
  sigprocmask (SIG_BLOCK, &set, NULL);
  return signalfd (-1, &set, SFD_CLOEXEC);
}

static void
live (int listener, const char *program)
{
  static const unsigned char broadcast[6] = { 255, 255, 255, 255, 255, 255 };
  struct pollfd items[2 + BS_CONTROL_INTERFACES_MAX];
  struct signalfd_siginfo info;
  pid_t guest = 0;

  items[0] = (struct pollfd){ .fd = watch_probe_signal (), .events = POLLIN };
  puts ("ready"); /* for signals too */
  fflush (stdout);
  items[1] = (struct pollfd){ .fd = listener, .events = POLLIN };
  for (int i = 0; i < links; i++)
    items[2 + i] = (struct pollfd){ .fd = BS_CONTROL_PORT_FD (i), .events = POLLIN };
  for (;;)
    {
      if (poll (items, (nfds_t) (2 + links), -1) < 0)
        continue;
      if (items[0].revents != 0 && read (items[0].fd, &info, sizeof info) == sizeof info)
        for (int i = 0; i < links; i++)
          send_frame (BS_CONTROL_PORT_FD (i), broadcast, PROBE);
      for (int i = 0; i < links; i++)
        if (items[2 + i].revents != 0)
          take_frame (i);
      if (items[1].revents == 0)
        continue;
      if (guest > 0)
        waitpid (guest, NULL, 0);
      guest = serve_guest (listener, program);
    }
}

int
main (int argc, char **argv)
{
  const char *program = NULL;
  int listener = -1;

  describe_self ();
  for (int i = 2; i < argc; i++)
    if (strcmp (argv[i], "--console") == 0)
      {
        write_file (argv[i + 1], argv[i + 2]);
        i += 2;
      }
    else if (strcmp (argv[i], "--stderr") == 0)
      fprintf (stderr, "%s\n", argv[++i]);
    else if (strcmp (argv[i], "--exit") == 0)
      return atoi (argv[i + 1]);
    else if (strcmp (argv[i], "--guest") == 0)
      {
        listener = listen_at (argv[i + 1]);
        program = argv[i + 2];
        i += 2;
      }
    else if (strcmp (argv[i], "--mac") == 0)
      sscanf (argv[++i], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4], &mac[5]);
  while (fcntl (BS_CONTROL_PORT_FD (links), F_GETFD) >= 0)
    links++;
  live (listener, program);
}
