/* SPDX-License-Identifier: Apache-2.0 */
/* bs-image-import.c — a copy of a user's file in the cache */
#include "bs-disk.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-image-make.h"
#include "bs-image-steps.h"
#include "bs-manifest.h"

#include <string.h>
#include <sys/stat.h>

#define CHUNK (1024 * 1024)

static gboolean
is_zero (const char *data, gsize length)
{
  return data[0] == 0 && memcmp (data, data + 1, length - 1) == 0;
}

/* Leaves a hole where all is zero. FALSE with errno. */
static gboolean
write_chunk (int to, const char *data, gsize length)
{
  if (is_zero (data, length))
    return lseek (to, (off_t) length, SEEK_CUR) >= 0;
  return bs_fd_write_all (to, data, length);
}

/* Copies @from to @to; the digest of what was copied, or NULL. (transfer full) */
static char *
copy_bytes (const BsImageWork *work, const BsImageImport *request, int from, int to, guint64 total, GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *buffer = g_malloc (CHUNK);
  guint64 done = 0;
  gssize got;

  while ((got = read (from, buffer, CHUNK)) != 0)
    {
      if (got < 0 && errno == EINTR)
        continue;
      if (g_cancellable_is_cancelled (work->cancellable))
        {
          bs_set_error (error, BS_ERROR_CANCELLED, NULL, "copying '%s' was interrupted", request->file);
          return NULL;
        }
      if (got < 0 || !write_chunk (to, buffer, (gsize) got))
        {
          bs_set_error_errno (error, errno, "cannot copy '%s'", request->file);
          return NULL;
        }
      g_checksum_update (checksum, (const guchar *) buffer, got);
      done += (guint64) got;
      bs_image_work_tell (work, request->name, "copying", done, total);
    }
  if (ftruncate (to, (off_t) done) == 0)
    return g_strdup (g_checksum_get_string (checksum));
  bs_set_error_errno (error, errno, "cannot copy '%s'", request->file);
  return NULL;
}

static char *
copy_file (const BsImageWork *work, const BsImageImport *request, int dirfd, const char *file, GError **error)
{
  bs_autofd int from = open (request->file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  bs_autofd int to = openat (dirfd, file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  struct stat st;

  if (from < 0 || to < 0 || fstat (from, &st) != 0)
    {
      bs_set_error_errno (error, errno, "cannot copy '%s'", request->file);
      return NULL;
    }
  return copy_bytes (work, request, from, to, (guint64) st.st_size, error);
}

static BsImage *
import_locked (const BsImageWork *work, const BsStoreLock *lock, const BsImageImport *request, const BsDisk *disk,
               GError **error)
{
  g_autoptr (BsCacheEntry) entry = bs_cache_entry_begin (lock->folder, error);
  g_autofree char *file = g_strconcat ("disk.", disk->format, NULL), *digest = NULL;
  g_autoptr (json_t) manifest = json_pack ("{s:s, s:s}", "origin", bs_image_origin_name (BS_IMAGE_IMPORTED), "firmware",
                                           request->firmware != NULL ? request->firmware : "bios");
  g_autoptr (json_t) known = NULL;

  if (entry == NULL || !bs_image_step_before (BS_STEP_COPY_IMAGE, error))
    return NULL;
  digest = copy_file (work, request, bs_cache_entry_fd (entry), file, error);
  if (digest == NULL || !bs_image_step_after (BS_STEP_COPY_IMAGE, error))
    return NULL;
  known = json_pack ("{s:s}", file, digest);
  if (request->user != NULL)
    json_object_set_new (manifest, "user", json_string (request->user));
  return bs_store_publish (work, lock, entry, manifest, known, error);
}

static gboolean
check_request (const BsImageImport *request, GError **error)
{
  if (!bs_image_name_is_valid (request->name))
    {
      bs_set_error (error, BS_ERROR_INVALID, "use lower-case letters, digits, '.', '_' and '-'",
                    "'%s' cannot be an image's name", request->name);
      return FALSE;
    }
  if (request->firmware != NULL && strcmp (request->firmware, "bios") != 0 && strcmp (request->firmware, "uefi") != 0)
    {
      bs_set_error (error, BS_ERROR_INVALID, "use bios or uefi", "there is no firmware '%s'", request->firmware);
      return FALSE;
    }
  if (request->user != NULL && !bs_user_name_is_valid (request->user))
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' is no login name", request->user);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_name_is_free (const BsImageWork *work, const char *name, GError **error)
{
  g_autoptr (BsCatalogue) catalogue = bs_catalogue_load (work->catalogue, error);

  if (catalogue == NULL)
    return FALSE;
  if (strcmp (name, "tiny") != 0 && !g_strv_contains (bs_image_recipes.names (), name)
      && bs_catalogue_find (catalogue, name) == NULL)
    return TRUE;
  bs_set_error (error, BS_ERROR_EXISTS, "choose another name; `benchscale image list` shows those that are taken",
                "there is an image '%s' already", name);
  return FALSE;
}

BsImage *
bs_image_import (const BsImageWork *work, const BsImageImport *request, GError **error)
{
  g_autoptr (BsStoreLock) lock = NULL;
  GError *local = NULL;
  BsImage *image;
  BsDisk disk;

  if (!check_request (request, error) || !check_name_is_free (work, request->name, error)
      || !bs_disk_probe (request->file, &disk, error))
    return NULL;
  lock = bs_store_lock (work, request->name, TRUE, error);
  if (lock == NULL)
    return NULL;
  image = import_locked (work, lock, request, &disk, &local);
  if (image == NULL)
    g_propagate_prefixed_error (error, local, "cannot import '%s': ", request->file);
  return image;
}
