/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-kernel.h"
#include "bs-cache-entry.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-kernel-package.h"
#include "bs-module.h"
#include "bs-vmlinux.h"

#include <string.h>
#include <sys/stat.h>

#define KERNEL_MAX (256 * 1024 * 1024)
#define IDENTITY_MAX 1024
#define KERNEL_NAME "vmlinuz-"
#define FLAVOUR "-cloud-amd64"
#define PACKAGE_KEY "package-"
#define KEPT 2

/* What the machines of the qemu backend have. They are microvms, whose devices sit on virtio-mmio; virtio_pci would
 * cost each boot 70 ms for nothing. */
static const char *const module_names[]
    = { "virtio_mmio", "virtio_console", "virtio_net", "virtio_rng", "virtio_blk", NULL };

void
bs_kernel_free (BsKernel *self)
{
  if (self == NULL)
    return;
  g_free (self->folder);
  g_free (self->version);
  g_free (self->identity);
  g_free (self);
}

/* The newest version in @boot_dir, or NULL. */
static char *
installed_version (const char *boot_dir)
{
  g_autoptr (GDir) dir = g_dir_open (boot_dir, 0, NULL);
  g_autofree char *best = NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, KERNEL_NAME) && g_str_has_suffix (name, FLAVOUR)
        && (best == NULL || strverscmp (name, best) > 0))
      {
        g_free (best);
        best = g_strdup (name);
      }
  return best != NULL ? g_strdup (best + strlen (KERNEL_NAME)) : NULL;
}

char *
bs_kernel_source (const char *boot_dir)
{
  g_autofree char *version = installed_version (boot_dir);
  g_autofree char *name = NULL, *path = NULL;
  struct stat st;

  if (version == NULL)
    return g_strdup ("package");
  name = g_strconcat (KERNEL_NAME, version, NULL);
  path = g_build_filename (boot_dir, name, NULL);
  /* A plain user may not read the kernels of some hosts; then the package is fetched as if there were none. */
  if (access (path, R_OK) != 0 || stat (path, &st) != 0)
    return g_strdup ("package");
  return g_strdup_printf ("installed-%s-%llx-%llx", version, (unsigned long long) st.st_size,
                          (unsigned long long) st.st_mtim.tv_sec);
}

static BsKernel *
load (const char *kernels_dir, const char *key)
{
  g_autofree char *folder = g_build_filename (kernels_dir, key, NULL);
  g_autofree char *path = g_build_filename (folder, "identity", NULL);
  g_autofree char *text = bs_file_read (AT_FDCWD, path, IDENTITY_MAX, NULL, NULL);
  g_auto (GStrv) lines = text != NULL ? g_strsplit (text, "\n", 3) : NULL;
  BsKernel *self;

  if (lines == NULL || g_strv_length (lines) != 3 || strlen (lines[1]) != 64)
    return NULL;
  self = g_new0 (BsKernel, 1);
  self->folder = g_steal_pointer (&folder);
  self->version = g_strdup (lines[0]);
  self->identity = g_strdup (lines[1]);
  return self;
}

/* The newest package in the cache, by version. */
static BsKernel *
load_package (const char *kernels_dir)
{
  g_autoptr (GDir) dir = g_dir_open (kernels_dir, 0, NULL);
  g_autofree char *best = NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, PACKAGE_KEY) && (best == NULL || strverscmp (name, best) > 0))
      {
        g_free (best);
        best = g_strdup (name);
      }
  return best != NULL ? load (kernels_dir, best) : NULL;
}

static gboolean
write_modules (int entry, GPtrArray *modules, GChecksum *checksum, GError **error)
{
  g_autoptr (GString) order = g_string_new (NULL);

  for (guint i = 0; i < modules->len; i++)
    {
      const BsModule *module = g_ptr_array_index (modules, i);
      g_autofree char *name = g_strdup_printf ("modules/%s.ko", module->name);
      gsize length;
      const void *data = g_bytes_get_data (module->content, &length);

      if (!bs_cache_entry_write (entry, name, data, length, error))
        return FALSE;
      g_checksum_update (checksum, data, (gssize) length);
      g_string_append_printf (order, "%s\n", module->name);
    }
  g_checksum_update (checksum, (const guchar *) order->str, (gssize) order->len);
  return bs_cache_entry_write (entry, "order", order->str, order->len, error);
}

static gboolean
write_kernel (int entry, const char *path, GChecksum *checksum, GError **error)
{
  g_autoptr (GBytes) packed = NULL, kernel = NULL;
  const void *data;
  gsize length;
  char *content = bs_file_read (AT_FDCWD, path, KERNEL_MAX, &length, error);

  if (content == NULL)
    return FALSE;
  packed = g_bytes_new_take (content, length);
  kernel = bs_vmlinux_extract (packed, NULL);
  data = g_bytes_get_data (kernel != NULL ? kernel : packed, &length);
  g_checksum_update (checksum, data, (gssize) length);
  return bs_cache_entry_write (entry, "kernel", data, length, error);
}

/* Makes the folder @key from the kernel and modules below @root. */
static BsKernel *
build (const char *kernels_dir, const char *key, const char *root, const char *version, GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *name = g_strconcat (KERNEL_NAME, version, NULL);
  g_autofree char *kernel = g_build_filename (root, "boot", name, NULL);
  g_autofree char *folder = g_build_filename (root, "lib", "modules", version, NULL);
  g_autoptr (GPtrArray) modules = bs_module_collect (folder, module_names, error);
  g_autoptr (BsCacheEntry) entry = modules != NULL ? bs_cache_entry_begin (kernels_dir, error) : NULL;
  g_autofree char *identity = NULL;
  int dirfd;

  if (entry == NULL)
    return NULL;
  dirfd = bs_cache_entry_fd (entry);
  if (mkdirat (dirfd, "modules", 0755) != 0)
    {
      bs_set_error_errno (error, errno, "cannot make folder 'modules'");
      return NULL;
    }
  if (!write_kernel (dirfd, kernel, checksum, error) || !write_modules (dirfd, modules, checksum, error))
    return NULL;
  identity = g_strdup_printf ("%s\n%s\n", version, g_checksum_get_string (checksum));
  if (!bs_cache_entry_write (dirfd, "identity", identity, strlen (identity), error)
      || !bs_cache_entry_publish (entry, key, error))
    return NULL;
  bs_cache_prune (kernels_dir, "", KEPT, NULL);
  return load (kernels_dir, key);
}

static BsKernel *
fetch (const char *kernels_dir, GCancellable *cancellable, GError **error)
{
  g_autoptr (BsCacheEntry) scratch = bs_cache_entry_begin (kernels_dir, error);
  g_autofree char *version = NULL, *key = NULL, *root = NULL;

  if (scratch == NULL)
    return NULL;
  version = bs_kernel_package_fetch (bs_cache_entry_path (scratch), cancellable, error);
  if (version == NULL)
    return NULL;
  key = g_strconcat (PACKAGE_KEY, version, NULL);
  root = g_build_filename (bs_cache_entry_path (scratch), "tree", NULL);
  return build (kernels_dir, key, root, version, error);
}

BsKernel *
bs_kernel_ensure (const char *kernels_dir, BsKernelProgress progress, gpointer user_data, GCancellable *cancellable,
                  GError **error)
{
  g_autofree char *source = bs_kernel_source ("/boot");
  gboolean installed = strcmp (source, "package") != 0;
  BsKernel *self = installed ? load (kernels_dir, source) : load_package (kernels_dir);

  if (self != NULL)
    return self;
  if (progress != NULL)
    progress (installed ? "taking the installed kernel" : "fetching the cloud kernel", user_data);
  if (installed)
    {
      g_autofree char *version = installed_version ("/boot");

      return build (kernels_dir, source, "/", version, error);
    }
  return fetch (kernels_dir, cancellable, error);
}
