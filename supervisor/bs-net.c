/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-net-private.h"
#include "bs-error.h"
#include "bs-time.h"

#include <string.h>

#define FAULTS_MAX 4096

BsNet *
bs_net_new (BsSupervisor *lab)
{
  BsNet *self = g_new0 (BsNet, 1);

  self->lab = lab;
  self->declared = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) bs_net_declared_free);
  self->pairs = g_ptr_array_new ();
  self->seeds = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->layers = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_net_layer_free);
  self->partitions = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_net_partition_free);
  bs_net_tell_init (self);
  return self;
}

void
bs_net_free (BsNet *self)
{
  if (self == NULL)
    return;
  bs_net_tell_clear (self);
  bs_loop_stop_timer (&self->timer);
  g_hash_table_unref (self->declared);
  g_ptr_array_unref (self->pairs);
  g_hash_table_unref (self->seeds);
  g_ptr_array_unref (self->layers);
  g_ptr_array_unref (self->partitions);
  g_free (self);
}

void
bs_net_declare (BsNet *self, BsNetDeclared *wire)
{
  char *key = bs_net_declared_key (wire->node, wire->interface, wire->ingress, wire->to, wire->to_interface);
  BsNetDeclared *before = g_hash_table_lookup (self->declared, key);

  if (before != NULL && before->to != NULL)
    g_ptr_array_remove (self->pairs, before);
  if (wire->to != NULL)
    g_ptr_array_add (self->pairs, wire);
  g_hash_table_replace (self->declared, key, wire);
}

void
bs_net_set_seed (BsNet *self, guint network, guint64 seed)
{
  g_hash_table_insert (self->seeds, GUINT_TO_POINTER (network), g_memdup2 (&seed, sizeof seed));
}

void
bs_net_begin_schedules (BsNet *self)
{
  if (self->schedules_usec == 0)
    self->schedules_usec = bs_time_now_usec ();
}

static void
fault_ended (BsNet *self, guint64 id, const char *what)
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
      fault_ended (self, layer->id, layer->what);
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
      fault_ended (self, partition->id, partition->what);
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

static void
time_is_up (gpointer user_data)
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
    bs_loop_start_timer (self->lab->loop, &self->timer, next_usec, time_is_up, self);
  return layers || partitions;
}

/* After a change of faults: what was asked for is kept before it is done. */
static gboolean
changed (BsNet *self, GError **error)
{
  bs_net_expire (self);
  if (!bs_net_save_faults (self, error))
    return FALSE;
  bs_net_apply (self);
  return TRUE;
}

gboolean
bs_net_commit (BsNet *self, GError **error)
{
  return bs_net_save_declared (self, error) && changed (self, error);
}

static gboolean
check_room (const BsNet *self, GError **error)
{
  if (self->layers->len + self->partitions->len < FAULTS_MAX)
    return TRUE;
  bs_set_error (error, BS_ERROR_EXHAUSTED, "reset or heal some of them first", "there are %d faults already",
                FAULTS_MAX);
  return FALSE;
}

static void
tell_begin (BsNet *self, guint64 id, const char *kind, const char *what, gint64 until_usec)
{
  json_t *data = json_pack ("{s:I, s:s, s:s*}", "fault", (json_int_t) id, "kind", kind, "what", what);

  if (until_usec != 0)
    json_object_set_new (data, "for_usec", json_integer (until_usec - bs_time_now_usec ()));
  bs_supervisor_event (self->lab, "fault-began", NULL, data);
}

guint64
bs_net_add_layer (BsNet *self, BsNetLayer *layer, GError **error)
{
  if (!check_room (self, error))
    {
      bs_net_layer_free (layer);
      return 0;
    }
  layer->id = ++self->last_id;
  g_ptr_array_add (self->layers, layer); /* a reset of nothing is dropped again by changed() */
  if (layer->values != NULL)
    tell_begin (self, layer->id, "conditions", layer->what, layer->until_usec);
  if (changed (self, error))
    return self->last_id;
  bs_net_end (self, self->last_id);
  return 0;
}

guint64
bs_net_add_partition (BsNet *self, BsNetPartition *partition, GError **error)
{
  if (!check_room (self, error) || !bs_net_partition_reserve (partition, &self->used_cuts, error))
    {
      bs_net_partition_free (partition);
      return 0;
    }
  partition->id = ++self->last_id;
  g_ptr_array_add (self->partitions, partition);
  tell_begin (self, partition->id, "partition", partition->what, partition->until_usec);
  if (changed (self, error))
    return self->last_id;
  bs_net_end (self, self->last_id);
  return 0;
}

/* Of which nothing is left. */
static void
drop_layers (BsNet *self, const GPtrArray *targets)
{
  for (guint i = self->layers->len; i > 0; i--)
    {
      const BsNetLayer *layer = g_ptr_array_index (self->layers, i - 1);

      if (targets != NULL && !bs_net_targets_cover (targets, layer->targets))
        continue;
      if (layer->values != NULL)
        fault_ended (self, layer->id, layer->what);
      g_ptr_array_remove_index (self->layers, i - 1);
    }
}

gboolean
bs_net_reset (BsNet *self, GPtrArray *targets, GError **error)
{
  BsNetLayer *layer;

  drop_layers (self, targets);
  if (targets == NULL)
    return changed (self, error);
  layer = g_new0 (BsNetLayer, 1);
  layer->targets = targets;
  return bs_net_add_layer (self, layer, error) != 0;
}

gboolean
bs_net_heal (BsNet *self, GError **error)
{
  for (guint i = 0; i < self->partitions->len; i++)
    {
      const BsNetPartition *partition = g_ptr_array_index (self->partitions, i);

      fault_ended (self, partition->id, partition->what);
    }
  g_ptr_array_set_size (self->partitions, 0);
  self->used_cuts = 0;
  return changed (self, error);
}

gboolean
bs_net_end (BsNet *self, guint64 id)
{
  gboolean found = FALSE;

  for (guint i = 0; i < self->layers->len; i++)
    {
      BsNetLayer *layer = g_ptr_array_index (self->layers, i);

      if (layer->id == id && layer->values != NULL)
        {
          layer->until_usec = 1;
          found = TRUE;
        }
    }
  for (guint i = 0; i < self->partitions->len; i++)
    {
      BsNetPartition *partition = g_ptr_array_index (self->partitions, i);

      if (partition->id == id)
        {
          partition->until_usec = 1;
          found = TRUE;
        }
    }
  if (found)
    time_is_up (self);
  return found;
}
