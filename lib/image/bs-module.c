/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-module.h"
#include "bs-error.h"
#include "bs-file.h"
#include "bs-unpack-program.h"

#include <string.h>

#define INDEX_MAX (4 * 1024 * 1024)
#define MODULE_MAX (64 * 1024 * 1024)

/* include/linux/module_signature.h: {algorithm, hash, type, signer, key, 3 × padding, big-endian u32 length} then this
 * text. */
#define SIGNATURE_MARK "~Module signature appended~\n"
#define SIGNATURE_INFO 12

typedef struct
{
  const char *folder;
  GHashTable *paths; /* name to path below folder */
  GPtrArray *modules;
  GHashTable *seen;
} Collection;

static void
module_free (gpointer data)
{
  BsModule *module = data;

  g_free (module->name);
  g_clear_pointer (&module->content, g_bytes_unref);
  g_free (module);
}

char *
bs_module_info (const void *data, gsize length, const char *key)
{
  const char *at = data, *end = at + length;
  gsize key_length = strlen (key);

  /* Fields of .modinfo are "key=value" strings one after another, so each begins after a NUL. */
  while ((at = memchr (at, '\0', end - at)) != NULL && (gsize) (end - ++at) > key_length)
    if (memcmp (at, key, key_length) == 0 && at[key_length] == '=')
      {
        const char *value = at + key_length + 1;
        const char *stop = memchr (value, '\0', end - value);

        return stop != NULL ? g_strndup (value, stop - value) : NULL;
      }
  return NULL;
}

gsize
bs_module_unsigned_length (const void *data, gsize length)
{
  gsize tail = strlen (SIGNATURE_MARK) + SIGNATURE_INFO;
  const char *end = (const char *) data + length;
  guint32 signature;

  if (length < tail || memcmp (end - strlen (SIGNATURE_MARK), SIGNATURE_MARK, strlen (SIGNATURE_MARK)) != 0)
    return length;
  memcpy (&signature, end - strlen (SIGNATURE_MARK) - sizeof signature, sizeof signature);
  signature = GUINT32_FROM_BE (signature);
  return signature <= length - tail ? length - tail - signature : length;
}

/* "kernel/net/core/net-thing.ko.xz" is module "net_thing". */
static char *
name_of_path (const char *path)
{
  g_autofree char *base = g_path_get_basename (path);
  char *suffix = strstr (base, ".ko");

  if (suffix != NULL)
    *suffix = '\0';
  return g_strdelimit (g_steal_pointer (&base), "-", '_');
}

static GHashTable *
read_paths (const char *folder, GError **error)
{
  g_autofree char *index = g_build_filename (folder, "modules.order", NULL);
  g_autofree char *text = bs_file_read (AT_FDCWD, index, INDEX_MAX, NULL, error);
  g_auto (GStrv) lines = text != NULL ? g_strsplit (text, "\n", -1) : NULL;
  GHashTable *paths;

  if (lines == NULL)
    return NULL;
  paths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (char **line = lines; *line != NULL; line++)
    if (**line != '\0')
      g_hash_table_insert (paths, name_of_path (*line), g_strdup (*line));
  return paths;
}

/* modules.order says ".ko" also where the files are compressed. */
static GBytes *
read_module (const char *folder, const char *path, GError **error)
{
  static const char *const suffixes[] = { "", ".xz", ".zst", ".gz" };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *relative = g_strconcat (path, suffixes[i], NULL);
      g_autofree char *file = g_build_filename (folder, relative, NULL);
      g_autoptr (GBytes) packed = NULL;
      gsize length;
      char *data;

      if (!g_file_test (file, G_FILE_TEST_EXISTS))
        continue;
      data = bs_file_read (AT_FDCWD, file, MODULE_MAX, &length, error);
      if (data == NULL)
        return NULL;
      packed = g_bytes_new_take (data, length);
      return i == 0 ? g_steal_pointer (&packed) : bs_unpack_by_program (packed, MODULE_MAX, error);
    }
  bs_set_error (error, BS_ERROR_NOT_FOUND, NULL, "kernel module '%s' is missing in '%s'", path, folder);
  return NULL;
}

static gboolean collect (Collection *self, const char *name, GError **error);

static gboolean
collect_needed (Collection *self, const void *data, gsize length, GError **error)
{
  g_autofree char *depends = bs_module_info (data, length, "depends");
  g_auto (GStrv) names = g_strsplit (depends != NULL ? depends : "", ",", -1);

  for (char **name = names; *name != NULL; name++)
    if (!collect (self, g_strdelimit (*name, "-", '_'), error))
      return FALSE;
  return TRUE;
}

static gboolean
collect (Collection *self, const char *name, GError **error)
{
  const char *path = g_hash_table_lookup (self->paths, name);
  g_autoptr (GBytes) whole = NULL;
  const void *data;
  BsModule *module;
  gsize length;

  if (path == NULL || !g_hash_table_add (self->seen, g_strdup (name)))
    return TRUE;
  whole = read_module (self->folder, path, error);
  if (whole == NULL)
    return FALSE;
  data = g_bytes_get_data (whole, &length);
  if (!collect_needed (self, data, length, error))
    return FALSE;
  module = g_new0 (BsModule, 1);
  module->name = g_strdup (name);
  module->content = g_bytes_new_from_bytes (whole, 0, bs_module_unsigned_length (data, length));
  g_ptr_array_add (self->modules, module);
  return TRUE;
}

GPtrArray *
bs_module_collect (const char *folder, const char *const *names, GError **error)
{
  g_autoptr (GHashTable) paths = read_paths (folder, error);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) modules = g_ptr_array_new_with_free_func (module_free);
  Collection collection = { folder, paths, modules, seen };

  if (paths == NULL)
    return NULL;
  for (; *names != NULL; names++)
    if (!collect (&collection, *names, error))
      return NULL;
  return g_steal_pointer (&modules);
}
