/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-qemu-fork.h"
#include "bs-error.h"
#include "bs-failpoint.h"
#include "bs-fd.h"
#include "bs-host-memory.h"
#include "bs-template-cache.h"
#include "bs-qemu-ports.h"
#include "bs-time.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define LOAD_USEC (60 * BS_USEC_PER_SEC)
#define LOOK_USEC 500
#define PAGE 4096
#define MIB (1024 * 1024)
#define SPAN (64 * MIB)

/* Made by the first start of a fork, and by the second. */
#define MARK_FORKED "forked"
#define MARK_BOOTED "booted"

static gboolean
is_marked (const BsBackendLab *lab, const BsBackendNode *node, const char *mark)
{
  g_autofree char *path = bs_qemu_path (node->name, mark);

  return faccessat (lab->lab_dir, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

gboolean
bs_qemu_starts_by_fork (const BsBackendLab *lab, const BsBackendNode *node)
{
  return node->template != NULL && !node->cold && !is_marked (lab, node, MARK_BOOTED);
}

gboolean
bs_qemu_fork_mark (const BsBackendLab *lab, const BsBackendNode *node, GError **error)
{
  g_autofree char *path
      = bs_qemu_path (node->name, is_marked (lab, node, MARK_FORKED) && node->disk != NULL ? MARK_BOOTED : MARK_FORKED);
  bs_autofd int fd = -1;

  if (node->template == NULL)
    return TRUE;
  fd = openat (lab->lab_dir, path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    bs_set_error_errno (error, errno, "cannot make '%s'", path);
  return fd >= 0;
}

guint64
bs_qemu_fork_missing_mib (const char *path)
{
  bs_autofd int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  g_autofree guint8 *resident = g_malloc (SPAN / PAGE);
  struct stat st;
  guint64 there = 0, data;

  if (fd < 0 || fstat (fd, &st) != 0)
    return 0;
  for (off_t at = 0; at < st.st_size; at += SPAN)
    {
      size_t length = (size_t) MIN (SPAN, st.st_size - at);
      void *map = mmap (NULL, length, PROT_READ, MAP_SHARED, fd, at);

      if (map == MAP_FAILED)
        return 0;
      if (mincore (map, length, resident) == 0)
        for (size_t page = 0; page < length / PAGE; page++)
          there += resident[page] & 1;
      munmap (map, length);
    }
  data = (guint64) st.st_blocks * 512 / PAGE;
  return data > there ? (data - there) * PAGE / MIB : 0;
}

gboolean
bs_qemu_fork_fits_into (const char *name, guint64 missing, guint64 free_mib, GError **error)
{
  if (BS_QEMU_FORK_OWN_MIB + missing <= free_mib)
    return TRUE;
  bs_set_error (error, BS_ERROR_EXHAUSTED, "take other labs down, or free memory on the host",
                "node '%s' needs about %" G_GUINT64_FORMAT " MiB of memory to start, %" G_GUINT64_FORMAT
                " MiB are free",
                name, BS_QEMU_FORK_OWN_MIB + missing, free_mib);
  return FALSE;
}

gboolean
bs_qemu_fork_fits (const BsQemuHost *host, const BsBackendNode *node, GError **error)
{
  g_autofree char *ram = NULL;

  if (node->template == NULL || node->cold)
    return TRUE;
  ram = bs_template_path (host->cache_dir, node->template, BS_TEMPLATE_RAM);
  return bs_qemu_fork_fits_into (node->name, bs_qemu_fork_missing_mib (ram), bs_host_memory_free_mib ("/"), error);
}

static gboolean
wait_until_loaded (BsQmp *qmp, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  for (;;)
    {
      g_autoptr (json_t) status = bs_qmp_call (qmp, "query-migrate", NULL, deadline_usec, cancellable, error);
      const char *word = bs_json_string (status, "status", "");

      if (status == NULL)
        return FALSE;
      if (strcmp (word, "completed") == 0)
        return TRUE;
      if (strcmp (word, "failed") == 0)
        {
          bs_set_error (error, BS_ERROR_FAILED, NULL, "QEMU cannot load the state: %s",
                        bs_json_string (status, "error-desc", "no reason given"));
          return FALSE;
        }
      g_usleep (LOOK_USEC);
    }
}

gboolean
bs_qemu_load (BsQmp *qmp, int fd, GCancellable *cancellable, GError **error)
{
  gint64 deadline_usec = bs_time_now_usec () + LOAD_USEC;
  json_t *capabilities = json_pack ("{s:[{s:s, s:b}]}", "capabilities", "capability", "x-ignore-shared", "state", 1);

  /* Announcements would tell all on the wire, several times, that the template's address moved here: of each fork. */
  return bs_qmp_do (qmp, "migrate-set-capabilities", capabilities, deadline_usec, cancellable, error)
         && bs_qmp_do (qmp, "migrate-set-parameters", json_pack ("{s:i}", "announce-rounds", 0), deadline_usec,
                       cancellable, error)
         && bs_qmp_lend (qmp, fd, "state", deadline_usec, cancellable, error)
         && bs_qmp_do (qmp, "migrate-incoming", json_pack ("{s:s}", "uri", "fd:state"), deadline_usec, cancellable,
                       error)
         && wait_until_loaded (qmp, deadline_usec, cancellable, error);
}

gboolean
bs_qemu_go_on (BsQmp *qmp, GCancellable *cancellable, GError **error)
{
  return bs_qmp_do (qmp, "cont", NULL, bs_time_now_usec () + LOAD_USEC, cancellable, error);
}

gboolean
bs_qemu_fork_load (const BsBackendLab *lab, const BsQemuHost *host, const BsBackendNode *node, BsQmp *qmp,
                   GError **error)
{
  g_autofree char *path = bs_template_path (host->cache_dir, node->template, BS_TEMPLATE_STATE), *said = NULL,
                  *why = NULL;
  bs_autofd int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  g_autoptr (GError) local = NULL;

  if (fd < 0)
    {
      bs_set_error_errno (error, errno, "cannot read '%s'", path);
      return FALSE;
    }
  if (!bs_failpoint ("load-fork.before", error))
    return FALSE;
  if (bs_qemu_load (qmp, fd, lab->cancellable, &local))
    return bs_failpoint ("load-fork.after", error) && bs_qemu_go_on (qmp, lab->cancellable, error);
  if (local->code != BS_ERROR_DIED && local->code != BS_ERROR_FAILED)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  said = bs_qemu_said (lab, node->name);
  if (bs_qemu_ports_explain (node, said, error))
    return FALSE;
  why = g_strdup_printf ("QEMU cannot start from it: %s", said[0] != '\0' ? said : local->message);
  bs_template_mark_damaged (host->cache_dir, node->template, why);
  bs_set_error (error, BS_ERROR_FAILED, "it will be made again by the next try",
                "QEMU cannot start from template '%s': %s", node->template, said[0] != '\0' ? said : local->message);
  return FALSE;
}
