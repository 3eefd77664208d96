/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qga-copy-out.c — files and folders out of a machine through its agent
 *
 * Its tar makes an archive there, the agent reads that a piece at a time, and our tar unpacks it into a folder of its
 * own, which nobody else has. From there it goes its last way as every copy out of a guest: below the destination only,
 * without owners and what gives rights (bs-archive.h). So a guest that lies harms a folder that is thrown away.
 */
#include "bs-archive.h"
#include "bs-error.h"
#include "bs-file.h"
#include "bs-qga-private.h"

#include <stdlib.h>
#include <string.h>

#define MISSING "missing"
#define BUFFER ((gsize) 256 * 1024)

/* $1 path, $2 name ("": its content). Prints the folder where the archive is. */
static const char pack_script[] = "set -eu\n"
                                  "if [ ! -e \"$1\" ] && [ ! -L \"$1\" ]; then echo " MISSING "; exit 0; fi\n"
                                  "work=$(mktemp -d /var/tmp/bs-copy-XXXXXX)\n"
                                  "trap 'rm -rf \"$work\"' EXIT\n"
                                  "trap 'exit 143' HUP INT TERM\n"
                                  "if [ -n \"$2\" ]; then\n"
                                  "  path=${1%/}\n"
                                  "  case $path in */*) cd \"${path%/*}/\" ;; esac\n"
                                  "  tar -cf \"$work/archive\" -- \"./$2\"\n"
                                  "else\n"
                                  "  tar -C \"$1\" -cf \"$work/archive\" .\n"
                                  "fi\n"
                                  "trap - EXIT\n"
                                  "echo \"$work\"\n";

static gboolean
unpack_error (const BsArchiveError *archive, const char *what, GError **error)
{
  int code = BS_ERROR_FAILED;

  bs_error_code_from_name (archive->code, &code);
  bs_set_error (error, (BsErrorCode) code, NULL, "cannot %s: %s", what, archive->text);
  return FALSE;
}

/* From one folder of the host to its place. */
static gboolean
place (const char *staged, const char *destination, const char *name, const char *what, GError **error)
{
  BsArchiveError archive;
  BsPack *pack = bs_pack_new (staged, &archive);
  BsUnpack *unpack = pack != NULL ? bs_unpack_new (destination, name, true, &archive) : NULL;
  g_autofree guint8 *buffer = g_malloc (BUFFER);
  ssize_t n = -1;
  gboolean ok = unpack != NULL;

  while (ok && (n = bs_pack_read (pack, buffer, BUFFER, &archive)) > 0)
    ok = bs_unpack_write (unpack, buffer, (gsize) n, &archive);
  ok = ok && n == 0 && bs_unpack_finish (unpack, &archive);
  bs_unpack_free (unpack);
  bs_pack_free (pack);
  return ok || unpack_error (&archive, what, error);
}

static gboolean
receive (BsQga *self, const char *archive, const char *folder, gint64 deadline_usec, GCancellable *cancellable,
         GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GSubprocess) tar = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &local,
      "tar", "--no-same-owner", "--delay-directory-restore", "-C", folder, "-xpf", "-", NULL);
  gboolean read;

  if (tar == NULL)
    {
      bs_set_error (error, BS_ERROR_HOST, "install tar", "cannot run 'tar': %s", local->message);
      return FALSE;
    }
  read = bs_qga_read_into (self, archive, g_subprocess_get_stdin_pipe (tar), deadline_usec, cancellable, error);
  if (!read)
    g_subprocess_force_exit (tar);
  g_output_stream_close (g_subprocess_get_stdin_pipe (tar), NULL, NULL);
  g_subprocess_wait (tar, NULL, NULL);
  if (!read || g_subprocess_get_successful (tar))
    return read;
  bs_set_error (error, BS_ERROR_FAILED, NULL, "'tar' cannot unpack what the guest sent");
  return FALSE;
}

/* @packed: the folder in the guest */
static gboolean
fetch (BsQga *self, const char *packed, const char *destination, const char *name, const char *what,
       gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  g_autofree char *archive = g_strconcat (packed, "/archive", NULL);
  g_autofree char *folder = g_build_filename (g_get_tmp_dir (), "bs-copy-XXXXXX", NULL);
  g_autofree char *staged = NULL;
  gboolean ok;

  if (g_mkdtemp (folder) == NULL)
    {
      bs_set_error_errno (error, errno, "cannot make a folder in '%s'", g_get_tmp_dir ());
      return FALSE;
    }
  staged = name[0] != '\0' ? g_build_filename (folder, name, NULL) : g_strdup (folder);
  ok = receive (self, archive, folder, deadline_usec, cancellable, error);
  if (!ok)
    g_prefix_error (error, "cannot %s: ", what);
  ok = ok && place (staged, destination, name, what, error);
  bs_file_remove_tree (AT_FDCWD, folder, NULL);
  return ok;
}

static gboolean
pack_there (BsRemote *remote, const char *source, const char *name, const char *what, char **packed, GError **error)
{
  const char *const arguments[] = { source, name, NULL };

  if (!bs_remote_script (remote, what, pack_script, arguments, NULL, packed, error))
    return FALSE;
  g_strchomp (*packed);
  if (strcmp (*packed, MISSING) == 0)
    bs_set_error (error, BS_ERROR_NOT_FOUND, NULL, "cannot %s: there is no such file or folder", what);
  else if (!g_str_has_prefix (*packed, "/var/tmp/bs-copy-"))
    bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "cannot %s: its shell answers something else", what);
  else
    return TRUE;
  return FALSE;
}

gboolean
bs_qga_copy_out (BsQga *self, const char *source, const char *destination, gint64 deadline_usec,
                 GCancellable *cancellable, GError **error)
{
  g_autofree char *what = g_strdup_printf ("copy '%s' out of the guest", source), *packed = NULL;
  char *name = bs_archive_base_name (source);
  BsRemote remote;
  gboolean ok;

  bs_remote_over_qga (&remote, self, cancellable, deadline_usec);
  ok = pack_there (&remote, source, name, what, &packed, error);
  if (ok)
    {
      ok = fetch (self, packed, destination, name, what, deadline_usec, cancellable, error);
      bs_remote_script (&remote, what, "rm -rf \"$1\"", (const char *const[]){ packed, NULL }, NULL, NULL, NULL);
    }
  free (name);
  return ok;
}
