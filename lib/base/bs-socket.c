/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-socket.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-time.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static gboolean
fill_address (int dirfd, const char *name, struct sockaddr_un *address, GError **error)
{
  g_autofree char *path = bs_file_proc_path (dirfd, name);

  *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
  if (strlen (path) >= sizeof address->sun_path)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "socket path '%s' is too long", path);
      return FALSE;
    }
  strcpy (address->sun_path, path);
  return TRUE;
}

int
bs_socket_listen (int dirfd, const char *name, int type, GError **error)
{
  bs_autofd int fd = socket (AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  struct sockaddr_un address;
  struct stat st;

  if (!fill_address (dirfd, name, &address, error))
    return -1;
  /* Only a socket that somebody left behind makes room. */
  if (fd >= 0 && fstatat (dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISSOCK (st.st_mode))
    unlinkat (dirfd, name, 0);
  if (fd < 0 || bind (fd, (struct sockaddr *) &address, sizeof address) != 0 || listen (fd, 64) != 0)
    {
      bs_set_error_errno (error, errno, "cannot listen on socket '%s'", name);
      return -1;
    }
  return bs_fd_steal (&fd);
}

int
bs_socket_connect (int dirfd, const char *name, int type, GError **error)
{
  bs_autofd int fd = socket (AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  struct sockaddr_un address;

  if (!fill_address (dirfd, name, &address, error))
    return -1;
  if (fd < 0 || connect (fd, (struct sockaddr *) &address, sizeof address) != 0)
    {
      if (fd >= 0 && errno == EAGAIN)
        bs_set_error (error, BS_ERROR_BUSY, NULL, "too many wait for socket '%s'", name);
      else if (fd >= 0 && errno == ECONNREFUSED)
        bs_set_error (error, BS_ERROR_NOT_FOUND, NULL, "nobody listens on socket '%s'", name);
      else
        bs_set_error_errno (error, errno, "cannot connect to socket '%s'", name);
      return -1;
    }
  return bs_fd_steal (&fd);
}

gboolean
bs_socket_pair (int type, int ends[2], GError **error)
{
  if (socketpair (AF_UNIX, type | SOCK_CLOEXEC, 0, ends) == 0)
    return TRUE;
  bs_set_error_errno (error, errno, "cannot make a socket pair");
  return FALSE;
}

gboolean
bs_socket_send (int fd, const void *data, gsize length, const int *fds, guint n_fds, GError **error)
{
  union
  {
    char bytes[CMSG_SPACE (sizeof (int) * BS_SOCKET_FDS_MAX)];
    struct cmsghdr align;
  } control = { 0 };
  struct iovec part = { (void *) data, length };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
  ssize_t n;

  g_return_val_if_fail (n_fds <= BS_SOCKET_FDS_MAX, FALSE);
  if (n_fds > 0)
    {
      struct cmsghdr *header;

      message.msg_control = &control;
      message.msg_controllen = CMSG_SPACE (sizeof (int) * n_fds);
      header = CMSG_FIRSTHDR (&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN (sizeof (int) * n_fds);
      memcpy (CMSG_DATA (header), fds, sizeof (int) * n_fds);
    }
  do
    n = sendmsg (fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n >= 0)
    return TRUE;
  if (errno == EAGAIN)
    bs_set_error (error, BS_ERROR_BUSY, NULL, "the peer does not take messages");
  else
    bs_set_error_errno (error, errno, "cannot send a message");
  return FALSE;
}

static void
close_fds (const int *fds, guint n)
{
  for (guint i = 0; i < n; i++)
    close (fds[i]);
}

/* Every descriptor that came with @message, at most BS_SOCKET_FDS_MAX: the room for them is no larger. */
static guint
collect_fds (struct msghdr *message, int *fds)
{
  guint n_fds = 0;

  for (struct cmsghdr *header = CMSG_FIRSTHDR (message); header != NULL; header = CMSG_NXTHDR (message, header))
    {
      guint n = (guint) ((header->cmsg_len - CMSG_LEN (0)) / sizeof (int));

      if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
        continue;
      n = MIN (n, BS_SOCKET_FDS_MAX - n_fds);
      memcpy (fds + n_fds, CMSG_DATA (header), n * sizeof (int));
      n_fds += n;
    }
  return n_fds;
}

static gssize
explain_receive (GError **error)
{
  if (errno == ECONNRESET)
    return 0;
  if (errno == EAGAIN)
    bs_set_error (error, BS_ERROR_BUSY, NULL, "there is no message yet");
  else
    bs_set_error_errno (error, errno, "cannot receive a message");
  return -1;
}

/* FALSE when the message did not come whole, or carries more than was asked for. */
static gboolean
check_whole (int flags, guint n_fds, guint limit, GError **error)
{
  if ((flags & MSG_TRUNC) != 0)
    bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "a message is too long");
  else if (n_fds > limit)
    bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "a message carries %u descriptors, of which %u are allowed", n_fds,
                  limit);
  else if ((flags & MSG_CTRUNC) != 0)
    bs_set_error (error, BS_ERROR_PROTOCOL, "raise the limit of open files (ulimit -n)",
                  "not all descriptors of a message arrived");
  else
    return TRUE;
  return FALSE;
}

gssize
bs_socket_receive (int fd, void *data, gsize size, int *fds, guint *n_fds, GError **error)
{
  union
  {
    char bytes[CMSG_SPACE (sizeof (int) * BS_SOCKET_FDS_MAX)];
    struct cmsghdr align;
  } control;
  struct iovec part = { data, size };
  struct msghdr message
      = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
  int came[BS_SOCKET_FDS_MAX];
  guint limit = n_fds != NULL ? *n_fds : 0, n_came;
  ssize_t n;

  if (n_fds != NULL)
    *n_fds = 0;
  do
    n = recvmsg (fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return explain_receive (error);
  n_came = collect_fds (&message, came);
  if (!check_whole (message.msg_flags, n_came, limit, error))
    {
      close_fds (came, n_came);
      return -1;
    }
  if (n_came > 0)
    memcpy (fds, came, n_came * sizeof (int));
  if (n_fds != NULL)
    *n_fds = n_came;
  return n;
}

int
bs_socket_wait (int fd, short events, gint64 deadline_usec)
{
  for (;;)
    {
      struct pollfd item = { .fd = fd, .events = events };
      int n = poll (&item, 1, bs_time_poll_timeout (deadline_usec));

      if (n < 0 && errno == EINTR)
        continue;
      if (n == 0 && bs_time_poll_timeout (deadline_usec) != 0)
        continue;
      return n > 0 ? item.revents : n;
    }
}

guint
bs_socket_peer_uid (int fd)
{
  struct ucred peer;
  socklen_t size = sizeof peer;

  if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
    return (guint) -1;
  return peer.uid;
}
