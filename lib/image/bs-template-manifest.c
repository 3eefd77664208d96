/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-template-manifest.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-pages.h"
#include "bs-template-cache.h"

#include <string.h>
#include <sys/stat.h>

#define MANIFEST_MAX (1024 * 1024)
#define DIGEST "sha256"

json_t *
bs_template_manifest_stamp (int dirfd, const char *path)
{
  struct stat st;

  if (fstatat (dirfd, path, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG (st.st_mode))
    return NULL;
  return json_pack ("{s:I, s:I, s:I}", "size", (json_int_t) st.st_size, "inode", (json_int_t) st.st_ino, "mtime_ns",
                    (json_int_t) st.st_mtim.tv_sec * 1000000000 + (json_int_t) st.st_mtim.tv_nsec);
}

json_t *
bs_template_manifest_read (int dirfd, const char *key, GError **error)
{
  g_autoptr (GError) local = NULL;
  gsize length;
  g_autofree char *text = bs_file_read (dirfd, BS_TEMPLATE_MANIFEST, MANIFEST_MAX, &length, &local);
  g_autoptr (json_t) manifest = text != NULL ? bs_json_load (text, length, &local) : NULL;

  if (manifest == NULL)
    bs_set_error (error, BS_ERROR_INVALID, NULL, "its manifest cannot be used: %s", local->message);
  else if (bs_json_int (manifest, "format", 0) != BS_TEMPLATE_FORMAT
           || strcmp (bs_json_string (manifest, "key", ""), key) != 0
           || !json_is_object (json_object_get (manifest, "files")))
    bs_set_error (error, BS_ERROR_INVALID, NULL, "its manifest is not its own");
  else
    return g_steal_pointer (&manifest);
  return NULL;
}

static gboolean
same_stamp (int dirfd, const char *path, const json_t *expected, const char *whose, GError **error)
{
  static const char *const members[] = { "size", "inode", "mtime_ns" };
  g_autoptr (json_t) stamp = bs_template_manifest_stamp (dirfd, path);

  if (stamp == NULL)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "%s '%s' is missing", whose, path);
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (bs_json_int (stamp, members[i], -1) != bs_json_int (expected, members[i], -2))
      {
        bs_set_error (error, BS_ERROR_INVALID, NULL, "%s '%s' was changed", whose, path);
        return FALSE;
      }
  return TRUE;
}

static char *
digest_of (int dirfd, const char *name, GCancellable *cancellable, GError **error)
{
  bs_autofd int fd = openat (dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  char *digest = NULL;

  if (fd < 0)
    bs_set_error_errno (error, errno, "cannot read '%s'", name);
  else if (!bs_pages_copy (fd, -1, &digest, cancellable, error))
    g_prefix_error (error, "file '%s': ", name);
  return digest;
}

static gboolean
same_digest (int dirfd, const char *name, const json_t *expected, GCancellable *cancellable, GError **error)
{
  g_autofree char *digest = digest_of (dirfd, name, cancellable, error);

  if (digest == NULL)
    return FALSE;
  if (strcmp (digest, bs_json_string (expected, DIGEST, "")) == 0)
    return TRUE;
  bs_set_error (error, BS_ERROR_INVALID, NULL, "its file '%s' is damaged", name);
  return FALSE;
}

static gboolean
check_backing (const json_t *manifest, GError **error)
{
  const json_t *backing = json_object_get (manifest, "backing");

  return !json_is_object (backing)
         || same_stamp (AT_FDCWD, bs_json_string (backing, "path", ""), backing, "the image that it is of,", error);
}

gboolean
bs_template_manifest_check (int dirfd, const json_t *manifest, gboolean deep, GCancellable *cancellable, GError **error)
{
  json_t *files = json_object_get (manifest, "files");
  const char *name;
  json_t *file;

  if (json_object_get (files, BS_TEMPLATE_RAM) == NULL || json_object_get (files, BS_TEMPLATE_STATE) == NULL)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "its manifest is not its own");
      return FALSE;
    }
  json_object_foreach (files, name, file)
  {
    if (strchr (name, '/') != NULL || !same_stamp (dirfd, name, file, "its file", error))
      {
        if (error != NULL && *error == NULL)
          bs_set_error (error, BS_ERROR_INVALID, NULL, "its manifest is not its own");
        return FALSE;
      }
    if ((deep || strcmp (name, BS_TEMPLATE_STATE) == 0) && !same_digest (dirfd, name, file, cancellable, error))
      return FALSE;
  }
  return check_backing (manifest, error);
}

static gboolean
sync_file (int dirfd, const char *name, GError **error)
{
  bs_autofd int fd = openat (dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

  if (fd >= 0 && fsync (fd) == 0)
    return TRUE;
  bs_set_error_errno (error, errno, "cannot sync '%s'", name);
  return FALSE;
}

static json_t *
describe_file (int dirfd, const char *name, const json_t *digests, GCancellable *cancellable, GError **error)
{
  g_autofree char *digest = g_strdup (bs_json_string (digests, name, NULL));
  json_t *file;

  if (!sync_file (dirfd, name, error))
    return NULL;
  if (digest == NULL)
    digest = digest_of (dirfd, name, cancellable, error);
  if (digest == NULL)
    return NULL;
  file = bs_template_manifest_stamp (dirfd, name);
  if (file == NULL)
    bs_set_error (error, BS_ERROR_FAILED, NULL, "'%s' is no regular file", name);
  else
    json_object_set_new (file, DIGEST, json_string (digest));
  return file;
}

gboolean
bs_template_seal (int dirfd, json_t *about, const json_t *digests, GCancellable *cancellable, GError **error)
{
  static const char *const names[]
      = { BS_TEMPLATE_RAM, BS_TEMPLATE_STATE, BS_TEMPLATE_DISK, BS_TEMPLATE_OVERLAY, BS_TEMPLATE_CONSOLE };
  json_t *files = json_object ();
  g_autofree char *text = NULL;

  json_object_set_new (about, "format", json_integer (BS_TEMPLATE_FORMAT));
  json_object_set_new (about, "files", files);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      json_t *file;

      if (faccessat (dirfd, names[i], F_OK, AT_SYMLINK_NOFOLLOW) != 0)
        continue;
      file = describe_file (dirfd, names[i], digests, cancellable, error);
      if (file == NULL)
        return FALSE;
      json_object_set_new (files, names[i], file);
    }
  text = bs_json_dump (about);
  return bs_file_write_atomic (dirfd, BS_TEMPLATE_MANIFEST, text, strlen (text), 0600, error);
}
