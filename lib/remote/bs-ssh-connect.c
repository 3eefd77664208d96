/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-ssh-connect.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-time.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

typedef struct
{
  const char *name;
  gint64 deadline_usec;
  GCancellable *cancellable;
} Connect;

static int
failed (const Connect *self, int errnum, GError **error)
{
  if (errnum == ECONNREFUSED)
    bs_set_error (error, BS_ERROR_NOT_FOUND, "is its SSH server running? `benchscale status` shows the node's state",
                  "'%s' refused the connection: nothing listens there", self->name);
  else if (errnum == ETIMEDOUT)
    bs_set_error (error, BS_ERROR_TIMEOUT, NULL, "'%s' did not take the connection in time", self->name);
  else
    bs_set_error (error, BS_ERROR_HOST, "look at this host's addresses and routes (ip address, ip route)",
                  "'%s' cannot be reached: %s", self->name, g_strerror (errnum));
  return -1;
}

/* Waits for what connect(2) began. Returns: 0 or errno; ECANCELED. */
static int
await (const Connect *self, int fd)
{
  int cancel_fd = self->cancellable != NULL ? g_cancellable_get_fd (self->cancellable) : -1;
  struct pollfd items[2] = { { .fd = fd, .events = POLLOUT }, { .fd = cancel_fd, .events = POLLIN } };
  socklen_t size = sizeof (int);
  int errnum = 0, n;

  while ((n = poll (items, 2, bs_time_poll_timeout (self->deadline_usec))) < 0 && errno == EINTR)
    continue;
  if (g_cancellable_is_cancelled (self->cancellable))
    errnum = ECANCELED;
  else if (n <= 0)
    errnum = ETIMEDOUT;
  else if (getsockopt (fd, SOL_SOCKET, SO_ERROR, &errnum, &size) != 0)
    errnum = errno;
  if (cancel_fd >= 0)
    g_cancellable_release_fd (self->cancellable);
  return errnum;
}

static int
connect_to (const Connect *self, const struct addrinfo *address, int *errnum)
{
  bs_autofd int fd = socket (address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int yes = 1;

  *errnum = fd < 0 ? errno : 0;
  if (fd < 0)
    return -1;
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  setsockopt (fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
  if (connect (fd, address->ai_addr, address->ai_addrlen) != 0)
    *errnum = errno == EINPROGRESS ? await (self, fd) : errno;
  return *errnum == 0 ? bs_fd_steal (&fd) : -1;
}

int
bs_ssh_connect (const BsSshTarget *target, const char *name, gint64 deadline_usec, GCancellable *cancellable,
                GError **error)
{
  const Connect self = { name, deadline_usec, cancellable };
  struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV }, *list = NULL;
  int errnum = EHOSTUNREACH, fd = -1, result;
  char port[8];

  snprintf (port, sizeof port, "%u", target->port != 0 ? target->port : 22);
  result = getaddrinfo (target->host, port, &hints, &list);
  if (result != 0)
    {
      bs_set_error (error, BS_ERROR_HOST, NULL, "'%s' cannot be reached: '%s' has no address: %s", name, target->host,
                    gai_strerror (result));
      return -1;
    }
  for (const struct addrinfo *at = list; at != NULL && fd < 0 && errnum != ECANCELED; at = at->ai_next)
    fd = connect_to (&self, at, &errnum);
  freeaddrinfo (list);
  if (fd < 0 && errnum == ECANCELED)
    bs_set_error (error, BS_ERROR_CANCELLED, NULL, "cancelled while connecting to '%s'", name);
  else if (fd < 0)
    failed (&self, errnum, error);
  return fd;
}
