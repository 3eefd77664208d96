/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-remote.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-text.h"
#include "bs-time.h"

#include <string.h>
#include <sys/mman.h>

#define OUTPUT_MAX (64 * 1024)
/* How much of what a command printed is told in an error. */
#define TOLD_BYTES 2048
#define TOLD_LINES 12
#define COMMAND_CHARS 100

static gboolean
keep_tail (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error)
{
  GString *kept = user_data;

  g_string_append_len (kept, data, (gssize) length);
  /* In big steps, so that each byte is moved once at most. */
  if (kept->len > 2 * OUTPUT_MAX)
    g_string_erase (kept, 0, (gssize) (kept->len - OUTPUT_MAX));
  return TRUE;
}

/* A descriptor that reads as @input; it never touches a disk, as there may be a password in it. */
static int
input_fd (GBytes *input, GError **error)
{
  bs_autofd int fd = memfd_create ("bs-input", MFD_CLOEXEC);
  gsize length;
  const void *data = g_bytes_get_data (input, &length);

  if (fd >= 0 && bs_fd_write_all (fd, data, length) && lseek (fd, 0, SEEK_SET) == 0)
    return bs_fd_steal (&fd);
  bs_set_error_errno (error, errno, "cannot hold %" G_GSIZE_FORMAT " bytes of input", length);
  return -1;
}

/* The command as a person would write it, on one line, cut where it grows long. */
static char *
shown_command (const char *const *argv)
{
  g_autofree char *joined = g_strjoinv (" ", (char **) argv);
  g_autofree char *text = g_strdelimit (bs_text_printable (joined, strlen (joined)), "\n\t", ' ');
  g_autofree char *cut = NULL;

  if (g_utf8_strlen (text, -1) <= COMMAND_CHARS)
    return g_steal_pointer (&text);
  cut = g_utf8_substring (text, 0, COMMAND_CHARS);
  return g_strconcat (cut, "…", NULL);
}

/* ": LINE", or the last lines below each other; "" when there are none. */
static char *
told_output (const GString *output)
{
  gsize skip = output->len > TOLD_BYTES ? output->len - TOLD_BYTES : 0;
  g_autofree char *text = g_strstrip (bs_text_printable (output->str + skip, output->len - skip));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint n = g_strv_length (lines);
  g_autoptr (GString) told = g_string_new (":");

  if (n <= 1)
    return n == 0 || lines[0][0] == '\0' ? g_strdup ("") : g_strconcat (": ", lines[0], NULL);
  for (guint i = n > TOLD_LINES ? n - TOLD_LINES : 0; i < n; i++)
    if (g_strchomp (lines[i])[0] != '\0')
      g_string_append_printf (told, "\n  %s", lines[i]);
  return g_string_free (g_steal_pointer (&told), FALSE);
}

static gboolean
judge (const char *const *argv, const BsExecResult *result, const GString *output, gint64 limit_usec, GError **error)
{
  g_autofree char *command = shown_command (argv);
  g_autofree char *told = told_output (output);
  g_autofree char *limit = bs_time_format_duration (limit_usec);

  if (result->timed_out)
    bs_set_error (error, BS_ERROR_TIMEOUT, NULL, "'%s' did not end within %s%s", command, limit, told);
  else if (result->exit_signal != 0)
    bs_set_error (error, BS_ERROR_FAILED, NULL, "'%s' was killed by signal %d%s", command, result->exit_signal, told);
  else if (result->exit_code != 0)
    bs_set_error (error, BS_ERROR_FAILED, NULL, "'%s' exited with %d%s", command, result->exit_code, told);
  else
    return TRUE;
  return FALSE;
}

/* What the carrier itself fails with, told with what the command printed until then. */
static gboolean
carrier_failed (const GString *output, GError *cause, GError **error)
{
  g_autofree char *told = told_output (output);

  if (told[0] != '\0' && cause->domain == BS_ERROR && cause->code != BS_ERROR_CANCELLED)
    bs_set_error (error, (BsErrorCode) cause->code, bs_error_hint (cause), "%s; it printed%s", cause->message, told);
  else
    g_propagate_error (error, g_error_copy (cause));
  return FALSE;
}

gboolean
bs_remote_run (BsRemote *self, const char *const *argv, const char *const *env, GBytes *input, char **output,
               GError **error)
{
  gint64 left_usec = self->deadline_usec - bs_time_now_usec ();
  BsExecSpec spec = { .argv = argv, .env = env, .timeout_usec = left_usec };
  g_autoptr (GString) kept = g_string_new (NULL);
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1, .output = keep_tail, .user_data = kept };
  bs_autofd int fd = -1;
  g_autoptr (GError) local = NULL;
  BsExecResult result = { 0 };
  gboolean ran;

  if (output != NULL)
    *output = NULL;
  if (left_usec <= 0)
    {
      g_autofree char *command = shown_command (argv);

      bs_set_error (error, BS_ERROR_TIMEOUT, NULL, "no time is left to run '%s'", command);
      return FALSE;
    }
  if (input != NULL && (fd = input_fd (input, error)) < 0)
    return FALSE;
  io.stdin_fd = fd;
  ran = self->exec (self, &spec, &io, &result, &local);
  if (kept->len > OUTPUT_MAX)
    g_string_erase (kept, 0, (gssize) (kept->len - OUTPUT_MAX));
  if (output != NULL)
    *output = g_strndup (kept->str, kept->len);
  if (!ran)
    return carrier_failed (kept, local, error);
  return judge (argv, &result, kept, left_usec, error);
}

/* $1 path, $2 mode, $3 owner or "", $4 "append" or "". The new content has its place only when it is whole; but a file
 * that is a mount of its own, as /etc/hosts is in containers, cannot be replaced, only filled. */
static const char write_script[]
    = "set -eu\n"
      "umask 022\n"
      "path=$1\n"
      "if [ -L \"$path\" ]; then path=$(readlink -f \"$path\"); fi\n"
      "if [ -d \"$path\" ]; then echo \"'$path' is a folder\" >&2; exit 1; fi\n"
      "folder=${path%/*}/\n"
      "[ -d \"$folder\" ] || mkdir -p \"$folder\"\n"
      "new=$folder.bs-write-$$\n"
      "trap 'rm -f \"$new\"' EXIT\n"
      "trap 'exit 143' HUP INT TERM\n"
      "umask 077\n"
      "{ if [ \"$4\" = append ] && [ -e \"$path\" ]; then cat \"$path\"; fi; cat; } > \"$new\"\n"
      "if [ -n \"$3\" ]; then chown \"$3\" \"$new\"; fi\n"
      "chmod \"$2\" \"$new\"\n"
      "if mv -f \"$new\" \"$path\" 2> /dev/null; then trap - EXIT; else cat \"$new\" > \"$path\"; fi\n";

static gboolean
check_path (const char *path, GError **error)
{
  const char *problem = NULL;

  if (path[0] != '/')
    problem = "it is not absolute";
  else if (g_str_has_suffix (path, "/"))
    problem = "it ends in a slash";
  for (const char *at = path; problem == NULL && *at != '\0'; at++)
    if (g_ascii_iscntrl (*at))
      problem = "it contains a control character";
  if (problem != NULL)
    {
      g_autofree char *shown = g_strescape (path, NULL);

      bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' cannot be the path of a file in a node: %s", shown, problem);
    }
  return problem == NULL;
}

gboolean
bs_remote_script (BsRemote *self, const char *what, const char *script, const char *const *arguments, GBytes *input,
                  char **output, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *said = NULL;
  g_autoptr (GError) local = NULL;
  gboolean ran;

  for (const char *const *at = (const char *const[]){ "sh", "-c", script, "sh", NULL }; *at != NULL; at++)
    g_ptr_array_add (argv, (gpointer) *at);
  for (; arguments != NULL && *arguments != NULL; arguments++)
    g_ptr_array_add (argv, (gpointer) *arguments);
  g_ptr_array_add (argv, NULL);
  ran = bs_remote_run (self, (const char *const *) argv->pdata, NULL, input, &said, &local);
  if (!ran && g_error_matches (local, BS_ERROR, BS_ERROR_FAILED) && said != NULL)
    {
      g_autoptr (GString) output_text = g_string_new (said);
      g_autofree char *told = told_output (output_text);

      bs_set_error (error, BS_ERROR_FAILED, NULL, "cannot %s%s", what, told);
    }
  else if (!ran && g_error_matches (local, BS_ERROR, BS_ERROR_TIMEOUT))
    bs_set_error (error, BS_ERROR_TIMEOUT, NULL, "cannot %s: it did not end in time", what);
  else if (!ran)
    g_propagate_prefixed_error (error, g_steal_pointer (&local), "cannot %s: ", what);
  if (output != NULL)
    *output = g_steal_pointer (&said);
  return ran;
}

gboolean
bs_remote_write (BsRemote *self, const char *path, const void *content, gsize length, guint mode, const char *owner,
                 gboolean append, GError **error)
{
  char mode_text[8];
  const char *const arguments[] = { path, mode_text, owner != NULL ? owner : "", append ? "append" : "", NULL };
  g_autoptr (GBytes) input = g_bytes_new_static (content, length);
  g_autofree char *what = g_strdup_printf ("write '%s'", path);

  if (!check_path (path, error))
    return FALSE;
  g_snprintf (mode_text, sizeof mode_text, "%04o", mode & 07777);
  return bs_remote_script (self, what, write_script, arguments, input, NULL, error);
}
