/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-channel.h"
#include "bs-channel-open.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-folder-watch.h"
#include "bs-relay.h"
#include "bs-socket.h"
#include "bs-time.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#define RETRY_FIRST_USEC (1 * BS_USEC_PER_MSEC)
#define RETRY_LAST_USEC (64 * BS_USEC_PER_MSEC)
#define RETRY_FOR_USEC (10 * BS_USEC_PER_SEC)
#define SETTLE_USEC (20 * BS_USEC_PER_MSEC)
#define HEALTHY_USEC (10 * BS_USEC_PER_SEC)

#define LOST_HINT "`benchscale logs LAB/NODE` may say why; then `benchscale down` and `benchscale up`"

typedef enum
{
  AWAITING,
  OPENING,
  READY,
  LOST,
} State;

struct _BsChannel
{
  BsSupervisor *lab;
  const char *node;
  char *path;
  State state;
  BsLoopTimer *retry;
  gint64 retry_usec, retry_until_usec;
  BsOpening *opening; /* OPENING */
  BsRelay *relay;     /* READY */
  json_t *hello;
  gint64 hello_usec;
  guint breaks; /* since the last session that lasted */
  char *reason; /* of the last break */
  BsLoopTimer *settle;
  GQueue waiting; /* (element-type Waiter) */
};

typedef struct
{
  BsChannel *channel;
  BsReply *reply;
  gint64 timeout_usec;
  BsLoopTimer *timer;
} Waiter;

static void attempt (gpointer user_data);

static void
fail (BsChannel *self, BsReply *reply, BsErrorCode code, const char *hint, const char *what)
{
  g_autoptr (GError) error = NULL;

  bs_set_error (&error, code, hint, "guest of node '%s' %s", self->node, what);
  bs_reply_error (reply, error);
}

static void
fail_waiting (BsChannel *self, BsErrorCode code, const char *hint, const char *what)
{
  Waiter *waiter;

  while ((waiter = g_queue_pop_head (&self->waiting)) != NULL)
    {
      bs_loop_stop_timer (&waiter->timer);
      fail (self, waiter->reply, code, hint, what);
      g_free (waiter);
    }
}

static void
hand_out (BsChannel *self, BsReply *reply)
{
  g_autoptr (GError) error = NULL;
  bs_autofd int fd = -1;
  json_t *answer;

  if (bs_reply_wanted (reply))
    fd = bs_relay_connect (self->relay, &error);
  else
    bs_set_error (&error, BS_ERROR_CANCELLED, NULL, "nobody waits any more");
  if (fd < 0)
    {
      bs_reply_error (reply, error);
      return;
    }
  answer = json_object ();
  json_object_set (answer, "hello", self->hello);
  bs_reply_ok (reply, answer, fd);
}

/* The session is over, however far it was. */
static void
close_session (BsChannel *self)
{
  g_clear_pointer (&self->opening, bs_opening_free);
  g_clear_pointer (&self->relay, bs_relay_free);
  g_clear_pointer (&self->hello, json_decref);
  bs_loop_stop_timer (&self->retry);
  bs_loop_stop_timer (&self->settle);
  bs_folder_watch_remove (self->lab->folders, self);
}

static void
settled (gpointer user_data)
{
  BsChannel *self = user_data;
  gboolean again = self->breaks <= 1;
  g_autofree char *what = g_strdup_printf ("is lost: %s", self->reason);

  close_session (self);
  bs_supervisor_event (self->lab, "guest-lost", self->node,
                       json_pack ("{s:s, s:b}", "reason", self->reason, "reopening", again));
  self->state = again ? AWAITING : LOST;
  self->retry_usec = 0;
  if (again)
    attempt (self);
  else
    fail_waiting (self, BS_ERROR_PROTOCOL, LOST_HINT, what);
}

/* Called from inside of opening or relay, so that they are freed later. */
static void
broke (const char *reason, gpointer user_data)
{
  BsChannel *self = user_data;

  if (self->state == READY && bs_time_now_usec () - self->hello_usec > HEALTHY_USEC)
    self->breaks = 0;
  self->breaks++;
  g_free (self->reason);
  self->reason = g_strdup (reason);
  self->state = AWAITING;
  bs_loop_stop_timer (&self->settle);
  bs_loop_start_timer (self->lab->loop, &self->settle, bs_time_now_usec () + SETTLE_USEC, settled, self);
}

static void
opened (BsOpened *opened_session, gpointer user_data)
{
  BsChannel *self = user_data;
  Waiter *waiter;

  self->hello = json_incref (opened_session->hello);
  self->hello_usec = bs_time_now_usec ();
  self->state = READY;
  self->relay = bs_relay_new (self->lab->loop, bs_fd_steal (&opened_session->fd), &opened_session->out, broke, self);
  bs_supervisor_event (self->lab, "guest-hello", self->node, json_deep_copy (self->hello));
  if (!bs_relay_feed (self->relay, opened_session->rest, opened_session->rest_length))
    return;
  while ((waiter = g_queue_pop_head (&self->waiting)) != NULL)
    {
      bs_loop_stop_timer (&waiter->timer);
      hand_out (self, waiter->reply);
      g_free (waiter);
    }
}

static void
retry_later (BsChannel *self)
{
  gint64 now = bs_time_now_usec ();

  if (self->retry_usec == 0)
    {
      self->retry_usec = RETRY_FIRST_USEC;
      self->retry_until_usec = now + RETRY_FOR_USEC;
    }
  if (now < self->retry_until_usec)
    bs_loop_start_timer (self->lab->loop, &self->retry, now + self->retry_usec, attempt, self);
  self->retry_usec = MIN (self->retry_usec * 2, RETRY_LAST_USEC);
}

static void
created (gpointer user_data)
{
  BsChannel *self = user_data;

  self->retry_usec = 0;
  attempt (self);
}

/* Connects, or sees to it that the next moment is not missed at which that may work. */
static void
attempt (gpointer user_data)
{
  BsChannel *self = user_data;
  g_autoptr (GError) error = NULL;
  int fd;

  bs_loop_stop_timer (&self->retry);
  bs_folder_watch_remove (self->lab->folders, self);
  if (self->state != AWAITING || self->settle != NULL)
    return;
  if (!bs_folder_watch_add (self->lab->folders, self->path, created, self))
    g_warning ("cannot watch for '%s': %s", self->path, g_strerror (errno));
  fd = bs_socket_connect (self->lab->dir, self->path, SOCK_STREAM, &error);
  if (fd >= 0)
    {
      bs_folder_watch_remove (self->lab->folders, self);
      self->state = OPENING;
      self->opening = bs_opening_new (self->lab->loop, fd, opened, broke, self);
    }
  /* The name is there before anybody listens behind it: no further folder event will come. */
  else if (error->code != BS_ERROR_NOT_FOUND || faccessat (self->lab->dir, self->path, F_OK, 0) == 0)
    retry_later (self);
}

BsChannel *
bs_channel_new (BsSupervisor *lab, const char *node, const char *path)
{
  BsChannel *self = g_new0 (BsChannel, 1);

  self->lab = lab;
  self->node = node;
  self->path = g_strdup (path);
  g_queue_init (&self->waiting);
  attempt (self);
  return self;
}

void
bs_channel_free (BsChannel *self)
{
  if (self == NULL)
    return;
  fail_waiting (self, BS_ERROR_DIED, "the event machine-died and the node's log say why", "ended with its machine");
  close_session (self);
  g_free (self->path);
  g_free (self->reason);
  g_free (self);
}

gboolean
bs_channel_is_ready (const BsChannel *self)
{
  return self != NULL && self->state == READY;
}

static void
timed_out (gpointer user_data)
{
  Waiter *waiter = user_data;
  BsChannel *self = waiter->channel;
  g_autofree char *duration = bs_time_format_duration (waiter->timeout_usec);
  g_autofree char *what = g_strdup_printf ("did not say hello within %s", duration);

  g_queue_remove (&self->waiting, waiter);
  fail (self, waiter->reply, BS_ERROR_TIMEOUT, "the node's console shows how far it came", what);
  g_free (waiter);
}

/* Somebody asks: what was given up, or is tried no more, is tried now. */
static void
try_again (BsChannel *self)
{
  if (self->state == LOST)
    self->state = AWAITING;
  if (self->state != AWAITING || self->settle != NULL)
    return;
  self->retry_usec = 0;
  attempt (self);
}

void
bs_channel_request (BsChannel *self, BsReply *reply, gint64 timeout_usec)
{
  Waiter *waiter;

  if (self->state == READY)
    {
      hand_out (self, reply);
      return;
    }
  waiter = g_new0 (Waiter, 1);
  waiter->channel = self;
  waiter->reply = reply;
  waiter->timeout_usec = timeout_usec;
  g_queue_push_tail (&self->waiting, waiter);
  bs_loop_start_timer (self->lab->loop, &waiter->timer, bs_time_now_usec () + timeout_usec, timed_out, waiter);
  try_again (self);
}
