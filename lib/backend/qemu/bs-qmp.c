/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-qmp.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-poll.h"
#include "bs-socket.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define LINE_MAX_BYTES (1024 * 1024)
#define READ_BYTES 16384
#define WHAT "QEMU's answer"

struct _BsQmp
{
  int fd;
  GByteArray *pending; /* read, not yet taken */
  gint64 serial;
  gboolean broken; /* an answer may still come that nobody waits for */
};

void
bs_qmp_free (BsQmp *self)
{
  if (self == NULL)
    return;
  bs_fd_clear (&self->fd);
  g_byte_array_unref (self->pending);
  g_free (self);
}

/* Takes one line out of what was read. Returns: FALSE when there is no whole one. */
static gboolean
take_line (BsQmp *self, char **line, gsize *length)
{
  const guint8 *end = self->pending->len > 0 ? memchr (self->pending->data, '\n', self->pending->len) : NULL;

  if (end == NULL)
    return FALSE;
  *length = (gsize) (end - self->pending->data);
  *line = g_strndup ((const char *) self->pending->data, *length);
  g_byte_array_remove_range (self->pending, 0, (guint) *length + 1);
  return TRUE;
}

static gboolean
read_more (BsQmp *self, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  guint8 buffer[READ_BYTES];
  ssize_t n;

  if (self->pending->len > LINE_MAX_BYTES)
    {
      bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "QEMU sent a line longer than %d bytes", LINE_MAX_BYTES);
      return FALSE;
    }
  if (!bs_poll_fd (self->fd, POLLIN, deadline_usec, cancellable, WHAT, error))
    return FALSE;
  n = recv (self->fd, buffer, sizeof buffer, MSG_DONTWAIT);
  if (n > 0)
    g_byte_array_append (self->pending, buffer, (guint) n);
  else if (n == 0 || (errno != EAGAIN && errno != EINTR))
    {
      bs_set_error (error, BS_ERROR_DIED, NULL, "QEMU closed its control socket");
      return FALSE;
    }
  return TRUE;
}

static json_t *
read_message (BsQmp *self, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  g_autofree char *line = NULL;
  g_autoptr (json_t) message = NULL;
  gsize length;

  while (!take_line (self, &line, &length))
    if (!read_more (self, deadline_usec, cancellable, error))
      return NULL;
  message = bs_json_load (line, length, error);
  if (message == NULL)
    {
      g_prefix_error (error, "QEMU sent nonsense: ");
      return NULL;
    }
  if (!json_is_object (message))
    {
      bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "QEMU sent nonsense: not an object");
      return NULL;
    }
  return g_steal_pointer (&message);
}

static gboolean
send_message (BsQmp *self, const char *text, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  gsize length = strlen (text);

  while (length > 0)
    {
      ssize_t n = send (self->fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);

      if (n < 0 && errno == EAGAIN)
        {
          if (!bs_poll_fd (self->fd, POLLOUT, deadline_usec, cancellable, "QEMU to listen", error))
            return FALSE;
          continue;
        }
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          bs_set_error (error, BS_ERROR_DIED, NULL, "QEMU closed its control socket");
          return FALSE;
        }
      text += n;
      length -= (gsize) n;
    }
  return TRUE;
}

/* Skips events and answers to what an earlier user of the socket asked. */
static json_t *
read_answer (BsQmp *self, gint64 serial, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  for (;;)
    {
      g_autoptr (json_t) message = read_message (self, deadline_usec, cancellable, error);

      if (message == NULL)
        return NULL;
      if (json_object_get (message, "event") == NULL && bs_json_int (message, "id", -1) == serial)
        return g_steal_pointer (&message);
    }
}

static json_t *
result_of (json_t *answer, const char *command, GError **error)
{
  json_t *result = json_object_get (answer, "return");
  const json_t *problem = json_object_get (answer, "error");

  if (result != NULL)
    return json_incref (result);
  if (json_is_object (problem))
    bs_set_error (error, BS_ERROR_FAILED, NULL, "QEMU refused '%s': %s", command,
                  bs_json_string (problem, "desc", "no reason given"));
  else
    bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "QEMU's answer to '%s' has neither result nor error", command);
  return NULL;
}

/* @fd goes with the first byte, negative for none. */
static gboolean
send_request (BsQmp *self, const char *line, int fd, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  if (fd < 0)
    return send_message (self, line, deadline_usec, cancellable, error);
  /* A short line to a socket that QEMU has read empty: the whole of it goes at once or nothing. */
  return bs_poll_fd (self->fd, POLLOUT, deadline_usec, cancellable, "QEMU to listen", error)
         && bs_socket_send (self->fd, line, strlen (line), &fd, 1, error);
}

static json_t *
call (BsQmp *self, const char *command, json_t *arguments, int fd, gint64 deadline_usec, GCancellable *cancellable,
      GError **error)
{
  gint64 serial = ++self->serial;
  g_autoptr (json_t) request = json_pack ("{s:s, s:I}", "execute", command, "id", (json_int_t) serial);
  g_autoptr (json_t) answer = NULL;
  g_autofree char *text = NULL, *line = NULL;

  if (arguments != NULL)
    json_object_set_new (request, "arguments", arguments);
  if (self->broken)
    {
      bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "the connection to QEMU was broken before");
      return NULL;
    }
  text = bs_json_dump (request);
  line = g_strconcat (text, "\n", NULL);
  if (send_request (self, line, fd, deadline_usec, cancellable, error))
    answer = read_answer (self, serial, deadline_usec, cancellable, error);
  self->broken = answer == NULL;
  return answer != NULL ? result_of (answer, command, error) : NULL;
}

json_t *
bs_qmp_call (BsQmp *self, const char *command, json_t *arguments, gint64 deadline_usec, GCancellable *cancellable,
             GError **error)
{
  return call (self, command, arguments, -1, deadline_usec, cancellable, error);
}

gboolean
bs_qmp_do (BsQmp *self, const char *command, json_t *arguments, gint64 deadline_usec, GCancellable *cancellable,
           GError **error)
{
  g_autoptr (json_t) result = call (self, command, arguments, -1, deadline_usec, cancellable, error);

  return result != NULL;
}

gboolean
bs_qmp_lend (BsQmp *self, int fd, const char *name, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  g_autoptr (json_t) result
      = call (self, "getfd", json_pack ("{s:s}", "fdname", name), fd, deadline_usec, cancellable, error);

  return result != NULL;
}

BsQmp *
bs_qmp_new (int fd, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  g_autoptr (BsQmp) self = g_new0 (BsQmp, 1);
  g_autoptr (json_t) greeting = NULL, done = NULL;

  self->fd = fd;
  self->pending = g_byte_array_new ();
  greeting = read_message (self, deadline_usec, cancellable, error);
  if (greeting == NULL)
    return NULL;
  if (json_object_get (greeting, "QMP") == NULL)
    {
      bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "this is not QEMU's control socket");
      return NULL;
    }
  done = bs_qmp_call (self, "qmp_capabilities", NULL, deadline_usec, cancellable, error);
  return done != NULL ? g_steal_pointer (&self) : NULL;
}

BsQmp *
bs_qmp_open (int dirfd, const char *path, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;
  int fd = bs_socket_connect (dirfd, path, SOCK_STREAM, &local);

  if (fd >= 0)
    return bs_qmp_new (fd, deadline_usec, cancellable, error);
  bs_set_error (error, BS_ERROR_NOT_FOUND, NULL, "QEMU does not run: %s", local->message);
  return NULL;
}
