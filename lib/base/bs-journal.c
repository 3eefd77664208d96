/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-journal.h"
#include "bs-error.h"
#include "bs-failpoint.h"
#include "bs-fd.h"
#include "bs-file.h"

#include <string.h>

#define JOURNAL_MAX (64 * 1024 * 1024)

struct _BsJournal
{
  int fd;
  GMutex lock;
};

BsJournal *
bs_journal_open (int dirfd, const char *path, GError **error)
{
  int fd = openat (dirfd, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  BsJournal *self;

  if (fd < 0)
    {
      bs_set_error_errno (error, errno, "cannot open '%s'", path);
      return NULL;
    }
  self = g_new0 (BsJournal, 1);
  self->fd = fd;
  g_mutex_init (&self->lock);
  return self;
}

void
bs_journal_free (BsJournal *self)
{
  if (self == NULL)
    return;
  bs_fd_clear (&self->fd);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static gboolean
append (BsJournal *self, const char *step, const char *object, const char *state, const json_t *data, GError **error)
{
  g_autoptr (json_t) line = json_pack ("{s:s, s:s, s:s}", "step", step, "object", object, "state", state);
  g_autofree char *text = NULL, *whole = NULL;
  gboolean ok;

  if (data != NULL)
    json_object_set (line, "data", (json_t *) data);
  text = bs_json_dump (line);
  whole = g_strconcat (text, "\n", NULL);
  g_mutex_lock (&self->lock);
  ok = bs_fd_write_all (self->fd, whole, strlen (whole)) && fdatasync (self->fd) == 0;
  if (!ok)
    bs_set_error_errno (error, errno, "cannot write the journal");
  g_mutex_unlock (&self->lock);
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

json_t *
bs_journal_read (int dirfd, const char *path, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (json_t) lines = json_array ();
  g_autofree char *data = NULL;
  char *at, *end;
  gsize length;

  data = bs_file_read (dirfd, path, JOURNAL_MAX, &length, &local);
  if (data == NULL && g_error_matches (local, BS_ERROR, BS_ERROR_NOT_FOUND))
    return g_steal_pointer (&lines);
  if (data == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  for (at = data; (end = memchr (at, '\n', (gsize) (data + length - at))) != NULL; at = end + 1)
    {
      json_t *line = bs_json_load (at, (gsize) (end - at), error);

      if (!json_is_object (line))
        {
          json_decref (line);
          if (error != NULL && *error == NULL)
            bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "a line of '%s' is no object", path);
          return NULL;
        }
      json_array_append_new (lines, line);
    }
  return g_steal_pointer (&lines);
}
