/* SPDX-License-Identifier: Apache-2.0 */
/* bs-recipe-key.c — a digest of what decides an image, known before it is built */
#include "bs-recipe-key.h"
#include "bs-file.h"
#include "bs-recipe-state.h"
#include "bs-settings.h"

#include <string.h>
#include <sys/stat.h>

/* Goes up when the same inputs give another image. */
#define FORMAT "1"
#define LISTS "/var/lib/apt/lists"
#define MEMO_DIR "recipes"
#define DIGEST_LENGTH 64

static void
digest_bytes (GChecksum *checksum, const char *name, GBytes *content)
{
  gsize length;
  const void *data = g_bytes_get_data (content, &length);
  g_autofree char *head = g_strdup_printf ("%s %" G_GSIZE_FORMAT "\n", name, length);

  g_checksum_update (checksum, (const guchar *) head, (gssize) strlen (head));
  g_checksum_update (checksum, data, (gssize) length);
}

static gboolean
digest_input (gpointer name, gpointer content, gpointer checksum)
{
  if (strcmp (name, BS_RECIPE_WAY) != 0)
    digest_bytes (checksum, name, content);
  return FALSE;
}

char *
bs_recipe_digest (GTree *inputs, const char *state)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GBytes) rest = g_bytes_new (state, strlen (state));

  g_tree_foreach (inputs, digest_input, checksum);
  digest_bytes (checksum, "format " FORMAT " for " BS_RECIPE_ARCHITECTURE, rest);
  return g_strdup (g_checksum_get_string (checksum));
}

/* One string for a file as it is now, without reading it. */
static char *
stamp (const char *path)
{
  struct stat st;

  if (stat (path, &st) != 0)
    return g_strdup_printf ("%s none", path);
  return g_strdup_printf ("%s %llx %lld.%09ld", path, (unsigned long long) st.st_size, (long long) st.st_mtim.tv_sec,
                          st.st_mtim.tv_nsec);
}

/* Names one answer of state_now(): as long as it is the same, so is the answer. */
static char *
state_key (GTree *inputs)
{
  g_autoptr (GPtrArray) stamps = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (LISTS, 0, NULL);
  g_autofree char *program = g_find_program_in_path ("mmdebstrap"), *all = NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (strstr (name, "_dists_") != NULL)
      {
        g_autofree char *path = g_build_filename (LISTS, name, NULL);

        g_ptr_array_add (stamps, stamp (path));
      }
  g_ptr_array_sort (stamps, bs_recipe_compare_names);
  g_ptr_array_add (stamps, stamp (program != NULL ? program : "mmdebstrap"));
  g_ptr_array_add (stamps, NULL);
  all = g_strjoinv ("\n", (char **) stamps->pdata);
  return bs_recipe_digest (inputs, all);
}

/* A memo is a file named by state_key() that holds the key. */
static char *
memo_path (GTree *inputs, GError **error)
{
  const BsSettings *settings = bs_settings_get (error);
  g_autofree char *name = NULL;

  if (settings == NULL)
    return NULL;
  name = state_key (inputs);
  return g_build_filename (bs_settings_cache_dir (settings), MEMO_DIR, name, NULL);
}

static char *
read_memo (const char *path)
{
  g_autofree char *key = bs_file_read (AT_FDCWD, path, DIGEST_LENGTH, NULL, NULL);

  if (key == NULL || strlen (key) != DIGEST_LENGTH || strspn (key, "0123456789abcdef") != DIGEST_LENGTH)
    return NULL;
  return g_steal_pointer (&key);
}

/* Memos of former states are of no use; one that cannot be written only costs the next caller a look. */
static void
write_memo (const char *path, const char *key)
{
  g_autofree char *folder = g_path_get_dirname (path);

  bs_file_remove_tree (AT_FDCWD, folder, NULL);
  if (bs_file_make_dirs (folder, 0755, NULL))
    bs_file_write_atomic (AT_FDCWD, path, key, strlen (key), 0644, NULL);
}

char *
bs_recipe_key (const char *name, GError **error)
{
  const BsRecipe *recipe = bs_recipe_find (name, error);
  g_autoptr (GTree) inputs = recipe != NULL ? bs_recipe_inputs (recipe, NULL, error) : NULL;
  g_autofree char *path = inputs != NULL ? memo_path (inputs, error) : NULL, *key = NULL, *state = NULL;

  if (path == NULL)
    return NULL;
  key = read_memo (path);
  if (key != NULL)
    return g_steal_pointer (&key);
  state = bs_recipe_state (inputs, error);
  if (state == NULL)
    return NULL;
  key = bs_recipe_digest (inputs, state);
  write_memo (path, key);
  return g_steal_pointer (&key);
}
