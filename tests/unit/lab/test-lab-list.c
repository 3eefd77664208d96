/* SPDX-License-Identifier: Apache-2.0 */
/* test-lab-list.c — the labs there are, each with how it is now */
#include "bs-fd.h"
#include "bs-lab-list.h"
#include "bs-registry.h"
#include "bs-tag.h"
#include "lab-fixture.h"

/* "name state running/nodes", a line each */
static char *
list (void)
{
  g_autoptr (json_t) labs = bs_lab_list ();
  GString *text = g_string_new (NULL);
  json_t *lab;
  size_t i;

  json_array_foreach (labs, i, lab) g_string_append_printf (
      text, "%s %s %d/%d\n", bs_json_string (lab, "name", "?"), bs_json_string (lab, "state", "?"),
      (int) bs_json_int (lab, "running", -1), (int) bs_json_int (lab, "nodes", -1));
  return g_string_free (text, FALSE);
}

static void
assert_listed (const char *expected)
{
  g_autofree char *text = list ();

  g_assert_cmpstr (text, ==, expected);
}

static void
test_none (Fixture *self, gconstpointer unused)
{
  assert_listed ("");
}

static void
test_running_degraded_stopped (Fixture *self, gconstpointer unused)
{
  pid_t first, second;

  fixture_make_lab ("lab", UUID_A, "running", 2);
  first = fixture_start_tagged (self, "lab", UUID_A, "node", "n0");
  second = fixture_start_tagged (self, "lab", UUID_A, "node", "n1");
  assert_listed ("lab running 2/2\n");
  fixture_kill (self, first);
  assert_listed ("lab degraded 1/2\n");
  fixture_kill (self, second);
  assert_listed ("lab stopped 0/2\n");
}

/* Only machines count, and only this lab's. */
static void
test_other_processes_are_no_machines (Fixture *self, gconstpointer unused)
{
  fixture_make_lab ("lab", UUID_A, "running", 1);
  fixture_start_tagged (self, "lab", UUID_A, "supervisor", NULL);
  fixture_start_tagged (self, "lab", UUID_A, "switch", NULL);
  fixture_start_tagged (self, "lab", UUID_B, "node", "n0");
  assert_listed ("lab stopped 0/1\n");
}

static void
test_states_before_and_after (Fixture *self, gconstpointer unused)
{
  bs_autofd int empty = bs_registry_create ("empty", UUID_A, NULL);

  fixture_make_lab ("begun", UUID_A, "starting", 2);
  fixture_make_lab ("kept", UUID_B, "failed", 1);
  fixture_start_tagged (self, "kept", UUID_B, "node", "n0");
  fixture_make_lab_with ("damaged", "{}");
  fixture_make_lab_with ("odd", "{\"format\":1,\"state\":7,\"nodes\":\"x\",\"topology\":[]}");
  assert_listed ("begun starting 0/2\ndamaged broken 0/0\nempty broken 0/0\nkept failed 1/1\nodd  0/0\n");
}

static void
test_topology_is_told (Fixture *self, gconstpointer unused)
{
  g_autoptr (json_t) labs = NULL;

  fixture_make_lab ("lab", UUID_A, "running", 1);
  labs = bs_lab_list ();
  g_assert_cmpstr (bs_json_string (json_array_get (labs, 0), "topology", ""), ==, "t.yaml");
}

/* Others may run on this host beside the test: only what is added is counted. */
static void
test_others_are_counted_by_their_supervisors (Fixture *self, gconstpointer unused)
{
  g_autofree char *supervisor = bs_tag_format ("0123456789ab", "lab", UUID_A, "supervisor", NULL);
  g_autofree char *node = bs_tag_format ("0123456789ab", "lab", UUID_A, "node", "n0");
  guint before = bs_lab_count_others ();
  pid_t pid;

  fixture_start (self, "qemu", "-nodefaults", "-name", node, NULL);
  fixture_start_tagged (self, "own", UUID_A, "supervisor", NULL);
  pid = fixture_start (self, "benchscale-lab", supervisor, NULL);
  g_assert_cmpuint (bs_lab_count_others (), ==, before + 1);
  fixture_kill (self, pid);
  g_assert_cmpuint (bs_lab_count_others (), ==, before);
  assert_listed ("");
}

int
main (int argc, char **argv)
{
  fixture_begin (&argc, &argv);
  FIXTURE_TEST ("/lab-list/none", test_none);
  FIXTURE_TEST ("/lab-list/running-degraded-stopped", test_running_degraded_stopped);
  FIXTURE_TEST ("/lab-list/other-processes-are-no-machines", test_other_processes_are_no_machines);
  FIXTURE_TEST ("/lab-list/states-before-and-after", test_states_before_and_after);
  FIXTURE_TEST ("/lab-list/topology-is-told", test_topology_is_told);
  FIXTURE_TEST ("/lab-list/others-are-counted-by-their-supervisors", test_others_are_counted_by_their_supervisors);
  return fixture_run ();
}
