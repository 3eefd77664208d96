/* SPDX-License-Identifier: Apache-2.0 */
/* bs-import-check.c — the result must load: variables that are not ours stay text, and what is wrong is taken out */
#include "bs-import-private.h"
#include "bs-decode.h"
#include "bs-topology.h"
#include "bs-variables.h"
#include "bs-yaml-write.h"

#include <string.h>

#define ROUNDS_MAX 8

void
bs_import_place (BsImporter *self, json_t *value, const BsYamlNode *at)
{
  BsImportPlace place = { at->line, at->column, at->length };

  g_hash_table_replace (self->places, json_incref (value), g_memdup2 (&place, sizeof place));
}

void
bs_import_place_keys (BsImporter *self, json_t *node, const BsYamlNode *mapping, const char *const *renamed)
{
  for (const BsYamlNode *part = mapping->first; part != NULL; part = part->next)
    {
      const char *key = part->key->text;
      json_t *value;

      for (guint i = 0; renamed[i] != NULL; i += 2)
        if (strcmp (renamed[i], key) == 0)
          key = renamed[i + 1];
      value = json_object_get (node, key);
      /* true and false are the same everywhere */
      if (value != NULL && !json_is_boolean (value) && strcmp (key, "name") != 0)
        bs_import_place (self, value, part);
    }
}

BsImportPlace
bs_import_place_of (const BsImporter *self, const json_t *value)
{
  const BsImportPlace *place = g_hash_table_lookup (self->places, value);

  return place != NULL ? *place : (BsImportPlace){ 0, 0, 1 };
}

/* "${NAME:-text}" means the same in Compose files and here. The bytes of it, or 0. */
static gsize
default_length (const char *text)
{
  const char *name = text + 2, *end = strchr (name, '}');
  gsize length = strcspn (name, ":}$");

  if (end == NULL || !bs_variables_is_name (name, length) || !g_str_has_prefix (name + length, ":-"))
    return 0;
  return memchr (name, '$', (gsize) (end - name)) == NULL ? (gsize) (end - text) + 1 : 0;
}

static void
note_text (BsImporter *self, const BsYamlNode *value, gboolean command)
{
  for (const char *c = strchr (value->text, '$'); c != NULL; c = strchr (c, '$'))
    {
      gsize kept = !command && g_str_has_prefix (c, "${") ? default_length (c) : 0;

      if (c[1] == '$')
        c += 2;
      else if (kept > 0)
        c += kept;
      else if (c[1] == '{' || g_ascii_isalpha (c[1]) || c[1] == '_')
        {
          bs_import_note (self, value, "a variable is not expressed: '$' stays a letter of the text");
          return;
        }
      else
        c++;
    }
}

void
bs_import_note_variables (BsImporter *self, const BsYamlNode *root, gboolean command)
{
  static const char *const commands[] = { "command", "cmd", "entrypoint", "test", NULL };

  if (root->kind == BS_YAML_SCALAR)
    note_text (self, root, command);
  else
    for (const BsYamlNode *part = root->first; part != NULL; part = part->next)
      bs_import_note_variables (self, part,
                                command || (part->key != NULL && g_strv_contains (commands, part->key->text)));
}

static json_t *
escape_text (const char *text, gboolean command, gboolean doubled, gboolean defaults)
{
  GString *escaped = g_string_new (NULL);
  json_t *value;

  for (const char *c = text; *c != '\0'; c++)
    {
      gsize kept = !command && defaults && g_str_has_prefix (c, "${") ? default_length (c) : 0;
      gboolean pair = doubled && c[0] == '$' && c[1] == '$';

      c += pair ? 1 : 0;
      if (kept > 0)
        {
          g_string_append_len (escaped, c, (gssize) kept);
          c += kept - 1;
        }
      else
        g_string_append (escaped, !command && g_str_has_prefix (c, "${") ? "$$" : (char[]){ *c, '\0' });
    }
  value = json_string (escaped->str);
  g_string_free (escaped, TRUE);
  return value;
}

typedef struct
{
  gboolean doubled, defaults;
} Escapes;

static void escape_value (const BsField *fields, json_t *value, gboolean command, const Escapes *how);

/* What is to stand for @value; (transfer full) (nullable) when it stays */
static json_t *
escaped (const BsField *fields, json_t *value, gboolean command, const Escapes *how)
{
  if (!json_is_string (value))
    escape_value (fields, value, command, how);
  else if (strchr (json_string_value (value), '$') != NULL)
    return escape_text (json_string_value (value), command, how->doubled, how->defaults);
  return NULL;
}

static void
escape_value (const BsField *fields, json_t *value, gboolean command, const Escapes *how)
{
  const char *key;
  json_t *part, *other;
  void *next;
  size_t i;

  json_array_foreach (value, i, part)
  {
    if ((other = escaped (fields, part, command, how)) != NULL)
      json_array_set_new (value, i, other);
  }
  json_object_foreach_safe (value, next, key, part)
  {
    const BsField *field = fields;

    while (field != NULL && field->key != NULL && strcmp (field->key, key) != 0)
      field++;
    field = field != NULL && field->key != NULL ? field : NULL;
    if ((other
         = escaped (field != NULL ? field->fields : NULL, part, command || (field != NULL && field->command), how))
        != NULL)
      json_object_set_new (value, key, other);
  }
}

void
bs_import_escape (json_t *topology, gboolean doubled, gboolean defaults)
{
  Escapes how = { doubled, defaults };

  escape_value (bs_fields_topology, topology, FALSE, &how);
}

/* What is wrong at a place of the document, and where that came from. */
typedef struct
{
  BsImporter *importer;
  GHashTable *faults; /* (element-type "LINE:COLUMN" BsDiagnostic) (owned) */
  BsImportPlace place;
  const BsDiagnostic *fault; /* (nullable) found last, not taken out yet */
  guint taken;
} Taker;

static const BsDiagnostic *
fault_at (Taker *self, const BsYamlNode *at)
{
  g_autofree char *key = at != NULL ? g_strdup_printf ("%u:%u", (guint) at->line, (guint) at->column) : NULL;

  return key != NULL ? g_hash_table_lookup (self->faults, key) : NULL;
}

static void
note_taken (Taker *self, const BsDiagnostic *fault, BsImportPlace place)
{
  bs_diagnostics_add (self->importer->diagnostics, BS_DIAGNOSTIC_WARNING, place.line, place.column, place.length, NULL,
                      "a value is not expressed: %s", fault->message);
  self->taken++;
}

/* A hint that names a line means one of the result, which is not written. (nullable) */
static const char *
hint_of (const BsDiagnostic *fault)
{
  return fault->hint != NULL && strstr (fault->hint, " line ") == NULL ? fault->hint : NULL;
}

/* Node and value are the same thing, once as text. A node's name and image stay, and so do nodes and networks. */
static void
take_out (Taker *self, const BsYamlNode *node, json_t *value, guint depth)
{
  BsImportPlace outer = self->place, own = bs_import_place_of (self->importer, value);
  size_t i = 0;

  if (own.line > 0)
    self->place = own;
  for (const BsYamlNode *part = node->kind == BS_YAML_SCALAR ? NULL : node->first; part != NULL; part = part->next)
    {
      json_t *inner = json_is_array (value) ? json_array_get (value, i) : json_object_get (value, part->key->text);
      const BsDiagnostic *fault = fault_at (self, part);
      gboolean named
          = part->key != NULL && (strcmp (part->key->text, "name") == 0 || strcmp (part->key->text, "image") == 0);

      fault = fault != NULL ? fault : fault_at (self, part->key);
      if (fault != NULL && depth >= 2 && !(depth == 2 && named))
        {
          own = bs_import_place_of (self->importer, inner);
          note_taken (self, fault, own.line > 0 ? own : self->place);
          if (json_is_array (value))
            json_array_remove (value, i);
          else
            json_object_del (value, part->key->text);
          continue;
        }
      if (fault != NULL)
        {
          own = bs_import_place_of (self->importer, inner);
          self->fault = fault;
          outer = own.line > 0 ? own : self->place;
          bs_diagnostics_add (self->importer->diagnostics, BS_DIAGNOSTIC_ERROR, outer.line, outer.column, outer.length,
                              hint_of (fault), "cannot be imported: %s", fault->message);
        }
      take_out (self, part, inner, depth + 1);
      if (part->kind != BS_YAML_SCALAR && depth >= 2 && part->key != NULL && strcmp (part->key->text, "interfaces") != 0
          && json_array_size (inner) + json_object_size (inner) == 0)
        json_object_del (value, part->key->text);
      i++;
    }
  self->place = outer;
}

/* TRUE: something was taken out, and it is worth another try. */
static gboolean
mend (BsImporter *self, const char *text, const BsDiagnostics *said)
{
  g_autoptr (BsDiagnostics) of_tree = bs_diagnostics_new (self->file);
  g_autoptr (BsYamlTree) tree = bs_yaml_parse (text, strlen (text), of_tree);
  Taker taker = { .importer = self };

  if (tree == NULL)
    return FALSE;
  taker.faults = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < said->items->len; i++)
    {
      BsDiagnostic *item = g_ptr_array_index (said->items, i);

      if (item->severity == BS_DIAGNOSTIC_ERROR)
        g_hash_table_replace (taker.faults, g_strdup_printf ("%u:%u", item->line, item->column), item);
    }
  take_out (&taker, bs_yaml_root (tree), self->topology, 0);
  g_hash_table_unref (taker.faults);
  return taker.taken > 0 && taker.fault == NULL;
}

char *
bs_import_write (BsImporter *self)
{
  for (guint round = 0; round < ROUNDS_MAX; round++)
    {
      g_autoptr (BsDiagnostics) said = NULL;
      g_autofree char *comment = bs_import_comment (self);
      g_autofree char *text = bs_yaml_write (self->topology, comment);
      g_autoptr (BsTopology) topology = bs_topology_parse (self->file, text, strlen (text), &said);

      if (topology != NULL)
        return g_steal_pointer (&text);
      if (mend (self, text, said))
        {
          bs_diagnostics_sort (self->diagnostics);
          continue;
        }
      for (guint i = 0; !bs_diagnostics_has_errors (self->diagnostics) && i < said->items->len; i++)
        {
          const BsDiagnostic *item = g_ptr_array_index (said->items, i);

          if (item->severity == BS_DIAGNOSTIC_ERROR)
            bs_diagnostics_add (self->diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, hint_of (item),
                                "cannot be imported: %s", item->message);
        }
      return NULL;
    }
  bs_diagnostics_add (self->diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, NULL, "cannot be imported: too much is wrong");
  return NULL;
}
