/* SPDX-License-Identifier: Apache-2.0 */
/* test-ssh-pool.c — sessions that are shared by turns; runs under the thread sanitizer, too */
#include "bs-ssh-pool.h"
#include "bs-time.h"
#include "ssh-fixture.h"

#include <signal.h>
#include <string.h>

static SshServer server;

static void
assert_counts (BsSshPool *pool, guint idle, guint taken)
{
  guint now_idle, now_taken;

  bs_ssh_pool_count (pool, &now_idle, &now_taken);
  g_assert_cmpuint (now_idle, ==, idle);
  g_assert_cmpuint (now_taken, ==, taken);
}

static gboolean
run_in_pool (BsSshPool *pool, const BsSshTarget *target, const char *script, SshOutput *output, GError **error)
{
  const char *argv[] = { "sh", "-c", script, NULL };
  BsExecSpec spec = { .argv = argv, .user = g_get_user_name () };
  BsExecIO io = { .stdin_fd = -1, .output = ssh_output_take, .user_data = output, .control_fd = -1 };

  return bs_ssh_pool_exec (pool, target, &spec, &io, &output->result, NULL, error);
}

static void
test_given_back_is_taken_again (void)
{
  g_autoptr (BsSshPool) pool = bs_ssh_pool_new (NULL);
  BsSsh *first = bs_ssh_pool_take (pool, server.target, NULL, NULL), *again, *second;

  assert_counts (pool, 0, 1);
  bs_ssh_pool_give (pool, first);
  assert_counts (pool, 1, 0);
  again = bs_ssh_pool_take (pool, server.target, NULL, NULL);
  g_assert_true (again == first);
  second = bs_ssh_pool_take (pool, server.target, NULL, NULL);
  g_assert_true (second != first);
  bs_ssh_pool_give (pool, again);
  bs_ssh_pool_give (pool, second);
  assert_counts (pool, 2, 0);
}

static void
test_only_what_is_idle (void)
{
  g_autoptr (BsSshPool) pool = bs_ssh_pool_new (NULL);
  BsSsh *first;

  g_assert_null (bs_ssh_pool_take_idle (pool, server.target, NULL));
  first = bs_ssh_pool_take (pool, server.target, NULL, NULL);
  g_assert_null (bs_ssh_pool_take_idle (pool, server.target, NULL));
  assert_counts (pool, 0, 1);
  bs_ssh_pool_give (pool, first);
  g_assert_true (bs_ssh_pool_take_idle (pool, server.target, NULL) == first);
  assert_counts (pool, 0, 1);
  bs_ssh_pool_give (pool, first);
  /* what died is not handed out, and leaves its place to others */
  ssh_server_kill (&server);
  ssh_server_start (&server);
  while (bs_ssh_usable (first))
    g_usleep (1000);
  g_assert_null (bs_ssh_pool_take_idle (pool, server.target, NULL));
  assert_counts (pool, 0, 0);
}

static void
test_targets_are_apart (void)
{
  g_autoptr (BsSshPool) pool = bs_ssh_pool_new (NULL);
  g_autoptr (BsSshTarget) other = bs_ssh_target_copy (server.target);
  g_autoptr (GError) error = NULL;
  BsSsh *ssh = bs_ssh_pool_take (pool, server.target, NULL, NULL);

  bs_ssh_pool_give (pool, ssh);
  g_free (other->user);
  other->user = g_strdup ("no-such-user");
  g_assert_null (bs_ssh_pool_take (pool, other, NULL, &error));
  assert_error (error, BS_ERROR_FAILED, "does not let 'no-such-user' in");
  assert_counts (pool, 1, 0);
}

static void
test_idle_ones_are_limited (void)
{
  BsSshPoolLimits limits = { .most_idle = 2, .idle_usec = 200 * BS_USEC_PER_MSEC };
  g_autoptr (BsSshPool) pool = bs_ssh_pool_new (&limits);
  BsSsh *taken[4];
  gint64 until;

  for (guint i = 0; i < 4; i++)
    taken[i] = bs_ssh_pool_take (pool, server.target, NULL, NULL);
  for (guint i = 0; i < 4; i++)
    bs_ssh_pool_give (pool, taken[i]);
  assert_counts (pool, 2, 0);
  for (until = g_get_monotonic_time () + 300 * BS_USEC_PER_MSEC; g_get_monotonic_time () < until;)
    g_usleep (10000);
  taken[0] = bs_ssh_pool_take (pool, server.target, NULL, NULL);
  assert_counts (pool, 0, 1);
  bs_ssh_pool_give (pool, taken[0]);
}

static void
test_all_in_use (void)
{
  BsSshPoolLimits limits = { .most = 1 };
  g_autoptr (BsSshPool) pool = bs_ssh_pool_new (&limits);
  g_autoptr (BsSshTarget) impatient = bs_ssh_target_copy (server.target);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL, cancelled = NULL;
  BsSsh *ssh = bs_ssh_pool_take (pool, server.target, NULL, NULL);

  impatient->connect_timeout_usec = 100 * BS_USEC_PER_MSEC;
  g_assert_null (bs_ssh_pool_take (pool, impatient, NULL, &error));
  assert_error (error, BS_ERROR_TIMEOUT, "all 1 SSH sessions to '127.0.0.1' stayed in use");
  g_cancellable_cancel (cancellable);
  g_assert_null (bs_ssh_pool_take (pool, server.target, cancellable, &cancelled));
  assert_error (cancelled, BS_ERROR_CANCELLED, "cancelled while waiting");
  bs_ssh_pool_give (pool, ssh);
}

/* The server dies while sessions are idle, and comes back: nobody notices. */
static void
test_dead_ones_are_replaced (void)
{
  g_auto (SshServer) own;
  BsSshPool *pool = bs_ssh_pool_new (NULL);
  BsSsh *a, *b;

  ssh_server_init (&own, NULL);
  a = bs_ssh_pool_take (pool, own.target, NULL, NULL);
  b = bs_ssh_pool_take (pool, own.target, NULL, NULL);
  bs_ssh_pool_give (pool, a);
  bs_ssh_pool_give (pool, b);
  ssh_server_kill (&own);
  ssh_server_start (&own);
  {
    g_auto (SshOutput) output;
    g_autoptr (GError) error = NULL;

    ssh_output_init (&output);
    g_assert_true (run_in_pool (pool, own.target, "echo alive", &output, &error));
    g_assert_no_error (error);
    g_assert_cmpstr (output.out->str, ==, "alive\n");
  }
  assert_counts (pool, 1, 0);
  bs_ssh_pool_free (pool);
}

/* A server that is stopped does not answer: an idle session to it is given up, a new one cannot be had. */
static void
test_hung_server (void)
{
  g_auto (SshServer) own;
  BsSshPool *pool = bs_ssh_pool_new (NULL);
  g_autoptr (BsSshTarget) impatient = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (SshOutput) output;
  BsExecResult result;
  const char *argv[] = { "sh", "-c", "kill -STOP $PPID", NULL };
  BsExecSpec spec = { .argv = argv, .user = g_get_user_name (), .timeout_usec = 100 * BS_USEC_PER_MSEC };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1 };

  ssh_server_init (&own, NULL);
  ssh_output_init (&output);
  impatient = bs_ssh_target_copy (own.target);
  impatient->connect_timeout_usec = 500 * BS_USEC_PER_MSEC;
  g_assert_false (bs_ssh_pool_exec (pool, impatient, &spec, &io, &result, NULL, &error));
  assert_error (error, BS_ERROR_TIMEOUT, "did not end 'sh' after its timeout");
  assert_counts (pool, 0, 0);
  bs_ssh_pool_free (pool);
}

static void
test_waits_for_a_server_that_starts (void)
{
  g_auto (SshServer) own;
  g_autoptr (BsSshPool) pool = bs_ssh_pool_new (NULL);
  g_autoptr (GError) error = NULL;
  BsSsh *held[3], *more;

  /* Turns away more than two who are not logged in, by closing the connection. */
  ssh_server_init (&own, "MaxStartups 2:100:3");
  for (guint i = 0; i < 3; i++)
    held[i] = bs_ssh_pool_take (pool, own.target, NULL, NULL);
  more = bs_ssh_pool_take (pool, own.target, NULL, &error);
  g_assert_no_error (error);
  bs_ssh_pool_give (pool, more);
  for (guint i = 0; i < 3; i++)
    bs_ssh_pool_give (pool, held[i]);
}

typedef struct
{
  BsSshPool *pool;
  const BsSshTarget *target;
  int number;
} Step;

static gpointer
step (gpointer data)
{
  Step *self = data;

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *script = g_strdup_printf ("head -c 20000 /dev/zero | tr '\\0' x; exit %d", self->number % 100);
      g_auto (SshOutput) output;
      g_autoptr (GError) error = NULL;

      ssh_output_init (&output);
      g_assert_true (run_in_pool (self->pool, self->target, script, &output, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (output.out->len, ==, 20000);
      g_assert_cmpint (output.result.exit_code, ==, self->number % 100);
    }
  return NULL;
}

/* The server turns away whom it has no place for, so that retries are in it. */
static void
test_hundred_at_once (void)
{
  g_auto (SshServer) own;
  BsSshPoolLimits limits = { .most = 12 };
  BsSshPool *pool = bs_ssh_pool_new (&limits);
  GThread *threads[100];
  Step steps[100];
  guint idle, taken;

  ssh_server_init (&own, "MaxStartups 3:50:5");
  own.target->connect_timeout_usec = 120 * BS_USEC_PER_SEC; /* a sanitizer and a busy host are slow */
  for (guint i = 0; i < 100; i++)
    {
      steps[i] = (Step){ pool, own.target, (int) i };
      threads[i] = g_thread_new ("step", step, &steps[i]);
    }
  for (guint i = 0; i < 100; i++)
    g_thread_join (threads[i]);
  bs_ssh_pool_count (pool, &idle, &taken);
  g_assert_cmpuint (taken, ==, 0);
  g_assert_cmpuint (idle, >, 0);
  g_assert_cmpuint (idle, <=, 8);
  bs_ssh_pool_free (pool);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  ssh_server_init (&server, NULL);
  g_test_add_func ("/ssh/pool/given-back-is-taken-again", test_given_back_is_taken_again);
  g_test_add_func ("/ssh/pool/only-idle", test_only_what_is_idle);
  g_test_add_func ("/ssh/pool/targets-are-apart", test_targets_are_apart);
  g_test_add_func ("/ssh/pool/idle-ones-are-limited", test_idle_ones_are_limited);
  g_test_add_func ("/ssh/pool/all-in-use", test_all_in_use);
  g_test_add_func ("/ssh/pool/dead-ones-are-replaced", test_dead_ones_are_replaced);
  g_test_add_func ("/ssh/pool/hung-server", test_hung_server);
  g_test_add_func ("/ssh/pool/waits-for-a-server-that-starts", test_waits_for_a_server_that_starts);
  g_test_add_func ("/ssh/pool/hundred-at-once", test_hundred_at_once);
  status = g_test_run ();
  ssh_server_clear (&server);
  return status;
}
