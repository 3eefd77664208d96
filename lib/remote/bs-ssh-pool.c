/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ssh-pool.c — one list of places per target
 *
 * A place is a session, idle or taken, or the promise of one to a thread that logs in. Places are counted, so that
 * no target gets more than it may; who finds none waits on one condition for all. Nothing that can take time is done
 * under the lock. Sessions are handed from thread to thread under it, so what one wrote the next one sees.
 */
#include "bs-ssh-pool.h"
#include "bs-error.h"
#include "bs-ssh-private.h"
#include "bs-time.h"

#include <pthread.h>

#define MOST 100
#define MOST_IDLE 8
#define IDLE_USEC (60 * BS_USEC_PER_SEC)
#define GREETINGS 4
#define DOUBT_USEC BS_USEC_PER_SEC /* idle for longer: ask whether it lives */
#define DOUBT_PATIENCE_USEC (5 * BS_USEC_PER_SEC)
#define RETRY_USEC (50 * BS_USEC_PER_MSEC)
#define LOOK_USEC (100 * BS_USEC_PER_MSEC) /* how often a waiter looks whether it was cancelled */

typedef struct
{
  BsSsh *ssh;
  gint64 since_usec;
} Idle;

typedef struct
{
  BsSshTarget *target;
  GQueue idle;     /* of Idle; the last given back first */
  guint places;    /* idle, taken and promised */
  guint greetings; /* who logs in now */
} Peer;

struct _BsSshPool
{
  BsSshPoolLimits limits;
  pthread_mutex_t lock; /* not GLib's: the thread sanitizer does not see into that */
  pthread_cond_t changed;
  GPtrArray *peers;
  guint taken;
};

static pthread_mutex_t *
lock (pthread_mutex_t *mutex)
{
  pthread_mutex_lock (mutex);
  return mutex;
}

static void
unlock (pthread_mutex_t **mutex)
{
  pthread_mutex_unlock (*mutex);
}

/* Until the end of the scope. */
#define LOCK(self) __attribute__ ((cleanup (unlock), unused)) pthread_mutex_t *locked = lock (&(self)->lock)

static void
wait_until (BsSshPool *self, gint64 until_usec)
{
  struct timespec until = { .tv_sec = until_usec / BS_USEC_PER_SEC, .tv_nsec = until_usec % BS_USEC_PER_SEC * 1000 };

  pthread_cond_timedwait (&self->changed, &self->lock, &until);
}

static void
peer_free (gpointer data)
{
  Peer *self = data;
  Idle *idle;

  while ((idle = g_queue_pop_head (&self->idle)) != NULL)
    {
      bs_ssh_free (idle->ssh);
      g_free (idle);
    }
  bs_ssh_target_free (self->target);
  g_free (self);
}

BsSshPool *
bs_ssh_pool_new (const BsSshPoolLimits *limits)
{
  BsSshPool *self = g_new0 (BsSshPool, 1);
  pthread_condattr_t monotonic;

  if (limits != NULL)
    self->limits = *limits;
  self->limits.most = self->limits.most != 0 ? self->limits.most : MOST;
  self->limits.most_idle = self->limits.most_idle != 0 ? self->limits.most_idle : MOST_IDLE;
  self->limits.idle_usec = self->limits.idle_usec != 0 ? self->limits.idle_usec : IDLE_USEC;
  self->limits.greetings = self->limits.greetings != 0 ? self->limits.greetings : GREETINGS;
  pthread_mutex_init (&self->lock, NULL);
  pthread_condattr_init (&monotonic);
  pthread_condattr_setclock (&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init (&self->changed, &monotonic);
  pthread_condattr_destroy (&monotonic);
  self->peers = g_ptr_array_new_with_free_func (peer_free);
  return self;
}

void
bs_ssh_pool_free (BsSshPool *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->peers);
  pthread_mutex_destroy (&self->lock);
  pthread_cond_destroy (&self->changed);
  g_free (self);
}

/* With the lock. Peers stay until the pool's end: their pointers are good. */
static Peer *
peer_of (BsSshPool *self, const BsSshTarget *target)
{
  Peer *peer;

  for (guint i = 0; i < self->peers->len; i++)
    if (bs_ssh_target_equal (((Peer *) g_ptr_array_index (self->peers, i))->target, target))
      return g_ptr_array_index (self->peers, i);
  peer = g_new0 (Peer, 1);
  peer->target = bs_ssh_target_copy (target);
  g_ptr_array_add (self->peers, peer);
  return peer;
}

/* With the lock: moves what was idle for too long, everywhere, to @old. */
static void
collect_old (BsSshPool *self, GPtrArray *old)
{
  gint64 now = bs_time_now_usec ();
  Idle *idle;

  for (guint i = 0; i < self->peers->len; i++)
    {
      Peer *peer = g_ptr_array_index (self->peers, i);

      while ((idle = g_queue_peek_tail (&peer->idle)) != NULL
             && (now - idle->since_usec > self->limits.idle_usec || peer->idle.length > self->limits.most_idle))
        {
          g_ptr_array_add (old, idle->ssh);
          g_free (g_queue_pop_tail (&peer->idle));
          peer->places--;
        }
    }
}

typedef struct
{
  BsSsh *ssh; /* NULL: there is room for a new one */
  gint64 idle_usec;
} Place;

/* Waits for an idle session, or for room to make one. */
static gboolean
take_place (BsSshPool *self, Peer *peer, gint64 deadline_usec, GCancellable *cancellable, Place *place, GError **error)
{
  LOCK (self);

  for (;;)
    {
      Idle *idle = g_queue_pop_head (&peer->idle);

      if (idle != NULL)
        {
          *place = (Place){ idle->ssh, bs_time_now_usec () - idle->since_usec };
          g_free (idle);
          return TRUE;
        }
      if (peer->places < self->limits.most && peer->greetings < self->limits.greetings)
        {
          peer->places++;
          peer->greetings++;
          *place = (Place){ 0 };
          return TRUE;
        }
      if (g_cancellable_set_error_if_cancelled (cancellable, NULL))
        bs_set_error (error, BS_ERROR_CANCELLED, NULL, "cancelled while waiting for an SSH session");
      else if (bs_time_now_usec () >= deadline_usec)
        bs_set_error (error, BS_ERROR_TIMEOUT, NULL, "all %u SSH sessions to '%s' stayed in use", peer->places,
                      peer->target->label != NULL ? peer->target->label : peer->target->host);
      else
        {
          wait_until (self, bs_time_sooner_usec (LOOK_USEC, deadline_usec));
          continue;
        }
      return FALSE;
    }
}

/* A session did not come to be, or is gone. */
static void
leave_place (BsSshPool *self, Peer *peer)
{
  LOCK (self);

  peer->places--;
  pthread_cond_broadcast (&self->changed);
}

static void
end_greeting (BsSshPool *self, Peer *peer)
{
  LOCK (self);

  peer->greetings--;
  pthread_cond_broadcast (&self->changed);
}

/* FALSE when it was cancelled. */
static gboolean
pause_a_moment (GCancellable *cancellable)
{
  GPollFD item;

  if (cancellable == NULL || !g_cancellable_make_pollfd (cancellable, &item))
    {
      g_usleep (RETRY_USEC);
      return TRUE;
    }
  g_poll (&item, 1, RETRY_USEC / BS_USEC_PER_MSEC);
  g_cancellable_release_fd (cancellable);
  return !g_cancellable_is_cancelled (cancellable);
}

static BsSsh *
log_in (const BsSshTarget *target, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  g_autoptr (BsSshTarget) patient = bs_ssh_target_copy (target);

  for (;;)
    {
      g_autoptr (GError) local = NULL;
      gint64 left_usec = bs_time_left_usec (deadline_usec);
      BsSsh *ssh;

      patient->connect_timeout_usec = MAX (left_usec, 1);
      ssh = bs_ssh_open (patient, cancellable, &local);
      if (ssh != NULL)
        return ssh;
      if (!g_error_matches (local, BS_ERROR, BS_ERROR_DIED) || bs_time_now_usec () + RETRY_USEC >= deadline_usec
          || !pause_a_moment (cancellable))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }
}

static gboolean
is_alive (BsSsh *ssh, gint64 idle_usec, GCancellable *cancellable)
{
  return bs_ssh_usable (ssh)
         && (idle_usec < DOUBT_USEC
             || bs_ssh_keepalive (ssh, bs_time_now_usec () + DOUBT_PATIENCE_USEC, cancellable, NULL));
}

static void
count_taken (BsSshPool *self, int change)
{
  LOCK (self);

  self->taken += (guint) change;
}

static BsSsh *
take (BsSshPool *self, const BsSshTarget *target, gboolean *fresh, GCancellable *cancellable, GError **error)
{
  gint64 patience = target->connect_timeout_usec > 0 ? target->connect_timeout_usec : BS_SSH_CONNECT_TIMEOUT_USEC;
  gint64 deadline = bs_time_now_usec () + patience;
  g_autoptr (GPtrArray) old = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_ssh_free);
  Place place;
  Peer *peer;

  pthread_mutex_lock (&self->lock);
  peer = peer_of (self, target);
  collect_old (self, old);
  pthread_mutex_unlock (&self->lock);
  while (take_place (self, peer, deadline, cancellable, &place, error))
    {
      *fresh = place.ssh == NULL;
      if (!*fresh && is_alive (place.ssh, place.idle_usec, cancellable))
        return place.ssh;
      if (*fresh)
        {
          place.ssh = log_in (target, deadline, cancellable, error);
          end_greeting (self, peer);
          if (place.ssh != NULL)
            return place.ssh;
          leave_place (self, peer);
          return NULL;
        }
      bs_ssh_free (place.ssh);
      leave_place (self, peer);
    }
  return NULL;
}

BsSsh *
bs_ssh_pool_take (BsSshPool *self, const BsSshTarget *target, GCancellable *cancellable, GError **error)
{
  gboolean fresh;
  BsSsh *ssh = take (self, target, &fresh, cancellable, error);

  if (ssh != NULL)
    count_taken (self, 1);
  return ssh;
}

static Place
pop_idle (BsSshPool *self, Peer *peer)
{
  LOCK (self);
  g_autofree Idle *idle = g_queue_pop_head (&peer->idle);

  return idle != NULL ? (Place){ idle->ssh, bs_time_now_usec () - idle->since_usec } : (Place){ 0 };
}

BsSsh *
bs_ssh_pool_take_idle (BsSshPool *self, const BsSshTarget *target, GCancellable *cancellable)
{
  Place place;
  Peer *peer;

  pthread_mutex_lock (&self->lock);
  peer = peer_of (self, target);
  pthread_mutex_unlock (&self->lock);
  while ((place = pop_idle (self, peer)).ssh != NULL)
    {
      if (is_alive (place.ssh, place.idle_usec, cancellable))
        {
          count_taken (self, 1);
          return place.ssh;
        }
      bs_ssh_free (place.ssh);
      leave_place (self, peer);
    }
  return NULL;
}

void
bs_ssh_pool_give (BsSshPool *self, BsSsh *ssh)
{
  g_autoptr (GPtrArray) old = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_ssh_free);
  gboolean usable = bs_ssh_usable (ssh);
  LOCK (self);
  Peer *peer = peer_of (self, ssh->target);

  self->taken--;
  if (usable)
    {
      Idle *idle = g_new (Idle, 1);

      *idle = (Idle){ ssh, bs_time_now_usec () };
      g_queue_push_head (&peer->idle, idle);
    }
  else
    {
      peer->places--;
      g_ptr_array_add (old, ssh);
    }
  collect_old (self, old);
  pthread_cond_broadcast (&self->changed);
}

gboolean
bs_ssh_pool_exec (BsSshPool *self, const BsSshTarget *target, const BsExecSpec *spec, const BsExecIO *io,
                  BsExecResult *result, GCancellable *cancellable, GError **error)
{
  for (;;)
    {
      g_autoptr (GError) local = NULL;
      gboolean fresh = FALSE, ok, again;
      BsSsh *ssh = take (self, target, &fresh, cancellable, error);

      if (ssh == NULL)
        return FALSE;
      count_taken (self, 1);
      ok = bs_ssh_exec (ssh, spec, io, result, cancellable, &local);
      again = !ok && !fresh && ssh->open_failed && g_error_matches (local, BS_ERROR, BS_ERROR_DIED);
      bs_ssh_pool_give (self, ssh);
      if (ok)
        return TRUE;
      if (again)
        continue;
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
}

void
bs_ssh_pool_count (BsSshPool *self, guint *idle, guint *taken)
{
  LOCK (self);

  *idle = 0;
  for (guint i = 0; i < self->peers->len; i++)
    *idle += ((Peer *) g_ptr_array_index (self->peers, i))->idle.length;
  *taken = self->taken;
}
