/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ssh-forward.c — the thread that forwards: one poll(2) over listeners, the session and all connections */
#include "bs-ssh-forward.h"
#include "bs-fd.h"
#include "bs-ssh-relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#define RELAYS_MAX 256
#define BACKLOG 64
#define ROUNDS 64 /* of moving, before new connections have their turn */

typedef struct
{
  int fd;
  BsSshForwardPort port;
} Listener;

struct _BsSshForward
{
  BsSshTarget *target;
  GArray *listeners;
  GCancellable *cancellable; /* cancelled: stop */
  GThread *thread;
  pthread_mutex_t lock; /* not GLib's: the thread sanitizer does not see into that */
  GError *error;        /* under the lock */

  /* of the thread */
  BsSsh *ssh;
  GPtrArray *relays;
};

static int
listen_on (BsSshForwardPort *port, GError **error)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port->host) };
  bs_autofd int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  socklen_t size = sizeof address;
  int yes = 1;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (fd >= 0 && setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0
      && bind (fd, (struct sockaddr *) &address, sizeof address) == 0 && listen (fd, BACKLOG) == 0
      && getsockname (fd, (struct sockaddr *) &address, &size) == 0)
    {
      port->host = ntohs (address.sin_port);
      return bs_fd_steal (&fd);
    }
  if (errno == EADDRINUSE)
    bs_set_error (error, BS_ERROR_EXISTS, "choose another port of this host", "port %u of this host is taken",
                  port->host);
  else
    bs_set_error_errno (error, errno, "cannot listen on port %u of this host", port->host);
  return -1;
}

/* The session, opened when it is needed. NULL: it cannot be, and error() tells why. */
static BsSsh *
session (BsSshForward *self)
{
  g_autoptr (GError) error = NULL;

  if (self->ssh != NULL && bs_ssh_usable (self->ssh))
    return self->ssh;
  g_ptr_array_set_size (self->relays, 0); /* channels go before their session */
  g_clear_pointer (&self->ssh, bs_ssh_free);
  self->ssh = bs_ssh_open (self->target, self->cancellable, &error);
  pthread_mutex_lock (&self->lock);
  g_clear_error (&self->error);
  self->error = g_steal_pointer (&error);
  pthread_mutex_unlock (&self->lock);
  return self->ssh;
}

static void
take_connection (BsSshForward *self, const Listener *listener)
{
  bs_autofd int fd = accept4 (listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  BsSsh *ssh;

  if (fd < 0 || self->relays->len >= RELAYS_MAX || (ssh = session (self)) == NULL)
    return;
  g_ptr_array_add (self->relays, bs_ssh_relay_new (ssh, bs_fd_steal (&fd), listener->port.node));
}

/* Returns: TRUE when there may be more to move at once. */
static gboolean
move_all (BsSshForward *self)
{
  gboolean moved = TRUE;

  for (guint round = 0; moved && round < ROUNDS; round++)
    {
      moved = FALSE;
      for (guint i = self->relays->len; i > 0; i--)
        {
          BsSshRelay *relay = g_ptr_array_index (self->relays, i - 1);

          moved |= bs_ssh_relay_move (relay);
          if (bs_ssh_relay_over (relay))
            g_ptr_array_remove_index_fast (self->relays, i - 1);
        }
    }
  if (self->ssh != NULL && !bs_libssh.ssh_is_connected (self->ssh->session))
    {
      g_ptr_array_set_size (self->relays, 0);
      g_clear_pointer (&self->ssh, bs_ssh_free);
    }
  return moved;
}

/* Nobody else takes what an idle session says. */
static void
drain_session (BsSshForward *self)
{
  if (self->relays->len == 0 && self->ssh != NULL)
    bs_libssh.ssh_send_keepalive (self->ssh->session);
}

static GArray *
what_to_wait_for (BsSshForward *self)
{
  GArray *items = g_array_new (FALSE, TRUE, sizeof (struct pollfd));
  struct pollfd item = { .fd = g_cancellable_get_fd (self->cancellable), .events = POLLIN };

  g_array_append_val (items, item);
  item.fd = self->ssh != NULL ? self->ssh->fd : -1;
  if (self->ssh != NULL && (bs_libssh.ssh_get_poll_flags (self->ssh->session) & SSH_WRITE_PENDING) != 0)
    item.events |= POLLOUT;
  g_array_append_val (items, item);
  for (guint i = 0; i < self->listeners->len; i++)
    {
      item = (struct pollfd){ .fd = g_array_index (self->listeners, Listener, i).fd, .events = POLLIN };
      g_array_append_val (items, item);
    }
  for (guint i = 0; i < self->relays->len; i++)
    {
      const BsSshRelay *relay = g_ptr_array_index (self->relays, i);

      item = (struct pollfd){ .fd = relay->fd, .events = bs_ssh_relay_events (relay) };
      item.fd = item.events != 0 ? item.fd : -1; /* its end shows when something is read or written */
      g_array_append_val (items, item);
    }
  return items;
}

static gpointer
forward (gpointer data)
{
  BsSshForward *self = data;

  gboolean more = FALSE;

  self->relays = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_ssh_relay_free);
  while (!g_cancellable_is_cancelled (self->cancellable))
    {
      g_autoptr (GArray) items = what_to_wait_for (self);
      guint n = self->listeners->len;

      while (poll ((struct pollfd *) (gpointer) items->data, items->len, more ? 0 : -1) < 0 && errno == EINTR)
        continue;
      g_cancellable_release_fd (self->cancellable);
      if (g_array_index (items, struct pollfd, 1).revents != 0)
        drain_session (self);
      for (guint i = 0; i < n; i++)
        if (g_array_index (items, struct pollfd, 2 + i).revents != 0)
          take_connection (self, &g_array_index (self->listeners, Listener, i));
      more = move_all (self);
    }
  g_ptr_array_unref (self->relays);
  g_clear_pointer (&self->ssh, bs_ssh_free);
  return NULL;
}

BsSshForward *
bs_ssh_forward_start (const BsSshTarget *target, const BsSshForwardPort *ports, guint n_ports, GError **error)
{
  g_autoptr (BsSshForward) self = g_new0 (BsSshForward, 1);

  pthread_mutex_init (&self->lock, NULL);
  self->target = bs_ssh_target_copy (target);
  self->cancellable = g_cancellable_new ();
  self->listeners = g_array_new (FALSE, TRUE, sizeof (Listener));
  for (guint i = 0; i < n_ports; i++)
    {
      Listener listener = { .port = ports[i] };

      listener.fd = listen_on (&listener.port, error);
      if (listener.fd < 0)
        return NULL;
      g_array_append_val (self->listeners, listener);
    }
  self->thread = g_thread_new ("ssh-forward", forward, self);
  return g_steal_pointer (&self);
}

guint16
bs_ssh_forward_port (const BsSshForward *self, guint index)
{
  return g_array_index (self->listeners, Listener, index).port.host;
}

GError *
bs_ssh_forward_error (BsSshForward *self)
{
  GError *copy;

  pthread_mutex_lock (&self->lock);
  copy = self->error != NULL ? g_error_copy (self->error) : NULL;
  pthread_mutex_unlock (&self->lock);
  return copy;
}

void
bs_ssh_forward_stop (BsSshForward *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  if (self->thread != NULL)
    g_thread_join (self->thread);
  for (guint i = 0; i < self->listeners->len; i++)
    close (g_array_index (self->listeners, Listener, i).fd);
  g_array_unref (self->listeners);
  g_object_unref (self->cancellable);
  bs_ssh_target_free (self->target);
  g_clear_error (&self->error);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}
