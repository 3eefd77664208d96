/* SPDX-License-Identifier: Apache-2.0 */
/* Whether there is an order in which all of a pool's items can run. */
#include "bs-error.h"
#include "bs-pool.h"

/* Whether following those before @item comes back to it. */
static gboolean
waits_for_itself (guint n_items, const GArray *const *after, guint item)
{
  g_autofree gboolean *reached = g_new0 (gboolean, n_items);
  g_autoptr (GArray) open = g_array_new (FALSE, FALSE, sizeof (guint));

  g_array_append_val (open, item);
  while (open->len > 0 && !reached[item])
    {
      const GArray *before = after[g_array_index (open, guint, open->len - 1)];

      g_array_set_size (open, open->len - 1);
      for (guint k = 0; before != NULL && k < before->len; k++)
        {
          guint other = g_array_index (before, guint, k);

          if (!reached[other])
            g_array_append_val (open, other);
          reached[other] = TRUE;
        }
    }
  return reached[item];
}

static gboolean
check_range (guint n_items, const GArray *const *after, GError **error)
{
  for (guint i = 0; i < n_items; i++)
    for (guint k = 0; after[i] != NULL && k < after[i]->len; k++)
      {
        guint other = g_array_index (after[i], guint, k);

        if (other < n_items)
          continue;
        bs_set_error (error, BS_ERROR_INVALID, NULL, "item %u waits for item %u of %u", i, other, n_items);
        return FALSE;
      }
  return TRUE;
}

gboolean
bs_pool_check_order (guint n_items, const GArray *const *after, GError **error)
{
  if (after == NULL)
    return TRUE;
  if (!check_range (n_items, after, error))
    return FALSE;
  for (guint i = 0; i < n_items; i++)
    if (waits_for_itself (n_items, after, i))
      {
        bs_set_error (error, BS_ERROR_INVALID, NULL, "items wait for each other in a ring, among them item %u", i);
        return FALSE;
      }
  return TRUE;
}
