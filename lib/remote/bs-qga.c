/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qga.c — the channel: requests, replies, and how both find each other */
#include "bs-qga-private.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-text.h"
#include "bs-time.h"

#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

/* A stream's most in base64 twice, and what is around it. */
#define REPLY_MAX ((gsize) 46 * 1024 * 1024)
#define READ_BYTES 65536
#define RESYNC_USEC (3 * BS_USEC_PER_SEC)
#define DELIMITER 0xff

struct _BsQga
{
  int fd;
  GByteArray *pending; /* read, not yet taken */
  gsize searched;      /* of it, without finding a newline */
  gboolean synced;     /* no answer is outstanding */
};

BsQga *
bs_qga_new (int fd)
{
  BsQga *self = g_new0 (BsQga, 1);

  self->fd = fd;
  self->pending = g_byte_array_new ();
  return self;
}

void
bs_qga_free (BsQga *self)
{
  if (self == NULL)
    return;
  bs_fd_clear (&self->fd);
  g_byte_array_unref (self->pending);
  g_free (self);
}

static gboolean
wait_fd (BsQga *self, short events, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  struct pollfd items[2] = { { .fd = self->fd, .events = events }, { .fd = -1, .events = POLLIN } };
  int n;

  items[1].fd = g_cancellable_get_fd (cancellable);
  do
    n = poll (items, 2, bs_time_poll_timeout (deadline_usec));
  while (n < 0 && errno == EINTR);
  if (items[1].fd >= 0)
    g_cancellable_release_fd (cancellable);
  if (g_cancellable_is_cancelled (cancellable))
    bs_set_error (error, BS_ERROR_CANCELLED, NULL, "waiting for the guest's agent was interrupted");
  else if (n == 0 || (deadline_usec >= 0 && bs_time_now_usec () >= deadline_usec))
    bs_set_error (error, BS_ERROR_TIMEOUT, NULL, "the guest's agent did not answer in time");
  else
    return TRUE;
  return FALSE;
}

static gboolean
closed (GError **error)
{
  bs_set_error (error, BS_ERROR_DIED, NULL, "the channel of the guest's agent is closed");
  return FALSE;
}

static gboolean
send_all (BsQga *self, const char *data, gsize length, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  while (length > 0)
    {
      ssize_t n = send (self->fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL);

      if (n < 0 && errno == EAGAIN)
        {
          if (!wait_fd (self, POLLOUT, deadline_usec, cancellable, error))
            return FALSE;
        }
      else if (n < 0 && errno != EINTR)
        return closed (error);
      data += MAX (n, 0);
      length -= (gsize) MAX (n, 0);
    }
  return TRUE;
}

static gboolean
read_more (BsQga *self, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  guint8 buffer[READ_BYTES];
  ssize_t n;

  if (!wait_fd (self, POLLIN, deadline_usec, cancellable, error))
    return FALSE;
  n = recv (self->fd, buffer, sizeof buffer, MSG_DONTWAIT);
  if (n > 0)
    g_byte_array_append (self->pending, buffer, (guint) n);
  return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)) || closed (error);
}

static void
drop (BsQga *self, gsize length)
{
  g_byte_array_remove_range (self->pending, 0, (guint) length);
  self->searched = 0;
}

/* The next line. Returns: FALSE when there is no whole one yet. */
static gboolean
take_line (BsQga *self, char **line, gsize *length)
{
  const guint8 *data = self->pending->data, *end = NULL;

  if (self->pending->len > self->searched)
    end = memchr (data + self->searched, '\n', self->pending->len - self->searched);
  self->searched = self->pending->len;
  if (end == NULL)
    return FALSE;
  *length = (gsize) (end - data);
  *line = g_strndup ((const char *) data, *length);
  drop (self, *length + 1);
  return TRUE;
}

static json_t *
read_reply (BsQga *self, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  g_autofree char *line = NULL;
  g_autoptr (json_t) reply = NULL;
  gsize length = 0;

  while (!take_line (self, &line, &length))
    {
      if (self->pending->len > REPLY_MAX)
        {
          bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "the guest's agent sent more than any answer can be");
          return NULL;
        }
      if (!read_more (self, deadline_usec, cancellable, error))
        return NULL;
    }
  reply = bs_json_load (line, length, error);
  if (reply == NULL)
    g_prefix_error (error, "the guest's agent sent nonsense: ");
  else if (!json_is_object (reply))
    bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "the guest's agent sent nonsense: not an object");
  else
    return g_steal_pointer (&reply);
  return NULL;
}

/* Throws away what comes, until the mark; keeps nothing of it. */
static gboolean
skip_to_delimiter (BsQga *self, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  for (;;)
    {
      const guint8 *mark = self->pending->len > 0 ? memchr (self->pending->data, DELIMITER, self->pending->len) : NULL;

      if (mark != NULL)
        {
          drop (self, (gsize) (mark - self->pending->data) + 1);
          return TRUE;
        }
      drop (self, self->pending->len);
      if (!read_more (self, deadline_usec, cancellable, error))
        return FALSE;
    }
}

/* Reads until the answer that has @id; others are of earlier requests. */
static gboolean
await_sync (BsQga *self, json_int_t id, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  for (;;)
    {
      g_autoptr (json_t) reply = NULL;
      g_autoptr (GError) local = NULL;

      if (!skip_to_delimiter (self, deadline_usec, cancellable, error))
        return FALSE;
      reply = read_reply (self, deadline_usec, cancellable, &local);
      if (reply != NULL && bs_json_int (reply, "return", -1) == id)
        return TRUE;
      if (local != NULL && !g_error_matches (local, BS_ERROR, BS_ERROR_PROTOCOL))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
}

static json_int_t
random_id (void)
{
  guint32 id = 0;

  if (getrandom (&id, sizeof id, 0) != sizeof id)
    id = g_random_int ();
  return (json_int_t) (id >> 1) + 1;
}

static gboolean
sync_once (BsQga *self, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  json_int_t id = random_id ();
  /* The mark in front ends what an earlier request may have left half-sent. */
  g_autofree char *line = g_strdup_printf (
      "\xff{\"execute\": \"guest-sync-delimited\", \"arguments\": {\"id\": %" JSON_INTEGER_FORMAT "}}\n", id);

  return send_all (self, line, strlen (line), deadline_usec, cancellable, error)
         && await_sync (self, id, deadline_usec, cancellable, error);
}

gboolean
bs_qga_sync (BsQga *self, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  for (;;)
    {
      gint64 now_usec = bs_time_now_usec (), until_usec = now_usec + RESYNC_USEC;
      g_autoptr (GError) local = NULL;
      gboolean last = deadline_usec >= 0 && deadline_usec <= until_usec;

      self->synced = sync_once (self, last ? deadline_usec : until_usec, cancellable, &local);
      if (self->synced)
        return TRUE;
      if (last || !g_error_matches (local, BS_ERROR, BS_ERROR_TIMEOUT))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
}

static json_t *
result_of (json_t *reply, const char *command, GError **error)
{
  json_t *result = json_object_get (reply, "return");
  const json_t *problem = json_object_get (reply, "error");
  const char *text = bs_json_string (problem, "desc", "no reason given");
  g_autofree char *shown = g_strdelimit (bs_text_printable (text, strlen (text)), "\n\t", ' ');

  if (result != NULL)
    return json_incref (result);
  if (!json_is_object (problem))
    bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "the agent's answer to '%s' has neither result nor error", command);
  else if (strcmp (bs_json_string (problem, "class", ""), "CommandNotFound") == 0)
    bs_set_error (error, BS_ERROR_UNSUPPORTED,
                  "some distributions forbid it to the agent, in /etc/sysconfig/qemu-ga or /etc/qemu/qemu-ga.conf",
                  "the guest's agent does not do '%s': %s", command, shown);
  else
    bs_set_error (error, BS_ERROR_FAILED, NULL, "the guest's agent refused '%s': %s", command, shown);
  return NULL;
}

void
bs_qga_unsync (BsQga *self)
{
  self->synced = FALSE;
}

void
bs_qga_assume_synced (BsQga *self)
{
  self->synced = TRUE;
}

json_t *
bs_qga_exchange (BsQga *self, const char *line, const char *command, gint64 deadline_usec, GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (json_t) reply = NULL;

  if (!self->synced && !bs_qga_sync (self, deadline_usec, cancellable, error))
    return NULL;
  if (send_all (self, line, strlen (line), deadline_usec, cancellable, error))
    reply = read_reply (self, deadline_usec, cancellable, error);
  self->synced = reply != NULL;
  return reply != NULL ? result_of (reply, command, error) : NULL;
}

json_t *
bs_qga_call (BsQga *self, const char *command, json_t *arguments, gint64 deadline_usec, GCancellable *cancellable,
             GError **error)
{
  g_autoptr (json_t) request = json_pack ("{s:s}", "execute", command);
  g_autofree char *text = NULL, *line = NULL;

  if (arguments != NULL)
    json_object_set_new (request, "arguments", arguments);
  text = bs_json_dump (request);
  line = g_strconcat (text, "\n", NULL);
  return bs_qga_exchange (self, line, command, deadline_usec, cancellable, error);
}
