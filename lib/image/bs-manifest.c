/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-manifest.h"
#include "bs-error.h"
#include "bs-file.h"

#include <string.h>

#define BYTES_MAX (1024 * 1024)
#define DIGEST_LENGTH 64

static const char *const origins[] = { "tiny", "recipe", "catalogue", "imported", "file" };
static const char *const roles[] = { "disk", "kernel", "initrd", "rootfs" };

const char *
bs_image_origin_name (BsImageOrigin origin)
{
  return origins[origin];
}

static gboolean
is_digest (const char *text)
{
  return text != NULL && strlen (text) == DIGEST_LENGTH && strspn (text, "0123456789abcdef") == DIGEST_LENGTH;
}

static gboolean
is_file_name (const char *name)
{
  return name[0] != '\0' && name[0] != '.' && strchr (name, '/') == NULL && strcmp (name, BS_MANIFEST) != 0;
}

static gboolean
refuse (GError **error, const char *what)
{
  bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "the manifest is damaged: %s", what);
  return FALSE;
}

static gboolean
check_files (const json_t *files, GError **error)
{
  const char *name;
  json_t *file;

  if (!json_is_object (files))
    return refuse (error, "no files");
  json_object_foreach ((json_t *) files, name, file)
  {
    if (!is_file_name (name) || !is_digest (bs_json_string (file, "sha256", NULL))
        || bs_json_int (file, "size", -1) < 0)
      return refuse (error, "a file");
  }
  return TRUE;
}

static gboolean
is_one_of (const char *text, const char *const *words, gsize count)
{
  for (gsize i = 0; i < count; i++)
    if (g_strcmp0 (text, words[i]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
check_members (const json_t *manifest, GError **error)
{
  static const char *const formats[] = { "qcow2", "raw" }, *const firmwares[] = { "bios", "uefi" };
  const json_t *files = json_object_get (manifest, "files");

  if (!json_is_object (manifest) || bs_json_int (manifest, "format", 0) != BS_MANIFEST_FORMAT)
    return refuse (error, "another format");
  if (bs_json_string (manifest, "name", NULL) == NULL || bs_json_string (manifest, "created", NULL) == NULL
      || !is_digest (bs_json_string (manifest, "digest", NULL))
      || !is_one_of (bs_json_string (manifest, "origin", NULL), origins, G_N_ELEMENTS (origins))
      || !is_one_of (bs_json_string (manifest, "firmware", "bios"), firmwares, G_N_ELEMENTS (firmwares))
      || !is_one_of (bs_json_string (manifest, "disk_format", "raw"), formats, G_N_ELEMENTS (formats)))
    return refuse (error, "a member");
  if (!check_files (files, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (roles); i++)
    {
      const json_t *role = json_object_get (manifest, roles[i]);

      if (role != NULL && (!json_is_string (role) || json_object_get (files, json_string_value (role)) == NULL))
        return refuse (error, roles[i]);
    }
  if (json_object_get (manifest, "disk") != NULL && bs_json_string (manifest, "disk_format", NULL) == NULL)
    return refuse (error, "a disk without format");
  return TRUE;
}

json_t *
bs_manifest_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (json_t) manifest = bs_json_load (text, length, error);

  if (manifest == NULL || !check_members (manifest, error))
    return NULL;
  return g_steal_pointer (&manifest);
}

json_t *
bs_manifest_read (int dirfd, GError **error)
{
  gsize length;
  g_autofree char *text = bs_file_read (dirfd, BS_MANIFEST, BYTES_MAX, &length, error);

  return text != NULL ? bs_manifest_parse (text, length, error) : NULL;
}

BsImage *
bs_manifest_image (const json_t *manifest, const char *folder)
{
  BsImage *self = g_new0 (BsImage, 1);
  char **places[] = { &self->disk, &self->kernel, &self->initrd, &self->rootfs };
  gint64 disk_bytes = bs_json_int (manifest, "disk_bytes", 0);

  for (gsize i = 0; i < G_N_ELEMENTS (roles); i++)
    {
      const char *file = bs_json_string (manifest, roles[i], NULL);

      if (file != NULL)
        *places[i] = g_build_filename (folder, file, NULL);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (origins); i++)
    if (strcmp (origins[i], bs_json_string (manifest, "origin", "")) == 0)
      self->origin = (BsImageOrigin) i;
  self->name = g_strdup (bs_json_string (manifest, "name", ""));
  self->digest = g_strdup (bs_json_string (manifest, "digest", ""));
  self->disk_format = self->disk != NULL ? g_strdup (bs_json_string (manifest, "disk_format", NULL)) : NULL;
  self->cmdline = g_strdup (bs_json_string (manifest, "cmdline", NULL));
  self->user = g_strdup (bs_json_string (manifest, "user", NULL));
  self->firmware = g_strdup (bs_json_string (manifest, "firmware", "bios"));
  self->disk_bytes = (guint64) MAX (disk_bytes, 0);
  self->has_guest = bs_json_bool (manifest, "has_guest", FALSE);
  return self;
}

void
bs_image_free (BsImage *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->digest);
  g_free (self->disk);
  g_free (self->disk_format);
  g_free (self->kernel);
  g_free (self->initrd);
  g_free (self->cmdline);
  g_free (self->rootfs);
  g_free (self->user);
  g_free (self->firmware);
  g_free (self);
}
