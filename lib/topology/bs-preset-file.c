/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-preset-file.h"

#include "bs-decode.h"
#include "bs-file.h"
#include "bs-preset.h"
#include "bs-topology-model.h"

#include <fcntl.h>
#include <string.h>

#define FILE_MAX (1024 * 1024)

typedef struct
{
  char *name; /* (owned) */
  BsConditions *conditions;
} Entry;

static void
entry_clear (gpointer data)
{
  Entry *self = data;

  g_free (self->name);
  bs_conditions_free (self->conditions);
}

static gboolean
is_name (const char *text)
{
  gsize length = strlen (text);

  return length > 0 && length <= 63 && g_ascii_isalnum (text[0])
         && strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_.-") == length;
}

/* Takes the words for people out of @mapping, so that what is left are conditions. */
static void
drop_words (BsDecoder *decoder, BsYamlNode *mapping)
{
  static const BsField words[] = { { "description", BS_FIELD_TEXT, BS_CHECKED, .doc = "what line it stands for" },
                                   { "scenario", BS_FIELD_TEXT, BS_CHECKED, .doc = "where it is met" },
                                   { NULL } };

  if (mapping->kind != BS_YAML_MAPPING)
    return;
  for (BsYamlNode **link = &mapping->first; *link != NULL;)
    {
      const BsField *word = words;

      while (word->key != NULL && strcmp (word->key, (*link)->key->text) != 0)
        word++;
      if (word->key == NULL)
        link = &(*link)->next;
      else
        {
          bs_decode_value (decoder, word, *link, NULL);
          *link = (*link)->next;
        }
    }
}

static void
decode_entry (BsDecoder *decoder, BsYamlNode *value, GArray *entries)
{
  static const BsField field = { "presets", BS_FIELD_OBJECT, BS_CHECKED, .fields = bs_fields_conditions };
  Entry entry = { 0 };

  if (!is_name (value->key->text))
    bs_decoder_error (decoder, value->key, NULL,
                      "a preset's name has letters, digits, '_', '.' and '-', at most 63, first a letter or digit");
  bs_decoder_enter (decoder, "preset", value->key);
  drop_words (decoder, value);
  bs_decode_conditions (decoder, &field, value, &entry.conditions);
  if (entry.conditions != NULL && entry.conditions->preset != NULL)
    bs_decoder_error (decoder, value, "write its values", "a preset cannot be made of another one");
  bs_decoder_leave (decoder);
  entry.name = g_strdup (value->key->text);
  g_array_append_val (entries, entry);
}

static void
report_unknown (BsDecoder *decoder, const BsYamlNode *key)
{
  g_autofree char *shown = bs_yaml_show (key);

  bs_decoder_error (decoder, key, "known keys: presets", "unknown key %s", shown);
}

static void
decode (BsDecoder *decoder, BsYamlNode *root, GArray *entries)
{
  static const char *const hint = "write presets: {NAME: {latency_ms: 20}}";
  BsYamlNode *presets = root->kind == BS_YAML_MAPPING ? (BsYamlNode *) bs_yaml_get (root, "presets") : NULL;

  for (BsYamlNode *value = presets != NULL ? root->first : NULL; value != NULL; value = value->next)
    if (value != presets)
      report_unknown (decoder, value->key);
  if (presets == NULL)
    bs_decoder_error (decoder, root, hint, "a file of presets is a mapping with the one key 'presets'");
  else if (presets->kind != BS_YAML_MAPPING)
    bs_decoder_error (decoder, presets, hint, "'presets' must be a mapping of names to conditions");
  else
    for (BsYamlNode *value = presets->first; value != NULL; value = value->next)
      decode_entry (decoder, value, entries);
}

/* @folder: (nullable): where paths in the file begin; NULL: they are not looked for. NULL when anything is wrong. */
static GArray *
parse (const char *data, gsize length, const char *folder, BsDiagnostics *diagnostics)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_autoptr (BsTopology) nothing = bs_topology_new (diagnostics->file);
  g_autoptr (BsYamlTree) tree = bs_yaml_parse (data, length, diagnostics);
  BsDecoder decoder;

  g_array_set_clear_func (entries, entry_clear);
  if (tree != NULL)
    {
      bs_decoder_init (&decoder, diagnostics, nothing, tree, length);
      decoder.folder = folder;
      decode (&decoder, (BsYamlNode *) bs_yaml_root (tree), entries);
      bs_decoder_clear (&decoder);
    }
  bs_diagnostics_sort (diagnostics);
  bs_diagnostics_quote (diagnostics, data, length, BS_LINES_YAML);
  return bs_diagnostics_has_errors (diagnostics) ? NULL : g_steal_pointer (&entries);
}

gboolean
bs_preset_file_check (const char *file, const char *data, gsize length, BsDiagnostics **diagnostics)
{
  g_autoptr (GArray) entries = NULL;

  *diagnostics = bs_diagnostics_new (file);
  entries = parse (data, length, NULL, *diagnostics);
  return entries != NULL;
}

gboolean
bs_preset_file_load (const char *path, BsDiagnostics **diagnostics)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) entries = NULL;
  g_autofree char *data = NULL, *folder = g_path_get_dirname (path);
  gsize length = 0;

  *diagnostics = bs_diagnostics_new (path);
  data = bs_file_read_settled (AT_FDCWD, path, FILE_MAX, &length, &error);
  if (data == NULL)
    bs_diagnostics_add (*diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, bs_error_hint (error), "%s", error->message);
  else
    entries = parse (data, length, folder, *diagnostics);
  for (guint i = 0; entries != NULL && i < entries->len; i++)
    {
      Entry *entry = &g_array_index (entries, Entry, i);

      bs_preset_add (entry->name, g_steal_pointer (&entry->conditions));
    }
  return entries != NULL;
}

GHashTable *
bs_preset_file_parse (const char *text, BsDiagnostics *diagnostics)
{
  g_autoptr (BsDiagnostics) said = bs_diagnostics_new ("presets");
  g_autoptr (GArray) entries = parse (text, strlen (text), NULL, said);
  GHashTable *presets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GError) error = NULL;

  if (entries == NULL)
    {
      bs_diagnostics_to_error (said, &error);
      bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, bs_error_hint (error), "%s", error->message);
      return presets;
    }
  for (guint i = 0; i < entries->len; i++)
    {
      Entry *entry = &g_array_index (entries, Entry, i);

      g_hash_table_insert (presets, g_strdup (entry->name),
                           (gpointer) bs_preset_keep (g_steal_pointer (&entry->conditions)));
    }
  return presets;
}
