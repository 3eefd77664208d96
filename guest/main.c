/* SPDX-License-Identifier: Apache-2.0 */
/* main.c — benchscale-guest: the loop */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DIRECT_MIN 4096
#define READS_PER_ROUND 64
#define AWAY_USEC 1000000
#define WRITE_NOW (16 * 1024) /* output beyond this is not held back */

int64_t
guest_now_usec (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

bool
guest_watch (Session *session, int fd, uint32_t events, unsigned slot, unsigned channel)
{
  struct epoll_event event = { .events = events | EPOLLET, .data.u64 = slot << 8 | channel };

  return epoll_ctl (session->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* The host went away: a virtio port's may come back, which the next event on the port will tell.
 *
 * A virtio port also reads as ended while a host is there whose arrival the kernel has not taken note of yet: the bytes
 * come by another queue than the news. So the session, perhaps just opened, is only ended when the host is away for a
 * while. */
static void
host_left (Session *session)
{
  session->readable = false;
  session->finished = !session->is_port;
  if (session->is_port)
    session->away_usec = guest_now_usec () + AWAY_USEC;
}

static void
check_away (Session *session)
{
  struct pollfd item = { .fd = session->port };

  if (session->away_usec == 0 || guest_now_usec () < session->away_usec)
    return;
  session->away_usec = 0;
  if (poll (&item, 1, 0) > 0 && (item.revents & POLLHUP) != 0)
    guest_session_end (session);
}

/* As read(2), but goes on until @size bytes are there or no more come: a virtio port gives a page at a time. */
static ssize_t
read_all (int fd, uint8_t *at, size_t size)
{
  ssize_t n = read (fd, at, size);
  size_t have = n > 0 ? (size_t) n : 0;

  if (n <= 0)
    return n;
  while (have < size && (n = read (fd, at + have, size - have)) > 0)
    have += (size_t) n;
  return (ssize_t) have;
}

/* Reads a payload's rest to where it belongs, all else to the input buffer. */
static bool
read_port (Session *session)
{
  uint8_t *at;
  size_t space = bs_wire_parser_space (&session->parser, &at);
  bool direct = space >= DIRECT_MIN;
  ssize_t n = direct ? read_all (session->port, at, space) : read (session->port, session->in, GUEST_IN_SIZE);

  if (n < 0 && errno == EINTR)
    return true;
  if (n < 0 && errno == EAGAIN)
    session->readable = false;
  else if (n <= 0)
    host_left (session);
  if (n <= 0)
    return false;
  if (direct)
    bs_wire_parser_filled (&session->parser, (size_t) n);
  else
    {
      session->in_at = session->in;
      session->in_left = (size_t) n;
    }
  return true;
}

static bool
take_input (Session *session)
{
  bool did = guest_session_parse (session);

  for (int i = 0; i < READS_PER_ROUND && session->readable && session->in_left == 0 && session->power == NULL; i++)
    {
      if (guest_room (session) < GUEST_ANSWER_ROOM || !read_port (session))
        break;
      did = true;
      guest_session_parse (session);
    }
  return did;
}

static bool
write_port (Session *session, bool force)
{
  size_t left = session->out_end - session->out_at;
  ssize_t n;

  if (left == 0 || !session->writable)
    return false;
  if (!force && left < WRITE_NOW && session->hold_usec > guest_now_usec ())
    return false;
  session->hold_usec = 0;
  n = write (session->port, session->out + session->out_at, left);
  if (n < 0 && errno == EAGAIN)
    session->writable = false;
  else if (n < 0 && errno != EINTR)
    host_left (session);
  if (n <= 0)
    return false;
  session->out_at += (size_t) n;
  return true;
}

static void
reap (Session *session, Console *console)
{
  struct signalfd_siginfo info[8];
  int status;
  pid_t pid;

  while (read (session->signals, info, sizeof info) > 0)
    ;
  while ((pid = waitpid (-1, &status, WNOHANG)) > 0)
    if (!guest_console_reap (console, pid))
      guest_session_reap (session, pid, status);
}

static void
note (Session *session, Console *console, const struct epoll_event *event)
{
  unsigned slot = (unsigned) (event->data.u64 >> 8), channel = event->data.u64 & 0xff;
  bool in = (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0;
  bool out = (event->events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0;

  if (slot == GUEST_SLOT_PORT)
    {
      session->readable |= in;
      session->writable |= out;
    }
  else if (slot == GUEST_SLOT_SIGNALS)
    reap (session, console);
  else if (slot == GUEST_SLOT_CONSOLE)
    guest_console_readable (console);
  else if (session->streams[slot] != NULL)
    {
      if (out)
        session->streams[slot]->ready |= 1;
      if (in && channel != 0)
        session->streams[slot]->ready |= (uint8_t) (1 << channel);
    }
}

static int
timeout (const Session *session)
{
  int64_t deadline = guest_session_deadline (session), left;

  if (session->away_usec != 0 && (deadline == 0 || session->away_usec < deadline))
    deadline = session->away_usec;
  if (deadline == 0)
    return -1;
  left = deadline - guest_now_usec ();
  if (left <= 0)
    return 0;
  return left > 3600000000 ? 3600000 : (int) ((left + 999) / 1000);
}

static void
serve (Session *session, Console *console)
{
  struct epoll_event events[32];

  session->readable = session->writable = true;
  while (!session->finished)
    {
      bool did;
      int n;

      do
        {
          did = take_input (session);
          did |= guest_session_pump (session);
          did |= write_port (session, false);
        }
      while (did && !session->finished);
      if (session->power != NULL && session->out_at == session->out_end)
        guest_power_now (session);
      if (session->finished)
        break;
      n = epoll_wait (session->epoll, events, sizeof events / sizeof events[0], timeout (session));
      for (int i = 0; i < n; i++)
        note (session, console, &events[i]);
      guest_session_tick (session, guest_now_usec ());
      check_away (session);
    }
}

static bool
prepare (Session *session)
{
  sigset_t signals;

  for (int fd = open ("/dev/null", O_RDWR); fd <= 2; fd = open ("/dev/null", O_RDWR))
    if (fd < 0)
      return false; /* else 0, 1 and 2 are taken now; the last one opened is closed at exec */
  signal (SIGPIPE, SIG_IGN);
  sigemptyset (&signals);
  sigaddset (&signals, SIGCHLD);
  sigprocmask (SIG_BLOCK, &signals, NULL);
  session->epoll = epoll_create1 (EPOLL_CLOEXEC);
  session->signals = signalfd (-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  fcntl (session->port, F_SETFL, fcntl (session->port, F_GETFL) | O_NONBLOCK);
  fcntl (session->port, F_SETFD, FD_CLOEXEC);
  setenv ("PATH", GUEST_PATH, 0);
  setenv ("HOME", "/root", 0);
  return session->epoll >= 0 && session->signals >= 0 && guest_session_init (session)
         && guest_watch (session, session->signals, EPOLLIN, GUEST_SLOT_SIGNALS, 0)
         && guest_watch (session, session->port, EPOLLIN | EPOLLOUT, GUEST_SLOT_PORT, 0);
}

static int
usage (const char *problem)
{
  fprintf (stderr, "benchscale-guest: %s\nusage: benchscale-guest [--port PATH | --fd N | --version | probe …]\n",
           problem);
  return 2;
}

static int
open_port (int argc, char **argv, Session *session)
{
  struct sockaddr_storage address;
  socklen_t size = sizeof address;

  session->is_port = true;
  if (argc == 3 && strcmp (argv[1], "--fd") == 0)
    {
      int fd = atoi (argv[2]);

      session->is_port = getsockname (fd, (struct sockaddr *) &address, &size) != 0;
      return fd;
    }
  if (argc == 3 && strcmp (argv[1], "--port") == 0)
    return open (argv[2], O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  return guest_port_open ();
}

int
main (int argc, char **argv)
{
  Session session = { .is_init = getpid () == 1 };
  Console console = { .fd = -1 };

  if (!session.is_init && argc == 2 && strcmp (argv[1], "--version") == 0)
    return printf ("benchscale-guest %s\n", GUEST_VERSION) < 0;
  if (!session.is_init && argc > 1 && strcmp (argv[1], "probe") == 0)
    return guest_probe (argc - 2, argv + 2);
  if (!session.is_init && argc != 1
      && (argc != 3 || (strcmp (argv[1], "--fd") != 0 && strcmp (argv[1], "--port") != 0)))
    return usage ("unknown arguments");
  if (session.is_init)
    {
      argc = 1; /* the kernel hands us what it did not know itself */
      guest_boot_mounts ();
      guest_boot_modules ();
      if (guest_root_start ())
        return 1; /* it returned, so there is no system to run */
      guest_boot_rest ();
    }
  session.port = open_port (argc, argv, &session);
  if (session.port < 0 || !prepare (&session))
    {
      fprintf (stderr, "benchscale-guest: cannot open the port: %s\n", strerror (errno));
      return 1;
    }
  if (session.is_init)
    guest_console_init (&console, session.epoll);
  serve (&session, &console);
  guest_session_clear (&session);
  return 0;
}
