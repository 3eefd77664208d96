/* SPDX-License-Identifier: Apache-2.0 */
/* test-lab.c — the handle of a lab of which nothing runs, and the asynchronous forms */
#include "bs-control-protocol.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-lab-private.h"
#include "bs-registry.h"
#include "bs-socket.h"
#include "lab-fixture.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define PATIENCE (10 * G_USEC_PER_SEC)

#define TOPOLOGY "network: {name: lan, subnet: 10.77.0.0/24}\nnodes: [{name: a, image: tiny, memory_mb: 96}]\n"

static void
test_open_refuses (const char *name, int code, const char *message, const char *hint)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (bs_lab_open (name, &error));
  g_assert_error (error, BS_ERROR, code);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_cmpstr (bs_error_hint (error), ==, hint);
}

static void
test_open_of_what_is_no_lab (Fixture *self, gconstpointer unused)
{
  bs_autofd int empty = bs_registry_create ("half", UUID_A, NULL);

  fixture_make_lab_with ("newer", "{\"format\":2}");
  fixture_make_lab_with ("damaged", "{}");
  test_open_refuses ("none", BS_ERROR_NOT_FOUND, "there is no lab 'none'",
                     "`benchscale list` shows the labs there are");
  test_open_refuses ("half", BS_ERROR_FAILED, "lab 'half' was never finished",
                     "`benchscale down` removes what is there");
  test_open_refuses ("newer", BS_ERROR_UNSUPPORTED, "lab 'newer': the lab's record has format 2, this program knows 1",
                     "use the newer benchscale that made it");
  test_open_refuses ("damaged", BS_ERROR_PROTOCOL, "lab 'damaged': the lab's record is damaged: it has no format",
                     "`benchscale down` removes the lab all the same");
}

static void
assert_not_running (const GError *error)
{
  g_assert_error (error, BS_ERROR, BS_ERROR_DIED);
  g_assert_cmpstr (error->message, ==, "lab 'lab' is not running");
  g_assert_cmpstr (bs_error_hint (error), ==,
                   "nothing of it runs any more (was the host restarted?): `benchscale down` removes its record");
}

static void
test_nothing_of_it_runs (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BsLab) lab = NULL;
  int code = -1;

  fixture_make_lab ("lab", UUID_A, "running", 2);
  fixture_start_tagged (self, "lab", UUID_B, "node", "n0"); /* another lab of that name is no help */
  lab = bs_lab_open ("lab", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (bs_lab_name (lab), ==, "lab");
  g_assert_null (bs_lab_control (lab, &error));
  assert_not_running (error);
  g_clear_error (&error);
  g_assert_false (
      bs_lab_exec_capture (lab, "n0", (const char *const[]){ "true", NULL }, NULL, 0, &code, NULL, NULL, NULL, &error));
  assert_not_running (error);
  g_clear_error (&error);
  g_assert_false (bs_lab_copy_in (lab, "n1", "/etc/hostname", "/tmp/x", NULL, &error));
  assert_not_running (error);
  g_assert_cmpint (code, ==, -1);
}

static void
test_status_of_a_lab_that_stopped (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BsLab) lab = NULL;
  g_autoptr (json_t) status = NULL;
  g_autofree char *text = NULL;

  fixture_make_lab ("lab", UUID_A, "running", 2);
  lab = bs_lab_open ("lab", NULL);
  text = bs_lab_status (lab, &error);
  g_assert_no_error (error);
  status = bs_json_load (text, strlen (text), NULL);
  g_assert_cmpstr (bs_json_string (status, "state", ""), ==, "stopped");
  for (guint i = 0; i < 2; i++)
    g_assert_cmpstr (bs_json_string (json_array_get (json_object_get (status, "nodes"), i), "state", ""), ==, "absent");
}

/* A supervisor of one connection, whose switch does not run. */
static gpointer
supervise (gpointer user_data)
{
  static const char *const answers[] = {
    "{\"id\":1,\"ok\":true,\"version\":1}", /* to hello */
    "{\"id\":2,\"ok\":true,\"switch\":{\"pid\":0},\"nodes\":[{\"name\":\"n0\",\"state\":\"running\"}]}",
    "{\"id\":3,\"ok\":true,\"ports\":[]}",
  };
  int listener = GPOINTER_TO_INT (user_data);
  bs_autofd int fd = -1;

  g_assert_cmpint (bs_socket_wait (listener, POLLIN, g_get_monotonic_time () + PATIENCE), >, 0);
  fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      char request[1024];

      g_assert_cmpint (bs_socket_wait (fd, POLLIN, g_get_monotonic_time () + PATIENCE), >, 0);
      g_assert_cmpint (bs_socket_receive (fd, request, sizeof request, NULL, NULL, NULL), >, 0);
      g_assert_true (bs_socket_send (fd, answers[i], strlen (answers[i]), NULL, 0, NULL));
    }
  return NULL;
}

static void
test_lab_without_its_switch_is_degraded (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BsLab) lab = NULL;
  g_autoptr (json_t) status = NULL;
  g_autofree char *text = NULL;
  bs_autofd int listener = -1;
  GThread *thread;

  fixture_make_lab ("lab", UUID_A, "running", 1);
  lab = bs_lab_open ("lab", NULL);
  listener = bs_socket_listen (bs_lab_dir (lab), BS_CONTROL_SOCKET, SOCK_SEQPACKET, &error);
  g_assert_no_error (error);
  thread = g_thread_new ("supervisor", supervise, GINT_TO_POINTER (listener));
  text = bs_lab_status (lab, &error);
  g_thread_join (thread);
  g_assert_no_error (error);
  status = bs_json_load (text, strlen (text), NULL);
  g_assert_cmpstr (bs_json_string (json_array_get (json_object_get (status, "nodes"), 0), "state", ""), ==, "running");
  g_assert_cmpstr (bs_json_string (status, "state", ""), ==, "degraded");
}

static void
test_handle_outlives_its_supervisor (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BsLab) lab = NULL;
  bs_autofd int listener = -1;
  BsControl *first;
  int peer;

  fixture_make_lab ("lab", UUID_A, "running", 1);
  lab = bs_lab_open ("lab", NULL);
  listener = bs_socket_listen (bs_lab_dir (lab), BS_CONTROL_SOCKET, SOCK_SEQPACKET, &error);
  g_assert_no_error (error);
  first = bs_lab_control (lab, &error);
  g_assert_no_error (error);
  g_assert_true (bs_lab_control (lab, NULL) == first);
  peer = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  g_assert_cmpint (peer, >=, 0);
  bs_fd_clear (&peer);
  g_assert_nonnull (bs_lab_control (lab, &error));
  g_assert_true (bs_lab_control (lab, NULL) != first);
  g_assert_true (bs_control_is_broken (first)); /* and still there for who uses it */
  bs_fd_clear (&listener);
  g_assert_null (bs_lab_control (lab, &error));
  assert_not_running (error);
}

/* The file of presets that `up` was given is gone. */
static void
test_topology_with_recorded_presets (Fixture *self, gconstpointer unused)
{
  static const char text[] = "network: {name: lan, preset: gone_line}\nnodes: [{name: a, image: tiny}]\n";
  g_autoptr (GError) error = NULL;
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsTopology) topology = NULL;
  g_autoptr (BsLab) lab = NULL;
  const BsTopologyNetwork *network;

  fixture_make_lab_with ("lab",
                         "{\"format\":1,\"name\":\"lab\",\"uuid\":\"" UUID_A "\",\"state\":\"running\",\"topology\":"
                         "\"t.yaml\",\"networks\":[],\"nodes\":[],\"presets\":{\"gone_line\":{\"latency_ms\":5}}}");
  lab = bs_lab_open ("lab", &error);
  g_assert_no_error (error);
  g_assert_true (bs_file_write_atomic (bs_lab_dir (lab), BS_TOPOLOGY_FILE, text, strlen (text), 0600, NULL));
  topology = bs_lab_topology (lab, &diagnostics);
  g_assert_nonnull (topology);
  network = bs_topology_network (topology, "lan");
  g_assert_cmpfloat (bs_conditions_preset (network->conditions)->latency_ms, ==, 5);
}

static void
test_unknown_node (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BsLab) lab = NULL;

  fixture_make_lab ("lab", UUID_A, "running", 2);
  lab = bs_lab_open ("lab", NULL);
  g_assert_false (bs_lab_copy_out (lab, "web", "/a", "/b", NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "lab 'lab' has no node 'web'");
  g_assert_cmpstr (bs_error_hint (error), ==, "its nodes: n0 n1");
}

static void
test_holding_excludes_down (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BsLab) lab = NULL;
  bs_autofd int held = -1;

  fixture_make_lab ("lab", UUID_A, "running", 1);
  lab = bs_lab_open ("lab", NULL);
  held = bs_lab_hold (lab, NULL);
  g_assert_cmpint (held, >=, 0);
  g_assert_false (bs_lab_down ("lab", NULL, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_BUSY);
  bs_fd_clear (&held);
  g_assert_true (bs_lab_down ("lab", NULL, NULL, NULL));
}

/* What an asynchronous call came to, and where. */
typedef struct
{
  GMainContext *context;
  GAsyncResult *result;
} Answer;

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *self = user_data;

  g_assert_true (g_main_context_is_owner (self->context));
  g_assert_null (self->result);
  self->result = g_object_ref (result);
}

/* A context of the caller's own, which is not the default one. */
static void
answer_init (Answer *self)
{
  *self = (Answer){ .context = g_main_context_new () };
  g_main_context_push_thread_default (self->context);
}

static void
answer_wait (Answer *self)
{
  while (self->result == NULL)
    g_main_context_iteration (self->context, TRUE);
}

static void
answer_clear (Answer *self)
{
  g_object_unref (self->result);
  g_main_context_pop_thread_default (self->context);
  g_main_context_unref (self->context);
}

static char *
write_topology (const char *text)
{
  char *path = g_build_filename (fixture_folder (), "t.yaml", NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static void
test_up_async_of_a_wrong_topology (Fixture *self, gconstpointer unused)
{
  g_autofree char *path = write_topology ("nodes: [{name: a, image: tiny, tpm: true}]\n");
  g_autofree char *message = g_strconcat (path, ":1:32: 'nodes[].tpm' is not supported yet", NULL);
  g_autoptr (GError) error = NULL;
  Answer answer;

  answer_init (&answer);
  bs_lab_up_async (path, NULL, NULL, on_answer, &answer);
  g_assert_null (answer.result);
  answer_wait (&answer);
  g_assert_null (bs_lab_up_finish (answer.result, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, message);
  answer_clear (&answer);
}

/* The name is copied: the caller's string may go as soon as the call returns. */
static void
test_up_async_is_cancelled (Fixture *self, gconstpointer unused)
{
  g_autofree char *path = write_topology (TOPOLOGY);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  char name[] = "other";
  BsLabOptions options = BS_LAB_OPTIONS_INIT;
  Answer answer;

  options.name = name;
  answer_init (&answer);
  g_cancellable_cancel (cancellable);
  bs_lab_up_async (path, &options, cancellable, on_answer, &answer);
  memset (name, '/', sizeof name - 1);
  answer_wait (&answer);
  g_assert_null (bs_lab_up_finish (answer.result, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_CANCELLED);
  g_assert_cmpstr (error->message, ==, "interrupted");
  g_assert_false (fixture_has_lab ("other"));
  answer_clear (&answer);
}

static void
test_down_async (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  pid_t node = fixture_start_tagged (self, "lab", UUID_A, "node", "n0");
  Answer answer;

  fixture_make_lab ("lab", UUID_A, "running", 1);
  answer_init (&answer);
  bs_lab_down_async ("lab", NULL, NULL, on_answer, &answer);
  answer_wait (&answer);
  g_assert_true (bs_lab_down_finish (answer.result, &error));
  g_assert_no_error (error);
  g_assert_false (fixture_lives (node));
  g_assert_false (fixture_has_lab ("lab"));
  answer_clear (&answer);
}

static void
test_down_async_is_cancelled (Fixture *self, gconstpointer unused)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Answer answer;

  fixture_make_lab ("lab", UUID_A, "running", 1);
  answer_init (&answer);
  g_cancellable_cancel (cancellable);
  bs_lab_down_async ("lab", NULL, cancellable, on_answer, &answer);
  answer_wait (&answer);
  g_assert_false (bs_lab_down_finish (answer.result, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_CANCELLED);
  g_assert_true (fixture_has_lab ("lab"));
  answer_clear (&answer);
}

int
main (int argc, char **argv)
{
  fixture_begin (&argc, &argv);
  FIXTURE_TEST ("/lab/open-of-what-is-no-lab", test_open_of_what_is_no_lab);
  FIXTURE_TEST ("/lab/nothing-of-it-runs", test_nothing_of_it_runs);
  FIXTURE_TEST ("/lab/status-of-a-lab-that-stopped", test_status_of_a_lab_that_stopped);
  FIXTURE_TEST ("/lab/lab-without-its-switch-is-degraded", test_lab_without_its_switch_is_degraded);
  FIXTURE_TEST ("/lab/topology-with-recorded-presets", test_topology_with_recorded_presets);
  FIXTURE_TEST ("/lab/handle-outlives-its-supervisor", test_handle_outlives_its_supervisor);
  FIXTURE_TEST ("/lab/unknown-node", test_unknown_node);
  FIXTURE_TEST ("/lab/holding-excludes-down", test_holding_excludes_down);
  FIXTURE_TEST ("/lab/up-async-of-a-wrong-topology", test_up_async_of_a_wrong_topology);
  FIXTURE_TEST ("/lab/up-async-is-cancelled", test_up_async_is_cancelled);
  FIXTURE_TEST ("/lab/down-async", test_down_async);
  FIXTURE_TEST ("/lab/down-async-is-cancelled", test_down_async_is_cancelled);
  return fixture_run ();
}
