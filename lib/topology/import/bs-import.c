/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-import-private.h"
#include "bs-topology.h"
#include "bs-yaml-write.h"

#include <string.h>

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
}

static void
importer_clear (BsImporter *self)
{
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

static char *
comment_of (const BsImporter *self)
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

/* The result must load: what does not is a fault of ours or a value that only the decoder knows to be wrong. */
static void
check_result (BsImporter *self, const char *text)
{
  g_autoptr (BsDiagnostics) said = NULL;
  g_autoptr (BsTopology) topology = bs_topology_parse (self->file, text, strlen (text), &said);

  for (guint i = 0; topology == NULL && i < said->items->len; i++)
    {
      const BsDiagnostic *item = g_ptr_array_index (said->items, i);

      if (item->severity == BS_DIAGNOSTIC_ERROR)
        bs_diagnostics_add (self->diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, item->hint, "cannot be imported: %s",
                            item->message);
    }
}

static char *
finish (BsImporter *self)
{
  g_autofree char *comment = NULL, *text = NULL;

  if (json_array_size (self->nodes) == 0 && !bs_diagnostics_has_errors (self->diagnostics))
    bs_diagnostics_add (self->diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, NULL, "there is no machine in this file");
  bs_diagnostics_sort (self->diagnostics);
  if (bs_diagnostics_has_errors (self->diagnostics))
    return NULL;
  if (self->name == NULL)
    self->name = name_of_file (self->file);
  json_object_set_new (self->topology, "metadata", json_pack ("{s:s}", "name", self->name));
  if (json_array_size (self->networks) > 0)
    json_object_set (self->topology, "networks", self->networks);
  json_object_set (self->topology, "nodes", self->nodes);
  comment = comment_of (self);
  text = bs_yaml_write (self->topology, comment);
  check_result (self, text);
  bs_diagnostics_sort (self->diagnostics);
  return bs_diagnostics_has_errors (self->diagnostics) ? NULL : g_steal_pointer (&text);
}

char *
bs_import (BsImportFormat format, const char *file, const char *data, gsize length, BsDiagnostics **diagnostics)
{
  BsImporter self = { 0 };
  g_autoptr (BsYamlTree) tree = NULL;
  char *text;

  importer_init (&self, file);
  if (format == BS_IMPORT_VAGRANT)
    {
      g_autofree char *copy = NULL;

      if (bs_yaml_check_bytes (data, length, self.diagnostics))
        bs_import_vagrant (&self, copy = g_strndup (data, length));
    }
  else if ((tree = bs_yaml_parse (data, length, self.diagnostics)) != NULL)
    (format == BS_IMPORT_COMPOSE ? bs_import_compose : bs_import_containerlab) (&self, bs_yaml_root (tree));
  text = finish (&self);
  *diagnostics = self.diagnostics;
  importer_clear (&self);
  return text;
}
