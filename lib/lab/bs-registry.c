/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-registry.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-settings.h"

#include <dirent.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define NAME_MAX_LENGTH 63
#define LOCK_TRIES 20
#define LOCK_PAUSE_USEC 10000
#define RECORD_MAX (64 * 1024 * 1024)

gboolean
bs_registry_check_name (const char *name, GError **error)
{
  gsize length = strlen (name);

  if (length > 0 && length <= NAME_MAX_LENGTH && g_ascii_isalnum (name[0])
      && strspn (name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-") == length)
    return TRUE;
  bs_set_error (error, BS_ERROR_INVALID,
                "begin with a letter or digit, then up to 62 of letters, digits, '_', '.', '-'",
                "'%s' is no name for a lab", name);
  return FALSE;
}

static char *
labs_path (GError **error)
{
  const BsSettings *settings = bs_settings_get (error);

  return settings != NULL ? g_build_filename (bs_settings_state_dir (settings), "labs", NULL) : NULL;
}

/* Passes @local on as a fault of the state folder. */
static void
blame_state (GError **error, GError *local)
{
  bs_error_blame_host (local, "point BENCHSCALE_STATE_DIR to a folder that you may read and write");
  g_propagate_error (error, local);
}

int
bs_registry_open (GError **error)
{
  g_autofree char *path = labs_path (error);
  GError *local = NULL;
  int fd;

  if (path == NULL)
    return -1;
  fd = bs_file_make_dirs (path, 0700, &local) ? bs_file_open_dir (AT_FDCWD, path, &local) : -1;
  if (fd < 0)
    blame_state (error, local);
  return fd;
}

gboolean
bs_registry_check (GError **error)
{
  g_autofree char *path = labs_path (error);
  bs_autofd int fd = -1;
  GError *local = NULL;

  if (path == NULL)
    return FALSE;
  fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0 || errno == ENOENT)
    return TRUE;
  bs_set_error_errno (&local, errno, "cannot read the folder of labs '%s'", path);
  blame_state (error, local);
  return FALSE;
}

/* Whether @name still leads to the folder @fd; FALSE with errno, ENOENT when it leads nowhere or elsewhere. */
static gboolean
leads_to (int registry, const char *name, int fd)
{
  struct stat held, named;

  if (fstat (fd, &held) != 0 || fstatat (registry, name, &named, AT_SYMLINK_NOFOLLOW) != 0)
    return FALSE;
  errno = ENOENT;
  return held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

static gboolean
wait_for_lock (int fd)
{
  while (flock (fd, LOCK_EX) != 0)
    if (errno != EINTR)
      return FALSE;
  return TRUE;
}

/* Whoever only looks, as gc does, lets go at once: a lock that is held for longer is in use. FALSE with errno. */
static gboolean
try_lock (int fd, BsLock lock)
{
  for (guint i = 0; flock (fd, (lock == BS_LOCK_SHARED ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0; i++)
    {
      if (errno != EWOULDBLOCK || i == LOCK_TRIES)
        return FALSE;
      g_usleep (LOCK_PAUSE_USEC);
    }
  return TRUE;
}

static gboolean
lock_folder (int fd, int registry, const char *name, BsLock lock, GError **error)
{
  if (lock == BS_LOCK_NONE)
    return TRUE;
  if (!try_lock (fd, lock))
    {
      if (errno == EWOULDBLOCK)
        bs_set_error (error, BS_ERROR_BUSY, "wait until the other command has ended, or stop it",
                      "lab '%s' is in use by another command", name);
      else
        bs_set_error_errno (error, errno, "cannot lock lab '%s'", name);
      return FALSE;
    }
  if (leads_to (registry, name, fd))
    return TRUE;
  bs_set_error (error, BS_ERROR_NOT_FOUND, NULL, "lab '%s' was just removed", name);
  return FALSE;
}

/* Makes the folder. FALSE with an error when the name is taken. */
static gboolean
make_folder (int registry, const char *name, GError **error)
{
  GError *local = NULL;

  if (mkdirat (registry, name, 0700) == 0)
    return TRUE;
  if (errno == EEXIST)
    bs_set_error (error, BS_ERROR_EXISTS, "take it down first with `benchscale down`, or use another name with --name",
                  "lab '%s' exists already", name);
  else
    {
      bs_set_error_errno (&local, errno, "cannot make the folder of lab '%s'", name);
      blame_state (error, local);
    }
  return FALSE;
}

/* Not by renaming: whoever dies here leaves an empty folder or a marker. FALSE with errno, and nothing is left. */
static gboolean
mark_folder (int registry, const char *name, int lab_dir, const char *uuid)
{
  bs_autofd int fd = openat (lab_dir, BS_MARKER_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  int errnum;

  if (fd >= 0 && bs_fd_write_all (fd, uuid, strlen (uuid)) && fsync (fd) == 0)
    return TRUE;
  errnum = errno;
  unlinkat (lab_dir, BS_MARKER_FILE, 0);
  unlinkat (registry, name, AT_REMOVEDIR);
  errno = errnum;
  return FALSE;
}

/* Between making and locking a folder, gc or down may hold it for a moment, and remove it as it is empty: so this waits
 * for the lock, and sees whether there is something to make anew. */
int
bs_registry_create (const char *name, const char *uuid, GError **error)
{
  bs_autofd int registry = -1;

  if (!bs_registry_check_name (name, error))
    return -1;
  registry = bs_registry_open (error);
  if (registry < 0)
    return -1;
  for (;;)
    {
      bs_autofd int fd = -1;

      if (!make_folder (registry, name, error))
        return -1;
      fd = openat (registry, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (fd >= 0 && wait_for_lock (fd) && leads_to (registry, name, fd))
        {
          if (mark_folder (registry, name, fd, uuid))
            return bs_fd_steal (&fd);
          bs_set_error_errno (error, errno, "cannot write into the folder of lab '%s'", name);
          return -1;
        }
      if (errno != ENOENT)
        {
          bs_set_error_errno (error, errno, "cannot lock lab '%s'", name);
          return -1;
        }
    }
}

int
bs_registry_open_lab (const char *name, BsLock lock, GError **error)
{
  g_autofree char *labs = NULL;
  bs_autofd int registry = -1, fd = -1;

  if (!bs_registry_check_name (name, error) || !bs_registry_check (error) || (labs = labs_path (error)) == NULL)
    return -1;
  registry = open (labs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  fd = registry >= 0 ? openat (registry, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
  if (fd < 0)
    {
      if (errno == ENOENT)
        bs_set_error (error, BS_ERROR_NOT_FOUND, "`benchscale list` shows the labs there are", "there is no lab '%s'",
                      name);
      else
        bs_set_error_errno (error, errno, "cannot open lab '%s'", name);
      return -1;
    }
  if (!lock_folder (fd, registry, name, lock, error))
    return -1;
  return bs_fd_steal (&fd);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static gboolean
is_folder (int dirfd, const char *name)
{
  struct stat st;

  return fstatat (dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR (st.st_mode);
}

GPtrArray *
bs_registry_list (void)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *labs = labs_path (NULL);
  DIR *dir = labs != NULL ? opendir (labs) : NULL;
  struct dirent *entry;

  while (dir != NULL && (entry = readdir (dir)) != NULL)
    if (bs_registry_check_name (entry->d_name, NULL) && is_folder (dirfd (dir), entry->d_name))
      g_ptr_array_add (names, g_strdup (entry->d_name));
  if (dir != NULL)
    closedir (dir);
  g_ptr_array_sort (names, compare_names);
  return names;
}

/* What is in the folder but its marker; NULL with errno. (element-type utf8) */
static GPtrArray *
list_content (int lab_dir)
{
  bs_autofd int fd = openat (lab_dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  GPtrArray *names;
  struct dirent *entry;

  if (dir == NULL)
    return NULL;
  bs_fd_steal (&fd);
  names = g_ptr_array_new_with_free_func (g_free);
  while ((entry = readdir (dir)) != NULL)
    if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0
        && strcmp (entry->d_name, BS_MARKER_FILE) != 0)
      g_ptr_array_add (names, g_strdup (entry->d_name));
  closedir (dir);
  return names;
}

void
bs_registry_mark (int lab_dir)
{
  g_autoptr (GPtrArray) content = list_content (lab_dir);
  bs_autofd int fd = -1;

  if (content != NULL && content->len == 0)
    fd = openat (lab_dir, BS_MARKER_FILE, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

gboolean
bs_registry_check_ours (const char *name, int lab_dir, GError **error)
{
  g_autoptr (GPtrArray) content = NULL;
  g_autofree char *labs = NULL, *hint = NULL;
  struct stat st;

  if (fstatat (lab_dir, BS_MARKER_FILE, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG (st.st_mode))
    return TRUE;
  content = list_content (lab_dir);
  if (content != NULL && content->len == 0)
    return TRUE;
  labs = labs_path (error);
  if (labs == NULL)
    return FALSE;
  hint = g_strdup_printf ("it was not made by benchscale: move '%s/%s' elsewhere, or remove it by hand", labs, name);
  bs_set_error (error, BS_ERROR_FAILED, hint, "the folder '%s' is not a lab", name);
  return FALSE;
}

/* The marker last: whoever dies between leaves what is known as ours. */
static gboolean
remove_content (int lab_dir, GError **error)
{
  g_autoptr (GPtrArray) names = list_content (lab_dir);

  for (guint i = 0; names != NULL && i < names->len; i++)
    if (!bs_file_remove_tree (lab_dir, g_ptr_array_index (names, i), error))
      return FALSE;
  return TRUE;
}

gboolean
bs_registry_remove (const char *name, int lab_dir, GError **error)
{
  bs_autofd int registry = bs_registry_open (error);

  return registry >= 0 && lock_folder (lab_dir, registry, name, BS_LOCK_EXCLUSIVE, error)
         && bs_registry_check_ours (name, lab_dir, error) && remove_content (lab_dir, error)
         && bs_file_remove_tree (registry, name, error);
}

static void
damaged (GError **error, const char *how)
{
  bs_set_error (error, BS_ERROR_PROTOCOL, "`benchscale down` removes the lab all the same",
                "the lab's record is damaged: %s", how);
}

json_t *
bs_record_read (int lab_dir, GError **error)
{
  g_autoptr (json_t) record = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *text = NULL;
  gint64 format;
  gsize length;

  text = bs_file_read (lab_dir, BS_RECORD_FILE, RECORD_MAX, &length, error);
  if (text == NULL)
    return NULL;
  record = bs_json_load (text, length, &local);
  format = bs_json_int (record, "format", 0);
  if (format > BS_RECORD_FORMAT)
    bs_set_error (error, BS_ERROR_UNSUPPORTED, "use the newer benchscale that made it",
                  "the lab's record has format %" G_GINT64_FORMAT ", this program knows %d", format, BS_RECORD_FORMAT);
  else if (format < 1)
    damaged (error, record == NULL ? local->message : "it has no format");
  return format == BS_RECORD_FORMAT ? g_steal_pointer (&record) : NULL;
}

gboolean
bs_record_write (int lab_dir, const json_t *record, GError **error)
{
  g_autofree char *text = bs_json_dump (record);

  return bs_file_write_atomic (lab_dir, BS_RECORD_FILE, text, strlen (text), 0600, error);
}
