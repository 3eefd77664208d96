/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-process.h"
#include "bs-supervisor-start.h"
#include "lab-fixture.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define MAC_A "52:54:00:00:00:0a"
#define MAC_B "52:54:00:00:00:0b"

static void
add_port (Lab *lab, const char *node, int interface, int network, const char *mac)
{
  json_decref (lab_call (
      lab, "add-port",
      json_pack ("{s:s, s:i, s:i, s:s}", "node", node, "interface", interface, "network", network, "mac", mac)));
}

static void
start_switch (Lab *lab)
{
  json_decref (lab_call (lab, "start-switch", json_pack ("{s:s}", "program", lab_switch_program ())));
}

/* Two machines on one network, and who they are. */
static void
start_pair (Lab *lab, pid_t pids[2])
{
  const char *const a[] = { "--mac", MAC_A, "--guest", lab_guest_program (), NULL };
  const char *const b[] = { "--mac", MAC_B, NULL };

  start_switch (lab);
  add_port (lab, "a", 0, 1, MAC_A);
  add_port (lab, "b", 0, 1, MAC_B);
  pids[0] = lab_spawn (lab, "a", 1, a);
  pids[1] = lab_spawn (lab, "b", 1, b);
  g_free (lab_wait_file (lab, "nodes/a/qemu.log", "ready\n"));
  g_free (lab_wait_file (lab, "nodes/b/qemu.log", "ready\n"));
}

/* A probe from @pid to all, which the others echo to it. @log must come to hold @times echoes. */
static void
assert_reaches (Lab *lab, pid_t pid, const char *log, const char *echoes)
{
  g_assert_cmpint (kill (pid, SIGUSR1), ==, 0);
  g_free (lab_wait_file (lab, log, echoes));
}

static json_t *
switch_of (Lab *lab)
{
  g_autoptr (json_t) status = lab_call (lab, "status", NULL);

  return json_incref (json_object_get (status, "switch"));
}

static gint64
counter (Lab *lab, const char *node, const char *name)
{
  g_autoptr (json_t) answer = lab_call (lab, "counters", json_pack ("{s:s}", "node", node));
  const json_t *ports = json_object_get (answer, "ports");

  g_assert_cmpuint (json_array_size (ports), ==, 1);
  return bs_json_int (json_array_get (ports, 0), name, -1);
}

static void
test_frames_pass_and_are_counted (Lab *lab, gconstpointer unused)
{
  pid_t pids[2];

  start_pair (lab, pids);
  assert_reaches (lab, pids[0], "nodes/a/qemu.log", "echo 0 from 0b\n");
  g_assert_cmpint (counter (lab, "a", "tx_packets"), ==, 1);
  g_assert_cmpint (counter (lab, "b", "tx_packets"), ==, 1);
  g_assert_cmpint (counter (lab, "b", "rx_bytes"), ==, 60);
}

static void
test_ports_are_checked (Lab *lab, gconstpointer unused)
{
  start_switch (lab);
  lab_call_fails (lab, "add-port",
                  json_pack ("{s:s, s:i, s:i, s:s}", "node", "a", "interface", 32, "network", 1, "mac", MAC_A),
                  BS_ERROR_INVALID, "'interface' is missing or is no integer from 0 to 31");
  lab_call_fails (lab, "add-port",
                  json_pack ("{s:s, s:i, s:i, s:s}", "node", "a", "interface", 0, "network", 1, "mac", "52:54"),
                  BS_ERROR_INVALID, "'mac'");
  lab_call_fails (
      lab, "add-port",
      json_pack ("{s:s, s:i, s:i, s:s}", "node", "a", "interface", 0, "network", 1, "mac", "ff:ff:ff:ff:ff:ff"),
      BS_ERROR_FAILED, "the switch refused port 0");
  lab_call_fails (lab, "remove-port", json_pack ("{s:s, s:i}", "node", "b", "interface", 0), BS_ERROR_NOT_FOUND,
                  "no node 'b'");
  lab_call_fails (lab, "start-switch", json_pack ("{s:s}", "program", "relative"), BS_ERROR_INVALID, "'program'");
}

static void
test_port_is_removed (Lab *lab, gconstpointer unused)
{
  pid_t pids[2];
  g_autoptr (json_t) answer = NULL;

  start_pair (lab, pids);
  json_decref (lab_call (lab, "remove-port", json_pack ("{s:s, s:i}", "node", "b", "interface", 0)));
  answer = lab_call (lab, "counters", json_pack ("{s:s}", "node", "b"));
  g_assert_cmpuint (json_array_size (json_object_get (answer, "ports")), ==, 0);
  add_port (lab, "b", 0, 1, MAC_B);
  assert_reaches (lab, pids[0], "nodes/a/qemu.log", "echo 0 from 0b\n");
}

static void
test_machine_spawned_again_is_on_its_network (Lab *lab, gconstpointer unused)
{
  const char *const b[] = { "--mac", MAC_B, NULL };
  pid_t pids[2];

  start_pair (lab, pids);
  json_decref (lab_call (lab, "signal", json_pack ("{s:s, s:i}", "node", "b", "signal", SIGKILL)));
  lab_spawn (lab, "b", 1, b);
  assert_reaches (lab, pids[0], "nodes/a/qemu.log", "echo 0 from 0b\n");
}

static void
test_switch_that_dies_is_replaced (Lab *lab, gconstpointer unused)
{
  g_autoptr (BsControl) subscriber = NULL;
  g_autoptr (json_t) before = NULL, after = NULL, event = NULL;
  pid_t pids[2];

  start_pair (lab, pids);
  subscriber = lab_subscribe (lab);
  assert_reaches (lab, pids[0], "nodes/a/qemu.log", "echo 0 from 0b\n");
  before = switch_of (lab);
  g_assert_cmpint (kill ((pid_t) bs_json_int (before, "pid", 0), SIGKILL), ==, 0);
  event = lab_event (subscriber, "switch-died");
  g_assert_cmpint (bs_json_int (json_object_get (event, "data"), "signal", 0), ==, SIGKILL);
  json_decref (lab_event (subscriber, "switch-restarted"));
  after = switch_of (lab);
  g_assert_cmpint (bs_json_int (after, "pid", 0), !=, bs_json_int (before, "pid", 0));
  g_assert_cmpint (bs_json_int (after, "restarts", 0), ==, 1);
  assert_reaches (lab, pids[0], "nodes/a/qemu.log", "echo 0 from 0b\necho 0 from 0b\n");
  g_assert_cmpint (counter (lab, "a", "rx_packets"), ==, 2);
}

static void
test_switch_that_keeps_dying_is_left (Lab *lab, gconstpointer unused)
{
  g_autoptr (BsControl) subscriber = lab_subscribe (lab);
  g_autoptr (json_t) event = NULL, left = NULL;

  json_decref (lab_call (lab, "start-switch", json_pack ("{s:s}", "program", "/bin/false")));
  event = lab_event (subscriber, "switch-failed");
  left = switch_of (lab);
  g_assert_cmpint (bs_json_int (left, "pid", -1), ==, 0);
  g_assert_cmpint (bs_json_int (left, "restarts", 0), ==, 5);
  g_assert_cmpstr (bs_json_string (left, "error", ""), ==, "the switch died too often");
  lab_call_fails (lab, "start-switch", json_pack ("{s:s}", "program", "/nonexistent/switch"), BS_ERROR_HOST,
                  "no program");
  start_switch (lab);
  json_decref (left);
  left = switch_of (lab);
  g_assert_cmpint (bs_json_int (left, "pid", -1), >, 0);
  g_assert_cmpstr (bs_json_string (left, "error", "none"), ==, "none");
}

static void
assert_taken_over (Lab *lab, pid_t pids[2])
{
  const char *const argv[] = { "echo", "still here", NULL };
  g_autoptr (json_t) a = lab_node (lab, "a");
  g_autofree char *said = NULL, *events = NULL;
  bs_autofd int guest = -1;

  g_assert_cmpstr (bs_json_string (a, "state", ""), ==, "running");
  g_assert_cmpint (bs_json_int (a, "pid", 0), ==, pids[0]);
  assert_reaches (lab, pids[0], "nodes/a/qemu.log", "echo 0 from 0b\necho 0 from 0b\n");
  g_assert_cmpint (counter (lab, "a", "rx_packets"), ==, 2);
  guest = lab_guest (lab, "a");
  said = guest_run (guest, 1, argv);
  g_assert_cmpstr (said, ==, "still here\n");
  events = lab_wait_file (lab, "events.ndjson", "supervisor-took-over");
  g_assert_nonnull (strstr (events, "\"machines\":2"));
}

static void
test_killed_supervisor_is_succeeded (Lab *lab, gconstpointer unused)
{
  g_autoptr (json_t) before = NULL, after = NULL;
  bs_autofd int guest = -1, old_switch = -1;
  pid_t pids[2];
  char byte;

  start_pair (lab, pids);
  guest = lab_guest (lab, "a");
  assert_reaches (lab, pids[0], "nodes/a/qemu.log", "echo 0 from 0b\n");
  before = switch_of (lab);
  old_switch = bs_process_open ((pid_t) bs_json_int (before, "pid", 0), 0);
  lab_kill_supervisor (lab);
  g_assert_cmpint (recv (guest, &byte, 1, 0), ==, 0);
  lab_start_supervisor (lab);
  g_assert_true (bs_process_wait_fd (old_switch, g_get_monotonic_time ()));
  assert_taken_over (lab, pids);
  after = switch_of (lab);
  g_assert_cmpint (bs_json_int (after, "restarts", 0), ==, 1);
}

static void
test_sigterm_leaves_machines_and_switch (Lab *lab, gconstpointer unused)
{
  bs_autofd int pidfd = -1;
  pid_t pids[2], pid;

  start_pair (lab, pids);
  assert_reaches (lab, pids[0], "nodes/a/qemu.log", "echo 0 from 0b\n");
  pid = lab_supervisor_pid (lab);
  pidfd = bs_process_open (pid, 0);
  g_assert_cmpint (kill (pid, SIGTERM), ==, 0);
  g_assert_true (bs_process_wait_fd (pidfd, LAB_DEADLINE ()));
  g_assert_cmpint (kill (pids[0], 0), ==, 0);
  lab_start_supervisor (lab);
  assert_taken_over (lab, pids);
}

static void
test_death_without_a_supervisor_is_told_later (Lab *lab, gconstpointer unused)
{
  bs_autofd int pidfd = -1;
  g_autofree char *events = NULL;
  pid_t pids[2];

  start_pair (lab, pids);
  pidfd = bs_process_open (pids[1], 0);
  lab_kill_supervisor (lab);
  kill (pids[1], SIGKILL);
  g_assert_true (bs_process_wait_fd (pidfd, LAB_DEADLINE ()));
  lab_start_supervisor (lab);
  events = lab_wait_file (lab, "events.ndjson", "machine-died");
  g_assert_nonnull (strstr (events, "\"kind\":\"machine-died\",\"node\":\"b\""));
  /* and once only */
  lab_kill_supervisor (lab);
  lab_start_supervisor (lab);
  g_free (events);
  events = lab_wait_file (lab, "events.ndjson", "machine-died");
  g_assert_null (strstr (strstr (events, "machine-died") + 1, "machine-died"));
}

static void
test_death_after_takeover_is_noticed (Lab *lab, gconstpointer unused)
{
  g_autoptr (BsControl) subscriber = NULL;
  g_autoptr (json_t) event = NULL, answer = NULL;
  pid_t pids[2];

  start_pair (lab, pids);
  lab_kill_supervisor (lab);
  lab_start_supervisor (lab);
  subscriber = lab_subscribe (lab);
  answer = lab_call (lab, "signal", json_pack ("{s:s, s:i}", "node", "a", "signal", SIGKILL));
  g_assert_true (bs_json_bool (json_object_get (answer, "exit"), "unknown", FALSE));
  event = lab_event (subscriber, "machine-died");
  g_assert_cmpstr (bs_json_string (event, "node", ""), ==, "a");
}

static void
replace_record (Lab *lab, const char *text)
{
  g_assert_true (bs_file_write_atomic (lab->dir, "supervisor.json", text, strlen (text), 0600, NULL));
}

static const char *const broken_records[] = { "", "[]", "{\"format\":9}", "{\"format\":1,\"tag\":\"another\"}",
                                              "{\"format\":1,\"nodes\":[{\"node\":\"../x\"}]}" };

/* Guest, wires, ports' counters: all is as before, and it is told what was not understood. */
static void
test_broken_record_costs_nothing (Lab *lab, gconstpointer unused)
{
  const char *const argv[] = { "true", NULL };
  g_autoptr (GString) echoes = g_string_new (NULL);
  pid_t pids[2];

  start_pair (lab, pids);
  for (guint i = 0; i < G_N_ELEMENTS (broken_records); i++)
    {
      bs_autofd int guest = -1;

      lab_kill_supervisor (lab);
      replace_record (lab, broken_records[i]);
      lab_start_supervisor (lab);
      guest = lab_guest (lab, "a");
      g_free (guest_run (guest, 1, argv));
      g_free (lab_wait_file (lab, "supervisor.log", "'supervisor.json' is not usable"));
      g_free (lab_wait_file (lab, "events.ndjson", "\"kind\":\"record-lost\""));
      g_string_append (echoes, "echo 0 from 0b\n");
      assert_reaches (lab, pids[0], "nodes/a/qemu.log", echoes->str);
      g_assert_cmpint (counter (lab, "b", "rx_packets"), ==, i + 1);
    }
  /* and the record that was made anew is as good as the first */
  lab_kill_supervisor (lab);
  lab_start_supervisor (lab);
  g_string_append (echoes, "echo 0 from 0b\n");
  assert_reaches (lab, pids[0], "nodes/a/qemu.log", echoes->str);
  lab_call_fails (lab, "shutdown", NULL, BS_ERROR_BUSY, "2 machines still run");
}

static void
kill_switch (Lab *lab, pid_t pid)
{
  bs_autofd int pidfd = bs_process_open (pid, 0);

  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  g_assert_true (bs_process_wait_fd (pidfd, LAB_DEADLINE ()));
}

/* What the switch would tell, the plan does. */
static void
test_broken_record_and_dead_switch (Lab *lab, gconstpointer unused)
{
  static const char plan[] = "{\"networks\":[{\"name\":\"x\"},{\"name\":\"lan\"}],\"nodes\":["
                             "{\"name\":\"a\",\"interfaces\":[{\"network\":\"lan\",\"mac\":\"" MAC_A "\"}]},"
                             "{\"name\":\"b\",\"interfaces\":[{\"network\":\"lan\",\"mac\":\"" MAC_B "\"}]}]}";
  g_autoptr (json_t) before = NULL;
  pid_t pids[2];

  start_pair (lab, pids);
  g_assert_true (bs_file_write_atomic (lab->dir, "lab.json", plan, strlen (plan), 0600, NULL));
  before = switch_of (lab);
  lab_kill_supervisor (lab);
  kill_switch (lab, (pid_t) bs_json_int (before, "pid", 0));
  replace_record (lab, "{");
  lab_start_supervisor (lab);
  assert_reaches (lab, pids[0], "nodes/a/qemu.log", "echo 0 from 0b\n");
}

/* The program is gone: the one that runs is not given up for nothing. */
static void
test_switch_without_successor_is_left (Lab *lab, gconstpointer unused)
{
  static const char record[] = "{\"format\":1,\"tag\":\"%s\",\"boot_id\":\"%s\",\"switch\":{},\"nodes\":[]}";
  g_autofree char *program = g_build_filename (lab->path, "switch", NULL), *events = NULL, *text = NULL;
  g_autofree char *beside = g_build_filename (lab->path, "benchscale-lab", NULL), *content = NULL;
  const char *const a[] = { "--mac", MAC_A, NULL }, *const b[] = { "--mac", MAC_B, NULL };
  g_autoptr (json_t) before = NULL, after = NULL;
  g_autoptr (GError) error = NULL;
  pid_t pid;
  gsize length;

  g_assert_true (g_file_get_contents (lab_switch_program (), &content, &length, NULL));
  g_assert_true (bs_file_write_atomic (lab->dir, "switch", content, length, 0700, NULL));
  g_clear_pointer (&content, g_free);
  g_assert_true (g_file_get_contents (g_getenv ("BENCHSCALE_TEST_LAB"), &content, &length, NULL));
  g_assert_true (bs_file_write_atomic (lab->dir, "benchscale-lab", content, length, 0700, NULL));
  json_decref (lab_call (lab, "start-switch", json_pack ("{s:s}", "program", program)));
  add_port (lab, "a", 0, 1, MAC_A);
  add_port (lab, "b", 0, 1, MAC_B);
  pid = lab_spawn (lab, "a", 1, a);
  lab_spawn (lab, "b", 1, b);
  g_free (lab_wait_file (lab, "nodes/a/qemu.log", "ready\n"));
  g_free (lab_wait_file (lab, "nodes/b/qemu.log", "ready\n"));
  before = switch_of (lab);
  lab_kill_supervisor (lab);
  text = g_strdup_printf (record, lab->tag, bs_process_boot_id ());
  replace_record (lab, text);
  g_assert_cmpint (unlinkat (lab->dir, "switch", 0), ==, 0);
  g_clear_pointer (&lab->control, bs_control_unref);
  g_assert_true (bs_supervisor_start (lab->dir, beside, lab->tag, LAB_DEADLINE (), &error));
  g_assert_no_error (error);
  lab->control = lab_connect (lab);
  after = switch_of (lab);
  g_assert_cmpint (bs_json_int (after, "pid", -1), ==, 0);
  g_assert_cmpstr (bs_json_string (after, "error", ""), ==,
                   "the program of the switch is not found: the old one is left");
  events = lab_wait_file (lab, "events.ndjson", "\"kind\":\"switch-failed\"");
  assert_reaches (lab, pid, "nodes/a/qemu.log", "echo 0 from 0b\n");
  kill_switch (lab, (pid_t) bs_json_int (before, "pid", 0));
}

/* What a full disk does to the record, whoever runs the test: its temporary file cannot be made. */
static void
test_record_that_cannot_be_saved_stops_nobody (Lab *lab, gconstpointer unused)
{
  pid_t pids[2];

  start_pair (lab, pids);
  assert_reaches (lab, pids[0], "nodes/a/qemu.log", "echo 0 from 0b\n");
  lab_kill_supervisor (lab);
  g_assert_cmpint (mkdirat (lab->dir, "supervisor.json.tmp", 0700), ==, 0);
  lab_start_supervisor (lab);
  assert_taken_over (lab, pids);
  g_free (lab_wait_file (lab, "events.ndjson", "\"kind\":\"record-not-saved\""));
  g_free (lab_wait_file (lab, "supervisor.log", "cannot write 'supervisor.json'"));
  g_assert_cmpint (unlinkat (lab->dir, "supervisor.json.tmp", AT_REMOVEDIR), ==, 0);
}

#define TEST(name, function) g_test_add ("/supervisor/takeover/" name, Lab, NULL, lab_setup, function, lab_teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST ("frames pass and are counted", test_frames_pass_and_are_counted);
  TEST ("ports are checked", test_ports_are_checked);
  TEST ("a port is removed", test_port_is_removed);
  TEST ("a machine spawned again is on its network", test_machine_spawned_again_is_on_its_network);
  TEST ("a switch that dies is replaced", test_switch_that_dies_is_replaced);
  TEST ("a switch that keeps dying is left", test_switch_that_keeps_dying_is_left);
  TEST ("a killed supervisor is succeeded", test_killed_supervisor_is_succeeded);
  TEST ("sigterm leaves machines and switch", test_sigterm_leaves_machines_and_switch);
  TEST ("death without a supervisor is told later", test_death_without_a_supervisor_is_told_later);
  TEST ("death after takeover is noticed", test_death_after_takeover_is_noticed);
  TEST ("a broken record costs nothing", test_broken_record_costs_nothing);
  TEST ("a broken record and a dead switch", test_broken_record_and_dead_switch);
  TEST ("a switch without a successor is left", test_switch_without_successor_is_left);
  TEST ("a record that cannot be saved stops nobody", test_record_that_cannot_be_saved_stops_nobody);
  return g_test_run ();
}
