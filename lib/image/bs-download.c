/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-download.h"
#include "bs-error.h"
#include "bs-json.h"

#include <string.h>
#include <unistd.h>

typedef struct
{
  const BsDownload *request;
  BsDownloadProgress progress;
  gpointer user_data;
  char **sha256;
} Work;

static char *
make_request (const BsDownload *request)
{
  g_autoptr (json_t) object = json_pack (
      "{s:s, s:s, s:I, s:I, s:I, s:i, s:I}", "url", request->url, "name", request->name, "limit",
      (json_int_t) request->limit, "stall_usec", (json_int_t) request->stall_usec, "backoff_usec",
      (json_int_t) request->backoff_usec, "attempts", (int) request->attempts, "parent", (json_int_t) getpid ());

  if (object != NULL && request->expected != NULL)
    {
      json_object_set_new (object, "expected", json_string (request->expected->hex));
      json_object_set_new (object, "sha512", json_boolean (request->expected->type == G_CHECKSUM_SHA512));
    }
  return bs_json_dump (object);
}

static GSubprocess *
start (const Work *work, const char *program, const char *folder, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autofree char *request = make_request (work->request);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) local = NULL;
  GOutputStream *to;

  if (request == NULL)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "the address is no UTF-8 text");
      return NULL;
    }
  g_subprocess_launcher_set_cwd (launcher, folder);
  process = g_subprocess_launcher_spawn (launcher, &local, program, NULL);
  if (process == NULL)
    {
      bs_set_error (error, BS_ERROR_HOST, "see that benchScale is installed whole", "cannot run '%s': %s", program,
                    local->message);
      return NULL;
    }
  to = g_subprocess_get_stdin_pipe (process);
  g_output_stream_write_all (to, request, strlen (request), NULL, NULL, NULL);
  g_output_stream_close (to, NULL, NULL);
  return g_steal_pointer (&process);
}

static void
tell_failure (const json_t *line, GError **error)
{
  int code = BS_ERROR_FAILED;

  bs_error_code_from_name (bs_json_string (line, "code", NULL), &code);
  bs_set_error (error, (BsErrorCode) code, bs_json_string (line, "hint", NULL), "%s",
                bs_json_string (line, "error", ""));
}

/* TRUE when it was the last one; then @error is set unless all is well. */
static gboolean
take_line (Work *work, const char *text, GError **error)
{
  g_autoptr (json_t) line = bs_json_load (text, strlen (text), NULL);
  const char *note = bs_json_string (line, "note", NULL);

  if (bs_json_string (line, "error", NULL) != NULL)
    {
      tell_failure (line, error);
      return TRUE;
    }
  if (bs_json_string (line, "sha256", NULL) != NULL)
    {
      if (work->sha256 != NULL)
        *work->sha256 = g_strdup (bs_json_string (line, "sha256", ""));
      return TRUE;
    }
  if (work->progress != NULL)
    work->progress ((guint64) bs_json_int (line, "done", 0), (guint64) bs_json_int (line, "total", 0), note,
                    work->user_data);
  return FALSE;
}

static void
explain_end (GCancellable *cancellable, GError **error)
{
  if (g_cancellable_is_cancelled (cancellable))
    bs_set_error (error, BS_ERROR_CANCELLED, NULL, "the download was interrupted");
  else
    bs_set_error (error, BS_ERROR_DIED, "what came so far is kept: try again", "benchscale-fetch ended early");
}

static gboolean
follow (Work *work, GSubprocess *process, GCancellable *cancellable, GError **error)
{
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  GError *local = NULL;
  gboolean ended = FALSE;

  while (!ended)
    {
      g_autofree char *text = g_data_input_stream_read_line_utf8 (lines, NULL, cancellable, NULL);

      if (text == NULL)
        {
          explain_end (cancellable, error);
          return FALSE;
        }
      ended = take_line (work, text, &local);
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, local);
  return FALSE;
}

gboolean
bs_download (const BsDownload *request, const char *program, const char *folder, BsDownloadProgress progress,
             gpointer user_data, GCancellable *cancellable, char **sha256, GError **error)
{
  Work work = { request, progress, user_data, sha256 };
  g_autoptr (GSubprocess) process = start (&work, program, folder, error);
  gboolean done;

  if (process == NULL)
    return FALSE;
  done = follow (&work, process, cancellable, error);
  g_subprocess_force_exit (process);
  g_subprocess_wait (process, NULL, NULL);
  return done;
}
