/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-server.h"
#include "bs-client.h"
#include "bs-control-protocol.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-socket.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

struct _BsServer
{
  guint refs;
  BsLoop *loop;
  int fd;
  int spare; /* given up for a moment when there are no descriptors left, to turn a client away */
  BsLoopSource *source;
  GHashTable *clients; /* serial → BsClient */
  guint64 last_serial;
  BsServerHandler handler;
  gpointer user_data;
  BsServerGone gone;
  gpointer gone_data;
};

struct _BsReply
{
  BsServer *server; /* NULL: nobody */
  guint64 client;
  json_int_t id;
};

static void
client_free (gpointer data)
{
  BsClient *client = data;
  BsServer *server = client->server;
  guint64 serial = client->serial;

  bs_client_free (client);
  if (server->gone != NULL)
    server->gone (serial, server->gone_data);
}

void
bs_server_set_gone (BsServer *self, BsServerGone gone, gpointer user_data)
{
  self->gone = gone;
  self->gone_data = user_data;
}

static BsClient *
reply_client (const BsReply *self)
{
  return self->server != NULL ? g_hash_table_lookup (self->server->clients, &self->client) : NULL;
}

static void
drop_client (BsServer *self, BsClient *client)
{
  g_hash_table_remove (self->clients, &client->serial);
}

/* Says why and closes @fd. Requests must not lie unread then, or the kernel resets the connection and the reason is
 * lost. */
static void
turn_away (int fd, BsErrorCode code, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  char byte;

  bs_set_error (&error, code, NULL, "%s", message);
  text = bs_client_error_text (0, error);
  shutdown (fd, SHUT_RD);
  while (recv (fd, &byte, sizeof byte, MSG_DONTWAIT) > 0)
    ;
  bs_socket_send (fd, text, strlen (text), NULL, 0, NULL);
  close (fd);
}

/* Anybody may connect where the folder lets him; only our own user and root are served. */
static gboolean
is_allowed (int fd)
{
  guint uid = bs_socket_peer_uid (fd);

  return uid == geteuid () || uid == 0;
}

static void
client_ready (guint32 events, gpointer user_data)
{
  BsClient *client = user_data;
  BsServer *self = client->server;
  char *buffer = (char *) bs_loop_scratch (self->loop);
  g_autoptr (GError) error = NULL;
  BsReply *reply;
  gssize n;

  if ((events & EPOLLOUT) != 0 && !bs_client_flush (client))
    {
      drop_client (self, client);
      return;
    }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0)
    return;
  n = bs_socket_receive (client->fd, buffer, BS_SOCKET_MESSAGE_MAX, NULL, NULL, &error);
  if (n < 0 && error->code == BS_ERROR_BUSY)
    return;
  if (n == 0 || (n < 0 && error->code != BS_ERROR_PROTOCOL))
    {
      drop_client (self, client);
      return;
    }
  reply = g_new0 (BsReply, 1);
  reply->server = self;
  reply->client = client->serial;
  self->refs++;
  client->unanswered++;
  if (n < 0)
    bs_reply_error (reply, error);
  else
    self->handler (buffer, (gsize) n, reply, self->user_data);
}

static void
accept_client (BsServer *self, int fd)
{
  BsClient *client;

  if (!is_allowed (fd))
    {
      turn_away (fd, BS_ERROR_INVALID, "this lab belongs to another user");
      return;
    }
  if (g_hash_table_size (self->clients) >= BS_SERVER_CLIENTS_MAX)
    {
      turn_away (fd, BS_ERROR_BUSY, "the supervisor has too many clients");
      return;
    }
  client = bs_client_new (self, fd, ++self->last_serial);
  client->source = bs_loop_add (self->loop, fd, EPOLLIN, client_ready, client);
  g_hash_table_insert (self->clients, &client->serial, client);
}

static void
listener_ready (guint32 events, gpointer user_data)
{
  BsServer *self = user_data;
  int fd = accept4 (self->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

  if (fd >= 0)
    {
      accept_client (self, fd);
      return;
    }
  if (errno != EMFILE && errno != ENFILE)
    return;
  bs_fd_clear (&self->spare);
  fd = accept4 (self->fd, NULL, NULL, SOCK_CLOEXEC);
  if (fd >= 0)
    turn_away (fd, BS_ERROR_EXHAUSTED, "the supervisor has no descriptors left");
  self->spare = open ("/dev/null", O_RDONLY | O_CLOEXEC);
}

BsServer *
bs_server_listen (BsLoop *loop, int dir, BsServerHandler handler, gpointer user_data, GError **error)
{
  int fd = bs_socket_listen (dir, BS_CONTROL_SOCKET, SOCK_SEQPACKET, error);
  BsServer *self;

  if (fd < 0)
    return NULL;
  self = g_new0 (BsServer, 1);
  self->refs = 1;
  self->loop = loop;
  self->fd = fd;
  self->spare = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  self->handler = handler;
  self->user_data = user_data;
  self->clients = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, client_free);
  self->source = bs_loop_add (loop, fd, EPOLLIN, listener_ready, self);
  return self;
}

void
bs_server_close (BsServer *self)
{
  bs_loop_remove (&self->source);
  g_hash_table_remove_all (self->clients);
  bs_fd_clear (&self->fd);
  bs_fd_clear (&self->spare);
}

void
bs_server_unref (BsServer *self)
{
  if (self == NULL || --self->refs > 0)
    return;
  bs_server_close (self);
  g_hash_table_unref (self->clients);
  g_free (self);
}

guint
bs_server_subscribers (const BsServer *self)
{
  GHashTableIter iter;
  BsClient *client;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->clients);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &client))
    n += client->subscribed;
  return n;
}

void
bs_server_publish (BsServer *self, const json_t *event)
{
  g_autofree char *text = NULL;
  GHashTableIter iter;
  BsClient *client;

  g_hash_table_iter_init (&iter, self->clients);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &client))
    {
      if (!client->subscribed)
        continue;
      if (text == NULL)
        text = bs_client_event_text (event);
      if (!bs_client_send (client, text, strlen (text), -1))
        g_hash_table_iter_remove (&iter);
    }
}

BsReply *
bs_reply_new_orphan (void)
{
  return g_new0 (BsReply, 1);
}

void
bs_reply_set_id (BsReply *self, json_int_t id)
{
  self->id = id;
}

guint64
bs_reply_client (const BsReply *self)
{
  return self->server != NULL ? self->client : 0;
}

gboolean
bs_reply_wanted (const BsReply *self)
{
  return reply_client (self) != NULL;
}

gboolean
bs_reply_is_over_limit (const BsReply *self)
{
  const BsClient *client = reply_client (self);

  return client != NULL && client->unanswered > BS_SERVER_REQUESTS_MAX;
}

void
bs_reply_subscribe (BsReply *self)
{
  BsClient *client = reply_client (self);

  if (client != NULL)
    client->subscribed = TRUE;
}

static void
send_reply (BsReply *self, const char *text, int fd)
{
  BsClient *client = reply_client (self);

  if (client != NULL)
    {
      client->unanswered--;
      if (!bs_client_send (client, text, strlen (text), fd))
        drop_client (self->server, client);
    }
  bs_server_unref (self->server);
  g_free (self);
}

void
bs_reply_ok (BsReply *self, json_t *answer, int fd)
{
  g_autofree char *text = bs_client_answer_text (self->id, answer);
  g_autoptr (GError) error = NULL;

  if (strlen (text) <= BS_SOCKET_MESSAGE_MAX)
    {
      send_reply (self, text, fd);
      return;
    }
  bs_set_error (&error, BS_ERROR_EXHAUSTED, "ask for one node at a time", "the answer is too long for one message");
  bs_reply_error (self, error);
}

void
bs_reply_error (BsReply *self, const GError *error)
{
  g_autofree char *text = bs_client_error_text (self->id, error);

  send_reply (self, text, -1);
}
