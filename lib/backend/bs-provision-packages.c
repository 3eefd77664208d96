/* SPDX-License-Identifier: Apache-2.0 */
/* bs-provision-packages.c — packages of a node, in one transaction, so that what they need is worked out once
 *
 * First extra sources with their keys, then files and URLs into a folder of the machine, then the lists where they are
 * missing or a source is new, then the one install. When that says that the lists are old, they are fetched and it is
 * tried once more. An error is that of the entry which the tool names, else of the first.
 */
#include "bs-error.h"
#include "bs-file.h"
#include "bs-provision-repository.h"
#include "bs-text.h"

#include <string.h>

#define FOLDER "/var/cache/benchscale-packages"
#define NAMES_SHOWN 4

typedef struct
{
  const BsProvision *provision;
  GPtrArray *entries; /* (element-type BsTopologyPackage) */
  GPtrArray *sources; /* (element-type BsTopologyPackage) those that something is installed for */
  GPtrArray *words;   /* (owned) (element-type utf8) what the tool is told, one for each of @sources */
  BsPackageState state;
  gboolean updated, has_new_source, has_files;
} Packages;

static void
packages_clear (Packages *self)
{
  g_clear_pointer (&self->entries, g_ptr_array_unref);
  g_clear_pointer (&self->sources, g_ptr_array_unref);
  g_clear_pointer (&self->words, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Packages, packages_clear)

GPtrArray *
bs_provision_all_packages (const BsTopologyNode *node)
{
  const GPtrArray *lists[] = { node->packages, node->cloud_init != NULL ? node->cloud_init->packages : NULL };
  GPtrArray *all = g_ptr_array_new ();

  for (guint k = 0; k < G_N_ELEMENTS (lists); k++)
    for (guint i = 0; i < bs_provision_count (lists[k]); i++)
      g_ptr_array_add (all, g_ptr_array_index (lists[k], i));
  return all;
}

static gboolean
blame (const Packages *self, const BsTopologyPackage *entry, GError **error)
{
  return bs_provision_at (FALSE, self->provision->file, entry->at, error);
}

static void
add_hint (const char *output, GError **error)
{
  const char *hint = output != NULL ? bs_package_hint (output) : NULL;

  if (error != NULL && hint != NULL && bs_error_hint (*error) == NULL)
    bs_error_set_hint (*error, hint);
}

/* The URL in a source's line, without slash at its end; (nullable) (transfer full) */
static char *
url_of_source (const char *line)
{
  const char *at = line != NULL ? strstr (line, ":/") : NULL;
  gsize length = at != NULL ? strcspn (at, " \t") : 0;

  while (at != NULL && at > line && g_ascii_isalnum (at[-1]))
    {
      at--;
      length++;
    }
  while (length > 0 && at[length - 1] == '/')
    length--;
  return at != NULL ? g_strndup (at, length) : NULL;
}

static const BsTopologyPackage *
guilty_source (const Packages *self, const char *output)
{
  for (guint i = 0; output != NULL && i < self->entries->len; i++)
    {
      const BsTopologyPackage *entry = g_ptr_array_index (self->entries, i);
      g_autofree char *url = url_of_source (entry->repository);

      if (url != NULL && strstr (output, url) != NULL)
        return entry;
    }
  return g_ptr_array_index (self->entries, 0);
}

static const BsTopologyPackage *
guilty_package (const Packages *self, const char *output)
{
  for (guint i = 0; output != NULL && i < self->sources->len; i++)
    {
      const BsTopologyPackage *entry = g_ptr_array_index (self->sources, i);
      const char *word = g_ptr_array_index (self->words, i);
      g_autofree char *name = g_strndup (word, word[0] == '/' ? strlen (word) : strcspn (word, "=/:"));

      if (bs_package_blames (output, name))
        return entry;
    }
  return g_ptr_array_index (self->sources, 0);
}

static gboolean
update (Packages *self, GError **error)
{
  g_autofree char *output = NULL;

  if (self->state.tool->update == NULL || self->updated)
    return TRUE;
  bs_provision_tell (self->provision, "fetching lists of packages");
  self->updated = TRUE;
  if (bs_package_run (self->provision->remote, self->state.tool->update, &output, error))
    return TRUE;
  add_hint (output, error);
  return blame (self, guilty_source (self, output), error);
}

static gboolean
try_install (Packages *self, const GPtrArray *words, char **output, GError **error)
{
  g_autoptr (GPtrArray) argv = bs_package_command (self->state.tool, words);

  return bs_package_run (self->provision->remote, (const char *const *) argv->pdata, output, error);
}

/* "a, b, c and 3 more" */
static char *
shown_names (const Packages *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->sources->len && i < NAMES_SHOWN; i++)
    {
      const BsTopologyPackage *entry = g_ptr_array_index (self->sources, i);
      const char *slash
          = entry->kind == BS_PACKAGE_FILE || entry->kind == BS_PACKAGE_URL ? strrchr (entry->name, '/') : NULL;

      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", slash != NULL ? slash + 1 : entry->name);
    }
  if (self->sources->len > NAMES_SHOWN)
    g_string_append_printf (text, " and %u more", self->sources->len - NAMES_SHOWN);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
install (Packages *self, GError **error)
{
  g_autofree char *names = shown_names (self), *output = NULL, *again = NULL;
  g_autoptr (GError) local = NULL;

  bs_provision_tell (self->provision, "installing %s", names);
  if (try_install (self, self->words, &output, &local))
    return TRUE;
  if (!self->updated && output != NULL && g_error_matches (local, BS_ERROR, BS_ERROR_FAILED)
      && self->state.tool->update != NULL && bs_package_is_stale (self->state.tool, output))
    {
      if (!update (self, error))
        return FALSE;
      bs_provision_tell (self->provision, "installing %s", names);
      g_clear_error (&local);
      if (try_install (self, self->words, &again, &local))
        return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&local));
  add_hint (again != NULL ? again : output, error);
  return blame (self, guilty_package (self, again != NULL ? again : output), error);
}

static gboolean
add_sources (Packages *self, GError **error)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      const BsTopologyPackage *entry = g_ptr_array_index (self->entries, i);

      if (entry->repository == NULL)
        continue;
      bs_provision_tell (self->provision, "adding a repository");
      if (!bs_provision_repository (self->provision, self->state.tool, entry, error))
        return blame (self, entry, error);
      self->has_new_source = TRUE;
    }
  return TRUE;
}

static gboolean
needs_https (const Packages *self)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      const BsTopologyPackage *entry = g_ptr_array_index (self->entries, i);

      if ((entry->name != NULL && g_str_has_prefix (entry->name, "https://"))
          || (entry->key != NULL && g_str_has_prefix (entry->key, "https://"))
          || (entry->repository != NULL && strstr (entry->repository, "https://") != NULL))
        return TRUE;
    }
  return FALSE;
}

/* A small image may know no certificate at all, and then believes no server. */
static gboolean
add_certificates (Packages *self, GError **error)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  if (self->state.has_certificates || !needs_https (self))
    return TRUE;
  if (!self->state.has_lists && !update (self, error))
    return FALSE;
  g_ptr_array_add (words, (gpointer) "ca-certificates");
  bs_provision_tell (self->provision, "installing ca-certificates");
  if (try_install (self, words, NULL, error))
    return TRUE;
  g_prefix_error (error, "https needs certificates: ");
  return blame (self, g_ptr_array_index (self->entries, 0), error);
}

static gboolean
make_folder (Packages *self, GError **error)
{
  const char *const argv[] = { "mkdir", "-p", FOLDER, NULL };

  if (!self->has_files && !bs_remote_run (self->provision->remote, argv, NULL, NULL, NULL, error))
    return FALSE;
  self->has_files = TRUE;
  return TRUE;
}

/* What the tool is told for @entry; (transfer full) */
static char *
word_for (Packages *self, const BsTopologyPackage *entry, GError **error)
{
  const BsPackageTool *tool = self->state.tool;
  g_autofree char *path = g_strdup_printf (FOLDER "/package-%u%s", self->words->len, tool->suffix);
  g_autofree char *source = NULL;

  if ((entry->kind != BS_PACKAGE_FILE && entry->kind != BS_PACKAGE_URL)
      || (entry->kind == BS_PACKAGE_URL && tool->fetches))
    return g_strdup (entry->name);
  if (entry->kind == BS_PACKAGE_FILE && !g_str_has_suffix (entry->name, tool->suffix))
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' is no package for this image, whose packages end in '%s'",
                    entry->name, tool->suffix);
      return NULL;
    }
  if (!make_folder (self, error))
    return NULL;
  if (entry->kind == BS_PACKAGE_URL)
    return bs_provision_fetch (self->provision, tool, entry->name, path, error) ? g_steal_pointer (&path) : NULL;
  source = bs_provision_host_path (self->provision->folder, entry->name);
  return self->provision->remote->copy_in (self->provision->remote, source, path, error) ? g_steal_pointer (&path)
                                                                                         : NULL;
}

static gboolean
collect_words (Packages *self, GError **error)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      const BsTopologyPackage *entry = g_ptr_array_index (self->entries, i);
      char *word;

      if (entry->name == NULL)
        continue;
      word = word_for (self, entry, error);
      if (word == NULL)
        return blame (self, entry, error);
      g_ptr_array_add (self->words, word);
      g_ptr_array_add (self->sources, (gpointer) entry);
    }
  /* Whoever names a file trusts it; apk wants to be told. */
  if (self->has_files && strcmp (self->state.tool->name, "apk") == 0)
    g_ptr_array_add (self->words, g_strdup ("--allow-untrusted"));
  return TRUE;
}

static void
remove_folder (const Packages *self)
{
  const char *const argv[] = { "rm", "-rf", FOLDER, NULL };

  if (self->has_files)
    bs_remote_run (self->provision->remote, argv, NULL, NULL, NULL, NULL);
}

static gboolean
run (Packages *self, GError **error)
{
  if (!bs_package_state (self->provision->remote, &self->state, error))
    return blame (self, g_ptr_array_index (self->entries, 0), error);
  if (!add_certificates (self, error) || !add_sources (self, error))
    return FALSE;
  self->updated = self->updated && !self->has_new_source;
  if (!collect_words (self, error))
    return FALSE;
  if ((self->has_new_source || !self->state.has_lists) && !update (self, error))
    return FALSE;
  return self->sources->len == 0 || install (self, error);
}

gboolean
bs_provision_packages (const BsProvision *provision, GError **error)
{
  g_auto (Packages) self = { .provision = provision,
                             .entries = bs_provision_all_packages (provision->node),
                             .sources = g_ptr_array_new (),
                             .words = g_ptr_array_new_with_free_func (g_free) };
  gboolean ok = run (&self, error);

  remove_folder (&self);
  return ok;
}
