/* SPDX-License-Identifier: Apache-2.0 */
/* test-error.c — bad input, bad luck, and changed minds */
#include "fixture.h"

#include <string.h>

static void
assert_refused (const BsBackendNode *node, BsErrorCode code, const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (fixture->backend->check_node (node, &error));
  assert_code (error, code, part);
}

static void
impossible_nodes_are_refused (void)
{
  g_autoptr (BsBackendNode) node = fixture_node ("bad", 40);

  node->memory_mib = 1024 * 1024 * 1024;
  assert_refused (node, BS_ERROR_EXHAUSTED, "node 'bad' needs 1073741824 MiB of memory");
  node->memory_mib = 1;
  assert_refused (node, BS_ERROR_INVALID, "node 'bad' has too little memory");
  node->memory_mib = 256;
  node->vcpus = 0;
  assert_refused (node, BS_ERROR_INVALID, "node 'bad' has an impossible number of vcpus");
  node->vcpus = 1;
  g_clear_pointer (&node->name, g_free);
  node->name = g_strdup ("a,b");
  assert_refused (node, BS_ERROR_INVALID, "node 'a,b' has a name that cannot be used");
}

static void
broken_image_leaves_nothing (void)
{
  g_autoptr (BsBackendNode) node = fixture_node ("broken", 41);
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) record = NULL;
  BsNodeState state;

  g_free (node->kernel);
  node->kernel = g_strdup ("/no/such/kernel");
  g_assert_true (fixture->backend->create_node (&fixture->lab, node, NULL));
  g_assert_false (fixture->backend->start_node (&fixture->lab, node, &record, &error));
  assert_code (error, BS_ERROR_DIED, "cannot start node 'broken': ");
  g_assert_nonnull (strstr (error->message, "/no/such/kernel"));
  g_assert_true (fixture->backend->node_state (&fixture->lab, "broken", &state, NULL));
  g_assert_cmpint (state, ==, BS_NODE_STOPPED);
  fixture_down ("broken");
}

static void
silent_machine_times_out (void)
{
  g_autoptr (BsBackendNode) node = fixture_node ("silent", 42);
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) record = NULL;

  /* A shell as first program: it boots, and never says hello. */
  g_free (node->cmdline);
  node->cmdline = g_strdup ("console=ttyS0 cryptomgr.notests rdinit=/bin/sleep -- 1000");
  g_assert_true (fixture->backend->create_node (&fixture->lab, node, NULL));
  g_assert_true (fixture->backend->start_node (&fixture->lab, node, &record, NULL));
  g_assert_false (fixture->backend->wait_node (&fixture->lab, "silent", fixture_in (2), &error));
  assert_code (error, BS_ERROR_TIMEOUT, "node 'silent' did not come up in ");
  g_assert_nonnull (strstr (bs_error_hint (error), "benchscale logs conformance/silent"));
  fixture_down ("silent");
}

static void
panic_is_told (void)
{
  g_autoptr (BsBackendNode) node = fixture_node ("panic", 43);
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) record = NULL;

  g_free (node->cmdline);
  node->cmdline = g_strdup ("console=ttyS0 cryptomgr.notests panic=-1 reboot=t rdinit=/no/such/program root=/dev/none");
  g_assert_true (fixture->backend->create_node (&fixture->lab, node, NULL));
  g_assert_true (fixture->backend->start_node (&fixture->lab, node, &record, NULL));
  g_assert_false (fixture->backend->wait_node (&fixture->lab, "panic", fixture_in (60), &error));
  assert_code (error, BS_ERROR_DIED, "node 'panic' died of a kernel panic: Kernel panic - not syncing");
  fixture_down ("panic");
}

static void
waiting_is_interrupted (void)
{
  g_autoptr (BsBackendNode) node = fixture_node ("waited", 44);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) record = NULL;
  BsBackendLab lab = fixture->lab;

  lab.cancellable = cancellable;
  g_assert_true (fixture->backend->create_node (&fixture->lab, node, NULL));
  g_assert_true (fixture->backend->start_node (&fixture->lab, node, &record, NULL));
  g_cancellable_cancel (cancellable);
  g_assert_false (fixture->backend->wait_node (&lab, "waited", fixture_in (60), &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_CANCELLED);
  fixture_down ("waited");
}

static void
unknown_node_runs_nothing (void)
{
  const char *argv[] = { "true", NULL };
  BsExecSpec spec = { .argv = argv };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1 };
  g_autoptr (GError) error = NULL;
  BsExecResult result;

  if (fixture_lacks (BS_CAP_EXEC))
    return;
  g_assert_false (fixture->backend->exec (&fixture->lab, "nobody-knows", &spec, &io, &result, &error));
  assert_code (error, BS_ERROR_NOT_FOUND, "nobody-knows");
}

static void
stopped_node_is_not_paused (void)
{
  g_autoptr (GError) error = NULL;

  if (fixture_lacks (BS_CAP_PAUSE))
    return;
  g_assert_false (fixture->backend->pause_node (&fixture->lab, "nobody-knows", &error));
  assert_code (error, BS_ERROR_DIED, "node 'nobody-knows' does not run");
}

void
add_error_tests (void)
{
  g_test_add_func ("/conformance/error/impossible-nodes-are-refused", impossible_nodes_are_refused);
  g_test_add_func ("/conformance/error/broken-image-leaves-nothing", broken_image_leaves_nothing);
  g_test_add_func ("/conformance/error/silent-machine-times-out", silent_machine_times_out);
  g_test_add_func ("/conformance/error/panic-is-told", panic_is_told);
  g_test_add_func ("/conformance/error/waiting-is-interrupted", waiting_is_interrupted);
  g_test_add_func ("/conformance/error/unknown-node-runs-nothing", unknown_node_runs_nothing);
  g_test_add_func ("/conformance/error/stopped-node-is-not-paused", stopped_node_is_not_paused);
}
