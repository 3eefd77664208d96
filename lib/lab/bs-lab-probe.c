/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-lab-probe.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-settings.h"

#include <fcntl.h>
#include <string.h>

#define LIMIT_USEC (120 * G_USEC_PER_SEC)
#define WAIT_USEC (20 * G_USEC_PER_SEC)
#define OUTPUT_MAX (16 * 1024 * 1024)

struct _BsLabProbe
{
  BsLab *lab;
  char *node;
  char **argv;
  int input[2];
  GCancellable *cancellable;
  GThread *thread;
  GMutex lock;
  GCond changed;
  GString *output, *errors;
  gboolean ended;
  int exit_code;
  GError *error;
};

gboolean
bs_lab_probe_install (BsLab *lab, const char *node, GCancellable *cancellable, GError **error)
{
  const BsSettings *settings = bs_settings_get (error);
  g_autofree char *path = NULL;

  if (settings == NULL)
    return FALSE;
  path = g_build_filename (bs_settings_libexec_dir (settings), "benchscale-guest", NULL);
  if (bs_lab_copy_in (lab, node, path, BS_LAB_PROBE_PATH, cancellable, error))
    return TRUE;
  g_prefix_error (error, "node '%s': cannot put the probe there: ", node);
  return FALSE;
}

void
bs_lab_probe_remove (BsLab *lab, const char *node)
{
  const char *const argv[] = { "rm", "-f", BS_LAB_PROBE_PATH, NULL };
  int exit_code;

  bs_lab_exec_capture (lab, node, argv, NULL, WAIT_USEC, &exit_code, NULL, NULL, NULL, NULL);
}

static gboolean
take_output (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error)
{
  BsLabProbe *self = user_data;
  GString *text = channel == BS_EXEC_STDOUT ? self->output : self->errors;

  g_mutex_lock (&self->lock);
  if (text->len + length <= OUTPUT_MAX)
    g_string_append_len (text, data, (gssize) length);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  return TRUE;
}

static gpointer
run (gpointer user_data)
{
  BsLabProbe *self = user_data;
  BsExecSpec spec = { .argv = (const char *const *) self->argv, .timeout_usec = LIMIT_USEC };
  BsExecIO io = { .stdin_fd = self->input[0], .output = take_output, .user_data = self, .control_fd = -1 };
  BsExecResult result = { 0 };
  GError *error = NULL;

  bs_lab_exec (self->lab, self->node, &spec, &io, &result, self->cancellable, &error);
  g_mutex_lock (&self->lock);
  self->error = error;
  self->exit_code = result.exit_code;
  self->ended = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  return NULL;
}

BsLabProbe *
bs_lab_probe_start (BsLab *lab, const char *node, const char *arguments, GError **error)
{
  g_autofree char *command = g_strdup_printf (BS_LAB_PROBE_PATH " probe %s", arguments);
  BsLabProbe *self;
  int input[2];

  if (pipe2 (input, O_CLOEXEC) != 0)
    {
      bs_set_error_errno (error, errno, "cannot make a pipe");
      return NULL;
    }
  self = g_new0 (BsLabProbe, 1);
  self->lab = lab;
  self->node = g_strdup (node);
  self->argv = g_strsplit (command, " ", -1);
  memcpy (self->input, input, sizeof input);
  self->cancellable = g_cancellable_new ();
  self->output = g_string_new (NULL);
  self->errors = g_string_new (NULL);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->thread = g_thread_new ("probe", run, self);
  return self;
}

void
bs_lab_probe_poke (BsLabProbe *self)
{
  if (write (self->input[1], "", 1) != 1)
    g_debug ("the probe reads no more");
}

/* With the lock held. */
static const char *
find_line (const BsLabProbe *self, guint n, gsize *length)
{
  const char *at = self->output->str, *end;

  for (; (end = strchr (at, '\n')) != NULL; at = end + 1)
    if (--n == 0)
      {
        *length = (gsize) (end - at);
        return at;
      }
  return NULL;
}

static void
explain_end (BsLabProbe *self, GError **error)
{
  if (self->error != NULL)
    g_propagate_error (error, g_error_copy (self->error));
  else
    bs_set_error (error, BS_ERROR_FAILED, NULL, "the probe in node '%s' ended with %d: %s", self->node, self->exit_code,
                  g_strchomp (self->errors->str));
}

gboolean
bs_lab_probe_wait_line (BsLabProbe *self, guint n, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + WAIT_USEC;
  gboolean in_time = TRUE, found;
  gsize length;

  g_mutex_lock (&self->lock);
  while (!(found = find_line (self, n, &length) != NULL) && !self->ended && in_time)
    in_time = g_cond_wait_until (&self->changed, &self->lock, deadline);
  if (!found && self->ended)
    explain_end (self, error);
  else if (!found)
    bs_set_error (error, BS_ERROR_TIMEOUT, NULL, "the probe in node '%s' does not answer", self->node);
  g_mutex_unlock (&self->lock);
  return found;
}

char *
bs_lab_probe_line (BsLabProbe *self, guint n)
{
  const char *line;
  char *copy;
  gsize length = 0;

  g_mutex_lock (&self->lock);
  line = find_line (self, n, &length);
  copy = line != NULL ? g_strndup (line, length) : NULL;
  g_mutex_unlock (&self->lock);
  return copy;
}

char *
bs_lab_probe_finish (BsLabProbe *self, GError **error)
{
  char *text = NULL;

  if (self == NULL)
    return NULL;
  bs_fd_clear (&self->input[1]);
  g_thread_join (self->thread);
  if (self->error != NULL || self->exit_code != 0)
    explain_end (self, error);
  else
    text = g_strdup (self->output->str);
  bs_fd_clear (&self->input[0]);
  g_clear_error (&self->error);
  g_object_unref (self->cancellable);
  g_string_free (self->output, TRUE);
  g_string_free (self->errors, TRUE);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_strfreev (self->argv);
  g_free (self->node);
  g_free (self);
  return text;
}

char *
bs_lab_probe_run (BsLab *lab, const char *node, const char *arguments, GCancellable *cancellable, GError **error)
{
  g_autofree char *command = g_strdup_printf (BS_LAB_PROBE_PATH " probe %s", arguments);
  g_auto (GStrv) argv = g_strsplit (command, " ", -1);
  g_autoptr (GBytes) out = NULL, err = NULL;
  int exit_code;

  if (!bs_lab_exec_capture (lab, node, (const char *const *) argv, NULL, LIMIT_USEC, &exit_code, &out, &err,
                            cancellable, error))
    return NULL;
  if (exit_code == 0)
    return g_strndup (g_bytes_get_data (out, NULL), g_bytes_get_size (out));
  bs_set_error (error, BS_ERROR_FAILED, NULL, "the probe in node '%s' ended with %d: %.*s", node, exit_code,
                (int) g_bytes_get_size (err), (const char *) g_bytes_get_data (err, NULL));
  return NULL;
}
