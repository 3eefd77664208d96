/* SPDX-License-Identifier: Apache-2.0 */
#include "guest-fixture.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

int
fixture_spawn (const char *const *env, pid_t *pid)
{
  const char *program = g_getenv ("BS_GUEST_PROGRAM");
  int ends[2];

  g_assert_nonnull (program);
  g_assert_true (bs_socket_pair (SOCK_STREAM, ends, NULL));
  /* Of a caller whose own PATH leads through folders that are closed to us, a missing program would be a forbidden one.
   */
  g_setenv ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", TRUE);
  *pid = fork ();
  if (*pid == 0)
    {
      char number[16];

      for (; env != NULL && *env != NULL; env++)
        putenv ((char *) *env);
      g_snprintf (number, sizeof number, "%d", dup (ends[1]));
      execl (program, program, "--fd", number, NULL);
      _exit (127);
    }
  g_assert_cmpint (*pid, >, 0);
  close (ends[1]);
  return ends[0];
}

void
fixture_end (pid_t pid)
{
  int status;

  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status) ? WEXITSTATUS (status) == 0 : WTERMSIG (status) == SIGKILL);
}

void
fixture_set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int fd = fixture_spawn (NULL, &self->pid);

  self->folder = g_dir_make_tmp ("bs-guest-XXXXXX", NULL);
  self->raw = dup (fd);
  self->guest = bs_guest_new (fd);
  bs_guest_open (self->guest, SOON (), NULL, &error);
  g_assert_no_error (error);
}

void
fixture_tear_down (Fixture *self, gconstpointer data)
{
  bs_guest_free (self->guest);
  bs_fd_clear (&self->raw);
  fixture_end (self->pid);
  g_assert_true (bs_file_remove_tree (AT_FDCWD, self->folder, NULL));
  g_free (self->folder);
}

char *
fixture_path (Fixture *self, const char *name)
{
  return g_build_filename (self->folder, name, NULL);
}

void
fixture_write (const char *path, const char *content, mode_t mode)
{
  bs_autofd int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  g_assert_true (fd >= 0 && bs_fd_write_all (fd, content, strlen (content)) && fchmod (fd, mode) == 0);
}

char *
fixture_read (const char *path)
{
  char *content = NULL;

  g_file_get_contents (path, &content, NULL, NULL);
  return content;
}

void
output_clear (Output *self)
{
  if (self->out != NULL)
    g_string_free (self->out, TRUE);
  if (self->err != NULL)
    g_string_free (self->err, TRUE);
  *self = (Output){ 0 };
}

gboolean
output_take (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error)
{
  Output *self = user_data;
  GString **target = channel == BS_EXEC_STDOUT ? &self->out : &self->err;

  if (*target == NULL)
    *target = g_string_new (NULL);
  g_string_append_len (*target, data, (gssize) length);
  return TRUE;
}

BsExecResult
fixture_sh (Fixture *self, const char *script, int stdin_fd, Output *output)
{
  const char *const argv[] = { "sh", "-c", script, NULL };
  BsExecSpec spec = { .argv = argv };
  BsExecIO io
      = { .stdin_fd = stdin_fd, .control_fd = -1, .output = output != NULL ? output_take : NULL, .user_data = output };
  g_autoptr (GError) error = NULL;
  BsExecResult result = { 0 };

  bs_guest_exec (self->guest, &spec, &io, &result, NULL, &error);
  g_assert_no_error (error);
  return result;
}
