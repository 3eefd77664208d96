/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-catalogue.h"
#include "bs-catalogue-private.h"
#include "bs-file.h"

#include <string.h>

static void
entry_free (gpointer data)
{
  BsCatalogueEntry *entry = data;

  g_free (entry->name);
  g_strfreev (entry->aliases);
  g_free (entry->description);
  g_free (entry->url);
  g_free (entry->checksums);
  g_free (entry->user);
  g_free (entry->firmware);
  g_free (entry->format);
  g_free (entry);
}

BsCatalogueEntry *
bs_catalogue_entry_new (void)
{
  BsCatalogueEntry *entry = g_new0 (BsCatalogueEntry, 1);

  entry->aliases = g_new0 (char *, 1);
  entry->firmware = g_strdup ("bios");
  entry->format = g_strdup ("qcow2");
  return entry;
}

BsCatalogue *
bs_catalogue_new (void)
{
  BsCatalogue *self = g_new0 (BsCatalogue, 1);

  self->entries = g_ptr_array_new_with_free_func (entry_free);
  return self;
}

void
bs_catalogue_free (BsCatalogue *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->entries);
  g_free (self);
}

char *
bs_catalogue_entry_file (const BsCatalogueEntry *self)
{
  g_autoptr (GUri) uri = g_uri_parse (self->url, G_URI_FLAGS_HAS_PASSWORD, NULL);
  const char *path = uri != NULL ? g_uri_get_path (uri) : "", *slash = strrchr (path, '/');

  return g_strdup (slash != NULL ? slash + 1 : "");
}

const BsCatalogueEntry *
bs_catalogue_find (const BsCatalogue *self, const char *name)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      const BsCatalogueEntry *entry = g_ptr_array_index (self->entries, i);

      if (strcmp (entry->name, name) == 0)
        return entry;
    }
  /* The user's come last, and their aliases win. */
  for (guint i = self->entries->len; i-- > 0;)
    {
      const BsCatalogueEntry *entry = g_ptr_array_index (self->entries, i);

      if (g_strv_contains ((const char *const *) entry->aliases, name))
        return entry;
    }
  return NULL;
}

static BsCatalogue *
parse (const char *file, const char *text, gsize length, GError **error)
{
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new (file);
  BsCatalogue *self = bs_catalogue_parse (text, length, diagnostics);

  if (self == NULL)
    bs_diagnostics_to_error (diagnostics, error);
  return self;
}

static void
remove_named (GPtrArray *entries, const char *name)
{
  for (guint i = 0; i < entries->len; i++)
    if (strcmp (((BsCatalogueEntry *) g_ptr_array_index (entries, i))->name, name) == 0)
      {
        g_ptr_array_remove_index (entries, i);
        return;
      }
}

/* Moves the entries of @user into @self. */
static void
merge (BsCatalogue *self, BsCatalogue *user)
{
  while (user->entries->len > 0)
    {
      BsCatalogueEntry *entry = g_ptr_array_steal_index (user->entries, 0);

      entry->of_user = TRUE;
      remove_named (self->entries, entry->name);
      g_ptr_array_add (self->entries, entry);
    }
}

BsCatalogue *
bs_catalogue_load (const char *user_file, GError **error)
{
  g_autoptr (BsCatalogue) self = parse ("catalogue.yaml", bs_catalogue_builtin, strlen (bs_catalogue_builtin), error);
  g_autoptr (BsCatalogue) user = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *text = NULL;
  gsize length;

  if (self == NULL || user_file == NULL)
    return g_steal_pointer (&self);
  text = bs_file_read (AT_FDCWD, user_file, BS_CATALOGUE_BYTES_MAX, &length, &local);
  if (text == NULL && g_error_matches (local, BS_ERROR, BS_ERROR_NOT_FOUND))
    return g_steal_pointer (&self);
  if (text == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  user = parse (user_file, text, length, error);
  if (user == NULL)
    return NULL;
  merge (self, user);
  return g_steal_pointer (&self);
}
