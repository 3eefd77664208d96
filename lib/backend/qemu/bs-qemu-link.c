/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-qemu-link.h"
#include "bs-error.h"
#include "bs-file.h"
#include "bs-qemu-args.h"

#include <string.h>

#define LEAF "link.json"
#define LINK_MAX 65536
#define KEY_MAX 65536
#define FIRST "first"

void
bs_qemu_link_clear (BsQemuLink *self)
{
  g_clear_pointer (&self->target, bs_ssh_target_free);
}

static gboolean
write_record (const BsBackendLab *lab, const char *name, const json_t *record, GError **error)
{
  g_autofree char *path = bs_qemu_path (name, LEAF), *text = bs_json_dump (record);

  return bs_file_write_atomic (lab->lab_dir, path, text, strlen (text), 0600, error);
}

gboolean
bs_qemu_link_create (const BsBackendLab *lab, const BsBackendNode *node, GError **error)
{
  g_autoptr (json_t) record = NULL;

  if (node->ssh_port == 0 || node->host_key_public == NULL)
    return TRUE;
  record = json_pack ("{s:i, s:s, s:b}", "port", node->ssh_port, "host_key", node->host_key_public, FIRST, 0);
  return write_record (lab, node->name, record, error);
}

/* NULL without an error: there is none. */
static json_t *
read_record (const BsBackendLab *lab, const char *name, GError **error)
{
  g_autofree char *path = bs_qemu_path (name, LEAF);
  g_autoptr (GError) local = NULL;
  gsize length;
  g_autofree char *text = bs_file_read (lab->lab_dir, path, LINK_MAX, &length, &local);
  json_t *record = text != NULL ? bs_json_load (text, length, &local) : NULL;

  if (record == NULL && !g_error_matches (local, BS_ERROR, BS_ERROR_NOT_FOUND))
    g_propagate_prefixed_error (error, g_steal_pointer (&local), "node '%s': ", name);
  return record;
}

gboolean
bs_qemu_link_read (BsQemuLink *self, const BsBackendLab *lab, const char *name, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (json_t) record = read_record (lab, name, &local);
  gint64 port = bs_json_int (record, "port", 0);
  gsize length;

  *self = (BsQemuLink){ 0 };
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (record == NULL)
    return TRUE;
  if (port <= 0 || port > G_MAXUINT16)
    {
      bs_set_error (error, BS_ERROR_PROTOCOL, "take the lab down and up again", "node '%s': its '" LEAF "' has no port",
                    name);
      return FALSE;
    }
  self->first = json_is_true (json_object_get (record, FIRST));
  self->target = bs_ssh_target_new ("127.0.0.1", (guint16) port, "root", bs_json_string (record, "host_key", ""));
  self->target->label = g_strdup_printf ("%s/%s", lab->lab, name);
  self->target->key_text = bs_file_read (lab->lab_dir, BS_BACKEND_LAB_KEY, KEY_MAX, &length, NULL);
  if (self->target->key_text == NULL)
    g_clear_pointer (&self->target, bs_ssh_target_free);
  return TRUE;
}

gboolean
bs_qemu_link_prefer_ssh (const BsBackendLab *lab, const char *name, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (json_t) record = read_record (lab, name, &local);

  if (record != NULL && json_object_set_new (record, FIRST, json_true ()) == 0)
    return write_record (lab, name, record, error);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return local == NULL;
}
