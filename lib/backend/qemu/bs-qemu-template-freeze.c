/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-template-freeze.c — a machine to files, and files to a machine
 *
 * The machine's memory is a memfd. We reach it as QEMU's parent could, through /proc/PID/fd, so nothing touches the
 * disk while the machine works, and one pass over it finds zeros, writes the rest and takes the digest.
 */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-pages.h"
#include "bs-process.h"
#include "bs-qemu-fork.h"
#include "bs-qemu-template-lab.h"
#include "bs-template-cache.h"
#include "bs-time.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define QMP_USEC (60 * BS_USEC_PER_SEC)
#define LOOK_USEC 1000
#define MEMFD_PREFIX "/memfd:memory-backend-memfd"
#define CONSOLE_LEAF "nodes/" BS_QEMU_TEMPLATE_NODE "/console.log"
#define CONSOLE_MAX (4 * 1024 * 1024)
#define DISK_LEAF "nodes/" BS_QEMU_TEMPLATE_NODE "/disk.qcow2"

/* Its memfd, writable; -1 with an error. */
static int
open_memory (const BsQemuTemplateLab *self, GError **error)
{
  g_autofree char *folder = g_strdup_printf ("/proc/%d/fd", (int) bs_json_int (self->record, "pid", 0));
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL), *target = g_file_read_link (path, NULL);
      int fd;

      if (target == NULL || !g_str_has_prefix (target, MEMFD_PREFIX))
        continue;
      fd = open (path, O_RDWR | O_CLOEXEC);
      if (fd < 0)
        bs_set_error_errno (error, errno, "cannot open the machine's memory");
      return fd;
    }
  bs_set_error (error, BS_ERROR_FAILED, NULL, "the machine's memory cannot be found");
  return -1;
}

gboolean
bs_qemu_template_fill (BsQemuTemplateLab *self, GError **error)
{
  const char *cache_dir = self->template->host.cache_dir;
  g_autofree char *ram = bs_template_path (cache_dir, self->base, BS_TEMPLATE_RAM);
  g_autofree char *state = bs_template_path (cache_dir, self->base, BS_TEMPLATE_STATE);
  bs_autofd int from = open (ram, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  bs_autofd int state_fd = open (state, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  bs_autofd int to = open_memory (self, error);

  if (to < 0)
    return FALSE;
  if (from < 0 || state_fd < 0)
    {
      bs_set_error_errno (error, errno, "cannot read template '%s'", self->base);
      return FALSE;
    }
  return bs_pages_copy (from, to, NULL, self->lab.cancellable, error)
         && bs_qemu_load (self->qmp, state_fd, self->lab.cancellable, error)
         && bs_qemu_go_on (self->qmp, self->lab.cancellable, error);
}

static int
make_file (const BsQemuTemplateLab *self, const char *name, GError **error)
{
  int fd = openat (self->out, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd < 0)
    bs_set_error_errno (error, errno, "cannot make '%s'", name);
  return fd;
}

static gboolean
wait_until_saved (BsQemuTemplateLab *self, gint64 deadline_usec, GError **error)
{
  for (;;)
    {
      g_autoptr (json_t) status
          = bs_qmp_call (self->qmp, "query-migrate", NULL, deadline_usec, self->lab.cancellable, error);
      const char *word = bs_json_string (status, "status", "");

      if (status == NULL)
        return FALSE;
      if (strcmp (word, "completed") == 0)
        return TRUE;
      if (strcmp (word, "failed") == 0 || strcmp (word, "cancelled") == 0)
        {
          bs_set_error (error, BS_ERROR_FAILED, NULL, "QEMU cannot save the machine's state: %s",
                        bs_json_string (status, "error-desc", word));
          return FALSE;
        }
      g_usleep (LOOK_USEC);
    }
}

static gboolean
save_state (BsQemuTemplateLab *self, GError **error)
{
  gint64 deadline_usec = bs_time_now_usec () + QMP_USEC;
  GCancellable *cancellable = self->lab.cancellable;
  bs_autofd int fd = make_file (self, BS_TEMPLATE_STATE, error);
  json_t *capabilities = json_pack ("{s:[{s:s, s:b}]}", "capabilities", "capability", "x-ignore-shared", "state", 1);

  return bs_qmp_do (self->qmp, "migrate-set-capabilities", capabilities, deadline_usec, cancellable, error) && fd >= 0
         && bs_qmp_lend (self->qmp, fd, "state", deadline_usec, cancellable, error)
         && bs_qmp_do (self->qmp, "migrate", json_pack ("{s:s}", "uri", "fd:state"), deadline_usec, cancellable, error)
         && wait_until_saved (self, deadline_usec, error);
}

static gboolean
save_memory (BsQemuTemplateLab *self, json_t *digests, GError **error)
{
  bs_autofd int from = open_memory (self, error), to = -1;
  g_autofree char *digest = NULL;

  if (from < 0)
    return FALSE;
  to = make_file (self, BS_TEMPLATE_RAM, error);
  if (to < 0)
    return FALSE;
  if (!bs_pages_copy (from, to, &digest, self->lab.cancellable, error))
    {
      g_prefix_error (error, "cannot save the machine's memory: ");
      return FALSE;
    }
  json_object_set_new (digests, BS_TEMPLATE_RAM, json_string (digest));
  return TRUE;
}

/* The machine has ended. Its disk is the template's from now on, under the path that the empty overlay names. */
static gboolean
save_disk (BsQemuTemplateLab *self, GError **error)
{
  g_autofree char *final = bs_template_path (self->template->host.cache_dir, self->key, BS_TEMPLATE_DISK);
  g_autofree char *here = g_build_filename (self->folder, BS_TEMPLATE_OUT, BS_TEMPLATE_DISK, NULL);
  g_autofree char *overlay = g_build_filename (self->folder, BS_TEMPLATE_OUT, BS_TEMPLATE_OVERLAY, NULL);
  const char *argv[] = { "qemu-img", "rebase", "-q", "-u", "-f", "qcow2", "-F", "qcow2", "-b", final, overlay, NULL };

  if (self->machine->disk == NULL)
    return TRUE;
  if (renameat (self->lab.lab_dir, DISK_LEAF, self->out, BS_TEMPLATE_DISK) != 0)
    {
      bs_set_error_errno (error, errno, "cannot keep the machine's disk");
      return FALSE;
    }
  return bs_qemu_make_overlay (overlay, here, "qcow2", 0, error) && bs_process_run (argv, NULL, error);
}

/* Appends what there is; a log that nobody would read to its end is left out. */
static gboolean
append_console (int to, int dirfd, const char *path, GError **error)
{
  g_autoptr (GError) local = NULL;
  gsize length;
  g_autofree char *text = bs_file_read (dirfd, path, CONSOLE_MAX, &length, &local);

  if (text == NULL || bs_fd_write_all (to, text, length))
    return TRUE;
  bs_set_error_errno (error, errno, "cannot keep the machine's console log");
  return FALSE;
}

/* A derived machine's goes on where its base's ended. */
static gboolean
save_console (BsQemuTemplateLab *self, GError **error)
{
  bs_autofd int to = make_file (self, BS_TEMPLATE_CONSOLE, error);
  g_autofree char *base = NULL;

  if (to < 0)
    return FALSE;
  if (self->base != NULL)
    base = bs_template_path (self->template->host.cache_dir, self->base, BS_TEMPLATE_CONSOLE);
  return (base == NULL || append_console (to, AT_FDCWD, base, error))
         && append_console (to, self->lab.lab_dir, CONSOLE_LEAF, error);
}

gboolean
bs_qemu_template_freeze (BsQemuTemplateLab *self, json_t **digests, GError **error)
{
  gint64 deadline_usec = bs_time_now_usec () + QMP_USEC;
  g_autoptr (json_t) known = json_object ();

  if (!bs_qmp_do (self->qmp, "stop", NULL, deadline_usec, self->lab.cancellable, error) || !save_state (self, error)
      || !save_memory (self, known, error))
    return FALSE;
  g_clear_pointer (&self->qmp, bs_qmp_free);
  if (!bs_qemu_stop_node (&self->lab, self->machine->name, 0, error) || !save_disk (self, error)
      || !save_console (self, error))
    return FALSE;
  *digests = g_steal_pointer (&known);
  return TRUE;
}
