/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-journal.h"
#include "bs-error.h"
#include "bs-failpoint.h"
#include "bs-fd.h"
#include "bs-file.h"

#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#define JOURNAL_MAX (64 * 1024 * 1024)

struct _BsJournal
{
  int fd;
  pthread_mutex_t lock; /* not GLib's: the thread sanitizer sees only pthread's */
  off_t end;            /* where the last whole line ends */
  gboolean broken;      /* a torn line could not be cut off: nothing may follow it */
};

/* Where the last whole line of @fd ends; -1 with errno. */
static off_t
find_end (int fd, off_t size)
{
  char piece[4096];

  while (size > 0)
    {
      off_t start = size > (off_t) sizeof piece ? size - (off_t) sizeof piece : 0;
      ssize_t n = pread (fd, piece, (gsize) (size - start), start);
      const char *newline;

      if (n < 0 && errno == EINTR)
        continue;
      if (n == 0)
        errno = EIO;
      if (n <= 0)
        return -1;
      newline = memrchr (piece, '\n', (gsize) n);
      if (newline != NULL)
        return start + (newline - piece) + 1;
      size = start;
    }
  return 0;
}

/* Makes @fd end in a whole line, and gives the place. */
static gboolean
cut_torn_line (int fd, off_t *end)
{
  struct stat st;

  if (fstat (fd, &st) != 0 || (*end = find_end (fd, st.st_size)) < 0)
    return FALSE;
  return *end == st.st_size || (ftruncate (fd, *end) == 0 && fdatasync (fd) == 0);
}

BsJournal *
bs_journal_open (int dirfd, const char *path, GError **error)
{
  bs_autofd int fd = openat (dirfd, path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  BsJournal *self;
  struct stat st;
  off_t end;

  if (fd >= 0 && fstat (fd, &st) == 0 && !S_ISREG (st.st_mode))
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' is not a regular file", path);
      return NULL;
    }
  if (fd < 0 || !cut_torn_line (fd, &end) || !bs_file_sync_folder_of (dirfd, path))
    {
      bs_set_error_errno (error, errno, "cannot open '%s'", path);
      return NULL;
    }
  self = g_new0 (BsJournal, 1);
  self->fd = bs_fd_steal (&fd);
  self->end = end;
  pthread_mutex_init (&self->lock, NULL);
  return self;
}

void
bs_journal_free (BsJournal *self)
{
  if (self == NULL)
    return;
  bs_fd_clear (&self->fd);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}

static char *
format_line (const char *step, const char *object, const char *state, const json_t *data)
{
  g_autoptr (json_t) line = json_pack ("{s:s, s:s, s:s}", "step", step, "object", object, "state", state);
  g_autofree char *text = NULL;

  if (line == NULL || (data != NULL && json_object_set (line, "data", (json_t *) data) != 0))
    return NULL;
  text = bs_json_dump (line);
  return text != NULL ? g_strconcat (text, "\n", NULL) : NULL;
}

/* With the lock held. FALSE with errno: nothing of @text is in the file, or nothing will follow it. */
static gboolean
write_line (BsJournal *self, const char *text)
{
  int saved;

  if (self->broken)
    {
      errno = EIO;
      return FALSE;
    }
  if (bs_fd_write_all (self->fd, text, strlen (text)) && fdatasync (self->fd) == 0)
    {
      self->end += (off_t) strlen (text);
      return TRUE;
    }
  saved = errno;
  self->broken = ftruncate (self->fd, self->end) != 0;
  errno = saved;
  return FALSE;
}

static gboolean
append (BsJournal *self, const char *step, const char *object, const char *state, const json_t *data, GError **error)
{
  g_autofree char *text = format_line (step, object, state, data);
  gboolean ok;

  if (text == NULL)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "step '%s' of the journal cannot be written as JSON", step);
      return FALSE;
    }
  pthread_mutex_lock (&self->lock);
  ok = write_line (self, text);
  if (!ok)
    bs_set_error_errno (error, errno, "cannot write the journal");
  pthread_mutex_unlock (&self->lock);
  return ok;
}

gboolean
bs_journal_begin (BsJournal *self, const char *step, const char *object, const json_t *data, GError **error)
{
  g_autofree char *point = g_strconcat (step, ".before", NULL);

  return append (self, step, object, "begin", data, error) && bs_failpoint (point, error);
}

gboolean
bs_journal_done (BsJournal *self, const char *step, const char *object, const json_t *data, GError **error)
{
  g_autofree char *point = g_strconcat (step, ".after", NULL);

  return bs_failpoint (point, error) && append (self, step, object, "done", data, error);
}

gboolean
bs_journal_undone (BsJournal *self, const char *step, const char *object, GError **error)
{
  return append (self, step, object, "undone", NULL, error);
}

/* (transfer full): the object of line @number of @path, or NULL with an error. */
static json_t *
parse_line (const char *path, guint number, const char *at, gsize length, GError **error)
{
  g_autoptr (json_t) line = bs_json_load (at, length, error);

  if (line == NULL)
    g_prefix_error (error, "line %u of '%s': ", number, path);
  if (line == NULL || json_is_object (line))
    return g_steal_pointer (&line);
  bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "line %u of '%s': not an object", number, path);
  return NULL;
}

json_t *
bs_journal_read (int dirfd, const char *path, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (json_t) lines = json_array ();
  g_autofree char *data = NULL;
  const char *at, *end;
  guint number = 1;
  gsize length;

  data = bs_file_read (dirfd, path, JOURNAL_MAX, &length, &local);
  if (data == NULL && g_error_matches (local, BS_ERROR, BS_ERROR_NOT_FOUND))
    return g_steal_pointer (&lines);
  if (data == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  for (at = data; (end = memchr (at, '\n', (gsize) (data + length - at))) != NULL; at = end + 1, number++)
    {
      json_t *line = parse_line (path, number, at, (gsize) (end - at), error);

      if (line == NULL)
        return NULL;
      json_array_append_new (lines, line);
    }
  return g_steal_pointer (&lines);
}
