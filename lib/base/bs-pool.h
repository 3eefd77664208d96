/* SPDX-License-Identifier: Apache-2.0 */
/* bs-pool.h — many pieces of work at once, in an order that some of them ask for */
#pragma once

#include <gio/gio.h>

/**
 * BsPoolWork:
 * @cancellable: cancelled when the caller cancelled the whole, or when another item failed and nothing is to go on
 *
 * Runs in a thread of the pool, concurrently with other items, never twice for one item.
 *
 * Returns: FALSE with @error set
 */
typedef gboolean (*BsPoolWork) (guint item, gpointer user_data, GCancellable *cancellable, GError **error);

typedef enum
{
  BS_POOL_STOP_AT_ERROR = 0, /* a failed item cancels the running ones, and no other begins */
  BS_POOL_KEEP_GOING = 1,    /* only items that come after a failed one, directly or not, never begin */
} BsPoolFlags;

/**
 * bs_pool_run_graph:
 * @n_items: how many items; zero is success at once
 * @after: (nullable) (array length=n_items): for each item NULL or a GArray of guint, the items that must succeed first
 * @max_threads: how many run at once; zero means all that may
 * @cancellable: (nullable): no further item begins once it is cancelled, and the work's own cancellable is cancelled
 * too
 * @errors: (nullable) (array length=n_items): NULLs, set here for each item that did not succeed; an item that
 *   never began has %BS_ERROR_CANCELLED with the text "not begun" (and the cause). The caller frees each
 *
 * Of the items that may begin, the lowest number begins first; with one thread the order is therefore always the same.
 * Blocks until all begun items ended.
 *
 * Returns: TRUE when every item succeeded; otherwise FALSE with a copy of the error of the lowest item that failed by
 * itself, or else of the lowest cancelled one. %BS_ERROR_INVALID, before anything began, when items wait for each other
 * in a ring or for one that there is not
 */
gboolean bs_pool_run_graph (guint n_items, const GArray *const *after, guint max_threads, BsPoolFlags flags,
                            BsPoolWork work, gpointer user_data, GCancellable *cancellable, GError **errors,
                            GError **error);

/* What bs_pool_run_graph() checks before it begins. FALSE with %BS_ERROR_INVALID. */
gboolean bs_pool_check_order (guint n_items, const GArray *const *after, GError **error);
