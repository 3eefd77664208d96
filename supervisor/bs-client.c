/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-client.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-socket.h"

#include <fcntl.h>

typedef struct
{
  char *text;
  gsize length;
  int fd;
} UnreadMessage;

static void
unread_message_free (UnreadMessage *self)
{
  bs_fd_clear (&self->fd);
  g_free (self->text);
  g_free (self);
}

BsClient *
bs_client_new (BsServer *server, int fd, guint64 serial)
{
  BsClient *self = g_new0 (BsClient, 1);

  self->server = server;
  self->fd = fd;
  self->serial = serial;
  g_queue_init (&self->unread);
  return self;
}

void
bs_client_free (BsClient *self)
{
  bs_loop_remove (&self->source);
  bs_fd_clear (&self->fd);
  g_queue_clear_full (&self->unread, (GDestroyNotify) unread_message_free);
  g_free (self);
}

/* Returns: FALSE with %BS_ERROR_BUSY when it has to wait */
static gboolean
try_send (BsClient *self, const char *text, gsize length, int fd, GError **error)
{
  return bs_socket_send (self->fd, text, length, &fd, fd >= 0 ? 1 : 0, error);
}

static gboolean
keep (BsClient *self, const char *text, gsize length, int fd)
{
  UnreadMessage *message;

  if (self->unread_bytes + length > BS_SERVER_UNREAD_MAX)
    return FALSE;
  message = g_new0 (UnreadMessage, 1);
  message->text = g_memdup2 (text, length);
  message->length = length;
  message->fd = fd >= 0 ? fcntl (fd, F_DUPFD_CLOEXEC, 3) : -1;
  g_queue_push_tail (&self->unread, message);
  self->unread_bytes += length;
  bs_loop_set_events (self->source, EPOLLIN | EPOLLOUT);
  return fd < 0 || message->fd >= 0;
}

gboolean
bs_client_send (BsClient *self, const char *text, gsize length, int fd)
{
  g_autoptr (GError) error = NULL;

  if (!g_queue_is_empty (&self->unread))
    return keep (self, text, length, fd);
  if (try_send (self, text, length, fd, &error))
    return TRUE;
  return error->code == BS_ERROR_BUSY && keep (self, text, length, fd);
}

gboolean
bs_client_flush (BsClient *self)
{
  UnreadMessage *message;

  while ((message = g_queue_peek_head (&self->unread)) != NULL)
    {
      g_autoptr (GError) error = NULL;

      if (!try_send (self, message->text, message->length, message->fd, &error))
        return error->code == BS_ERROR_BUSY;
      self->unread_bytes -= message->length;
      unread_message_free (g_queue_pop_head (&self->unread));
    }
  bs_loop_set_events (self->source, EPOLLIN);
  return TRUE;
}

char *
bs_client_answer_text (json_int_t id, json_t *answer)
{
  g_autoptr (json_t) full = json_object ();
  g_autoptr (json_t) members = answer;

  json_object_set_new (full, "id", json_integer (id));
  json_object_set_new (full, "ok", json_true ());
  if (members != NULL)
    json_object_update (full, members);
  return bs_json_dump (full);
}

char *
bs_client_error_text (json_int_t id, const GError *error)
{
  g_autofree char *message = g_utf8_make_valid (error->message, -1);
  g_autoptr (json_t) full = json_object ();
  json_t *what = json_object ();

  json_object_set_new (full, "id", json_integer (id));
  json_object_set_new (full, "ok", json_false ());
  json_object_set_new (full, "error", what);
  json_object_set_new (what, "code", json_string (bs_error_code_name (error->domain == BS_ERROR ? error->code : 0)));
  json_object_set_new (what, "message", json_string (message));
  if (bs_error_hint (error) != NULL)
    json_object_set_new (what, "hint", json_string (bs_error_hint (error)));
  return bs_json_dump (full);
}

char *
bs_client_event_text (const json_t *event)
{
  g_autoptr (json_t) full = json_object ();

  json_object_set (full, "event", (json_t *) event);
  return bs_json_dump (full);
}
