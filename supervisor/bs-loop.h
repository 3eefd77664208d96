/* SPDX-License-Identifier: Apache-2.0 */
/* bs-loop.h — the supervisor's main loop: descriptors and one-shot timers, and no wake-up of its own
 *
 * One thread. A source or timer may be removed at any time, from its own callback too; nothing is called after that.
 * The loop sleeps for ever when no timer is set, so that an idle supervisor costs nothing.
 */
#pragma once

#include <glib.h>
#include <sys/epoll.h>

/* Bytes that a callback may use until it returns; one buffer, so that an idle supervisor holds none per connection. */
#define BS_LOOP_SCRATCH (384 * 1024)

typedef struct _BsLoop BsLoop;
typedef struct _BsLoopSource BsLoopSource;
typedef struct _BsLoopTimer BsLoopTimer;
typedef void (*BsLoopReady) (guint32 events, gpointer user_data);
typedef void (*BsLoopExpired) (gpointer user_data);

/* Returns: NULL with an error when the kernel gives no epoll descriptor */
BsLoop *bs_loop_new (GError **error);
void bs_loop_free (BsLoop *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsLoop, bs_loop_free)

/* Calls @ready whenever @fd (borrowed) has one of @events (EPOLLIN …); with events 0 it is not watched, not even for a
 * hang-up. */
BsLoopSource *bs_loop_add (BsLoop *self, int fd, guint32 events, BsLoopReady ready, gpointer user_data);
void bs_loop_set_events (BsLoopSource *source, guint32 events);
/* Before @fd is closed. Sets *@source to NULL; NULL is fine. */
void bs_loop_remove (BsLoopSource **source);

/* Calls @expired once at the monotonic @at_usec and sets *@timer to NULL before that. *@timer must be NULL. */
void bs_loop_start_timer (BsLoop *self, BsLoopTimer **timer, gint64 at_usec, BsLoopExpired expired, gpointer user_data);
void bs_loop_stop_timer (BsLoopTimer **timer);

/* Runs until bs_loop_quit(). */
void bs_loop_run (BsLoop *self);
/* One wait of at most @timeout_ms (-1: for ever) and its callbacks. */
void bs_loop_turn (BsLoop *self, int timeout_ms);
void bs_loop_quit (BsLoop *self);

guint8 *bs_loop_scratch (BsLoop *self);
