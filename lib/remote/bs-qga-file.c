/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qga-file.c — files through the agent: its handles, a piece at a time; folders as an archive of tar's */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-qga-private.h"

#include <gio/gunixinputstream.h>
#include <string.h>
#include <sys/stat.h>

#define PIECE ((gsize) 256 * 1024)

static json_int_t
open_file (BsQga *self, const char *path, const char *mode, gint64 deadline_usec, GCancellable *cancellable,
           GError **error)
{
  json_t *arguments = json_pack ("{s:s, s:s}", "path", path, "mode", mode);
  g_autoptr (json_t) handle = NULL;

  if (arguments == NULL)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "a path for the guest's agent must be UTF-8");
      return -1;
    }
  handle = bs_qga_call (self, "guest-file-open", arguments, deadline_usec, cancellable, error);
  if (handle != NULL && !json_is_integer (handle))
    bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "the guest's agent opened a file without handle");
  return json_is_integer (handle) ? json_integer_value (handle) : -1;
}

static gboolean
close_file (BsQga *self, json_int_t handle, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  g_autoptr (json_t) answer = bs_qga_call (self, "guest-file-close", json_pack ("{s:I}", "handle", handle),
                                           deadline_usec, cancellable, error);

  return answer != NULL;
}

static gboolean
write_piece (BsQga *self, json_int_t handle, const guint8 *data, gsize length, gint64 deadline_usec,
             GCancellable *cancellable, GError **error)
{
  while (length > 0)
    {
      g_autofree char *text = g_base64_encode (data, length);
      g_autoptr (json_t) answer
          = bs_qga_call (self, "guest-file-write", json_pack ("{s:I, s:s}", "handle", handle, "buf-b64", text),
                         deadline_usec, cancellable, error);
      gint64 count = bs_json_int (answer, "count", -1);

      if (answer == NULL)
        return FALSE;
      if (count <= 0 || (guint64) count > length)
        {
          bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "the guest's agent wrote an impossible number of bytes");
          return FALSE;
        }
      data += count;
      length -= (gsize) count;
    }
  return TRUE;
}

static gboolean
write_all (BsQga *self, json_int_t handle, int fd, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  g_autoptr (GInputStream) stream = g_unix_input_stream_new (fd, FALSE);
  g_autofree guint8 *piece = g_malloc (PIECE);
  g_autoptr (GError) local = NULL;
  gsize n;

  do
    {
      if (!g_input_stream_read_all (stream, piece, PIECE, &n, cancellable, &local))
        {
          bs_set_error (error, g_cancellable_is_cancelled (cancellable) ? BS_ERROR_CANCELLED : BS_ERROR_FAILED, NULL,
                        "cannot read what is to be copied: %s", local->message);
          return FALSE;
        }
      if (!write_piece (self, handle, piece, n, deadline_usec, cancellable, error))
        return FALSE;
    }
  while (n == PIECE);
  return TRUE;
}

gboolean
bs_qga_write_file (BsQga *self, const char *path, int fd, gint64 deadline_usec, GCancellable *cancellable,
                   GError **error)
{
  json_int_t handle = open_file (self, path, "w", deadline_usec, cancellable, error);
  gboolean ok;

  if (handle < 0)
    return FALSE;
  ok = write_all (self, handle, fd, deadline_usec, cancellable, error);
  /* Closing may tell that the disk is full. */
  return close_file (self, handle, deadline_usec, cancellable, ok ? error : NULL) && ok;
}

static gboolean
read_piece (BsQga *self, json_int_t handle, GByteArray *content, gboolean *end, gint64 deadline_usec,
            GCancellable *cancellable, GError **error)
{
  json_t *arguments = json_pack ("{s:I, s:I}", "handle", handle, "count", (json_int_t) PIECE);
  g_autoptr (json_t) answer = bs_qga_call (self, "guest-file-read", arguments, deadline_usec, cancellable, error);
  const char *text = bs_json_string (answer, "buf-b64", "");
  gsize length = 0;
  g_autofree guchar *data = text[0] != '\0' ? g_base64_decode (text, &length) : NULL;

  if (answer == NULL)
    return FALSE;
  *end = bs_json_bool (answer, "eof", FALSE);
  if (length > PIECE || (length == 0 && !*end))
    {
      bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "the guest's agent read an impossible number of bytes");
      return FALSE;
    }
  g_byte_array_append (content, data, (guint) length);
  return TRUE;
}

GBytes *
bs_qga_read_file (BsQga *self, const char *path, gsize limit, gint64 deadline_usec, GCancellable *cancellable,
                  GError **error)
{
  json_int_t handle = open_file (self, path, "r", deadline_usec, cancellable, error);
  g_autoptr (GByteArray) content = g_byte_array_new ();
  gboolean ok = handle >= 0, end = FALSE;

  while (ok && !end && content->len <= limit)
    ok = read_piece (self, handle, content, &end, deadline_usec, cancellable, error);
  if (handle >= 0)
    close_file (self, handle, deadline_usec, cancellable, NULL);
  if (ok && content->len > limit)
    bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' is larger than %" G_GSIZE_FORMAT " bytes", path, limit);
  return ok && content->len <= limit ? g_byte_array_free_to_bytes (g_steal_pointer (&content)) : NULL;
}

gboolean
bs_qga_read_into (BsQga *self, const char *path, GOutputStream *stream, gint64 deadline_usec, GCancellable *cancellable,
                  GError **error)
{
  json_int_t handle = open_file (self, path, "r", deadline_usec, cancellable, error);
  g_autoptr (GByteArray) piece = g_byte_array_new ();
  g_autoptr (GError) local = NULL;
  gboolean ok = handle >= 0, end = FALSE;

  while (ok && !end)
    {
      g_byte_array_set_size (piece, 0);
      ok = read_piece (self, handle, piece, &end, deadline_usec, cancellable, error);
      if (!ok || g_output_stream_write_all (stream, piece->data, piece->len, NULL, cancellable, &local))
        continue;
      bs_set_error (error, g_cancellable_is_cancelled (cancellable) ? BS_ERROR_CANCELLED : BS_ERROR_FAILED, NULL,
                    "what the guest sent is not taken: %s", local->message);
      ok = FALSE;
    }
  if (handle >= 0)
    close_file (self, handle, deadline_usec, NULL, NULL);
  return ok;
}

/* $1 our folder there, $2 destination, $3 name ("": the content), $4 "folder" or "other". What is no folder has its
 * place only when it is whole. */
static const char unpack_script[] = "set -eu\n"
                                    "trap 'rm -rf \"$1\"' EXIT\n"
                                    "trap 'exit 143' HUP INT TERM\n"
                                    "target=$2\n"
                                    "case $2 in */) inside=yes ;; *) inside= ;; esac\n"
                                    "if [ -d \"$2\" ] || [ -n \"$inside\" ]; then target=${2%/}/$3; fi\n"
                                    "if [ \"$4\" = folder ]; then\n"
                                    "  [ -d \"$target\" ] || mkdir \"$target\"\n"
                                    "  tar -xpf \"$1/archive\" -C \"$target\"\n"
                                    "else\n"
                                    "  if [ -d \"$target\" ]; then echo \"'$target' is a folder\" >&2; exit 1; fi\n"
                                    "  stage=$(mktemp -d \"${target%/*}/.bs-copy-XXXXXX\")\n"
                                    "  trap 'rm -rf \"$1\" \"$stage\"' EXIT\n"
                                    "  tar -xpf \"$1/archive\" -C \"$stage\"\n"
                                    "  mv -f \"$stage/$3\" \"$target\"\n"
                                    "fi\n";

/* A process that writes the archive of @source. @folder: of what is in it. */
static GSubprocess *
spawn_tar (const char *source, gboolean folder, GError **error)
{
  g_autofree char *parent = folder ? g_strdup (source) : g_path_get_dirname (source);
  g_autofree char *base = folder ? NULL : g_path_get_basename (source);
  g_autofree char *name = folder ? g_strdup (".") : g_strconcat ("./", base, NULL);
  g_autoptr (GError) local = NULL;
  GSubprocess *process
      = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &local, "tar",
                          "--format=gnu", "--numeric-owner", "-C", parent, "-cf", "-", "--", name, NULL);

  if (process == NULL)
    bs_set_error (error, BS_ERROR_HOST, "install tar", "cannot run 'tar': %s", local->message);
  return process;
}

static gboolean
send_archive (BsQga *self, const char *source, gboolean folder, const char *path, gint64 deadline_usec,
              GCancellable *cancellable, GError **error)
{
  g_autoptr (GSubprocess) tar = spawn_tar (source, folder, error);
  gboolean sent;

  if (tar == NULL)
    return FALSE;
  sent = bs_qga_write_file (self, path,
                            g_unix_input_stream_get_fd (G_UNIX_INPUT_STREAM (g_subprocess_get_stdout_pipe (tar))),
                            deadline_usec, cancellable, error);
  if (!sent)
    g_subprocess_force_exit (tar);
  g_subprocess_wait (tar, NULL, NULL);
  if (!sent || g_subprocess_get_successful (tar))
    return sent;
  bs_set_error (error, BS_ERROR_FAILED, NULL, "cannot read all of '%s'", source);
  return FALSE;
}

gboolean
bs_qga_copy_in (BsQga *self, const char *source, const char *destination, gint64 deadline_usec,
                GCancellable *cancellable, GError **error)
{
  gboolean content = g_str_has_suffix (source, "/.") || g_strcmp0 (source, ".") == 0;
  g_autofree char *name = content ? g_strdup ("") : g_path_get_basename (source);
  g_autofree char *output = NULL, *archive = NULL, *what = g_strdup_printf ("copy '%s' into the guest", source);
  BsRemote remote;
  struct stat st;

  if (lstat (source, &st) != 0)
    {
      bs_set_error_errno (error, errno, "cannot read '%s'", source);
      return FALSE;
    }
  bs_remote_over_qga (&remote, self, cancellable, deadline_usec);
  if (!bs_remote_script (&remote, what, "mktemp -d /var/tmp/bs-copy-XXXXXX", NULL, NULL, &output, error))
    return FALSE;
  g_strchomp (output);
  archive = g_strconcat (output, "/archive", NULL);
  if (send_archive (self, source, S_ISDIR (st.st_mode), archive, deadline_usec, cancellable, error))
    {
      const char *const arguments[] = { output, destination, name, S_ISDIR (st.st_mode) ? "folder" : "other", NULL };

      return bs_remote_script (&remote, what, unpack_script, arguments, NULL, NULL, error);
    }
  bs_remote_script (&remote, what, "rm -rf \"$1\"", (const char *const[]){ output, NULL }, NULL, NULL, NULL);
  return FALSE;
}

static gboolean
qga_exec (BsRemote *self, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result, GError **error)
{
  /* The command's own time, where it has one, ends it properly. */
  return bs_qga_exec (self->data, spec, io, result, spec->timeout_usec > 0 ? -1 : self->deadline_usec,
                      self->cancellable, error);
}

static gboolean
qga_copy_in (BsRemote *self, const char *source, const char *destination, GError **error)
{
  return bs_qga_copy_in (self->data, source, destination, self->deadline_usec, self->cancellable, error);
}

void
bs_remote_over_qga (BsRemote *self, BsQga *qga, GCancellable *cancellable, gint64 deadline_usec)
{
  *self = (BsRemote){
    .exec = qga_exec, .copy_in = qga_copy_in, .data = qga, .cancellable = cancellable, .deadline_usec = deadline_usec
  };
}
