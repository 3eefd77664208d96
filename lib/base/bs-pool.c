/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each thread takes, under the lock, the lowest item whose predecessors have all succeeded, runs it without the lock,
 * and records how it ended. An item is WAITING, RUNNING, DONE or FAILED; one that can never begin stays WAITING and is
 * told so at the end. A thread leaves when nothing may begin any more: stopped, or no item is running that could free
 * one. The lists are walked whole at each step: n is the number of nodes in a lab, not of packets.
 *
 * The lock is pthread's rather than GLib's, because the thread sanitizer sees only the former.
 */
#include "bs-pool.h"
#include "bs-error.h"

#include <pthread.h>

typedef enum
{
  WAITING,
  RUNNING,
  DONE,
  FAILED,
} ItemState;

typedef struct
{
  ItemState state;
  GError *error;
} Item;

typedef struct
{
  pthread_mutex_t lock;
  pthread_cond_t changed;
  guint n_items;
  const GArray *const *after;
  Item *items;
  guint n_running;
  gboolean stopped;
  BsPoolFlags flags;
  BsPoolWork work;
  gpointer user_data;
  GCancellable *cancellable; /* (owned): the one that the work sees */
} Pool;

static const GArray *
predecessors (const Pool *pool, guint item)
{
  return pool->after != NULL ? pool->after[item] : NULL;
}

static gboolean
may_begin (const Pool *pool, guint item)
{
  const GArray *before = predecessors (pool, item);

  if (pool->items[item].state != WAITING)
    return FALSE;
  for (guint i = 0; before != NULL && i < before->len; i++)
    if (pool->items[g_array_index (before, guint, i)].state != DONE)
      return FALSE;
  return TRUE;
}

static gboolean
find_next (const Pool *pool, guint *item)
{
  for (guint i = 0; i < pool->n_items; i++)
    if (may_begin (pool, i))
      {
        *item = i;
        return TRUE;
      }
  return FALSE;
}

/* With the lock held, which is given back while waiting. */
static gboolean
take_next (Pool *pool, guint *item)
{
  for (;;)
    {
      if (pool->stopped)
        return FALSE;
      if (find_next (pool, item))
        {
          pool->items[*item].state = RUNNING;
          pool->n_running++;
          return TRUE;
        }
      if (pool->n_running == 0)
        return FALSE;
      pthread_cond_wait (&pool->changed, &pool->lock);
    }
}

static void
stop (Pool *pool)
{
  pthread_mutex_lock (&pool->lock);
  pool->stopped = TRUE;
  pthread_cond_broadcast (&pool->changed);
  pthread_mutex_unlock (&pool->lock);
  g_cancellable_cancel (pool->cancellable);
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  stop (user_data);
}

static gboolean
run_item (Pool *pool, guint item, GError **error)
{
  gboolean ok = pool->work (item, pool->user_data, pool->cancellable, error);

  if (!ok && *error == NULL)
    bs_set_error (error, BS_ERROR_FAILED, NULL, "item %u failed without an error", item);
  if (ok)
    g_clear_error (error);
  return ok;
}

static gpointer
run_thread (gpointer user_data)
{
  Pool *pool = user_data;
  guint item;

  pthread_mutex_lock (&pool->lock);
  while (take_next (pool, &item))
    {
      GError *error = NULL;
      gboolean ok;

      pthread_mutex_unlock (&pool->lock);
      ok = run_item (pool, item, &error);
      if (!ok && pool->flags != BS_POOL_KEEP_GOING)
        stop (pool);
      pthread_mutex_lock (&pool->lock);
      pool->items[item].state = ok ? DONE : FAILED;
      pool->items[item].error = error;
      pool->n_running--;
      pthread_cond_broadcast (&pool->changed);
    }
  pthread_mutex_unlock (&pool->lock);
  return NULL;
}

static gboolean
run_threads (Pool *pool, guint n_threads, GError **error)
{
  g_autofree GThread **threads = g_new0 (GThread *, n_threads);
  g_autoptr (GError) local = NULL;
  guint n = 0;

  while (n < n_threads && (threads[n] = g_thread_try_new ("bs-pool", run_thread, pool, &local)) != NULL)
    n++;
  for (guint i = 0; i < n; i++)
    g_thread_join (threads[i]);
  if (n > 0)
    return TRUE;
  bs_set_error (error, BS_ERROR_EXHAUSTED, "raise the limit of processes (ulimit -u)", "cannot start a thread: %s",
                local->message);
  return FALSE;
}

/* Why @item did not begin. */
static GError *
explain_waiting (const Pool *pool, guint item)
{
  const GArray *before = predecessors (pool, item);
  GError *error = NULL;

  for (guint i = 0; before != NULL && i < before->len; i++)
    {
      guint other = g_array_index (before, guint, i);

      if (pool->items[other].state != DONE)
        {
          bs_set_error (&error, BS_ERROR_CANCELLED, NULL, "not begun: item %u did not succeed", other);
          return error;
        }
    }
  bs_set_error (&error, BS_ERROR_CANCELLED, NULL, "not begun");
  return error;
}

static const GError *
main_error (const Pool *pool)
{
  const GError *cancelled = NULL;

  for (guint i = 0; i < pool->n_items; i++)
    {
      const GError *error = pool->items[i].error;

      if (error != NULL && pool->items[i].state == FAILED && !g_error_matches (error, BS_ERROR, BS_ERROR_CANCELLED)
          && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return error;
      if (error != NULL && cancelled == NULL)
        cancelled = error;
    }
  return cancelled;
}

static gboolean
conclude (Pool *pool, GError **errors, GError **error)
{
  const GError *first;

  for (guint i = 0; i < pool->n_items; i++)
    if (pool->items[i].state == WAITING)
      pool->items[i].error = explain_waiting (pool, i);
  first = main_error (pool);
  if (first != NULL)
    g_propagate_error (error, g_error_copy (first));
  for (guint i = 0; i < pool->n_items; i++)
    if (errors != NULL)
      errors[i] = g_steal_pointer (&pool->items[i].error);
    else
      g_clear_error (&pool->items[i].error);
  return first == NULL;
}

/* Orders what this thread did to the pool, and does next, with what on_cancelled() does in another. */
static void
publish (Pool *pool)
{
  pthread_mutex_lock (&pool->lock);
  pthread_mutex_unlock (&pool->lock);
}

gboolean
bs_pool_run_graph (guint n_items, const GArray *const *after, guint max_threads, BsPoolFlags flags, BsPoolWork work,
                   gpointer user_data, GCancellable *cancellable, GError **errors, GError **error)
{
  g_autoptr (GCancellable) inner = g_cancellable_new ();
  g_autofree Item *items = g_new0 (Item, n_items);
  Pool pool = { .lock = PTHREAD_MUTEX_INITIALIZER,
                .changed = PTHREAD_COND_INITIALIZER,
                .n_items = n_items,
                .after = after,
                .items = items,
                .flags = flags,
                .work = work,
                .user_data = user_data,
                .cancellable = inner };
  guint n_threads = max_threads == 0 ? n_items : MIN (max_threads, n_items);
  gulong handler = 0;
  gboolean ok;

  if (n_items == 0)
    return TRUE;
  if (!bs_pool_check_order (n_items, after, error))
    return FALSE;
  publish (&pool);
  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), &pool, NULL);
  ok = run_threads (&pool, n_threads, error);
  g_cancellable_disconnect (cancellable, handler);
  publish (&pool);
  if (ok)
    ok = conclude (&pool, errors, error);
  pthread_cond_destroy (&pool.changed);
  pthread_mutex_destroy (&pool.lock);
  return ok;
}
