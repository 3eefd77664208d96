/* SPDX-License-Identifier: Apache-2.0 */
/* conformance BACKEND — what every backend must do, on real machines; written against the interface alone */
#include "fixture.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void
class_is_whole (void)
{
  const BsBackendClass *backend = fixture->backend;

  g_assert_cmpuint (backend->abi, ==, BS_BACKEND_ABI);
  g_assert_cmpuint (backend->size, ==, sizeof (BsBackendClass));
  g_assert_nonnull (backend->needs);
  g_assert_true ((backend->exec != NULL) == ((backend->caps & BS_CAP_EXEC) != 0));
  g_assert_true ((backend->wait_for != NULL) == ((backend->caps & BS_CAP_EXEC) != 0));
  g_assert_true ((backend->copy_in != NULL) == ((backend->caps & BS_CAP_COPY) != 0));
  g_assert_true ((backend->copy_out != NULL) == ((backend->caps & BS_CAP_COPY) != 0));
  g_assert_true ((backend->console != NULL) == ((backend->caps & BS_CAP_CONSOLE) != 0));
  g_assert_true ((backend->pause_node != NULL) == ((backend->caps & BS_CAP_PAUSE) != 0));
  g_assert_true ((backend->resume_node != NULL) == ((backend->caps & BS_CAP_PAUSE) != 0));
  g_assert_true ((backend->prepare_node != NULL) == ((backend->caps & BS_CAP_TEMPLATE) != 0));
  g_assert_true ((backend->explain_start != NULL) == ((backend->caps & BS_CAP_TEMPLATE) != 0));
  g_assert_true ((backend->sweep_templates != NULL) == ((backend->caps & BS_CAP_TEMPLATE) != 0));
}

static void
probe_tells_what_there_is (void)
{
  BsBackendProbe probe;

  fixture->backend->probe (&probe, NULL);
  g_assert_true (probe.usable);
  g_assert_null (probe.reason);
  g_assert_nonnull (probe.version);
  g_assert_cmpuint (probe.cpus, >, 0);
  g_assert_cmpuint (probe.free_memory_mib, >, 0);
  g_assert_cmpuint (probe.free_disk_mib, >, 0);
  bs_backend_probe_clear (&probe);
}

static int
run (const char *backend, const char *folder)
{
  int result;

  fixture = fixture_open (backend, folder);
  g_test_add_func ("/conformance/class/is-whole", class_is_whole);
  g_test_add_func ("/conformance/probe/tells-what-there-is", probe_tells_what_there_is);
  add_life_tests ();
  add_exec_tests ();
  add_copy_tests ();
  add_network_tests ();
  add_error_tests ();
  add_owned_tests ();
  add_template_tests ();
  result = g_test_run ();
  fixture_close (fixture);
  return result;
}

/* The tests run in a child, so that a failed assertion, which aborts, leaves nothing on the host either. */
int
main (int argc, char **argv)
{
  g_autofree char *folder = NULL;
  int status;
  pid_t pid;

  g_test_init (&argc, &argv, NULL);
  if (argc != 2)
    {
      fputs ("usage: conformance BACKEND\n", stderr);
      return 2;
    }
  folder = g_dir_make_tmp ("benchscale-conformance-XXXXXX", NULL);
  pid = fork ();
  if (pid == 0)
    return run (argv[1], folder);
  waitpid (pid, &status, 0);
  fixture_sweep (argv[1], folder);
  return WIFEXITED (status) ? WEXITSTATUS (status) : 1;
}
