/* SPDX-License-Identifier: Apache-2.0 */
/* One connection, many threads, and none of our own.
 *
 * Whoever waits for an answer or event and finds nobody reading becomes the reader: it takes messages from the socket,
 * outside of the lock, and gives each to the call that it belongs to. When its own has come it hands the role to
 * another waiter by waking all. A waiter that is not the reader sleeps on the condition, with its own deadline and
 * cancellable. The connection ends once for all: `broken` is what every call gets from then on.
 *
 * The lock is pthread's rather than GLib's, because the thread sanitizer sees only the former.
 */
#include "bs-control.h"
#include "bs-control-message.h"
#include "bs-control-protocol.h"
#include "bs-control-wait.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-socket.h"
#include "bs-time.h"

#include <string.h>
#include <sys/socket.h>

#define EVENTS_MAX 16384

typedef struct
{
  guint64 id;
  json_t *answer; /* NULL until it came */
  int fd;
} Call;

struct _BsControl
{
  gatomicrefcount refs;
  int fd;
  BsControlSignal signal;
  gboolean reading; /* somebody is the reader */
  GError *broken;
  guint64 last_id;
  GHashTable *calls; /* id → Call, of the waiting threads' stacks */
  GQueue events;
  guint events_lost;
  char *buffer; /* of the reader */
};

BsControl *
bs_control_connect (int lab_dir, GError **error)
{
  g_autoptr (GError) problem = NULL;
  int fd = bs_socket_connect (lab_dir, BS_CONTROL_SOCKET, SOCK_SEQPACKET, &problem);
  BsControl *self;

  if (fd < 0)
    {
      /* Only a missing socket, or one that nobody listens on, says that there is no supervisor. */
      if (problem->code == BS_ERROR_NOT_FOUND)
        bs_set_error (error, BS_ERROR_NOT_FOUND, NULL, "no supervisor listens: %s", problem->message);
      else
        g_propagate_error (error, g_steal_pointer (&problem));
      return NULL;
    }
  self = g_new0 (BsControl, 1);
  g_atomic_ref_count_init (&self->refs);
  self->fd = fd;
  bs_control_signal_init (&self->signal);
  self->calls = g_hash_table_new (g_int64_hash, g_int64_equal);
  g_queue_init (&self->events);
  return self;
}

BsControl *
bs_control_ref (BsControl *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
bs_control_unref (BsControl *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->refs))
    return;
  bs_fd_clear (&self->fd);
  bs_control_signal_clear (&self->signal);
  g_clear_error (&self->broken);
  g_hash_table_unref (self->calls);
  g_queue_clear_full (&self->events, (GDestroyNotify) json_decref);
  g_free (self->buffer);
  g_free (self);
}

gboolean
bs_control_is_broken (BsControl *self)
{
  struct pollfd item = { .fd = self->fd };
  gboolean broken;

  pthread_mutex_lock (&self->signal.lock);
  broken = self->broken != NULL;
  pthread_mutex_unlock (&self->signal.lock);
  return broken || (poll (&item, 1, 0) > 0 && (item.revents & (POLLHUP | POLLERR)) != 0);
}

/* From here to send_request(): called with the lock held. */

static void
set_broken (BsControl *self, GError *error)
{
  if (self->broken == NULL)
    self->broken = error;
  else
    g_error_free (error);
}

static void
keep_event (BsControl *self, json_t *event)
{
  if (g_queue_get_length (&self->events) >= EVENTS_MAX)
    {
      json_decref (g_queue_pop_head (&self->events));
      self->events_lost++;
    }
  g_queue_push_tail (&self->events, event);
}

/* One message, of @n bytes in the buffer, with descriptor @fd (-1: none), which is taken. */
static void
deliver (BsControl *self, gssize n, int fd)
{
  bs_autofd int owned = fd;
  GError *error = NULL;
  gboolean is_event;
  json_t *message;
  guint64 id;
  Call *call;

  message = bs_control_message_parse (self->buffer, (gsize) n, &id, &is_event, &error);
  if (message == NULL)
    {
      set_broken (self, error);
      return;
    }
  if (is_event)
    {
      keep_event (self, message);
      return;
    }
  call = g_hash_table_lookup (self->calls, &id);
  if (call == NULL || call->answer != NULL)
    {
      /* the caller has given up; or the supervisor turns this connection away */
      if (id == 0 && !bs_control_message_check (message, &error))
        set_broken (self, error);
      json_decref (message);
      return;
    }
  call->answer = message;
  call->fd = bs_fd_steal (&owned);
}

/* Waits without the lock and takes one message. FALSE with %BS_ERROR_TIMEOUT or %BS_ERROR_CANCELLED of this caller. */
static gboolean
read_one (BsControl *self, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) problem = NULL;
  guint n_fds = 1;
  int fd = -1;
  gboolean ok;
  gssize n = -1;

  self->reading = TRUE;
  pthread_mutex_unlock (&self->signal.lock);
  if (self->buffer == NULL)
    self->buffer = g_malloc (BS_SOCKET_MESSAGE_MAX);
  ok = bs_control_wait_socket (self->fd, POLLIN, deadline_usec, cancellable, error);
  if (ok)
    n = bs_socket_receive (self->fd, self->buffer, BS_SOCKET_MESSAGE_MAX, &fd, &n_fds, &problem);
  pthread_mutex_lock (&self->signal.lock);
  self->reading = FALSE;
  if (ok && n > 0)
    deliver (self, n, n_fds > 0 ? fd : -1);
  else if (ok && (n == 0 || problem->code == BS_ERROR_FAILED))
    set_broken (self, g_error_new (BS_ERROR, BS_ERROR_DIED, "the supervisor has ended"));
  else if (ok && problem->code != BS_ERROR_BUSY)
    set_broken (self, g_steal_pointer (&problem));
  pthread_cond_broadcast (&self->signal.changed);
  return ok;
}

/* One step of waiting, as the reader or beside it. FALSE when this caller shall wait no more. */
static gboolean
wait_step (BsControl *self, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  if (self->broken != NULL)
    {
      if (error != NULL)
        *error = g_error_copy (self->broken);
      return FALSE;
    }
  if (!self->reading)
    return read_one (self, deadline_usec, cancellable, error);
  return bs_control_wait_signal (&self->signal, deadline_usec, cancellable, error);
}

static gboolean
send_request (BsControl *self, const char *text, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  for (;;)
    {
      g_autoptr (GError) problem = NULL;

      if (bs_socket_send (self->fd, text, strlen (text), NULL, 0, &problem))
        return TRUE;
      if (problem->code != BS_ERROR_BUSY)
        {
          /* it may have said why before it went: the reader finds that */
          return TRUE;
        }
      if (!bs_control_wait_socket (self->fd, POLLOUT, deadline_usec, cancellable, error))
        return FALSE;
    }
}

static char *
format_request (guint64 id, const char *op, json_t *arguments)
{
  g_autoptr (json_t) request = json_object ();

  json_object_set_new (request, "id", json_integer ((json_int_t) id));
  json_object_set_new (request, "op", json_string (op));
  if (arguments != NULL)
    json_object_update_missing (request, arguments);
  return bs_json_dump (request);
}

static gboolean
await_answer (BsControl *self, Call *call, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) problem = NULL;
  gulong handler = bs_control_wake_connect (&self->signal, cancellable);
  gboolean ok = TRUE;

  pthread_mutex_lock (&self->signal.lock);
  while (call->answer == NULL && (ok = wait_step (self, deadline_usec, cancellable, &problem)))
    ;
  ok = call->answer != NULL;
  pthread_mutex_unlock (&self->signal.lock);
  g_cancellable_disconnect (cancellable, handler);
  if (!ok)
    g_propagate_error (error, g_steal_pointer (&problem));
  return ok;
}

static gboolean
exchange (BsControl *self, Call *call, const char *op, json_t *arguments, gint64 deadline_usec,
          GCancellable *cancellable, GError **error)
{
  g_autofree char *text = format_request (call->id, op, arguments);

  if (strlen (text) > BS_SOCKET_MESSAGE_MAX)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "request '%s' is too long for one message", op);
      return FALSE;
    }
  return bs_control_wait_check (deadline_usec, cancellable, error)
         && send_request (self, text, deadline_usec, cancellable, error)
         && await_answer (self, call, deadline_usec, cancellable, error);
}

json_t *
bs_control_call (BsControl *self, const char *op, json_t *arguments, int *fd, gint64 deadline_usec,
                 GCancellable *cancellable, GError **error)
{
  g_autoptr (json_t) members = arguments;
  g_autoptr (json_t) answer = NULL;
  Call call = { .fd = -1 };
  bs_autofd int got = -1;
  gboolean ok;

  if (fd != NULL)
    *fd = -1;
  pthread_mutex_lock (&self->signal.lock);
  call.id = ++self->last_id;
  g_hash_table_insert (self->calls, &call.id, &call);
  pthread_mutex_unlock (&self->signal.lock);
  ok = exchange (self, &call, op, members, deadline_usec, cancellable, error);
  pthread_mutex_lock (&self->signal.lock);
  g_hash_table_remove (self->calls, &call.id);
  answer = call.answer;
  got = call.fd;
  pthread_mutex_unlock (&self->signal.lock);
  if (!ok || !bs_control_message_check (answer, error))
    return NULL;
  if (fd != NULL)
    *fd = bs_fd_steal (&got);
  return g_steal_pointer (&answer);
}

gboolean
bs_control_do (BsControl *self, const char *op, json_t *arguments, gint64 deadline_usec, GCancellable *cancellable,
               GError **error)
{
  g_autoptr (json_t) answer = bs_control_call (self, op, arguments, NULL, deadline_usec, cancellable, error);

  return answer != NULL;
}

static json_t *
take_event (BsControl *self)
{
  guint lost = self->events_lost;

  self->events_lost = 0;
  if (lost > 0)
    return json_pack ("{s:s, s:s, s:{s:i}}", "stage", "run", "kind", "events-lost", "data", "count", (int) lost);
  return g_queue_pop_head (&self->events);
}

json_t *
bs_control_next_event (BsControl *self, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  gulong handler = bs_control_wake_connect (&self->signal, cancellable);
  json_t *event;

  pthread_mutex_lock (&self->signal.lock);
  while ((event = take_event (self)) == NULL && wait_step (self, deadline_usec, cancellable, error))
    ;
  pthread_mutex_unlock (&self->signal.lock);
  g_cancellable_disconnect (cancellable, handler);
  return event;
}
