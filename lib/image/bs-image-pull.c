/* SPDX-License-Identifier: Apache-2.0 */
/* bs-image-pull.c — from the publisher's server into the cache
 *
 * The digest that the file must have is asked for first; the download is named by it, so that what a killed pull left
 * is continued only as long as the publisher means the same file. The finished download is linked into the image's
 * folder and removed after that folder was published: whoever is killed in between need not download again.
 */
#include "bs-download.h"
#include "bs-error.h"
#include "bs-file.h"
#include "bs-image-make.h"
#include "bs-image-steps.h"
#include "bs-manifest.h"

#include <string.h>
#include <sys/stat.h>

#define CHECKSUMS "checksums"
#define PART_SUFFIX ".part"
#define PART_DIGITS 32

typedef struct
{
  const BsImageWork *work;
  const BsCatalogueEntry *entry;
  const BsStoreLock *lock;
  char *source, *program, *what;
  BsDigest digest; /* what the publisher says */
} Pull;

static void
pull_clear (Pull *self)
{
  g_free (self->source);
  g_free (self->program);
  g_free (self->what);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pull, pull_clear)

char *
bs_image_pull_source (const BsCatalogueEntry *entry)
{
  g_autofree char *text = g_strjoin ("\n", entry->url, entry->checksums != NULL ? entry->checksums : entry->pinned.hex,
                                     entry->user != NULL ? entry->user : "", entry->firmware, entry->format, NULL);

  /* An address may hold a password, and the manifest is for all to read. */
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

static void
tell (guint64 done, guint64 total, const char *note, gpointer user_data)
{
  const Pull *self = user_data;

  bs_image_work_tell (self->work, self->entry->name, note != NULL ? note : self->what, note != NULL ? 0 : done,
                      note != NULL ? 0 : total);
}

static gboolean
download (Pull *self, const char *what, BsDownload *request, char **sha256, GError **error)
{
  g_free (self->what);
  self->what = g_strdup_printf ("downloading %s", what);
  if (self->work->stall_usec > 0)
    request->stall_usec = self->work->stall_usec;
  bs_image_work_tell (self->work, self->entry->name, self->what, 0, 0);
  return bs_download (request, self->program, self->lock->folder, tell, self, self->work->cancellable, sha256, error);
}

static void
remove_download (const Pull *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->lock->folder, name, NULL),
                  *state = g_strconcat (path, ".state", NULL);

  unlink (state);
  unlink (path);
}

static gboolean
read_checksums (Pull *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->lock->folder, CHECKSUMS, NULL), *text = NULL;
  g_autofree char *file = bs_catalogue_entry_file (self->entry);
  gsize length;

  text = bs_file_read (AT_FDCWD, path, BS_CHECKSUMS_BYTES_MAX, &length, error);
  remove_download (self, CHECKSUMS);
  return text != NULL && bs_checksums_find (text, length, self->entry->checksums_format, file, &self->digest, error);
}

static gboolean
fetch_checksums (Pull *self, GError **error)
{
  BsDownload request = BS_DOWNLOAD_INIT;

  self->digest = self->entry->pinned;
  if (self->entry->checksums == NULL)
    return TRUE;
  remove_download (self, CHECKSUMS);
  request.url = self->entry->checksums;
  request.name = CHECKSUMS;
  request.limit = BS_CHECKSUMS_BYTES_MAX;
  return bs_image_step_before (BS_STEP_FETCH_CHECKSUMS, error)
         && download (self, "the publisher's checksums", &request, NULL, error) && read_checksums (self, error)
         && bs_image_step_after (BS_STEP_FETCH_CHECKSUMS, error);
}

/* The cached one, if the publisher still means just that. */
static BsImage *
find_current (const Pull *self)
{
  g_autoptr (GPtrArray) items = bs_store_list (self->work, self->entry->name);
  const BsStoreItem *newest = items->len > 0 ? g_ptr_array_index (items, 0) : NULL;

  if (newest == NULL || newest->manifest == NULL
      || strcmp (bs_json_string (newest->manifest, "publisher_digest", ""), self->digest.hex) != 0)
    return NULL;
  return bs_store_find (self->work, self->entry->name, self->source, self->lock, NULL);
}

/* Downloads that no longer are what the publisher means. */
static void
remove_other_parts (const Pull *self, const char *keep)
{
  g_autoptr (GDir) dir = g_dir_open (self->lock->folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, PART_SUFFIX) && (keep == NULL || strcmp (name, keep) != 0))
      remove_download (self, name);
}

static gboolean
place_download (const Pull *self, const char *part, const BsCacheEntry *entry, const char *file, GError **error)
{
  g_autofree char *from = g_build_filename (self->lock->folder, part, NULL);
  int dirfd = bs_cache_entry_fd (entry);

  /* Where there are no hard links, a kill from here on costs another download. */
  if (linkat (AT_FDCWD, from, dirfd, file, 0) == 0 || renameat (AT_FDCWD, from, dirfd, file) == 0)
    return TRUE;
  bs_set_error_errno (error, errno, "cannot move the download to '%s'", bs_cache_entry_path (entry));
  return FALSE;
}

static json_t *
make_manifest (const Pull *self)
{
  g_autoptr (GUri) uri = g_uri_parse (self->entry->url, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED, NULL);
  g_autofree char *shown = uri != NULL ? g_uri_to_string_partial (uri, G_URI_HIDE_USERINFO) : NULL;
  json_t *manifest = json_pack ("{s:s, s:s, s:s, s:s, s:s}", "origin", bs_image_origin_name (BS_IMAGE_CATALOGUE),
                                "source", self->source, "url", shown != NULL ? shown : "", "publisher_digest",
                                self->digest.hex, "firmware", self->entry->firmware);

  if (self->entry->user != NULL)
    json_object_set_new (manifest, "user", json_string (self->entry->user));
  return manifest;
}

static BsImage *
publish (const Pull *self, const char *part, const char *sha256, GError **error)
{
  g_autoptr (BsCacheEntry) entry = bs_cache_entry_begin (self->lock->folder, error);
  g_autofree char *file = g_strconcat ("disk.", self->entry->format, NULL);
  g_autoptr (json_t) manifest = make_manifest (self), known = json_pack ("{s:s}", file, sha256);
  GError *local = NULL;
  BsImage *image;

  if (entry == NULL || !place_download (self, part, entry, file, error))
    return NULL;
  image = bs_store_publish (self->work, self->lock, entry, manifest, known, &local);
  /* What is not a sound disk would not be one the next time either. */
  if (image != NULL || g_error_matches (local, BS_ERROR, BS_ERROR_INVALID)
      || g_error_matches (local, BS_ERROR, BS_ERROR_UNSUPPORTED))
    remove_other_parts (self, NULL);
  if (image == NULL)
    g_propagate_error (error, local);
  return image;
}

static BsImage *
fetch_image (Pull *self, GError **error)
{
  g_autofree char *part = g_strdup_printf ("%.*s" PART_SUFFIX, PART_DIGITS, self->digest.hex);
  g_autofree char *sha256 = NULL;
  BsDownload request = BS_DOWNLOAD_INIT;

  remove_other_parts (self, part);
  request.url = self->entry->url;
  request.name = part;
  request.expected = &self->digest;
  if (!bs_image_step_before (BS_STEP_FETCH_IMAGE, error)
      || !download (self, self->entry->name, &request, &sha256, error)
      || !bs_image_step_after (BS_STEP_FETCH_IMAGE, error))
    return NULL;
  return publish (self, part, sha256, error);
}

static BsImage *
pull_locked (Pull *self, GError **error)
{
  BsImage *image;

  if (!fetch_checksums (self, error))
    return NULL;
  image = find_current (self);
  if (image == NULL)
    return fetch_image (self, error);
  /* Of one who was killed just after publishing. */
  remove_other_parts (self, NULL);
  return image;
}

BsImage *
bs_image_pull (const BsImageWork *work, const BsCatalogueEntry *entry, GError **error)
{
  g_autoptr (BsStoreLock) lock = bs_store_lock (work, entry->name, TRUE, error);
  g_auto (Pull) pull = { .work = work, .entry = entry, .lock = lock };
  GError *local = NULL;
  BsImage *image;

  if (lock == NULL)
    return NULL;
  pull.source = bs_image_pull_source (entry);
  pull.program = g_build_filename (work->libexec_dir, "benchscale-fetch", NULL);
  image = pull_locked (&pull, &local);
  if (image == NULL)
    g_propagate_prefixed_error (error, local, "cannot pull image '%s': ", entry->name);
  return image;
}
