/* SPDX-License-Identifier: Apache-2.0 */
/* test-ssh-forward.c — a port here leads to a port there */
#include "bs-ssh-forward.h"
#include "bs-time.h"
#include "ssh-fixture.h"

#include <arpa/inet.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

static SshServer server;

static int
loopback (guint16 port, gboolean listening)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (listening)
    {
      g_assert_no_errno (bind (fd, (struct sockaddr *) &address, sizeof address));
      g_assert_no_errno (listen (fd, 50));
    }
  else if (connect (fd, (struct sockaddr *) &address, sizeof address) != 0)
    bs_fd_clear (&fd);
  return fd;
}

static guint16
port_of (int fd)
{
  struct sockaddr_in address;
  socklen_t size = sizeof address;

  g_assert_no_errno (getsockname (fd, (struct sockaddr *) &address, &size));
  return ntohs (address.sin_port);
}

/* Sends back what comes, until its end. */
static gpointer
echo_one (gpointer data)
{
  bs_autofd int fd = GPOINTER_TO_INT (data);
  char bytes[65536];
  gssize n;

  while ((n = read (fd, bytes, sizeof bytes)) > 0)
    if (!bs_fd_write_all (fd, bytes, (gsize) n))
      break;
  return NULL;
}

static gpointer
echo_all (gpointer data)
{
  int listener = GPOINTER_TO_INT (data), fd;

  while ((fd = accept (listener, NULL, NULL)) >= 0)
    g_thread_unref (g_thread_new ("echo", echo_one, GINT_TO_POINTER (fd)));
  return NULL;
}

typedef struct
{
  int fd;
  const guint8 *data;
  gsize length;
} Writer;

static gpointer
write_it (gpointer data)
{
  Writer *self = data;

  g_assert_true (bs_fd_write_all (self->fd, self->data, self->length));
  shutdown (self->fd, SHUT_WR);
  return NULL;
}

/* Sends @length bytes through @port and expects them back, then the end. */
static void
there_and_back (guint16 port, gsize length)
{
  bs_autofd int fd = loopback (port, FALSE);
  g_autofree guint8 *data = g_malloc (length), *back = g_malloc (length + 1);
  Writer writer = { fd, data, length };
  GThread *thread;
  gsize got = 0;
  gssize n;

  g_assert_cmpint (fd, >=, 0);
  for (gsize i = 0; i < length; i++)
    data[i] = (guint8) (i * 2654435761u >> 13);
  thread = g_thread_new ("write", write_it, &writer);
  while (got <= length && (n = read (fd, back + got, length + 1 - got)) > 0)
    got += (gsize) n;
  g_thread_join (thread);
  g_assert_cmpmem (back, got, data, length);
}

static gpointer
client (gpointer port)
{
  there_and_back ((guint16) GPOINTER_TO_UINT (port), 300001);
  return NULL;
}

static void
test_many_connections (void)
{
  bs_autofd int listener = loopback (0, TRUE);
  GThread *echo = g_thread_new ("echo", echo_all, GINT_TO_POINTER (listener)), *clients[20];
  BsSshForwardPort ports[] = { { 0, port_of (listener) } };
  g_autoptr (GError) error = NULL;
  BsSshForward *forward = bs_ssh_forward_start (server.target, ports, 1, &error);
  guint16 port;

  g_assert_no_error (error);
  port = bs_ssh_forward_port (forward, 0);
  there_and_back (port, 0);
  there_and_back (port, 20000000);
  for (guint i = 0; i < 20; i++)
    clients[i] = g_thread_new ("client", client, GUINT_TO_POINTER (port));
  for (guint i = 0; i < 20; i++)
    g_thread_join (clients[i]);
  bs_ssh_forward_stop (forward);
  g_assert_cmpint (loopback (port, FALSE), ==, -1);
  shutdown (listener, SHUT_RDWR);
  g_thread_join (echo);
}

static void
test_nobody_listens_there (void)
{
  BsSshForwardPort ports[] = { { 0, ssh_free_port () } };
  g_autoptr (BsSshForward) forward = bs_ssh_forward_start (server.target, ports, 1, NULL);
  bs_autofd int fd = loopback (bs_ssh_forward_port (forward, 0), FALSE);
  char byte;

  g_assert_cmpint (read (fd, &byte, 1), <=, 0);
  g_assert_null (bs_ssh_forward_error (forward)); /* the machine was reached */
}

static void
test_port_is_taken (void)
{
  bs_autofd int listener = loopback (0, TRUE);
  BsSshForwardPort ports[] = { { 0, 80 }, { port_of (listener), 80 } };
  g_autoptr (GError) error = NULL;

  g_assert_null (bs_ssh_forward_start (server.target, ports, 2, &error));
  assert_error (error, BS_ERROR_EXISTS, "of this host is taken");
  g_assert_nonnull (bs_error_hint (error));
}

static void
test_server_comes_back (void)
{
  g_auto (SshServer) own;
  bs_autofd int listener = loopback (0, TRUE), broken = -1;
  GThread *echo = g_thread_new ("echo", echo_all, GINT_TO_POINTER (listener));
  BsSshForwardPort ports[] = { { 0, port_of (listener) } };
  BsSshForward *forward;
  GError *error;
  char byte = 'x';

  ssh_server_init (&own, NULL);
  forward = bs_ssh_forward_start (own.target, ports, 1, NULL);
  there_and_back (bs_ssh_forward_port (forward, 0), 1000);
  broken = loopback (bs_ssh_forward_port (forward, 0), FALSE);
  g_assert_cmpint (write (broken, &byte, 1), ==, 1);
  g_assert_cmpint (read (broken, &byte, 1), ==, 1);
  ssh_server_kill (&own);
  g_assert_cmpint (read (broken, &byte, 1), <=, 0);
  {
    bs_autofd int fd = loopback (bs_ssh_forward_port (forward, 0), FALSE);

    g_assert_cmpint (read (fd, &byte, 1), <=, 0);
  }
  error = bs_ssh_forward_error (forward);
  assert_error (error, BS_ERROR_NOT_FOUND, "refused the connection");
  g_error_free (error);
  ssh_server_start (&own);
  there_and_back (bs_ssh_forward_port (forward, 0), 1000);
  bs_ssh_forward_stop (forward);
  shutdown (listener, SHUT_RDWR);
  g_thread_join (echo);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  ssh_server_init (&server, NULL);
  g_test_add_func ("/ssh/forward/many-connections", test_many_connections);
  g_test_add_func ("/ssh/forward/nobody-listens-there", test_nobody_listens_there);
  g_test_add_func ("/ssh/forward/port-is-taken", test_port_is_taken);
  g_test_add_func ("/ssh/forward/server-comes-back", test_server_comes_back);
  status = g_test_run ();
  ssh_server_clear (&server);
  return status;
}
