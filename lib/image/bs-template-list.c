/* SPDX-License-Identifier: Apache-2.0 */
/* bs-template-list.c — the templates that there are */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-template-cache.h"
#include "bs-template-manifest.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CMDLINE_MAX (1024 * 1024)

void
bs_template_info_free (BsTemplateInfo *self)
{
  if (self == NULL)
    return;
  g_free (self->key);
  g_free (self->image);
  g_free (self->backing);
  g_free (self->base);
  g_free (self->text);
  g_free (self->problem);
  g_free (self);
}

static guint64
bytes_on_disk (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  guint64 sum = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);
      struct stat st;

      if (lstat (file, &st) == 0)
        sum += (guint64) st.st_blocks * 512;
    }
  return sum;
}

/* Whether the command line of a process speaks of @path: QEMU's names its template's memory. */
static gboolean
is_used_by (const char *pid, const char *path)
{
  g_autofree char *name = g_strdup_printf ("/proc/%s/cmdline", pid);
  bs_autofd int fd = open (name, O_RDONLY | O_CLOEXEC);
  g_autofree char *text = g_malloc (CMDLINE_MAX);
  gsize have = 0;
  ssize_t n;

  while (fd >= 0 && have < CMDLINE_MAX && (n = read (fd, text + have, CMDLINE_MAX - have)) > 0)
    have += (gsize) n;
  return memmem (text, have, path, strlen (path)) != NULL;
}

static gboolean
is_used (const char *path)
{
  g_autoptr (GDir) processes = g_dir_open ("/proc", 0, NULL);
  g_autofree char *folder = g_strconcat (path, "/", NULL);
  const char *pid;

  while (processes != NULL && (pid = g_dir_read_name (processes)) != NULL)
    if (g_ascii_isdigit (pid[0]) && is_used_by (pid, folder))
      return TRUE;
  return FALSE;
}

static BsTemplateInfo *
describe (const char *cache_dir, const char *key)
{
  g_autofree char *path = bs_template_path (cache_dir, key, NULL);
  BsTemplateInfo *self = g_new0 (BsTemplateInfo, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) manifest = NULL;
  bs_autofd int dirfd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  struct stat st;

  self->key = g_strdup (key);
  self->bytes = bytes_on_disk (path);
  self->in_use = is_used (path);
  if (stat (path, &st) == 0)
    self->used_usec = (gint64) st.st_mtim.tv_sec * G_USEC_PER_SEC + st.st_mtim.tv_nsec / 1000;
  manifest = dirfd >= 0 ? bs_template_manifest_read (dirfd, key, NULL) : NULL;
  self->image = g_strdup (bs_json_string (manifest, "image", NULL));
  self->base = g_strdup (bs_json_string (manifest, "base", NULL));
  self->text = g_strdup (bs_json_string (manifest, "text", NULL));
  self->kept = bs_json_bool (manifest, "kept", FALSE);
  self->backing = g_strdup (bs_json_string (json_object_get (manifest, "backing"), "path", NULL));
  if (!bs_template_find (cache_dir, key, NULL, &error))
    self->problem = g_strdup (error->message);
  return self;
}

static int
by_use (gconstpointer a, gconstpointer b)
{
  const BsTemplateInfo *first = *(BsTemplateInfo *const *) a, *second = *(BsTemplateInfo *const *) b;

  return second->used_usec > first->used_usec ? 1 : second->used_usec < first->used_usec ? -1 : 0;
}

GPtrArray *
bs_template_list (const char *cache_dir)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_template_info_free);
  g_autofree char *folder = g_build_filename (cache_dir, "templates", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (bs_template_is_key (name))
      g_ptr_array_add (list, describe (cache_dir, name));
  g_ptr_array_sort (list, by_use);
  return list;
}
