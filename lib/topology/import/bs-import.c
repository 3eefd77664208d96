/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-import-private.h"

#include <string.h>

/* Each value costs a multiple of its text, and nobody wrote such a file. */
#define BYTES_MAX ((gsize) 1024 * 1024)

static const char *const format_words[] = { "compose", "containerlab", "vagrant" };

gboolean
bs_import_format_parse (const char *text, BsImportFormat *format)
{
  for (guint i = 0; i < G_N_ELEMENTS (format_words); i++)
    if (strcmp (format_words[i], text) == 0)
      {
        *format = (BsImportFormat) i;
        return TRUE;
      }
  return FALSE;
}

static void
importer_init (BsImporter *self, const char *file)
{
  self->file = file;
  self->diagnostics = bs_diagnostics_new (file);
  self->topology = json_object ();
  self->networks = json_array ();
  self->nodes = json_array ();
  self->renamed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->links = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->sources = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_network = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->by_node = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->said = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->places = g_hash_table_new_full (NULL, NULL, (GDestroyNotify) json_decref, g_free);
}

static void
importer_clear (BsImporter *self)
{
  g_hash_table_unref (self->places);
  g_hash_table_unref (self->said);
  g_hash_table_unref (self->by_node);
  g_hash_table_unref (self->by_network);
  g_hash_table_unref (self->sources);
  g_hash_table_unref (self->links);
  g_hash_table_unref (self->taken);
  g_hash_table_unref (self->renamed);
  json_decref (self->networks);
  json_decref (self->nodes);
  json_decref (self->topology);
  g_free (self->name);
}

/* Without the folder and all endings: "lab" of "/srv/lab.clab.yml"; a folder's name for files that are all named alike.
 */
static char *
name_of_file (const char *file)
{
  g_autofree char *base = g_path_get_basename (file), *absolute = g_canonicalize_filename (file, NULL);
  g_autofree char *folder = g_path_get_dirname (absolute), *parent = g_path_get_basename (folder);
  static const char *const alike[] = { "compose", "docker-compose", "Vagrantfile", NULL };

  *strchrnul (base, '.') = '\0';
  return bs_import_word (g_strv_contains (alike, base) && strcmp (parent, "/") != 0 ? parent : base);
}

char *
bs_import_comment (const BsImporter *self)
{
  g_autofree char *base = g_path_get_basename (self->file);
  GString *text = g_string_new (NULL);
  GPtrArray *items = self->diagnostics->items;

  g_string_append_printf (text, "Imported from %s.\n", base);
  if (items->len > 0)
    g_string_append (text, "Not expressed:\n");
  for (guint i = 0; i < items->len; i++)
    {
      const BsDiagnostic *item = g_ptr_array_index (items, i);

      g_string_append_printf (text, "  %s:%u:%u: %s\n", base, item->line, item->column, item->message);
    }
  return g_string_free (text, FALSE);
}

static char *
finish (BsImporter *self, BsImportFormat format)
{
  g_autofree char *text = NULL;

  if (json_array_size (self->nodes) == 0 && !bs_diagnostics_has_errors (self->diagnostics))
    bs_diagnostics_add (self->diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, NULL, "there is no machine in this file");
  bs_diagnostics_sort (self->diagnostics);
  if (bs_diagnostics_has_errors (self->diagnostics))
    return NULL;
  json_object_set_new (self->topology, "metadata", json_pack ("{s:s}", "name", self->name));
  if (json_array_size (self->networks) > 0)
    json_object_set (self->topology, "networks", self->networks);
  json_object_set (self->topology, "nodes", self->nodes);
  bs_import_escape (self->topology, format == BS_IMPORT_COMPOSE, format != BS_IMPORT_VAGRANT);
  text = bs_import_write (self);
  bs_diagnostics_sort (self->diagnostics);
  return bs_diagnostics_has_errors (self->diagnostics) ? NULL : g_steal_pointer (&text);
}

/* What a user of Compose can do about it is not what one who writes a topology can. */
static void
hint_at_anchors (BsDiagnostics *said)
{
  for (guint i = 0; i < said->items->len; i++)
    {
      BsDiagnostic *item = g_ptr_array_index (said->items, i);

      if (strstr (item->message, "anchor") == NULL && strstr (item->message, "alias") == NULL)
        continue;
      g_free (item->hint);
      item->hint = g_strdup ("`docker compose config` prints the file without anchors");
    }
}

static void
import_yaml (BsImporter *self, BsImportFormat format, const BsYamlNode *root)
{
  bs_import_note_variables (self, root, FALSE);
  (format == BS_IMPORT_COMPOSE ? bs_import_compose : bs_import_containerlab) (self, root);
}

char *
bs_import (BsImportFormat format, const char *file, const char *data, gsize length, BsDiagnostics **diagnostics)
{
  BsImporter self = { 0 };
  g_autoptr (BsYamlTree) tree = NULL;
  char *text;

  importer_init (&self, file);
  self.name = name_of_file (file);
  if (length > BYTES_MAX)
    bs_diagnostics_add (self.diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, "split the file",
                        "a file to import has at most 1 MiB, this one has %zu bytes", length);
  else if (format == BS_IMPORT_VAGRANT)
    {
      g_autofree char *copy = NULL;

      if (bs_yaml_check_bytes (data, length, self.diagnostics))
        bs_import_vagrant (&self, copy = g_strndup (data, length));
    }
  else if ((tree = bs_yaml_parse (data, length, self.diagnostics)) != NULL)
    import_yaml (&self, format, bs_yaml_root (tree));
  if (format == BS_IMPORT_COMPOSE)
    hint_at_anchors (self.diagnostics);
  text = finish (&self, format);
  *diagnostics = self.diagnostics;
  importer_clear (&self);
  return text;
}
