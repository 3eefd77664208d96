/* SPDX-License-Identifier: Apache-2.0 */
/* bs-net-tell.c — tells the switch what wires do now, and remembers what it was told */
#include "bs-net-private.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-time.h"
#include "bs-wire-values.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

typedef struct
{
  guint32 port, to, direction;
} Key;

typedef struct
{
  Key key;
  BsSwitchWire wire;
  char *trace;
} Told;

static guint
key_hash (gconstpointer data)
{
  const Key *key = data;

  return (key->port * 65599 + key->to) * 31 + key->direction;
}

static gboolean
key_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (Key)) == 0;
}

static void
told_free (gpointer data)
{
  Told *told = data;

  g_free (told->trace);
  g_free (told);
}

void
bs_net_tell_init (BsNet *self)
{
  self->told = g_hash_table_new_full (key_hash, key_equal, NULL, told_free);
  self->told_cuts = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->connected = g_hash_table_new (NULL, NULL);
  g_queue_init (&self->waiting);
}

void
bs_net_tell_clear (BsNet *self)
{
  g_autoptr (GError) error = NULL;

  bs_set_error (&error, BS_ERROR_CANCELLED, NULL, "the supervisor ends");
  bs_net_switch_failed (self, error);
  g_clear_error (&self->refusal);
  g_clear_pointer (&self->told, g_hash_table_unref);
  g_clear_pointer (&self->told_cuts, g_hash_table_unref);
  g_clear_pointer (&self->connected, g_hash_table_unref);
}

/* Returns: the trace, or -1 with a warning: the wire has no rate then */
static int
open_trace (BsNet *self, const char *path, guint64 bytes)
{
  bs_autofd int fd = openat (self->lab->dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  struct stat info;

  if (fd >= 0 && fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && (guint64) info.st_size == bytes)
    return bs_fd_steal (&fd);
  g_warning ("the trace '%s' is gone or was changed", path);
  bs_supervisor_event (self->lab, "trace-lost", NULL, json_pack ("{s:s}", "path", path));
  return -1;
}

static void
send_wire (BsNet *self, const Told *told)
{
  BsSwitchRequest message = { .op = BS_SWITCH_SET_WIRE, .port = told->key.port, .wire = told->wire };
  int trace = -1;

  if (told->trace != NULL && (trace = open_trace (self, told->trace, told->wire.trace_bytes)) < 0)
    message.wire.trace_bytes = message.wire.queue_bytes = message.wire.queue_nsec = 0;
  bs_wires_send (self->lab->wires, &message, trace);
}

static void
forget_wire (BsNet *self, const Key *key)
{
  const Told nothing = { .key = *key, .wire = { .direction = key->direction, .to = key->to } };

  send_wire (self, &nothing);
}

static Key
key_of (const BsNetWire *wire)
{
  return (Key){ (guint32) wire->from->port, wire->to != NULL ? (guint32) wire->to->port : BS_SWITCH_ANY,
                wire->ingress ? BS_SWITCH_DIRECTION_IN : BS_SWITCH_DIRECTION_OUT };
}

/* The switch has been told of its port. */
static gboolean
is_connected (const BsNet *self, const BsLink *link)
{
  return link->port >= 0 && g_hash_table_contains (self->connected, GINT_TO_POINTER (link->port));
}

/* A sender's own wire that does nothing need not be told of; a pair's must be, for it hides its sender's. */
static void
tell_wire (BsNet *self, const BsNetWire *wire)
{
  gint64 next_usec = G_MAXINT64;
  g_autoptr (json_t) values = NULL;
  const Key key = key_of (wire);
  const Told *before = g_hash_table_lookup (self->told, &key);
  const char *trace;
  Told *told;
  guint64 bytes;

  if (!is_connected (self, wire->from) || (wire->to != NULL && !is_connected (self, wire->to)))
    return;
  values = bs_net_wire_now (self, wire, bs_time_now_usec (), &next_usec);
  if (wire->to == NULL && json_object_size (values) == 0)
    {
      if (before != NULL)
        forget_wire (self, &key);
      g_hash_table_remove (self->told, &key);
      return;
    }
  told = g_new0 (Told, 1);
  told->key = key;
  told->wire.direction = key.direction;
  told->wire.to = key.to;
  bs_wire_values_fill (values, bs_net_seed (self, wire), &told->wire);
  trace = bs_wire_values_trace (values, &bytes);
  told->trace = g_strdup (trace);
  if (before == NULL || memcmp (&before->wire, &told->wire, sizeof told->wire) != 0
      || g_strcmp0 (before->trace, told->trace) != 0)
    send_wire (self, told);
  g_hash_table_replace (self->told, &told->key, told);
}

static void
tell_cuts (BsNet *self, const BsLink *link)
{
  static const BsSwitchCuts none;
  const BsSwitchCuts *before = g_hash_table_lookup (self->told_cuts, GINT_TO_POINTER (link->port));
  BsSwitchRequest message = { .op = BS_SWITCH_SET_CUTS, .port = (guint32) link->port };

  if (!is_connected (self, link))
    return;
  for (guint i = 0; i < self->partitions->len; i++)
    bs_net_partition_cut (g_ptr_array_index (self->partitions, i), link, &message.cuts);
  if (memcmp (before != NULL ? before : &none, &message.cuts, sizeof none) == 0)
    return;
  g_hash_table_insert (self->told_cuts, GINT_TO_POINTER (link->port), g_memdup2 (&message.cuts, sizeof none));
  bs_wires_send (self->lab->wires, &message, -1);
}

static void
tell_pairs (BsNet *self, GArray *pairs)
{
  for (guint i = 0; i < pairs->len; i++)
    tell_wire (self, &g_array_index (pairs, BsNetWire, i));
}

/* Pairs that nobody speaks of any more do what their senders do. */
static void
forget_pairs (BsNet *self, GArray *pairs)
{
  g_autoptr (GHashTable) kept = g_hash_table_new_full (key_hash, key_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer key;

  for (guint i = 0; i < pairs->len; i++)
    {
      const Key wanted = key_of (&g_array_index (pairs, BsNetWire, i));

      g_hash_table_add (kept, g_memdup2 (&wanted, sizeof wanted));
    }
  g_hash_table_iter_init (&iter, self->told);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (((Key *) key)->to != BS_SWITCH_ANY && !g_hash_table_contains (kept, key))
      {
        forget_wire (self, key);
        g_hash_table_iter_remove (&iter);
      }
}

static void
tell_link (BsNet *self, BsLink *link)
{
  const BsNetWire sends = { link, NULL, FALSE }, receives = { link, NULL, TRUE };

  tell_wire (self, &sends);
  tell_wire (self, &receives);
  tell_cuts (self, link);
}

void
bs_net_apply (BsNet *self)
{
  g_autoptr (GArray) pairs = NULL;

  if (!bs_wires_runs (self->lab->wires))
    return;
  for (guint i = 0; i < bs_wires_n_links (self->lab->wires); i++)
    if (bs_wires_link (self->lab->wires, i) != NULL)
      tell_link (self, bs_wires_link (self->lab->wires, i));
  pairs = bs_net_pairs (self, NULL);
  forget_pairs (self, pairs);
  tell_pairs (self, pairs);
}

void
bs_net_switch_started (BsNet *self)
{
  g_hash_table_remove_all (self->told);
  g_hash_table_remove_all (self->told_cuts);
  g_hash_table_remove_all (self->connected);
}

void
bs_net_connected (BsNet *self, BsLink *link)
{
  g_autoptr (GArray) pairs = bs_net_pairs (self, link);

  g_hash_table_add (self->connected, GINT_TO_POINTER (link->port));
  tell_link (self, link);
  tell_pairs (self, pairs);
}

/* After a start: the links' own wires were told beside them, what is between two of them is told now. */
void
bs_net_all_connected (BsNet *self)
{
  bs_net_apply (self);
  bs_net_ping_again (self);
}

void
bs_net_disconnected (BsNet *self, const BsLink *link)
{
  const guint32 port = (guint32) link->port;
  GHashTableIter iter;
  gpointer key;

  g_hash_table_remove (self->told_cuts, GINT_TO_POINTER (link->port));
  g_hash_table_remove (self->connected, GINT_TO_POINTER (link->port));
  g_hash_table_iter_init (&iter, self->told);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (((Key *) key)->port == port || ((Key *) key)->to == port)
      g_hash_table_iter_remove (&iter);
}
