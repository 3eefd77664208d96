/* SPDX-License-Identifier: Apache-2.0 */
#include "lab-fixture.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-process.h"
#include "bs-registry.h"
#include "bs-tag.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static char *folder, *state_id;

void
fixture_begin (int *argc, char ***argv)
{
  g_autofree char *state = NULL, *cache = NULL;

  folder = g_dir_make_tmp ("bs-lab-XXXXXX", NULL);
  g_assert_nonnull (folder);
  state = g_build_filename (folder, "state", NULL);
  cache = g_build_filename (folder, "cache", NULL);
  g_assert_true (bs_file_make_dirs (state, 0700, NULL));
  g_setenv ("BENCHSCALE_STATE_DIR", state, TRUE);
  g_setenv ("BENCHSCALE_CACHE_DIR", cache, TRUE);
  g_unsetenv ("BENCHSCALE_FAILPOINT");
  state_id = bs_tag_state_id (state);
  g_test_init (argc, argv, NULL);
}

int
fixture_run (void)
{
  int code = g_test_run ();

  g_assert_true (bs_file_remove_tree (AT_FDCWD, folder, NULL));
  g_clear_pointer (&folder, g_free);
  g_clear_pointer (&state_id, g_free);
  return code;
}

const char *
fixture_folder (void)
{
  return folder;
}

const char *
fixture_state_id (void)
{
  return state_id;
}

char *
fixture_lab_path (const char *name)
{
  return g_build_filename (folder, "state", "labs", name, NULL);
}

void
fixture_set_up (Fixture *self, gconstpointer unused)
{
  self->sleepers = g_array_new (FALSE, FALSE, sizeof (pid_t));
  self->inputs = g_array_new (FALSE, FALSE, sizeof (int));
}

void
fixture_kill (Fixture *self, pid_t pid)
{
  for (guint i = 0; i < self->sleepers->len; i++)
    if (g_array_index (self->sleepers, pid_t, i) == pid)
      {
        /* Our child, not reaped yet: the pid is still its own. */
        g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
        g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
        close (g_array_index (self->inputs, int, i));
        g_array_remove_index (self->sleepers, i);
        g_array_remove_index (self->inputs, i);
        return;
      }
  g_assert_not_reached ();
}

void
fixture_tear_down (Fixture *self, gconstpointer unused)
{
  g_autofree char *labs = fixture_lab_path (NULL);

  while (self->sleepers->len > 0)
    fixture_kill (self, g_array_index (self->sleepers, pid_t, 0));
  g_array_unref (self->sleepers);
  g_array_unref (self->inputs);
  g_assert_true (bs_file_remove_tree (AT_FDCWD, labs, NULL));
}

static pid_t
spawn (char **argv, int input, int output)
{
  pid_t pid = fork ();

  g_assert_cmpint (pid, >=, 0);
  if (pid > 0)
    return pid;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  dup2 (input, STDIN_FILENO);
  dup2 (output, STDOUT_FILENO);
  execv (SLEEPER_PROGRAM, argv);
  _exit (127);
}

static pid_t
start (Fixture *self, char **argv)
{
  int in[2], out[2];
  pid_t pid;
  char byte;

  g_assert_cmpint (pipe2 (in, O_CLOEXEC), ==, 0);
  g_assert_cmpint (pipe2 (out, O_CLOEXEC), ==, 0);
  pid = spawn (argv, in[0], out[1]);
  close (in[0]);
  close (out[1]);
  g_assert_cmpint (read (out[0], &byte, 1), ==, 1);
  close (out[0]);
  g_array_append_val (self->sleepers, pid);
  g_array_append_val (self->inputs, in[1]);
  return pid;
}

pid_t
fixture_start (Fixture *self, const char *first, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  va_list more;

  va_start (more, first);
  for (const char *at = first; at != NULL; at = va_arg (more, const char *))
    g_ptr_array_add (argv, (gpointer) at);
  va_end (more);
  g_ptr_array_add (argv, NULL);
  return start (self, (char **) argv->pdata);
}

pid_t
fixture_start_tagged (Fixture *self, const char *lab, const char *uuid, const char *role, const char *node)
{
  g_autofree char *tag = bs_tag_format (state_id, lab, uuid, role, node);

  if (node != NULL)
    return fixture_start (self, "qemu", "-nodefaults", "-name", tag, NULL);
  return fixture_start (self, g_str_equal (role, "switch") ? "/libexec/benchscale-switch" : "/libexec/benchscale-lab",
                        tag, NULL);
}

gboolean
fixture_lives (pid_t pid)
{
  char state = 0;

  return bs_process_stat (pid, &state) != 0 && state != 'Z';
}

void
fixture_make_lab_with (const char *name, const char *record)
{
  g_autoptr (GError) error = NULL;
  bs_autofd int lab_dir = bs_registry_create (name, UUID_A, &error);

  g_assert_no_error (error);
  g_assert_true (bs_file_write_atomic (lab_dir, BS_RECORD_FILE, record, strlen (record), 0600, NULL));
}

void
fixture_make_lab (const char *name, const char *uuid, const char *state, guint n_nodes)
{
  json_t *nodes = json_array ();
  g_autoptr (json_t) record = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < n_nodes; i++)
    {
      g_autofree char *node = g_strdup_printf ("n%u", i);

      json_array_append_new (nodes, json_pack ("{s:s, s:s}", "name", node, "backend", "qemu"));
    }
  record = json_pack ("{s:i, s:s, s:s, s:s, s:s, s:[], s:o}", "format", BS_RECORD_FORMAT, "name", name, "uuid", uuid,
                      "state", state, "topology", "t.yaml", "networks", "nodes", nodes);
  text = bs_json_dump (record);
  fixture_make_lab_with (name, text);
}

gboolean
fixture_has_lab (const char *name)
{
  g_autofree char *path = fixture_lab_path (name);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}
