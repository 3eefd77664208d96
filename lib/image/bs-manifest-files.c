/* SPDX-License-Identifier: Apache-2.0 */
/* bs-manifest-files.c — the files of an image's folder against its manifest */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-manifest.h"
#include "bs-time.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#define CHUNK (1024 * 1024)

static gint64
mtime_nsec (const struct stat *st)
{
  return (gint64) st->st_mtim.tv_sec * G_GINT64_CONSTANT (1000000000) + st->st_mtim.tv_nsec;
}

/* Hex SHA-256 of all bytes of @fd; (transfer full). */
static char *
read_digest (int fd, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *buffer = g_malloc (CHUNK);
  gssize got;

  while ((got = read (fd, buffer, CHUNK)) != 0)
    {
      if (g_cancellable_is_cancelled (cancellable))
        {
          bs_set_error (error, BS_ERROR_CANCELLED, NULL, "reading '%s' was interrupted", name);
          return NULL;
        }
      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        {
          bs_set_error_errno (error, errno, "cannot read '%s'", name);
          return NULL;
        }
      g_checksum_update (checksum, (const guchar *) buffer, got);
    }
  return g_strdup (g_checksum_get_string (checksum));
}

static gboolean
add_file (json_t *files, int dirfd, const char *name, const json_t *known, GCancellable *cancellable, GError **error)
{
  bs_autofd int fd = openat (dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  g_autofree char *digest = g_strdup (bs_json_string (known, name, NULL));
  struct stat st;

  if (fd < 0 || fstat (fd, &st) != 0 || fchmod (fd, 0444) != 0 || fsync (fd) != 0)
    {
      bs_set_error_errno (error, errno, "cannot finish '%s'", name);
      return FALSE;
    }
  if (!S_ISREG (st.st_mode))
    {
      bs_set_error (error, BS_ERROR_FAILED, NULL, "'%s' is not a file, and so cannot be part of an image", name);
      return FALSE;
    }
  if (digest == NULL)
    digest = read_digest (fd, name, cancellable, error);
  if (digest == NULL)
    return FALSE;
  json_object_set_new (files, name,
                       json_pack ("{s:I, s:I, s:I, s:s}", "size", (json_int_t) st.st_size, "mtime_nsec",
                                  (json_int_t) mtime_nsec (&st), "inode", (json_int_t) st.st_ino, "sha256", digest));
  return TRUE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Names in the folder, sorted. (element-type utf8) */
static GPtrArray *
list_files (int dirfd)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  int copy = openat (dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = copy >= 0 ? fdopendir (copy) : NULL;
  const struct dirent *entry;

  while (dir != NULL && (entry = readdir (dir)) != NULL)
    if (entry->d_name[0] != '.' && strcmp (entry->d_name, BS_MANIFEST) != 0)
      g_ptr_array_add (names, g_strdup (entry->d_name));
  if (dir != NULL)
    closedir (dir);
  g_ptr_array_sort (names, compare_names);
  return names;
}

/* Files with these names are what a node starts from. */
static void
add_roles (json_t *manifest, const json_t *files)
{
  static const struct
  {
    const char *role, *file, *format;
  } known[] = {
    { "disk", "disk.qcow2", "qcow2" }, { "disk", "disk.raw", "raw" },    { "kernel", "kernel", NULL },
    { "initrd", "initrd", NULL },      { "rootfs", "rootfs.tar", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (json_object_get (files, known[i].file) != NULL)
      {
        json_object_set_new (manifest, known[i].role, json_string (known[i].file));
        if (known[i].format != NULL)
          json_object_set_new (manifest, "disk_format", json_string (known[i].format));
      }
}

/* Of everything that a node is started from: the files' content and the words that go with them. */
static char *
whole_digest (const json_t *manifest, const GPtrArray *names)
{
  static const char *const words[] = { "cmdline", "user", "firmware", "disk_format" };
  const json_t *files = json_object_get (manifest, "files");
  g_autoptr (GString) text = g_string_new ("image 1\n");

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);

      g_string_append_printf (text, "%s %s\n", bs_json_string (json_object_get (files, name), "sha256", ""), name);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    g_string_append_printf (text, "%s %s\n", words[i], bs_json_string (manifest, words[i], ""));
  g_string_append_printf (text, "has_guest %d\n", bs_json_bool (manifest, "has_guest", FALSE));
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text->str, (gssize) text->len);
}

static gboolean
write_manifest (json_t *manifest, int dirfd, GError **error)
{
  g_autofree char *text = bs_json_dump (manifest);
  g_autoptr (json_t) again = text != NULL ? bs_manifest_parse (text, strlen (text), error) : NULL;

  /* What could not be read again must not be published. */
  return again != NULL && bs_file_write_atomic (dirfd, BS_MANIFEST, text, strlen (text), 0444, error);
}

gboolean
bs_manifest_finish (json_t *manifest, int dirfd, const json_t *known, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) names = list_files (dirfd);
  g_autofree char *now = bs_time_format_now (), *digest = NULL;
  json_t *files = json_object ();

  json_object_set_new (manifest, "format", json_integer (BS_MANIFEST_FORMAT));
  json_object_set_new (manifest, "created", json_string (now));
  json_object_set_new (manifest, "files", files);
  for (guint i = 0; i < names->len; i++)
    if (!add_file (files, dirfd, g_ptr_array_index (names, i), known, cancellable, error))
      return FALSE;
  add_roles (manifest, files);
  if (bs_json_string (manifest, "firmware", NULL) == NULL)
    json_object_set_new (manifest, "firmware", json_string ("bios"));
  if (bs_json_string (manifest, "digest", NULL) == NULL)
    {
      digest = whole_digest (manifest, names);
      json_object_set_new (manifest, "digest", json_string (digest));
    }
  return write_manifest (manifest, dirfd, error);
}

gboolean
bs_manifest_check (const json_t *manifest, int dirfd, GError **error)
{
  json_t *files = json_object_get (manifest, "files"), *file;
  const char *name;

  json_object_foreach (files, name, file)
  {
    struct stat st;
    gboolean there = fstatat (dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;

    if (there && S_ISREG (st.st_mode) && st.st_size == bs_json_int (file, "size", -1)
        && mtime_nsec (&st) == bs_json_int (file, "mtime_nsec", -1)
        && (gint64) st.st_ino == bs_json_int (file, "inode", -1))
      continue;
    bs_set_error (error, BS_ERROR_INVALID, NULL, "its file '%s' %s", name,
                  there ? "was changed since it was made" : "is missing");
    return FALSE;
  }
  return TRUE;
}

gboolean
bs_manifest_verify_file (const json_t *manifest, int dirfd, const char *file, GCancellable *cancellable, GError **error)
{
  const char *wanted = bs_json_string (json_object_get (json_object_get (manifest, "files"), file), "sha256", "");
  bs_autofd int fd = openat (dirfd, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  g_autofree char *digest = NULL;

  if (fd < 0)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "its file '%s' cannot be opened: %s", file, g_strerror (errno));
      return FALSE;
    }
  digest = read_digest (fd, file, cancellable, error);
  if (digest == NULL)
    return FALSE;
  if (strcmp (digest, wanted) == 0)
    return TRUE;
  bs_set_error (error, BS_ERROR_INVALID, NULL, "its file '%s' is damaged: SHA-256 is %s, and was %s", file, digest,
                wanted);
  return FALSE;
}
