/* SPDX-License-Identifier: Apache-2.0 */
/* bs-net-record.c — wires.json and faults.json: what wires are told, for a successor of this boot
 *
 * Two files, for what is declared may be long and hardly changes, and a fault is written while somebody waits. Like
 * supervisor.json, they are replaced by rename and never synced.
 */
#include "bs-net-private.h"
#include "bs-arguments.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-process.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RECORD_MAX ((gsize) 256 * 1024 * 1024)

static gboolean
save (const BsNet *self, const char *name, const json_t *record, GError **error)
{
  g_autofree char *text = bs_json_dump (record), *temporary = g_strconcat (name, ".tmp", NULL);
  int dir = self->lab->dir;
  bs_autofd int fd = openat (dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd >= 0 && bs_fd_write_all (fd, text, strlen (text)) && renameat (dir, temporary, dir, name) == 0)
    return TRUE;
  bs_set_error_errno (error, errno, "cannot write '%s'", name);
  unlinkat (dir, temporary, 0);
  return FALSE;
}

gboolean
bs_net_save_declared (const BsNet *self, GError **error)
{
  g_autoptr (json_t) record = NULL;
  json_t *wires = json_array (), *seeds = json_array ();
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, self->seeds);
  while (g_hash_table_iter_next (&iter, &key, &value))
    json_array_append_new (seeds, json_pack ("{s:i, s:I}", "network", (int) GPOINTER_TO_UINT (key), "seed",
                                             (json_int_t) * (guint64 *) value));
  g_hash_table_iter_init (&iter, self->declared);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    json_array_append_new (wires, bs_net_declared_save (value));
  record = json_pack ("{s:i, s:s, s:o, s:o}", "format", BS_NET_RECORD_FORMAT, "boot_id", bs_process_boot_id (), "seeds",
                      seeds, "wires", wires);
  return save (self, BS_NET_WIRES_RECORD, record, error);
}

gboolean
bs_net_save_faults (const BsNet *self, GError **error)
{
  g_autoptr (json_t) record = NULL;
  json_t *layers = json_array (), *partitions = json_array ();

  for (guint i = 0; i < self->layers->len; i++)
    json_array_append_new (layers, bs_net_layer_save (g_ptr_array_index (self->layers, i)));
  for (guint i = 0; i < self->partitions->len; i++)
    json_array_append_new (partitions, bs_net_partition_save (g_ptr_array_index (self->partitions, i)));
  record = json_pack ("{s:i, s:s, s:I, s:I, s:o, s:o}", "format", BS_NET_RECORD_FORMAT, "boot_id",
                      bs_process_boot_id (), "last_id", (json_int_t) self->last_id, "schedules_usec",
                      (json_int_t) self->schedules_usec, "layers", layers, "partitions", partitions);
  return save (self, BS_NET_FAULTS_RECORD, record, error);
}

void
bs_net_remove_records (BsNet *self)
{
  unlinkat (self->lab->dir, BS_NET_WIRES_RECORD, 0);
  unlinkat (self->lab->dir, BS_NET_FAULTS_RECORD, 0);
}

/* (nullable) NULL without an error: there is none of this boot */
static json_t *
read_record (const BsNet *self, const char *name, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *text = NULL;
  g_autoptr (json_t) record = NULL;
  gsize length;
  gint64 format;

  text = bs_file_read (self->lab->dir, name, RECORD_MAX, &length, &local);
  if (text == NULL && g_error_matches (local, BS_ERROR, BS_ERROR_NOT_FOUND))
    return NULL;
  if (text != NULL)
    record = bs_json_load (text, length, &local);
  if (record != NULL && bs_arguments_int (record, "format", 1, BS_NET_RECORD_FORMAT, &format, &local))
    return strcmp (bs_json_string (record, "boot_id", ""), bs_process_boot_id ()) == 0 ? g_steal_pointer (&record)
                                                                                       : NULL;
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

static gboolean
load_wires (BsNet *self, const json_t *record, GError **error)
{
  const json_t *wires = json_object_get (record, "wires"), *seeds = json_object_get (record, "seeds");

  for (gsize i = 0; i < json_array_size (seeds); i++)
    {
      gint64 network, seed;

      if (!bs_arguments_int (json_array_get (seeds, i), "network", 0, BS_SWITCH_NETWORKS_MAX - 1, &network, error)
          || !bs_arguments_int (json_array_get (seeds, i), "seed", 0, G_MAXINT64, &seed, error))
        return FALSE;
      bs_net_set_seed (self, (guint) network, (guint64) seed);
    }
  for (gsize i = 0; i < json_array_size (wires); i++)
    {
      BsNetDeclared *wire = bs_net_declared_load (json_array_get (wires, i), error);

      if (wire == NULL)
        return FALSE;
      bs_net_declare (self, wire);
    }
  return TRUE;
}

static gboolean
load_faults (BsNet *self, const json_t *record, GError **error)
{
  const json_t *layers = json_object_get (record, "layers"), *partitions = json_object_get (record, "partitions");

  self->last_id = (guint64) MAX (bs_json_int (record, "last_id", 0), 0);
  self->schedules_usec = MAX (bs_json_int (record, "schedules_usec", 0), 0);
  for (gsize i = 0; i < json_array_size (layers); i++)
    {
      BsNetLayer *layer = bs_net_layer_load (json_array_get (layers, i), error);

      if (layer == NULL)
        return FALSE;
      g_ptr_array_add (self->layers, layer);
    }
  for (gsize i = 0; i < json_array_size (partitions); i++)
    {
      BsNetPartition *partition = bs_net_partition_load (json_array_get (partitions, i), error);

      if (partition == NULL)
        return FALSE;
      g_ptr_array_add (self->partitions, partition);
      if (!bs_net_partition_reserve (partition, &self->used_cuts, error))
        return FALSE;
    }
  return TRUE;
}

static void
load_one (BsNet *self, const char *name, gboolean (*load) (BsNet *, const json_t *, GError **))
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) record = read_record (self, name, &error);

  if (error == NULL && (record == NULL || load (self, record, &error)))
    return;
  g_warning ("'%s' is not usable: %s", name, error->message);
  bs_supervisor_event (self->lab, "record-lost", NULL,
                       json_pack ("{s:s, s:s}", "record", name, "error", error->message));
}

/* What could be read of a damaged one holds. */
void
bs_net_load (BsNet *self)
{
  load_one (self, BS_NET_WIRES_RECORD, load_wires);
  load_one (self, BS_NET_FAULTS_RECORD, load_faults);
  bs_net_expire (self);
}
