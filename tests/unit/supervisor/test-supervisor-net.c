/* SPDX-License-Identifier: Apache-2.0 */
/* test-supervisor-net.c — what the switch is told of wires and cuts, and when; what holds whoever dies */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-process.h"
#include "lab-fixture.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define MAC "52:54:00:00:00:0%u"
#define SEED " seed 7\n"

/* What is told of a wire with this delay and loss, and nothing else. */
#define WIRE(delay, loss) "delay " #delay " jitter 0 kind 0 loss " #loss " rate 0 queue 0 flags 0 trace 0" SEED

static json_t *
parse (const char *text)
{
  g_autofree char *json = g_strdelimit (g_strdup (text), "'", '"');
  g_autoptr (GError) error = NULL;
  json_t *value = bs_json_load (json, strlen (json), &error);

  g_assert_no_error (error);
  return value;
}

/* @request: JSON with ' in place of " */
static json_t *
call (Lab *lab, const char *op, const char *request)
{
  return lab_call (lab, op, parse (request));
}

static void
say (Lab *lab, const char *op, const char *request)
{
  json_decref (call (lab, op, request));
}

static gint64
fault_of (Lab *lab, const char *op, const char *request)
{
  g_autoptr (json_t) answer = call (lab, op, request);

  g_assert_cmpint (bs_json_int (answer, "fault", 0), >, 0);
  return bs_json_int (answer, "fault", 0);
}

static void
add_port (Lab *lab, const char *node, guint interface, guint network)
{
  static guint last;
  g_autofree char *mac = g_strdup_printf (MAC, ++last % 10);

  json_decref (lab_call (lab, "add-port",
                         json_pack ("{s:s, s:i, s:i, s:s, s:i}", "node", node, "interface", (int) interface, "network",
                                    (int) network, "mac", mac, "identity", 1000 + (int) interface)));
}

static void
start_switch (Lab *lab)
{
  json_decref (
      lab_call (lab, "start-switch", json_pack ("{s:s}", "program", g_getenv ("BENCHSCALE_TEST_FAKE_SWITCH"))));
}

/* a, b and c on network 1 with ports 0, 1 and 2; nothing was told yet that a test looks at. */
static void
three (Lab *lab)
{
  start_switch (lab);
  say (lab, "set-wires", "{'declared': [], 'seeds': [{'network': 1, 'seed': 7}]}");
  add_port (lab, "a", 0, 1);
  add_port (lab, "b", 0, 1);
  add_port (lab, "c", 0, 1);
}

static void
forget (Lab *lab)
{
  g_autofree char *path = g_build_filename (lab->path, "told", NULL);

  g_assert_cmpint (truncate (path, 0), ==, 0);
}

static void
expect (Lab *lab, const char *text)
{
  g_free (lab_wait_file (lab, "told", text));
}

static void
expect_not (Lab *lab, const char *text)
{
  g_autofree char *told = bs_file_read (lab->dir, "told", 1 << 20, NULL, NULL);

  if (strstr (told, text) != NULL)
    g_error ("was told '%s':\n%s", text, told);
}

static void
check_faults (Lab *lab, guint n)
{
  g_autoptr (json_t) faults = lab_call (lab, "faults", NULL);

  g_assert_cmpuint (json_array_size (json_object_get (faults, "faults")), ==, n);
}

static pid_t
kill_switch (Lab *lab)
{
  g_autoptr (json_t) status = lab_call (lab, "status", NULL);
  pid_t pid = (pid_t) bs_json_int (json_object_get (status, "switch"), "pid", 0);

  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  return pid;
}

static void
test_declared_wires_are_told_with_their_port (Lab *lab, gconstpointer unused)
{
  start_switch (lab);
  say (lab, "set-wires",
       "{'seeds': [{'network': 1, 'seed': 7}], 'declared': ["
       "{'node': 'a', 'interface': 0, 'direction': 'out', 'values': {'delay_nsec': 40, 'rate': 8000000}},"
       "{'node': 'a', 'interface': 0, 'direction': 'in', 'values': {'loss': 9}},"
       "{'node': 'a', 'interface': 0, 'to': 'b', 'to_interface': 0, 'values': {'delay_nsec': 120}}]}");
  add_port (lab, "a", 0, 1);
  expect (lab, "add 0 network 1 identity 1000\n"
               "wire 0 out all: delay 40 jitter 0 kind 0 loss 0 rate 8000000 queue 65536 flags 0 trace 0" SEED
               "wire 0 in all: " WIRE (0, 9));
  expect_not (lab, "wire 0 out 1");
  add_port (lab, "b", 0, 1);
  say (lab, "set-wires", "{'declared': []}");
  expect (lab, "add 1 network 1 identity 1000\nwire 0 out 1: " WIRE (120, 0));
}

static void
test_a_switch_that_starts_is_told_all (Lab *lab, gconstpointer unused)
{
  say (lab, "set-wires",
       "{'seeds': [{'network': 1, 'seed': 7}],"
       " 'declared': [{'node': 'a', 'interface': 0, 'values': {'delay_nsec': 40}}]}");
  add_port (lab, "a", 0, 1);
  add_port (lab, "b", 0, 1);
  say (lab, "partition", "{'groups': [[{'node': 'a'}], [{'node': 'b'}]]}");
  start_switch (lab);
  expect (lab, "start\nadd 0 network 1 identity 1000\nwire 0 out all: " WIRE (
                   40, 0) "cuts 0: sends 1 receives 2\nadd 1 network 1 identity 1000\ncuts 1: sends 2 receives 1\n");
}

static void
test_layers_are_merged_key_by_key (Lab *lab, gconstpointer unused)
{
  three (lab);
  say (lab, "set-wires", "{'targets': [{'network': 1}], 'values': {'delay_nsec': 5}}");
  expect (lab, "wire 0 out all: " WIRE (5, 0));
  expect (lab, "wire 2 out all: " WIRE (5, 0));
  expect_not (lab, " in all");
  forget (lab);
  say (lab, "set-wires", "{'targets': [{'node': 'a', 'direction': 'both'}], 'values': {'loss': 9}}");
  expect (lab, "wire 0 out all: " WIRE (5, 9) "wire 0 in all: " WIRE (0, 9) "ping\n");
  expect_not (lab, "wire 1");
  forget (lab);
  say (lab, "set-wires", "{'targets': [{'node': 'a', 'to': 'b'}], 'values': {'delay_nsec': 77}}");
  expect (lab, "wire 0 out 1: " WIRE (77, 9) "ping\n");
  expect_not (lab, "all");
  forget (lab);
  say (lab, "set-wires", "{'targets': [{'node': 'a'}], 'values': {'delay_nsec': 6}}");
  expect (lab, "wire 0 out all: " WIRE (6, 9) "wire 0 out 1: " WIRE (6, 9));
}

static void
test_burst_and_loss_take_each_others_place (Lab *lab, gconstpointer unused)
{
  three (lab);
  say (lab, "set-wires", "{'targets': [{'node': 'a'}], 'values': {'loss': 9}}");
  forget (lab);
  say (lab, "set-wires", "{'targets': [{'node': 'a'}], 'values': {'burst': [1, 2, 3, 4]}}");
  expect (lab, "wire 0 out all: delay 0 jitter 0 kind 0 loss 0 rate 0 queue 0 flags 2 trace 0" SEED);
  forget (lab);
  say (lab, "set-wires", "{'targets': [{'node': 'a'}], 'values': {'loss': 8}}");
  expect (lab, "wire 0 out all: " WIRE (0, 8));
}

/* Flag 4: a bucket of its own. */
static void
test_a_pair_has_the_bucket_of_its_sender_until_it_gets_one (Lab *lab, gconstpointer unused)
{
  three (lab);
  say (lab, "set-wires", "{'targets': [{'node': 'a'}], 'values': {'rate': 8000}}");
  forget (lab);
  say (lab, "set-wires", "{'targets': [{'node': 'a', 'to': 'b'}], 'values': {'delay_nsec': 1}}");
  expect (lab, "wire 0 out 1: " WIRE (1, 0));
  forget (lab);
  say (lab, "set-wires", "{'targets': [{'node': 'a', 'to': 'b'}], 'values': {'rate': 9000, 'queue_bytes': 100}}");
  expect (lab, "wire 0 out 1: delay 1 jitter 0 kind 0 loss 0 rate 9000 queue 100 flags 4 trace 0" SEED);
  forget (lab);
  say (lab, "set-wires", "{'targets': [{'node': 'a'}], 'values': {'rate': 7000}}");
  expect (lab, "wire 0 out 1: " WIRE (1, 0));
}

static void
test_reset_of_all_and_of_some (Lab *lab, gconstpointer unused)
{
  three (lab);
  say (lab, "set-wires", "{'targets': [{'network': 1}], 'values': {'delay_nsec': 5}}");
  say (lab, "set-wires", "{'targets': [{'node': 'a', 'to': 'b'}], 'values': {'delay_nsec': 77}}");
  forget (lab);
  say (lab, "reset", "{'targets': [{'node': 'b', 'direction': 'both'}]}");
  expect (lab, "wire 1 out all: nothing\nping\n");
  expect_not (lab, "wire 0");
  check_faults (lab, 2);
  say (lab, "reset", "{'targets': [{'node': 'a', 'direction': 'both'}]}");
  check_faults (lab, 1); /* all of what was between a and b */
  expect (lab, "wire 0 out all: nothing\nwire 0 out 1: nothing\n");
  forget (lab);
  say (lab, "reset", "{}");
  expect (lab, "wire 2 out all: nothing\n");
  expect_not (lab, "wire 1 out");
  check_faults (lab, 0);
}

static void
test_what_has_an_end_ends (Lab *lab, gconstpointer unused)
{
  g_autoptr (BsControl) subscriber = lab_subscribe (lab);
  g_autoptr (json_t) begin = NULL, end = NULL, faults = NULL;
  gint64 fault;

  three (lab);
  fault = fault_of (lab, "set-wires",
                    "{'targets': [{'node': 'a'}], 'values': {'down': true}, 'for_usec': 300000, 'what': 'test'}");
  expect (lab, "flags 1 ");
  expect (lab, "wire 0 out all: nothing\n");
  begin = lab_event (subscriber, "fault-began");
  end = lab_event (subscriber, "fault-ended");
  g_assert_cmpint (bs_json_int (json_object_get (begin, "data"), "fault", 0), ==, fault);
  g_assert_cmpstr (bs_json_string (json_object_get (end, "data"), "what", ""), ==, "test");
  faults = lab_call (lab, "faults", NULL);
  g_assert_cmpuint (json_array_size (json_object_get (faults, "faults")), ==, 0);
}

/* Three groups differ in two digits, of two cuts each. */
static void
test_partitions_of_groups (Lab *lab, gconstpointer unused)
{
  three (lab);
  say (lab, "partition", "{'groups': [[{'node': 'a'}], [{'node': 'b'}], [{'node': 'c', 'interface': 0}]]}");
  expect (lab, "cuts 0: sends 5 receives a\ncuts 1: sends 6 receives 9\ncuts 2: sends 9 receives 6\n");
  forget (lab);
  say (lab, "partition", "{'groups': [[{'node': 'a'}], [{'node': 'b'}]], 'one_way': true}");
  expect (lab, "cuts 0: sends 15 receives a\ncuts 1: sends 6 receives 19\nping\n");
  forget (lab);
  say (lab, "heal", "{}");
  expect (lab, "cuts 0: sends 0 receives 0\ncuts 1: sends 0 receives 0\ncuts 2: sends 0 receives 0\n");
}

static void
test_a_partition_ends_alone (Lab *lab, gconstpointer unused)
{
  gint64 first;
  g_autofree char *request = NULL;

  three (lab);
  first = fault_of (lab, "partition", "{'groups': [[{'node': 'a'}], [{'node': 'b'}]]}");
  say (lab, "partition", "{'groups': [[{'node': 'a'}], [{'node': 'c'}]], 'for_usec': 200000}");
  forget (lab);
  expect (lab, "cuts 0: sends 1 receives 2\ncuts 2: sends 0 receives 0\n");
  request = g_strdup_printf ("{'faults': [%d, 99]}", (int) first);
  say (lab, "heal", request);
  expect (lab, "cuts 0: sends 0 receives 0\ncuts 1: sends 0 receives 0\n");
}

static void
test_there_are_64_cuts (Lab *lab, gconstpointer unused)
{
  three (lab);
  for (guint i = 0; i < 32; i++)
    say (lab, "partition", "{'groups': [[{'node': 'a'}], [{'node': 'b'}]]}");
  expect (lab, "cuts 0: sends 5555555555555555 receives aaaaaaaaaaaaaaaa\n");
  lab_call_fails (lab, "partition", parse ("{'groups': [[{'node': 'a'}], [{'node': 'b'}]], 'one_way': true}"),
                  BS_ERROR_EXHAUSTED, "no more partitions at once: this one needs 1 cuts, and 0 of 64 are free");
}

static void
test_schedules_begin_when_they_are_told_to (Lab *lab, gconstpointer unused)
{
  start_switch (lab);
  say (lab, "set-wires",
       "{'seeds': [{'network': 1, 'seed': 7}], 'declared': [{'node': 'a', 'interface': 0, 'values': {'delay_nsec': 4},"
       " 'schedule': [{'at_usec': 100000, 'for_usec': 100000, 'values': {'loss': 9}},"
       " {'at_usec': 300000, 'for_usec': 0, 'values': {'delay_nsec': 6}}]}]}");
  add_port (lab, "a", 0, 1);
  expect (lab, "wire 0 out all: " WIRE (4, 0));
  say (lab, "set-wires", "{'begin': true}");
  expect (lab, "wire 0 out all: " WIRE (4, 9));
  expect (lab, "wire 0 out all: " WIRE (4, 9) "wire 0 out all: " WIRE (4, 0) "wire 0 out all: " WIRE (6, 0));
}

static void
test_a_switch_that_dies_is_told_again (Lab *lab, gconstpointer unused)
{
  g_autofree char *events = NULL;
  gint64 began;

  three (lab);
  say (lab, "set-wires", "{'targets': [{'node': 'a'}], 'values': {'loss': 9}, 'for_usec': 60000000}");
  say (lab, "set-wires", "{'targets': [{'node': 'a', 'to': 'b'}], 'values': {'delay_nsec': 3}}");
  say (lab, "partition", "{'groups': [[{'node': 'a'}], [{'node': 'b'}]]}");
  forget (lab);
  began = g_get_monotonic_time ();
  kill_switch (lab);
  expect (lab, "start\nadd 0 network 1 identity 1000\nwire 0 out all: " WIRE (0, 9) "cuts 0: sends 1 receives 2\n");
  expect (lab, "wire 0 out 1: " WIRE (3, 9));
  events = bs_file_read (lab->dir, "events.ndjson", 1 << 20, NULL, NULL);
  g_assert_null (strstr (events, "wire-refused"));
  g_test_message ("told again after %d ms", (int) ((g_get_monotonic_time () - began) / 1000));
  forget (lab);
  say (lab, "heal", "{}"); /* what it was told counts, not what the one before was told */
  expect (lab, "cuts 0: sends 0 receives 0\ncuts 1: sends 0 receives 0\n");
}

/* The machines hold the links' ends for the successor. */
static void
test_a_successor_knows_conditions_cuts_and_deadlines (Lab *lab, gconstpointer unused)
{
  g_autoptr (json_t) faults = NULL;
  const json_t *list;

  three (lab);
  lab_spawn (lab, "a", 1, NULL);
  lab_spawn (lab, "b", 1, NULL);
  say (lab, "set-wires", "{'declared': [{'node': 'a', 'interface': 0, 'values': {'delay_nsec': 4}}], 'begin': true}");
  say (lab, "set-wires", "{'targets': [{'node': 'b'}], 'values': {'loss': 9}, 'for_usec': 1500000}");
  say (lab, "partition", "{'groups': [[{'node': 'a'}], [{'node': 'b'}]], 'for_usec': 60000000, 'what': 'mine'}");
  lab_kill_supervisor (lab);
  forget (lab);
  lab_start_supervisor (lab);
  expect (lab, "wire 0 out all: " WIRE (4, 0) "cuts 0: sends 1 receives 2\n");
  expect (lab, "wire 1 out all: " WIRE (0, 9) "cuts 1: sends 2 receives 1\n");
  expect (lab, "wire 1 out all: nothing\n");
  faults = lab_call (lab, "faults", NULL);
  list = json_object_get (faults, "faults");
  g_assert_cmpuint (json_array_size (list), ==, 1);
  g_assert_cmpstr (bs_json_string (json_array_get (list, 0), "what", ""), ==, "mine");
  g_assert_cmpint (bs_json_int (json_array_get (list, 0), "left_usec", 0), >, 0);
  g_assert_cmpint (bs_json_int (json_array_get (list, 0), "left_usec", 0), <, 60000000);
}

static void
test_damaged_records_are_told_and_not_followed (Lab *lab, gconstpointer unused)
{
  g_autofree char *events = NULL;

  three (lab);
  lab_spawn (lab, "a", 1, NULL);
  say (lab, "set-wires", "{'targets': [{'node': 'a'}], 'values': {'loss': 9}}");
  lab_kill_supervisor (lab);
  g_assert_true (bs_file_write_atomic (lab->dir, "faults.json", "{]", 2, 0600, NULL));
  forget (lab);
  lab_start_supervisor (lab);
  expect (lab, "add 0 network 1 identity 1000\n");
  events = lab_wait_file (lab, "events.ndjson", "record-lost");
  g_assert_nonnull (strstr (events, "faults.json"));
  say (lab, "set-wires", "{'targets': [{'node': 'a'}], 'values': {'loss': 8}}");
  expect (lab, "wire 0 out all: " WIRE (0, 8));
}

/* The record of machines is lost, those of wires and the plan are not. */
static void
test_identities_are_in_the_plan (Lab *lab, gconstpointer unused)
{
  static const char plan[] = "{\"networks\":[{\"name\":\"x\"},{\"name\":\"lan\"}],\"nodes\":[{\"name\":\"a\","
                             "\"interfaces\":[{\"name\":\"eth0\",\"network\":\"lan\","
                             "\"mac\":\"52:54:00:00:00:0a\",\"identity\":777}]}]}";

  three (lab);
  lab_spawn (lab, "a", 1, NULL);
  say (lab, "set-wires", "{'targets': [{'node': 'a'}], 'values': {'loss': 9}}");
  lab_kill_supervisor (lab);
  g_assert_true (bs_file_write_atomic (lab->dir, "lab.json", plan, strlen (plan), 0600, NULL));
  g_assert_true (bs_file_write_atomic (lab->dir, "supervisor.json", "{]", 2, 0600, NULL));
  forget (lab);
  lab_start_supervisor (lab);
  expect (lab, "network 1 identity 777\n");
  expect (lab, " out all: " WIRE (0, 9));
}

static void
test_what_the_switch_refuses_is_told (Lab *lab, gconstpointer unused)
{
  g_autoptr (json_t) faults = NULL;

  three (lab);
  lab_call_fails (lab, "set-wires", parse ("{'targets': [{'node': 'a'}], 'values': {'loss': 12345}}"), BS_ERROR_FAILED,
                  "the switch refused a wire: Invalid argument");
  faults = lab_call (lab, "faults", NULL);
  g_assert_cmpuint (json_array_size (json_object_get (faults, "faults")), ==, 0);
}

/* What is declared is told with its port, for which nobody waits: who says that all is ready learns of it. */
static void
test_what_is_refused_of_the_declared_is_told_at_the_end (Lab *lab, gconstpointer unused)
{
  start_switch (lab);
  say (lab, "set-wires", "{'declared': [{'node': 'a', 'interface': 0, 'values': {'loss': 12345}}]}");
  add_port (lab, "a", 0, 1);
  g_free (lab_wait_file (lab, "events.ndjson", "wire-refused"));
  lab_call_fails (lab, "set-wires", parse ("{'begin': true}"), BS_ERROR_FAILED, "the switch refused a wire");
}

static void
test_traces_come_along (Lab *lab, gconstpointer unused)
{
  const guint32 times[] = { 1, 2, 3 };

  three (lab);
  g_assert_true (bs_file_write_atomic (lab->dir, "line", times, sizeof times, 0600, NULL));
  say (lab, "set-wires",
       "{'targets': [{'node': 'a'}], 'values': {'trace': {'path': 'line', 'bytes': 12, 'rate': 12032000}}}");
  expect (lab, "wire 0 out all: delay 0 jitter 0 kind 0 loss 0 rate 0 queue 65536 flags 0 trace 12" SEED);
  forget (lab);
  g_assert_true (bs_file_write_atomic (lab->dir, "line", times, 8, 0600, NULL));
  kill_switch (lab);
  expect (lab, "wire 0 out all: delay 0 jitter 0 kind 0 loss 0 rate 0 queue 0 flags 0 trace 0" SEED);
  g_free (lab_wait_file (lab, "events.ndjson", "trace-lost"));
}

static void
test_broken_requests_change_nothing (Lab *lab, gconstpointer unused)
{
  static const struct
  {
    const char *op, *request, *text;
  } cases[] = {
    { "set-wires", "{'targets': []}", "'targets' is missing, empty" },
    { "set-wires", "{'targets': [1], 'values': {'loss': 1}}", "a target is an object" },
    { "set-wires", "{'targets': [{}], 'values': {}}", "'values' is missing or empty" },
    { "set-wires", "{'targets': [{}]}", "'values' is missing or empty" },
    { "set-wires", "{'targets': [{}], 'values': {'loss': 4294967297}}", "'loss' is no value" },
    { "set-wires", "{'targets': [{}], 'values': {'loss': -1}}", "'loss' is no value" },
    { "set-wires", "{'targets': [{}], 'values': {'latency': 1}}", "'latency' is no value" },
    { "set-wires", "{'targets': [{}], 'values': {'burst': [1, 2, 3]}}", "'burst' is no value" },
    { "set-wires", "{'targets': [{}], 'values': {'trace': {'path': '/etc/passwd', 'bytes': 4, 'rate': 1}}}",
      "'trace' is no value" },
    { "set-wires", "{'targets': [{}], 'values': {'trace': {'path': 'a/../../b', 'bytes': 4, 'rate': 1}}}",
      "'trace' is no value" },
    { "set-wires", "{'targets': [{'direction': 'up'}], 'values': {'loss': 1}}", "'direction' is none of" },
    { "set-wires", "{'targets': [{'node': '../a'}], 'values': {'loss': 1}}", "'node' is no name" },
    { "set-wires", "{'targets': [{}], 'values': {'loss': 1}, 'for_usec': 0}", "'for_usec'" },
    { "set-wires", "{'declared': [{'node': 'a', 'interface': 99, 'values': {}}]}", "'interface'" },
    { "set-wires", "{'declared': [{'node': 'a', 'interface': 0}]}", "'values' is missing" },
    { "set-wires", "{'declared': [{'node': 'a', 'interface': 0, 'values': {}, 'schedule': 1}]}", "'schedule'" },
    { "set-wires", "{'declared': [], 'seeds': [{'network': -1, 'seed': 1}]}", "'network'" },
    { "partition", "{'groups': [[{'node': 'a'}]]}", "'groups' is missing, or not of 2" },
    { "partition", "{'groups': [[{'node': 'a'}], []]}", "a group of a partition" },
    { "partition", "{'groups': [[{'node': 'a'}], [{'node': 'b'}], [{'node': 'c'}]], 'one_way': true}",
      "'groups' is missing, or not of 2" },
    { "reset", "{'targets': 1}", "'targets'" },
    { "wires", "{'from': -1}", "'from'" },
  };
  g_autoptr (json_t) faults = NULL;

  three (lab);
  forget (lab);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    lab_call_fails (lab, cases[i].op, parse (cases[i].request), BS_ERROR_INVALID, cases[i].text);
  say (lab, "set-wires", "{'declared': []}");
  expect (lab, "ping\n");
  expect_not (lab, "wire");
  expect_not (lab, "cuts");
  faults = lab_call (lab, "faults", NULL);
  g_assert_cmpuint (json_array_size (json_object_get (faults, "faults")), ==, 0);
}

static void
test_wires_are_described_in_pages (Lab *lab, gconstpointer unused)
{
  gint64 from = 0;
  guint n = 0, pages = 0;

  start_switch (lab);
  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *node = g_strdup_printf ("n%u", i);
      g_autofree char *mac = g_strdup_printf ("52:54:00:00:01:%02x", i);

      json_decref (lab_call (
          lab, "add-port", json_pack ("{s:s, s:i, s:i, s:s}", "node", node, "interface", 0, "network", 1, "mac", mac)));
    }
  say (lab, "set-wires", "{'targets': [{'node': 'n0', 'to': 'n1'}], 'values': {'loss': 1}}");
  for (; from >= 0; pages++)
    {
      g_autoptr (json_t) page = lab_call (lab, "wires", json_pack ("{s:I}", "from", (json_int_t) from));

      n += (guint) json_array_size (json_object_get (page, "wires"));
      from = bs_json_int (page, "next", -1);
    }
  g_assert_cmpuint (n, ==, 81);
  g_assert_cmpuint (pages, ==, 2);
}

static void
test_faults_are_described_in_pages (Lab *lab, gconstpointer unused)
{
  gint64 from = 0;
  guint n = 0, pages = 0;

  for (guint i = 0; i < 700; i++)
    say (lab, "set-wires", "{'targets': [{'node': 'a', 'to': 'b', 'network': 1}], 'values': {'loss': 1}}");
  for (; from >= 0; pages++)
    {
      g_autoptr (json_t) page = lab_call (lab, "faults", json_pack ("{s:I}", "from", (json_int_t) from));

      n += (guint) json_array_size (json_object_get (page, "faults"));
      from = bs_json_int (page, "next", -1);
    }
  g_assert_cmpuint (n, ==, 700);
  g_assert_cmpuint (pages, >, 1);
}

static void
test_a_switch_that_was_given_up_is_told (Lab *lab, gconstpointer unused)
{
  g_autoptr (BsControl) subscriber = lab_subscribe (lab);

  json_decref (lab_call (lab, "start-switch", json_pack ("{s:s}", "program", "/bin/false")));
  json_decref (lab_event (subscriber, "switch-failed"));
  lab_call_fails (lab, "set-wires", parse ("{'targets': [{'node': 'a'}], 'values': {'loss': 1}}"), BS_ERROR_DIED,
                  "no wire does anything: the switch died too often");
  check_faults (lab, 0);
}

#define MESH 60

/* Each with each: 3540 wires of pairs. */
static void
declare_mesh (Lab *lab)
{
  for (guint i = 0; i < MESH; i++)
    {
      json_t *declared = json_array ();

      for (guint k = 0; k < MESH; k++)
        {
          g_autofree char *from = g_strdup_printf ("n%u", i), *to = g_strdup_printf ("n%u", k);

          if (i != k)
            json_array_append_new (declared,
                                   json_pack ("{s:s, s:i, s:s, s:i, s:{s:i}}", "node", from, "interface", 0, "to", to,
                                              "to_interface", 0, "values", "delay_nsec", (int) (i * MESH + k)));
        }
      json_decref (lab_call (lab, "set-wires", json_pack ("{s:o, s:b}", "declared", declared, "more", i + 1 < MESH)));
    }
}

static void
test_a_mesh_is_told_whole_and_told_again (Lab *lab, gconstpointer unused)
{
  g_autofree char *last = g_strdup_printf ("wire %u out %u: delay %u ", MESH - 1, MESH - 2, MESH * MESH - 2);
  gint64 began = g_get_monotonic_time ();

  start_switch (lab);
  declare_mesh (lab);
  for (guint i = 0; i < MESH; i++)
    {
      g_autofree char *node = g_strdup_printf ("n%u", i);
      g_autofree char *mac = g_strdup_printf ("52:54:00:00:01:%02x", i);

      json_decref (lab_call (
          lab, "add-port", json_pack ("{s:s, s:i, s:i, s:s}", "node", node, "interface", 0, "network", 1, "mac", mac)));
    }
  expect (lab, last);
  g_test_message ("declared and told after %d ms", (int) ((g_get_monotonic_time () - began) / 1000));
  forget (lab);
  began = g_get_monotonic_time ();
  kill_switch (lab);
  expect (lab, last);
  g_test_message ("told again after %d ms", (int) ((g_get_monotonic_time () - began) / 1000));
  forget (lab);
  began = g_get_monotonic_time ();
  say (lab, "set-wires", "{'targets': [{'network': 1}], 'values': {'loss': 1}, 'for_usec': 60000000}");
  g_test_message ("changed after %d ms", (int) ((g_get_monotonic_time () - began) / 1000));
  check_faults (lab, 1);
}

#define ADD(name, function) g_test_add ("/supervisor-net/" name, Lab, NULL, lab_setup, function, lab_teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("declared", test_declared_wires_are_told_with_their_port);
  ADD ("start", test_a_switch_that_starts_is_told_all);
  ADD ("layers", test_layers_are_merged_key_by_key);
  ADD ("burst", test_burst_and_loss_take_each_others_place);
  ADD ("bucket", test_a_pair_has_the_bucket_of_its_sender_until_it_gets_one);
  ADD ("reset", test_reset_of_all_and_of_some);
  ADD ("deadline", test_what_has_an_end_ends);
  ADD ("partition", test_partitions_of_groups);
  ADD ("partition-ends", test_a_partition_ends_alone);
  ADD ("cuts", test_there_are_64_cuts);
  ADD ("schedule", test_schedules_begin_when_they_are_told_to);
  ADD ("switch-dies", test_a_switch_that_dies_is_told_again);
  ADD ("successor", test_a_successor_knows_conditions_cuts_and_deadlines);
  ADD ("damaged", test_damaged_records_are_told_and_not_followed);
  ADD ("identities", test_identities_are_in_the_plan);
  ADD ("refused", test_what_the_switch_refuses_is_told);
  ADD ("declared-refused", test_what_is_refused_of_the_declared_is_told_at_the_end);
  ADD ("trace", test_traces_come_along);
  ADD ("broken", test_broken_requests_change_nothing);
  ADD ("fault-pages", test_faults_are_described_in_pages);
  ADD ("given-up", test_a_switch_that_was_given_up_is_told);
  ADD ("mesh", test_a_mesh_is_told_whole_and_told_again);
  ADD ("pages", test_wires_are_described_in_pages);
  return g_test_run ();
}
