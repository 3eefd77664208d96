/* SPDX-License-Identifier: Apache-2.0 */
/* bs-catalogue-read.c — from YAML to entries, with a diagnostic for each fault */
#include "bs-catalogue-private.h"
#include "bs-suggest.h"
#include "bs-yaml.h"

#include <string.h>

#define NAME_MAX_LENGTH 64

typedef struct
{
  BsDiagnostics *diagnostics;
  GHashTable *names; /* (element-type utf8) taken in this file, aliases too */
} Reader;

/* How a key's value gets into @entry; FALSE: it is not @wanted. */
typedef struct
{
  const char *key;
  gboolean (*read) (BsCatalogueEntry *entry, const char *text);
  const char *wanted;
} Key;

static void complain (Reader *reader, const BsYamlNode *at, const char *hint, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

static void
complain (Reader *reader, const BsYamlNode *at, const char *hint, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  bs_diagnostics_add (reader->diagnostics, BS_DIAGNOSTIC_ERROR, at->line, at->column, at->length, hint, "%s", message);
}

gboolean
bs_image_name_is_valid (const char *name)
{
  gsize length = strlen (name);

  if (length == 0 || length > NAME_MAX_LENGTH || !g_ascii_isalnum (name[0]) || !g_ascii_isalnum (name[length - 1]))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_islower (name[i]) && !g_ascii_isdigit (name[i]) && strchr ("._-", name[i]) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
is_web_address (const char *text)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED, NULL);

  return uri != NULL && (strcmp (g_uri_get_scheme (uri), "https") == 0 || strcmp (g_uri_get_scheme (uri), "http") == 0)
         && g_uri_get_host (uri) != NULL && g_uri_get_host (uri)[0] != '\0';
}

static gboolean
set_text (char **place, const char *text, gboolean fine)
{
  if (fine)
    {
      g_free (*place);
      *place = g_strdup (text);
    }
  return fine;
}

static gboolean
read_name (BsCatalogueEntry *entry, const char *text)
{
  return set_text (&entry->name, text, bs_image_name_is_valid (text));
}

static gboolean
read_description (BsCatalogueEntry *entry, const char *text)
{
  return set_text (&entry->description, text, *text != '\0' && strchr (text, '\n') == NULL);
}

static gboolean
read_url (BsCatalogueEntry *entry, const char *text)
{
  g_autofree char *file = NULL;

  if (!set_text (&entry->url, text, is_web_address (text)))
    return FALSE;
  file = bs_catalogue_entry_file (entry);
  return *file != '\0';
}

static gboolean
read_checksums (BsCatalogueEntry *entry, const char *text)
{
  return set_text (&entry->checksums, text, is_web_address (text));
}

static gboolean
read_checksums_format (BsCatalogueEntry *entry, const char *text)
{
  for (guint i = 0; bs_checksums_words[i] != NULL; i++)
    if (strcmp (bs_checksums_words[i], text) == 0)
      {
        entry->checksums_format = (BsChecksumsFormat) i;
        return TRUE;
      }
  return FALSE;
}

static gboolean
read_sha256 (BsCatalogueEntry *entry, const char *text)
{
  return bs_digest_set (&entry->pinned, G_CHECKSUM_SHA256, text);
}

static gboolean
read_sha512 (BsCatalogueEntry *entry, const char *text)
{
  return bs_digest_set (&entry->pinned, G_CHECKSUM_SHA512, text);
}

gboolean
bs_user_name_is_valid (const char *name)
{
  gsize length = strlen (name);

  return length > 0 && length <= 32 && (g_ascii_islower (name[0]) || name[0] == '_')
         && strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == length;
}

static gboolean
read_user (BsCatalogueEntry *entry, const char *text)
{
  return set_text (&entry->user, text, bs_user_name_is_valid (text));
}

static gboolean
read_firmware (BsCatalogueEntry *entry, const char *text)
{
  return set_text (&entry->firmware, text, strcmp (text, "bios") == 0 || strcmp (text, "uefi") == 0);
}

static gboolean
read_format (BsCatalogueEntry *entry, const char *text)
{
  return set_text (&entry->format, text, strcmp (text, "qcow2") == 0 || strcmp (text, "raw") == 0);
}

static const Key keys[] = {
  { "name", read_name, "lower-case letters, digits, '.', '_' and '-'" },
  { "description", read_description, "one line of text" },
  { "url", read_url, "an http or https address that ends in a file name" },
  { "checksums", read_checksums, "an http or https address" },
  { "checksums_format", read_checksums_format, "one of sha256sums, sha512sums, bsd, sha256, sha512" },
  { "sha256", read_sha256, "64 hexadecimal digits" },
  { "sha512", read_sha512, "128 hexadecimal digits" },
  { "user", read_user, "a login name" },
  { "firmware", read_firmware, "bios or uefi" },
  { "format", read_format, "qcow2 or raw" },
};

static void
complain_unknown (Reader *reader, const BsYamlNode *key)
{
  g_autofree char *shown = bs_yaml_show (key), *hint = NULL;
  BsSuggest suggest;

  bs_suggest_init (&suggest, key->text);
  bs_suggest_offer (&suggest, "aliases");
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    bs_suggest_offer (&suggest, keys[i].key);
  if (suggest.nearest != NULL)
    hint = g_strdup_printf ("did you mean '%s'?", suggest.nearest);
  complain (reader, key, hint, "unknown key %s", shown);
}

/* A name may be used once in a file, be it as an alias. */
static void
take_name (Reader *reader, const BsYamlNode *at)
{
  if (!g_hash_table_add (reader->names, g_strdup (at->text)))
    complain (reader, at, NULL, "the name '%s' is used twice", at->text);
}

static void
read_aliases (Reader *reader, BsCatalogueEntry *entry, const BsYamlNode *value)
{
  g_autoptr (GPtrArray) aliases = g_ptr_array_new_with_free_func (g_free);

  if (value->kind != BS_YAML_SEQUENCE)
    {
      complain (reader, value, "write it as [...]", "'aliases' must be a list");
      return;
    }
  for (const BsYamlNode *item = value->first; item != NULL; item = item->next)
    if (item->kind != BS_YAML_SCALAR || !bs_image_name_is_valid (item->text))
      complain (reader, item, NULL, "an alias must be of %s", keys[0].wanted);
    else
      {
        take_name (reader, item);
        g_ptr_array_add (aliases, g_strdup (item->text));
      }
  g_ptr_array_add (aliases, NULL);
  g_strfreev (entry->aliases);
  entry->aliases = (char **) g_ptr_array_free (g_steal_pointer (&aliases), FALSE);
}

static void
read_member (Reader *reader, BsCatalogueEntry *entry, const BsYamlNode *value)
{
  const char *key = value->key->text;
  g_autofree char *shown = bs_yaml_show (value);

  if (strcmp (key, "aliases") == 0)
    {
      read_aliases (reader, entry, value);
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (strcmp (keys[i].key, key) == 0)
      {
        if (value->kind != BS_YAML_SCALAR || !keys[i].read (entry, value->text))
          complain (reader, value, NULL, "'%s' must be %s, not %s", key, keys[i].wanted, shown);
        else if (strcmp (key, "name") == 0)
          take_name (reader, value);
        return;
      }
  complain_unknown (reader, value->key);
}

static void
check_whole (Reader *reader, const BsYamlNode *mapping)
{
  static const char *const needed[] = { "name", "url" };
  gboolean pinned = bs_yaml_get (mapping, "sha256") != NULL || bs_yaml_get (mapping, "sha512") != NULL;
  const BsYamlNode *checksums = bs_yaml_get (mapping, "checksums");

  for (gsize i = 0; i < G_N_ELEMENTS (needed); i++)
    if (bs_yaml_get (mapping, needed[i]) == NULL)
      complain (reader, mapping, NULL, "'%s' is missing", needed[i]);
  if (checksums == NULL && !pinned)
    complain (reader, mapping, "give 'checksums', the address of the publisher's file, or 'sha256'",
              "nothing says what its digest is");
  if (checksums != NULL && pinned)
    complain (reader, checksums, NULL, "'checksums' and a digest of its own exclude each other");
  if (checksums != NULL && bs_yaml_get (mapping, "checksums_format") == NULL)
    complain (reader, checksums, NULL, "'checksums_format' is missing");
}

static void
read_entry (Reader *reader, const BsYamlNode *item, GPtrArray *entries)
{
  BsCatalogueEntry *entry;

  if (item->kind != BS_YAML_MAPPING)
    {
      complain (reader, item, NULL, "an image must be a mapping");
      return;
    }
  entry = bs_catalogue_entry_new ();
  g_ptr_array_add (entries, entry);
  entry->line = item->line;
  entry->column = item->column;
  for (const BsYamlNode *value = item->first; value != NULL; value = value->next)
    read_member (reader, entry, value);
  check_whole (reader, item);
}

static void
read_root (Reader *reader, const BsYamlNode *root, GPtrArray *entries)
{
  const BsYamlNode *images = root->kind == BS_YAML_MAPPING ? bs_yaml_get (root, "images") : NULL;

  if (images == NULL || images->kind != BS_YAML_SEQUENCE)
    {
      complain (reader, images != NULL ? images : root, "begin with 'images:' and a line '  - name: …' for each",
                "a catalogue needs a list 'images'");
      return;
    }
  for (const BsYamlNode *value = root->first; value != NULL; value = value->next)
    if (value != images)
      complain (reader, value->key, NULL, "unknown key '%s'", value->key->text);
  for (const BsYamlNode *item = images->first; item != NULL; item = item->next)
    read_entry (reader, item, entries);
}

BsCatalogue *
bs_catalogue_parse (const char *text, gsize length, BsDiagnostics *diagnostics)
{
  g_autoptr (BsYamlTree) tree = bs_yaml_parse (text, length, diagnostics);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (BsCatalogue) self = bs_catalogue_new ();
  Reader reader = { diagnostics, names };

  if (tree == NULL)
    return NULL;
  read_root (&reader, bs_yaml_root (tree), self->entries);
  bs_diagnostics_sort (diagnostics);
  return bs_diagnostics_has_errors (diagnostics) ? NULL : g_steal_pointer (&self);
}
