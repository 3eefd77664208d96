/* SPDX-License-Identifier: Apache-2.0 */
/* bs-provision-digest.c — one text of all that is baked, and its digest; what is not baked must not be in it
 *
 * Each member is preceded by its length, so that no two inputs make the same text. A file of a URL is known by that
 * only. The modes of files on the host are not in it: no package manager looks at them.
 */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-provision-private.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* Changes when the same input comes to be baked otherwise. */
#define FORMAT "benchscale provision 2"
#define PIECE 65536

static void
add_bytes (GChecksum *sum, const void *data, gsize length)
{
  guint64 size = GUINT64_TO_LE ((guint64) length);

  g_checksum_update (sum, (const guchar *) &size, sizeof size);
  g_checksum_update (sum, data, (gssize) length);
}

static void
add_number (GChecksum *sum, guint64 number)
{
  guint64 little = GUINT64_TO_LE (number);

  add_bytes (sum, &little, sizeof little);
}

/* Absent is another thing than empty. */
static void
add_text (GChecksum *sum, const char *text)
{
  add_number (sum, text != NULL);
  if (text != NULL)
    add_bytes (sum, text, strlen (text));
}

static void
add_texts (GChecksum *sum, char **texts)
{
  guint n = texts != NULL ? g_strv_length (texts) : 0;

  add_number (sum, n);
  for (guint i = 0; i < n; i++)
    add_text (sum, texts[i]);
}

static gboolean
hash_file (int fd, GChecksum *sum)
{
  g_autofree guchar *piece = g_malloc (PIECE);
  ssize_t n;

  do
    {
      n = read (fd, piece, PIECE);
      if (n > 0)
        g_checksum_update (sum, piece, n);
    }
  while (n > 0 || (n < 0 && errno == EINTR));
  return n == 0;
}

static gboolean
add_file (GChecksum *sum, const char *folder, const char *name, GError **error)
{
  g_autofree char *path = bs_provision_host_path (folder, name);
  bs_autofd int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  g_autoptr (GChecksum) content = g_checksum_new (G_CHECKSUM_SHA256);
  struct stat st;

  if (fd < 0 || fstat (fd, &st) != 0 || !S_ISREG (st.st_mode) || !hash_file (fd, content))
    {
      bs_set_error_errno (error, errno != 0 ? errno : EINVAL, "cannot read '%s'", path);
      return FALSE;
    }
  add_text (sum, g_checksum_get_string (content));
  return TRUE;
}

static gboolean
add_package (GChecksum *sum, const BsTopologyPackage *entry, const char *folder, GError **error)
{
  add_number (sum, entry->kind);
  add_text (sum, entry->repository);
  if (entry->kind == BS_PACKAGE_FILE)
    {
      if (!add_file (sum, folder, entry->name, error))
        return FALSE;
    }
  else
    add_text (sum, entry->name);
  if (entry->key == NULL || bs_provision_is_url (entry->key))
    add_text (sum, entry->key);
  else
    return add_file (sum, folder, entry->key, error);
  return TRUE;
}

static void
add_init (GChecksum *sum, const BsTopologyCloudInit *init, char **env)
{
  guint n_files = bs_provision_count (init->write_files);
  guint n_commands = init->bake ? bs_provision_count (init->runcmd) : 0;

  add_text (sum, init->user);
  add_text (sum, init->password);
  add_texts (sum, init->ssh_authorized_keys);
  add_number (sum, n_files);
  for (guint i = 0; i < n_files; i++)
    {
      const BsTopologyFile *file = g_ptr_array_index (init->write_files, i);

      add_text (sum, file->path);
      add_bytes (sum, file->content != NULL ? file->content : "", file->content_length);
      add_text (sum, file->owner);
      add_number (sum, file->mode);
      add_number (sum, file->append != FALSE);
    }
  add_number (sum, n_commands);
  for (guint i = 0; i < n_commands; i++)
    add_texts (sum, g_ptr_array_index (init->runcmd, i));
  if (n_commands > 0)
    add_texts (sum, env);
}

char *
bs_provision_digest (const BsTopologyNode *node, const char *file, const char *folder, GError **error)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GPtrArray) packages = bs_provision_all_packages (node);
  const BsTopologyCloudInit none = { 0 };

  add_text (sum, FORMAT);
  add_number (sum, packages->len);
  for (guint i = 0; i < packages->len; i++)
    {
      const BsTopologyPackage *entry = g_ptr_array_index (packages, i);

      if (!bs_provision_at (add_package (sum, entry, folder, error), file, entry->at, error))
        return NULL;
    }
  add_init (sum, node->cloud_init != NULL ? node->cloud_init : &none, node->env);
  return g_strdup (g_checksum_get_string (sum));
}
