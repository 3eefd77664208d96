/* SPDX-License-Identifier: Apache-2.0 */
/* bs-net-time.c — what has an end ends, and schedules go on: one timer, at the next change of all */
#include "bs-net-private.h"
#include "bs-time.h"

void
bs_net_fault_ended (BsNet *self, guint64 id, const char *what)
{
  bs_supervisor_event (self->lab, "fault-ended", NULL,
                       json_pack ("{s:I, s:s*}", "fault", (json_int_t) id, "what", what));
}

static gboolean
is_over (gint64 until_usec, gint64 now_usec)
{
  return until_usec != 0 && until_usec <= now_usec;
}

static gboolean
expire_layers (BsNet *self, gint64 now_usec)
{
  gboolean any = FALSE;

  for (guint i = self->layers->len; i > 0; i--)
    {
      const BsNetLayer *layer = g_ptr_array_index (self->layers, i - 1);

      if (!is_over (layer->until_usec, now_usec))
        continue;
      bs_net_fault_ended (self, layer->id, layer->what);
      g_ptr_array_remove_index (self->layers, i - 1);
      any = TRUE;
    }
  return any;
}

static gboolean
expire_partitions (BsNet *self, gint64 now_usec)
{
  gboolean any = FALSE;

  for (guint i = self->partitions->len; i > 0; i--)
    {
      BsNetPartition *partition = g_ptr_array_index (self->partitions, i - 1);

      if (!is_over (partition->until_usec, now_usec))
        continue;
      bs_net_fault_ended (self, partition->id, partition->what);
      bs_net_partition_release (partition, &self->used_cuts);
      g_ptr_array_remove_index (self->partitions, i - 1);
      any = TRUE;
    }
  return any;
}

/* A reset with nothing before it says nothing. */
static void
drop_resets (BsNet *self)
{
  while (self->layers->len > 0 && ((BsNetLayer *) g_ptr_array_index (self->layers, 0))->values == NULL)
    g_ptr_array_remove_index (self->layers, 0);
}

static gint64
next_change (const BsNet *self, gint64 now_usec)
{
  gint64 next_usec = G_MAXINT64;
  GHashTableIter iter;
  gpointer wire;

  for (guint i = 0; i < self->layers->len; i++)
    if (((BsNetLayer *) g_ptr_array_index (self->layers, i))->until_usec != 0)
      next_usec = MIN (next_usec, ((BsNetLayer *) g_ptr_array_index (self->layers, i))->until_usec);
  for (guint i = 0; i < self->partitions->len; i++)
    if (((BsNetPartition *) g_ptr_array_index (self->partitions, i))->until_usec != 0)
      next_usec = MIN (next_usec, ((BsNetPartition *) g_ptr_array_index (self->partitions, i))->until_usec);
  g_hash_table_iter_init (&iter, self->declared);
  while (self->schedules_usec != 0 && g_hash_table_iter_next (&iter, NULL, &wire))
    {
      gint64 edge_usec;

      bs_net_declared_now (wire, now_usec - self->schedules_usec, &edge_usec);
      if (edge_usec != G_MAXINT64)
        next_usec = MIN (next_usec, self->schedules_usec + edge_usec);
    }
  return next_usec;
}

static void
save_faults (BsNet *self)
{
  g_autoptr (GError) error = NULL;

  if (bs_net_save_faults (self, &error))
    return;
  g_warning ("%s", error->message);
  bs_supervisor_event (self->lab, "record-not-saved", NULL, json_pack ("{s:s}", "error", error->message));
}

void
bs_net_time_is_up (gpointer user_data)
{
  BsNet *self = user_data;
  gboolean ended = bs_net_expire (self);

  bs_net_apply (self);
  if (ended)
    save_faults (self);
}

gboolean
bs_net_expire (BsNet *self)
{
  gint64 now_usec = bs_time_now_usec (), next_usec;
  gboolean layers = expire_layers (self, now_usec), partitions = expire_partitions (self, now_usec);

  drop_resets (self);
  bs_loop_stop_timer (&self->timer);
  next_usec = next_change (self, now_usec);
  if (next_usec != G_MAXINT64)
    bs_loop_start_timer (self->lab->loop, &self->timer, next_usec, bs_net_time_is_up, self);
  return layers || partitions;
}
