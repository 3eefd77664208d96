/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-event-log.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-time.h"

#include <string.h>

struct _BsEventLog
{
  int fd;
  char *lab;
};

BsEventLog *
bs_event_log_open (int dir, const char *lab, GError **error)
{
  BsEventLog *self;
  int fd = openat (dir, BS_EVENT_LOG, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd < 0)
    {
      bs_set_error_errno (error, errno, "cannot open '%s'", BS_EVENT_LOG);
      return NULL;
    }
  self = g_new0 (BsEventLog, 1);
  self->fd = fd;
  self->lab = g_strdup (lab);
  return self;
}

void
bs_event_log_free (BsEventLog *self)
{
  if (self == NULL)
    return;
  bs_fd_clear (&self->fd);
  g_free (self->lab);
  g_free (self);
}

json_t *
bs_event_log_add (BsEventLog *self, const json_t *event)
{
  g_autofree char *now = bs_time_format_now ();
  g_autofree char *line = NULL;
  json_t *full = json_object ();
  const char *key;
  json_t *value;
  gsize length;

  json_object_set_new (full, "time", json_string (now));
  json_object_set_new (full, "lab", json_string (self->lab));
  json_object_foreach ((json_t *) event, key, value)
  {
    if (strcmp (key, "time") != 0 && strcmp (key, "lab") != 0)
      json_object_set (full, key, value);
  }
  line = bs_json_dump (full);
  length = strlen (line);
  line[length] = '\n'; /* in place of the terminator: one write, so that a line is never torn by another */
  if (!bs_fd_write_all (self->fd, line, length + 1))
    g_warning ("cannot write to '%s': %s", BS_EVENT_LOG, g_strerror (errno));
  return full;
}
