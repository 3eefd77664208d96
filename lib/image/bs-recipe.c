/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-recipe.h"
#include "bs-cache-entry.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-recipe-initrd.h"
#include "bs-recipe-private.h"
#include "bs-recipe-progress.h"
#include "bs-recipe-run.h"
#include "bs-vmlinux.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define WORK "work"
/* The day of the release: nothing in the image bears a later time. */
#define EPOCH "1686355200"
#define KERNEL_MAX (256 * 1024 * 1024)
#define VERSIONS_MAX (1024 * 1024)
#define MEMORY_NEEDED_MIB 768
#define SPACE_NEEDED (G_GUINT64_CONSTANT (1536) << 20)

/* As bs-tiny.c says, and the root disk. net.ifnames=0: names come by benchscale-guest, which finds cards by their
 * address. */
#define CMDLINE                                                                                                        \
  "root=/dev/vda rw console=ttyS0 panic=-1 reboot=t cryptomgr.notests mitigations=off rcupdate.rcu_expedited=1 "       \
  "8250.nr_uarts=1 i8042.noaux i8042.nopnp tsc=reliable no_timer_check audit=0 net.ifnames=0"

typedef struct
{
  const BsRecipe *recipe;
  int folder; /* borrowed */
  char *path; /* of the working folder, below @folder */
  int fd;     /* of the working folder */
  BsImageProgress progress;
  gpointer user_data;
  BsRecipeProgress lines;
  GCancellable *cancellable;
} Build;

static void
build_clear (Build *build)
{
  bs_fd_clear (&build->fd);
  g_free (build->path);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Build, build_clear)

static void
tell (Build *build, const char *what)
{
  if (build->progress != NULL)
    build->progress (build->recipe->name, what, 0, 0, build->user_data);
}

static void
take_line (const char *line, gpointer user_data)
{
  Build *build = user_data;
  g_autofree char *what = bs_recipe_progress_line (&build->lines, line);

  if (what != NULL)
    tell (build, what);
}

static gboolean
check_tools (GError **error)
{
  static const char *const tools[] = { "mmdebstrap", "mke2fs", "debugfs", "qemu-img", "unshare", "tar" };

  for (guint i = 0; i < G_N_ELEMENTS (tools); i++)
    {
      g_autofree char *found = g_find_program_in_path (tools[i]),
                      *admin = g_build_filename ("/usr/sbin", tools[i], NULL);

      if (found != NULL || g_file_test (admin, G_FILE_TEST_IS_EXECUTABLE))
        continue;
      bs_set_error (error, BS_ERROR_HOST, BS_RECIPE_TOOLS_HINT, "there is no program '%s'", tools[i]);
      return FALSE;
    }
  return TRUE;
}

/* Better said before the minutes than after. */
static gboolean
check_space (int folder, const char *path, GError **error)
{
  struct statvfs fs;

  if (fstatvfs (folder, &fs) != 0 || (guint64) fs.f_bavail * fs.f_frsize >= SPACE_NEEDED)
    return TRUE;
  bs_set_error (error, BS_ERROR_EXHAUSTED, BS_CACHE_HINT ", or free some space: see 'benchscale image prune'",
                "building an image needs %u MiB in '%s', and %u are free", (guint) (SPACE_NEEDED >> 20), path,
                (guint) (((guint64) fs.f_bavail * fs.f_frsize) >> 20));
  return FALSE;
}

/* The trees lie in memory while they are worked on. */
static gboolean
check_memory (GError **error)
{
  g_autofree char *text = NULL;
  const char *at = NULL;
  guint64 free_mib;

  if (g_file_get_contents ("/proc/meminfo", &text, NULL, NULL))
    at = strstr (text, "MemAvailable:");
  if (at == NULL)
    return TRUE;
  free_mib = g_ascii_strtoull (at + strlen ("MemAvailable:"), NULL, 10) >> 10;
  if (free_mib >= MEMORY_NEEDED_MIB)
    return TRUE;
  bs_set_error (error, BS_ERROR_EXHAUSTED, "stop some machines first",
                "building an image needs %u MiB of memory, and %u are free", MEMORY_NEEDED_MIB, (guint) free_mib);
  return FALSE;
}

typedef struct
{
  Build *build;
  GError *error;
} Writing;

static gboolean
write_input (gpointer name, gpointer content, gpointer user_data)
{
  Writing *writing = user_data;
  g_autofree char *path = g_build_filename (writing->build->path, name, NULL), *folder = g_path_get_dirname (path);
  gsize length;
  const void *data = g_bytes_get_data (content, &length);

  return !bs_file_make_dirs (folder, 0755, &writing->error)
         || !bs_cache_entry_write (AT_FDCWD, path, data, length, &writing->error);
}

static gboolean
write_inputs (Build *build, GTree *inputs, GError **error)
{
  Writing writing = { build, NULL };

  g_tree_foreach (inputs, write_input, &writing);
  if (writing.error == NULL)
    return TRUE;
  g_propagate_error (error, writing.error);
  return FALSE;
}

static gboolean
make_trees (Build *build, GError **error)
{
  g_auto (GStrv) packages = bs_recipe_packages ();
  g_autofree char *joined = g_strjoinv (",", packages);
  g_autofree char *bytes = g_strdup_printf ("%" G_GUINT64_FORMAT, build->recipe->disk_bytes);
  const char *argv[] = { "sh", "build.sh", build->recipe->release, joined, EPOCH, bytes, NULL };

  return bs_recipe_run (build->path, argv, NULL, TRUE, take_line, build, build->cancellable, error);
}

/* mke2fs takes the times of change of the files it copies, which nobody can set: so they are set in the file system.
 * Inode numbers are dense: it made them all just now. */
static gboolean
fix_times (Build *build, GError **error)
{
  g_autofree char *fields = NULL;
  const char *environment[] = { "E2FSPROGS_FAKE_TIME=" EPOCH, "SOURCE_DATE_EPOCH=" EPOCH, NULL };
  const char *count_argv[]
      = { "sh", "-c", "dumpe2fs -h disk.raw 2>&1 | sed -n 's/^Inode count: *//p; s/^Free inodes: *//p' > inodes",
          NULL };
  const char *argv[] = { "sh", "-c", "debugfs -w -f times disk.raw > /dev/null", NULL };
  g_autoptr (GString) script = g_string_new (NULL);
  g_auto (GStrv) numbers = NULL;
  guint64 used;

  if (!bs_recipe_run (build->path, count_argv, NULL, FALSE, NULL, NULL, build->cancellable, error))
    return FALSE;
  fields = bs_file_read (build->fd, "inodes", 4096, NULL, error);
  if (fields == NULL)
    return FALSE;
  numbers = g_strsplit (fields, "\n", 3);
  used = g_ascii_strtoull (numbers[0], NULL, 10) - g_ascii_strtoull (numbers[1] != NULL ? numbers[1] : "", NULL, 10);
  for (guint64 i = 2; i <= used; i++)
    for (guint j = 0; j < 2; j++)
      g_string_append_printf (script, "sif <%" G_GUINT64_FORMAT "> %s @" EPOCH "\n", i, j == 0 ? "ctime" : "atime");
  return bs_cache_entry_write (build->fd, "times", script->str, script->len, error)
         && bs_recipe_run (build->path, argv, environment, FALSE, NULL, NULL, build->cancellable, error);
}

static gboolean
convert (Build *build, GError **error)
{
  const char *argv[] = { "qemu-img", "convert", "-f", "raw", "-O", "qcow2", "disk.raw", "disk.qcow2", NULL };

  return bs_recipe_run (build->path, argv, NULL, FALSE, NULL, NULL, build->cancellable, error);
}

/* The only name in modules/; (transfer full). */
static char *
kernel_version (const Build *build, GError **error)
{
  g_autofree char *path = g_build_filename (build->path, "modules", NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name = dir != NULL ? g_dir_read_name (dir) : NULL;

  if (name == NULL)
    bs_set_error (error, BS_ERROR_FAILED, NULL, "the new system has no kernel");
  return g_strdup (name);
}

static gboolean
make_kernel (Build *build, GError **error)
{
  gsize length;
  char *data = bs_file_read (build->fd, "vmlinuz", KERNEL_MAX, &length, error);
  g_autoptr (GBytes) packed = data != NULL ? g_bytes_new_take (data, length) : NULL, kernel = NULL;
  const void *content;

  if (packed == NULL)
    return FALSE;
  kernel = bs_vmlinux_extract (packed, NULL);
  content = g_bytes_get_data (kernel != NULL ? kernel : packed, &length);
  return bs_cache_entry_write (build->folder, "kernel", content, length, error);
}

static gboolean
make_initrd (Build *build, const char *version, GBytes *guest, GError **error)
{
  g_autofree char *modules = g_build_filename (build->path, "modules", version, NULL);
  g_autoptr (GBytes) initrd = bs_recipe_initrd_build (modules, guest, error);
  gsize length;
  const void *data = initrd != NULL ? g_bytes_get_data (initrd, &length) : NULL;

  return data != NULL && bs_cache_entry_write (build->folder, "initrd", data, length, error);
}

static gboolean
publish (const Build *build, const char *name, GError **error)
{
  bs_autofd int fd = openat (build->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

  if (fd >= 0 && fchmod (fd, 0644) == 0 && fsync (fd) == 0 && renameat (build->fd, name, build->folder, name) == 0)
    return TRUE;
  bs_set_error_errno (error, errno, "cannot finish '%s'", name);
  return FALSE;
}

static json_t *
package_versions (const Build *build)
{
  g_autofree char *text = bs_file_read (build->fd, "versions", VERSIONS_MAX, NULL, NULL);
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);
  json_t *object = json_object ();

  for (char **line = lines; *line != NULL; line++)
    {
      char *blank = strchr (*line, ' ');

      if (blank == NULL)
        continue;
      *blank = '\0';
      json_object_set_new (object, *line, json_string (blank + 1));
    }
  return object;
}

static json_t *
describe (const Build *build, const char *version)
{
  return json_pack ("{ss ss ss ss ss sI ss ss sb sn ss so}", "kernel", "kernel", "initrd", "initrd", "disk",
                    "disk.qcow2", "rootfs", "rootfs.tar", "disk_format", "qcow2", "disk_bytes",
                    (json_int_t) build->recipe->disk_bytes, "cmdline", CMDLINE, "firmware", "bios", "has_guest", 1,
                    "user", "kernel_version", version, "packages", package_versions (build));
}

static gboolean
build_in (Build *build, GTree *inputs, json_t **manifest, GError **error)
{
  g_autofree char *version = NULL;

  if (!write_inputs (build, inputs, error) || !make_trees (build, error) || !fix_times (build, error)
      || !convert (build, error))
    return FALSE;
  tell (build, "making kernel and initrd");
  version = kernel_version (build, error);
  if (version == NULL || !make_kernel (build, error)
      || !make_initrd (build, version, g_tree_lookup (inputs, "guest"), error) || !publish (build, "disk.qcow2", error)
      || !publish (build, "rootfs.tar", error))
    return FALSE;
  *manifest = describe (build, version);
  return TRUE;
}

/* Makes the working folder, builds in it, and takes it away again, whatever happened. */
static gboolean
build_beside (Build *build, const char *folder_path, GTree *inputs, json_t **manifest, GError **error)
{
  g_autoptr (json_t) description = NULL;
  gboolean ok;

  build->path = g_build_filename (folder_path, WORK, NULL);
  if (!bs_file_make_dirs (build->path, 0755, error))
    return FALSE;
  build->fd = bs_file_open_dir (build->folder, WORK, error);
  ok = build->fd >= 0 && build_in (build, inputs, &description, error);
  if (!bs_file_remove_tree (build->folder, WORK, ok ? error : NULL) || !ok)
    return FALSE;
  *manifest = g_steal_pointer (&description);
  return TRUE;
}

gboolean
bs_recipe_build (const char *name, int folder_fd, const char *folder_path, BsImageProgress progress, gpointer user_data,
                 GCancellable *cancellable, json_t **manifest, GError **error)
{
  g_auto (Build) build
      = { .folder = folder_fd, .fd = -1, .progress = progress, .user_data = user_data, .cancellable = cancellable };
  g_autoptr (GTree) inputs = NULL;

  build.recipe = bs_recipe_find (name, error);
  if (build.recipe == NULL)
    return FALSE;
  tell (&build, "looking at the host");
  if (check_tools (error) && check_space (folder_fd, folder_path, error) && check_memory (error)
      && bs_recipe_check_root (cancellable, error))
    inputs = bs_recipe_inputs (build.recipe, cancellable, error);
  if (inputs != NULL && build_beside (&build, folder_path, inputs, manifest, error))
    return TRUE;
  g_prefix_error (error, "cannot build image '%s': ", name);
  return FALSE;
}
