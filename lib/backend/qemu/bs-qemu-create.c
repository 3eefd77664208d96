/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-pages.h"
#include "bs-process.h"
#include "bs-qemu-args.h"
#include "bs-qemu-firmware.h"
#include "bs-qemu-foreign.h"
#include "bs-qemu-node.h"
#include "bs-settings.h"
#include "bs-template-cache.h"

#include <string.h>
#include <sys/stat.h>

#define QCOW2_MAGIC "QFI\xfb"
#define GIGABYTE G_GUINT64_CONSTANT (1000000000)
#define QEMU_IMG_HINT "apt-get install qemu-utils"

static gboolean
make_folder (int dirfd, const char *path, GError **error)
{
  if (mkdirat (dirfd, path, 0700) == 0 || errno == EEXIST)
    return TRUE;
  bs_set_error_errno (error, errno, "cannot make folder '%s'", path);
  return FALSE;
}

/* The format is said, never guessed by QEMU: a guest could write another format's header into a raw image. */
static const char *
disk_format (const char *path, GError **error)
{
  bs_autofd int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  char magic[4] = { 0 };

  if (fd < 0 || pread (fd, magic, sizeof magic, 0) < 0)
    {
      bs_set_error_errno (error, errno, "cannot read disk '%s'", path);
      return NULL;
    }
  return memcmp (magic, QCOW2_MAGIC, sizeof magic) == 0 ? "qcow2" : "raw";
}

gboolean
bs_qemu_make_overlay (const char *path, const char *base, const char *format, guint64 bytes, GError **error)
{
  g_autofree char *size = bytes > 0 ? g_strdup_printf ("%" G_GUINT64_FORMAT, bytes) : NULL;
  const char *known = format != NULL ? format : disk_format (base, error);
  const char *argv[] = { "qemu-img", "create", "-q", "-f", "qcow2", "-F", known, "-b", base, path, size, NULL };

  if (known == NULL)
    return FALSE;
  if (bs_process_run (argv, NULL, error))
    return TRUE;
  if (error != NULL && (*error)->code == BS_ERROR_HOST)
    bs_error_set_hint (*error, QEMU_IMG_HINT);
  return FALSE;
}

guint64
bs_qemu_disk_bytes (const BsBackendNode *node)
{
  return node->model != NULL ? (guint64) node->model->disk_gb * GIGABYTE : 0;
}

/* Of the template's disk, which has an empty one ready. */
static gboolean
copy_overlay (const BsBackendLab *lab, const BsBackendNode *node, GError **error)
{
  const BsSettings *settings = bs_settings_get (error);
  g_autofree char *leaf = bs_qemu_path (node->name, "disk.qcow2"), *path = NULL;
  bs_autofd int from = -1, to = -1;

  if (settings == NULL)
    return FALSE;
  path = bs_template_path (bs_settings_cache_dir (settings), node->template, BS_TEMPLATE_OVERLAY);
  from = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (from < 0)
    {
      bs_set_error_errno (error, errno, "cannot read '%s'", path);
      return FALSE;
    }
  to = openat (lab->lab_dir, leaf, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (to < 0)
    {
      bs_set_error_errno (error, errno, "cannot make '%s'", leaf);
      return FALSE;
    }
  return bs_pages_copy (from, to, NULL, lab->cancellable, error);
}

/* What was on the console before the fork; a template from which it is gone is no worse a template. */
static gboolean
copy_console (const BsBackendLab *lab, const BsBackendNode *node, GError **error)
{
  const BsSettings *settings = bs_settings_get (error);
  g_autofree char *leaf = bs_qemu_path (node->name, BS_BACKEND_BOOT_LOG), *path = NULL;
  bs_autofd int from = -1, to = -1;

  if (settings == NULL)
    return FALSE;
  path = bs_template_path (bs_settings_cache_dir (settings), node->template, BS_TEMPLATE_CONSOLE);
  from = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (from < 0)
    return TRUE;
  to = openat (lab->lab_dir, leaf, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (to >= 0)
    return bs_pages_copy (from, to, NULL, lab->cancellable, error);
  bs_set_error_errno (error, errno, "cannot make '%s'", leaf);
  return FALSE;
}

static gboolean
make_disk (const BsBackendLab *lab, const BsBackendNode *node, GError **error)
{
  g_autofree char *leaf = bs_qemu_path (node->name, "disk.qcow2");
  /* By way of our descriptor, which qemu-img itself does not have. */
  g_autofree char *path = g_strdup_printf ("/proc/%d/fd/%d/%s", (int) getpid (), lab->lab_dir, leaf);

  if (node->template != NULL)
    return copy_overlay (lab, node, error);
  return bs_qemu_make_overlay (path, node->disk, node->disk_format, bs_qemu_disk_bytes (node), error);
}

gboolean
bs_qemu_create_node (const BsBackendLab *lab, const BsBackendNode *node, GError **error)
{
  g_autofree char *folder = bs_qemu_path (node->name, "");

  if (node->kernel == NULL && node->disk == NULL)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "node '%s' has neither a kernel nor a disk to start from",
                    node->name);
      return FALSE;
    }
  if (make_folder (lab->lab_dir, "nodes", error) && make_folder (lab->lab_dir, folder, error)
      && (node->disk == NULL || make_disk (lab, node, error))
      && (node->template == NULL || copy_console (lab, node, error)) && bs_qemu_firmware_create (lab, node, error)
      && (!bs_qemu_foreign (node) || bs_qemu_foreign_create (lab, node, FALSE, error)))
    return TRUE;
  g_prefix_error (error, "cannot create node '%s': ", node->name);
  bs_qemu_delete_node (lab, node->name, NULL);
  return FALSE;
}

gboolean
bs_qemu_delete_node (const BsBackendLab *lab, const char *name, GError **error)
{
  g_autofree char *folder = g_strconcat ("nodes/", name, NULL);

  return bs_file_remove_tree (lab->lab_dir, folder, error);
}
