/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-process.h"
#include "bs-supervisor-start.h"
#include "lab-fixture.h"

#include <signal.h>
#include <string.h>

static void
test_hello_names_the_lab (Lab *lab, gconstpointer unused)
{
  g_autoptr (json_t) hello = lab_call (lab, "hello", json_pack ("{s:i, s:i}", "min", 1, "max", 9));

  g_assert_cmpint (bs_json_int (hello, "version", 0), ==, 1);
  g_assert_cmpstr (bs_json_string (hello, "uuid", ""), ==, "11111111-2222-3333-4444-555555555555");
  lab_call_fails (lab, "hello", json_pack ("{s:i}", "min", 2), BS_ERROR_UNSUPPORTED, "speaks version 1");
}

static void
test_machine_gets_exactly_its_descriptors (Lab *lab, gconstpointer unused)
{
  g_autofree char *log = NULL;
  g_autofree char *said = NULL;

  lab_spawn (lab, "web", 2, NULL);
  said = lab_wait_file (lab, "nodes/web/qemu.log", "ready\n");
  log = g_strdup_printf ("fd 0 other\nfd 1 file\nfd 2 file\nfd 10 socket\nfd 11 socket\nfd 12 socket\nfd 13 socket\n"
                         "session own\ncwd %s\nsigterm free\nsigpipe default\nready\n",
                         lab->path);
  g_assert_cmpstr (said, ==, log);
}

static void
test_status_tells_machines (Lab *lab, gconstpointer unused)
{
  pid_t pid = lab_spawn (lab, "web", 0, NULL);
  g_autoptr (json_t) node = lab_node (lab, "web");

  g_assert_cmpstr (bs_json_string (node, "state", ""), ==, "running");
  g_assert_cmpint (bs_json_int (node, "pid", 0), ==, pid);
  g_assert_cmpuint ((guint64) bs_json_int (node, "start_time", 0), ==, bs_process_start_time (pid));
  g_assert_false (bs_json_bool (node, "guest", TRUE));
  lab_call_fails (lab, "spawn", lab_spawn_request (lab, "web", 0, NULL), BS_ERROR_EXISTS, "node 'web' runs already");
}

static void
test_program_that_is_missing (Lab *lab, gconstpointer unused)
{
  json_t *request = lab_spawn_request (lab, "web", 0, NULL);

  json_array_set_new (json_object_get (request, "argv"), 0, json_string ("/nonexistent/qemu"));
  lab_call_fails (lab, "spawn", request, BS_ERROR_HOST, "no program '/nonexistent/qemu'");
  g_assert_null (lab_node (lab, "web"));
}

static void
test_program_that_cannot_run (Lab *lab, gconstpointer unused)
{
  json_t *request = lab_spawn_request (lab, "web", 0, NULL);
  g_autofree char *path = g_build_filename (lab->path, "broken", NULL);

  g_assert_true (bs_file_write_atomic (lab->dir, "broken",
                                       "\x7f"
                                       "ELF",
                                       4, 0700, NULL));
  json_array_set_new (json_object_get (request, "argv"), 0, json_string (path));
  lab_call_fails (lab, "spawn", request, BS_ERROR_HOST, "Exec format error");
  g_assert_null (lab_node (lab, "web"));
}

static void
test_machine_must_bear_its_tag (Lab *lab, gconstpointer unused)
{
  json_t *request = lab_spawn_request (lab, "web", 0, NULL);

  json_array_remove (json_object_get (request, "argv"), 1);
  lab_call_fails (lab, "spawn", request, BS_ERROR_INVALID, "no argument of node 'web' is its tag");
}

static void
test_death_is_told_with_its_tails (Lab *lab, gconstpointer unused)
{
  const char *const options[] = {
    "--stderr", "qemu: no memory", "--console", "boot\r\nKernel panic - not syncing\nlast\n", "--exit", "3", NULL
  };
  g_autoptr (BsControl) subscriber = lab_subscribe (lab);
  g_autoptr (json_t) event = NULL, node = NULL;
  const json_t *data;

  lab_spawn (lab, "web", 0, options);
  event = lab_event (subscriber, "machine-died");
  data = json_object_get (event, "data");
  g_assert_cmpstr (bs_json_string (event, "node", ""), ==, "web");
  g_assert_cmpstr (bs_json_string (event, "stage", ""), ==, "run");
  g_assert_cmpint (bs_json_int (data, "exit_code", -1), ==, 3);
  g_assert_nonnull (strstr (bs_json_string (data, "stderr", ""), "qemu: no memory"));
  g_assert_cmpstr (bs_json_string (data, "console", ""), ==, "boot\nKernel panic - not syncing\nlast\n");
  g_assert_cmpstr (bs_json_string (data, "cause", ""), ==, "kernel panic");
  node = lab_node (lab, "web");
  g_assert_cmpstr (bs_json_string (node, "state", ""), ==, "dead");
  g_assert_cmpint (bs_json_int (json_object_get (node, "exit"), "exit_code", -1), ==, 3);
}

static void
test_signal_answers_when_it_is_reaped (Lab *lab, gconstpointer unused)
{
  pid_t pid = lab_spawn (lab, "web", 0, NULL);
  g_autoptr (json_t) answer = lab_call (lab, "signal", json_pack ("{s:s, s:i}", "node", "web", "signal", SIGKILL));

  g_assert_cmpint (bs_json_int (json_object_get (answer, "exit"), "signal", 0), ==, SIGKILL);
  g_assert_cmpint (kill (pid, 0), ==, -1);
  lab_call_fails (lab, "signal", json_pack ("{s:s, s:i}", "node", "db", "signal", 9), BS_ERROR_NOT_FOUND,
                  "no node 'db'");
}

static void
test_machine_that_is_forgotten_dies_without_an_event (Lab *lab, gconstpointer unused)
{
  g_autofree char *events = NULL;

  lab_spawn (lab, "web", 1, NULL);
  json_decref (lab_call (lab, "forget", json_pack ("{s:s}", "node", "web")));
  json_decref (lab_call (lab, "signal", json_pack ("{s:s, s:i}", "node", "web", "signal", SIGTERM)));
  g_assert_null (lab_node (lab, "web"));
  events = bs_file_read (lab->dir, "events.ndjson", 1 << 20, NULL, NULL);
  g_assert_null (strstr (events, "machine-died"));
}

static void
test_machine_can_be_spawned_again (Lab *lab, gconstpointer unused)
{
  const char *const options[] = { "--exit", "0", NULL };
  g_autoptr (BsControl) subscriber = lab_subscribe (lab);

  lab_spawn (lab, "web", 1, options);
  json_decref (lab_event (subscriber, "machine-died"));
  lab_spawn (lab, "web", 1, NULL);
  g_free (lab_wait_file (lab, "nodes/web/qemu.log", "fd 10 socket\nfd 11 socket\n"));
}

static void
test_shutdown_spares_machines_unless_forced (Lab *lab, gconstpointer unused)
{
  pid_t pid = lab_spawn (lab, "web", 0, NULL);
  bs_autofd int pidfd = bs_process_open (pid, 0);
  g_autoptr (GError) error = NULL;
  g_autofree char *events = NULL;

  lab_call_fails (lab, "shutdown", NULL, BS_ERROR_BUSY, "1 machines still run");
  json_decref (lab_call (lab, "shutdown", json_pack ("{s:b}", "force", 1)));
  g_assert_true (bs_process_wait_fd (pidfd, g_get_monotonic_time ()));
  g_assert_null (bs_control_connect (lab->dir, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_assert_cmpint (faccessat (lab->dir, "control.sock", F_OK, 0), ==, -1);
  events = bs_file_read (lab->dir, "events.ndjson", 1 << 20, NULL, NULL);
  g_assert_null (strstr (events, "machine-died"));
}

static void
test_second_start_is_the_first (Lab *lab, gconstpointer unused)
{
  pid_t pid = lab_supervisor_pid (lab);

  lab_start_supervisor (lab);
  g_assert_cmpint (lab_supervisor_pid (lab), ==, pid);
}

static void
test_start_fails_with_the_reason (Lab *lab, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  json_decref (lab_call (lab, "shutdown", NULL));
  g_assert_false (bs_supervisor_start (lab->dir, "/nonexistent/benchscale-lab", lab->tag, LAB_DEADLINE (), &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_HOST);
  g_assert_cmpstr (error->message, ==, "cannot run '/nonexistent/benchscale-lab': No such file or directory");
  g_clear_error (&error);
  g_assert_false (
      bs_supervisor_start (lab->dir, g_getenv ("BENCHSCALE_TEST_LAB"), "nonsense", LAB_DEADLINE (), &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, "cannot start the supervisor: 'nonsense' is no tag of a supervisor");
  g_clear_error (&error);
  g_assert_false (bs_supervisor_start (lab->dir, "/bin/true", lab->tag, LAB_DEADLINE (), &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_DIED);
}

static void
test_supervisor_has_no_descriptor_of_its_starter (Lab *lab, gconstpointer unused)
{
  g_autofree char *path = NULL, *input = NULL;
  int ends[2];
  pid_t pid;

  json_decref (lab_call (lab, "shutdown", NULL));
  g_assert_cmpint (pipe (ends), ==, 0); /* not close-on-exec */
  lab_start_supervisor (lab);
  close (ends[1]);
  /* end of file here proves that nobody else has the writing end */
  g_assert_cmpint (read (ends[0], &pid, sizeof pid), ==, 0);
  close (ends[0]);
  path = g_strdup_printf ("/proc/%d/fd/0", lab_supervisor_pid (lab));
  input = g_file_read_link (path, NULL);
  g_assert_cmpstr (input, ==, "/dev/null");
}

static void
test_events_are_written_and_sent (Lab *lab, gconstpointer unused)
{
  g_autoptr (BsControl) subscriber = lab_subscribe (lab);
  g_autoptr (json_t) event = NULL;
  g_autofree char *events = NULL;

  json_decref (lab_call (
      lab, "event", json_pack ("{s:{s:s, s:s, s:s}}", "event", "stage", "up", "kind", "test-event", "lab", "forged")));
  event = lab_event (subscriber, "test-event");
  g_assert_cmpstr (bs_json_string (event, "lab", ""), ==, strrchr (lab->path, '/') + 1);
  g_assert_cmpuint (strlen (bs_json_string (event, "time", "")), ==, strlen ("2026-01-02T03:04:05.678901Z"));
  events = bs_file_read (lab->dir, "events.ndjson", 1 << 20, NULL, NULL);
  g_assert_nonnull (strstr (events, "\"stage\":\"up\",\"kind\":\"test-event\"}\n"));
  g_assert_nonnull (strstr (events, "\"kind\":\"supervisor-started\""));
  lab_call_fails (lab, "event", json_pack ("{s:s}", "event", "text"), BS_ERROR_INVALID, "'event' is missing");
}

#define TEST(name, function) g_test_add ("/supervisor/machines/" name, Lab, NULL, lab_setup, function, lab_teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST ("hello names the lab", test_hello_names_the_lab);
  TEST ("a machine gets exactly its descriptors", test_machine_gets_exactly_its_descriptors);
  TEST ("status tells machines", test_status_tells_machines);
  TEST ("a program that is missing", test_program_that_is_missing);
  TEST ("a program that cannot run", test_program_that_cannot_run);
  TEST ("a machine must bear its tag", test_machine_must_bear_its_tag);
  TEST ("death is told with its tails", test_death_is_told_with_its_tails);
  TEST ("signal answers when it is reaped", test_signal_answers_when_it_is_reaped);
  TEST ("a machine that is forgotten dies without an event", test_machine_that_is_forgotten_dies_without_an_event);
  TEST ("a machine can be spawned again", test_machine_can_be_spawned_again);
  TEST ("shutdown spares machines unless forced", test_shutdown_spares_machines_unless_forced);
  TEST ("a second start is the first", test_second_start_is_the_first);
  TEST ("start fails with the reason", test_start_fails_with_the_reason);
  TEST ("the supervisor has no descriptor of its starter", test_supervisor_has_no_descriptor_of_its_starter);
  TEST ("events are written and sent", test_events_are_written_and_sent);
  return g_test_run ();
}
