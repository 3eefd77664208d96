/* SPDX-License-Identifier: Apache-2.0 */
/* test-ssh-session.c — how a session begins, or does not, and how it is lost */
#include "bs-time.h"
#include "password-server.h"
#include "ssh-fixture.h"

#include <arpa/inet.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

static SshServer server;

static void
assert_refuses (const BsSshTarget *target, int code, const char *text, gboolean hinted)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (bs_ssh_open (target, NULL, &error));
  assert_error (error, code, text);
  g_assert_cmpint (bs_error_hint (error) != NULL, ==, hinted);
}

static void
test_refused (void)
{
  g_autoptr (BsSshTarget) target = bs_ssh_target_copy (server.target);

  target->port = ssh_free_port ();
  target->label = g_strdup ("shop/web");
  assert_refuses (target, BS_ERROR_NOT_FOUND, "'shop/web' refused the connection: nothing listens there", TRUE);
}

static void
test_unreachable (void)
{
  g_autoptr (BsSshTarget) target = bs_ssh_target_copy (server.target);

  g_free (target->host);
  target->host = g_strdup ("no-such-host.invalid");
  assert_refuses (target, BS_ERROR_HOST, "'no-such-host.invalid' has no address", FALSE);
  g_free (target->host);
  target->host = g_strdup ("255.255.255.255");
  assert_refuses (target, BS_ERROR_HOST, "cannot be reached: ", TRUE);
}

static int
listen_only (guint16 *port)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t size = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, size));
  g_assert_no_errno (listen (fd, 5));
  g_assert_no_errno (getsockname (fd, (struct sockaddr *) &address, &size));
  *port = ntohs (address.sin_port);
  return fd;
}

static void
test_silent_server (void)
{
  g_autoptr (BsSshTarget) target = bs_ssh_target_copy (server.target);
  bs_autofd int fd = listen_only (&target->port);
  gint64 begin = g_get_monotonic_time ();

  target->connect_timeout_usec = 300 * BS_USEC_PER_MSEC;
  assert_refuses (target, BS_ERROR_TIMEOUT, "took too long to log in", FALSE);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 5 * BS_USEC_PER_SEC);
}

static gpointer
answer_once (gpointer data)
{
  const char *text = ((gpointer *) data)[1];
  bs_autofd int fd = accept (GPOINTER_TO_INT (((gpointer *) data)[0]), NULL, NULL);
  char byte;

  g_assert_true (bs_fd_write_all (fd, text, strlen (text)));
  shutdown (fd, SHUT_WR);
  while (read (fd, &byte, 1) > 0)
    continue;
  return NULL;
}

static void
test_server_that_speaks_otherwise (void)
{
  static const struct
  {
    const char *says;
    int code;
    const char *text;
  } cases[] = { { "", BS_ERROR_DIED, "closed the connection while it greeted" },
                { "SSH-2.0-x\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", BS_ERROR_PROTOCOL,
                  "does not speak SSH as it should" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (BsSshTarget) target = bs_ssh_target_copy (server.target);
      bs_autofd int fd = listen_only (&target->port);
      gpointer data[] = { GINT_TO_POINTER (fd), (gpointer) cases[i].says };
      GThread *thread = g_thread_new ("answer", answer_once, data);
      g_autoptr (GError) error = NULL;

      target->connect_timeout_usec = 5 * BS_USEC_PER_SEC;
      g_assert_null (bs_ssh_open (target, NULL, &error));
      assert_error (error, cases[i].code, cases[i].text);
      g_thread_join (thread);
    }
}

static void
test_cancelled_while_it_waits (void)
{
  g_autoptr (BsSshTarget) target = bs_ssh_target_copy (server.target);
  bs_autofd int fd = listen_only (&target->port);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (bs_ssh_open (target, cancellable, &error));
  assert_error (error, BS_ERROR_CANCELLED, "cancelled");
}

static void
test_changed_host_key (void)
{
  g_autoptr (BsSshTarget) target = bs_ssh_target_copy (server.target);
  g_autoptr (BsSshKeyPair) other = bs_ssh_key_pair_new (NULL, NULL);
  g_autofree char *expected = bs_ssh_fingerprint (other->public_text, NULL);
  g_autofree char *got = bs_ssh_fingerprint (server.host_key->public_text, NULL);
  g_autofree char *text = g_strdup_printf ("changed: expected %s, got %s", expected, got);

  g_free (target->host_key);
  target->host_key = g_strdup (other->public_text);
  assert_refuses (target, BS_ERROR_CHECK, text, TRUE);
}

static void
test_host_key_of_another_type (void)
{
  g_autoptr (BsSshTarget) target = bs_ssh_target_copy (server.target);

  g_free (target->host_key);
  target->host_key
      = g_strdup ("ecdsa-sha2-nistp256 "
                  "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBBUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFR"
                  "UVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRU=");
  assert_refuses (target, BS_ERROR_CHECK, "got a key of another type", TRUE);
}

static void
test_no_host_key_no_session (void)
{
  g_autoptr (BsSshTarget) target = bs_ssh_target_copy (server.target);

  g_clear_pointer (&target->host_key, g_free);
  assert_refuses (target, BS_ERROR_INVALID, "the host key of '127.0.0.1' must be known", TRUE);
}

static void
test_wrong_key (void)
{
  g_autoptr (BsSshTarget) target = bs_ssh_target_copy (server.target);
  g_autoptr (BsSshKeyPair) other = bs_ssh_key_pair_new (NULL, NULL);

  g_free (target->key_text);
  target->key_text = g_strdup (other->private_text);
  assert_refuses (target, BS_ERROR_FAILED, "in: tried publickey; the server takes publickey", TRUE);
  g_clear_pointer (&target->key_text, g_free);
  assert_refuses (target, BS_ERROR_FAILED, "in: tried none; the server takes publickey", TRUE);
}

static void
test_keys_that_are_none (void)
{
  g_autoptr (BsSshTarget) target = bs_ssh_target_copy (server.target);

  g_free (target->key_text);
  target->key_text = g_strdup ("rubbish");
  assert_refuses (target, BS_ERROR_INVALID, "cannot use the private key that was given", TRUE);
  g_clear_pointer (&target->key_text, g_free);
  target->key_file = g_strdup ("/no/such/key");
  assert_refuses (target, BS_ERROR_NOT_FOUND, "/no/such/key", FALSE);
}

static void
test_key_file (void)
{
  g_autoptr (BsSshTarget) target = bs_ssh_target_copy (server.target);
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&target->key_text, g_free);
  target->key_file = g_build_filename (server.scratch.path, "id", NULL);
  {
    g_autoptr (BsSsh) ssh = bs_ssh_open (target, NULL, &error);

    g_assert_no_error (error);
    g_assert_true (bs_ssh_usable (ssh));
  }
}

static void
test_agent (void)
{
  g_autoptr (BsSshTarget) target = bs_ssh_target_copy (server.target);
  g_autofree char *socket = g_build_filename (server.scratch.path, "agent", NULL);
  g_autofree char *key = g_build_filename (server.scratch.path, "id", NULL);
  const char *argv[] = { "ssh-agent", "-D", "-a", socket, NULL }, *add[] = { "ssh-add", "-q", key, NULL };
  g_auto (GStrv) env = g_environ_setenv (g_get_environ (), "SSH_AUTH_SOCK", socket, TRUE);
  g_autoptr (GError) error = NULL;
  GPid pid;

  g_clear_pointer (&target->key_text, g_free);
  target->agent = TRUE;
  target->agent_path = g_strdup (socket);
  assert_refuses (target, BS_ERROR_FAILED, "tried publickey (agent)", TRUE); /* there is none yet */
  g_assert_true (g_spawn_async (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL,
                                NULL, &pid, NULL));
  while (!g_file_test (socket, G_FILE_TEST_EXISTS))
    g_usleep (1000);
  assert_refuses (target, BS_ERROR_FAILED, "tried publickey (agent)", TRUE); /* it has no key yet */
  g_assert_true (g_spawn_sync (NULL, (char **) add, env, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL));
  {
    g_autoptr (BsSsh) ssh = bs_ssh_open (target, NULL, &error);

    kill (pid, SIGTERM);
    g_assert_no_error (error);
    g_assert_true (bs_ssh_usable (ssh));
  }
}

static void
test_password (gconstpointer questions)
{
  PasswordServer *passwords = password_server_start (server.host_key->private_text, "s3cret", questions != NULL);
  g_autoptr (BsSshTarget) target
      = bs_ssh_target_new ("127.0.0.1", password_server_port (passwords), "me", server.host_key->public_text);
  g_autoptr (GError) error = NULL;
  g_autoptr (BsSsh) ssh = NULL;

  target->password = g_strdup ("wrong");
  assert_refuses (target, BS_ERROR_FAILED,
                  questions != NULL ? "tried password, keyboard-interactive" : "tried password", TRUE);
  g_free (target->password);
  target->password = g_strdup ("s3cret");
  ssh = bs_ssh_open (target, NULL, &error);
  g_assert_no_error (error);
  g_clear_pointer (&ssh, bs_ssh_free);
  password_server_stop (passwords);
}

static void
test_password_of_a_user (void)
{
  g_auto (SshServer) own;
  g_autoptr (BsSsh) ssh = NULL;
  g_autoptr (GError) error = NULL;

  if (!ssh_server_init_with_user (&own, "PasswordAuthentication yes"))
    {
      ssh_server_init (&own, NULL);
      g_test_skip ("only root can make a user, in a namespace");
      return;
    }
  g_clear_pointer (&own.target->key_text, g_free);
  own.target->password = g_strdup ("wrong");
  assert_refuses (own.target, BS_ERROR_FAILED, "in: tried password; the server takes publickey, password", TRUE);
  g_free (own.target->password);
  own.target->password = g_strdup (SSH_USER_PASSWORD);
  ssh = bs_ssh_open (own.target, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (bs_ssh_usable (ssh));
}

static void
test_keepalive (void)
{
  g_auto (SshServer) own;
  g_autoptr (BsSsh) ssh = NULL;
  g_autoptr (GError) error = NULL;

  ssh_server_init (&own, NULL);
  ssh = ssh_server_open (&own);
  for (guint i = 0; i < 5; i++)
    g_assert_true (bs_ssh_keepalive (ssh, g_get_monotonic_time () + 10 * BS_USEC_PER_SEC, NULL, &error));
  g_assert_no_error (error);
  ssh_server_kill (&own);
  g_assert_false (bs_ssh_keepalive (ssh, g_get_monotonic_time () + 10 * BS_USEC_PER_SEC, NULL, &error));
  assert_error (error, BS_ERROR_DIED, "the connection to");
  g_assert_false (bs_ssh_usable (ssh));
}

static gboolean
kill_server (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error)
{
  ssh_server_kill (user_data);
  return TRUE;
}

static void
test_server_killed_while_a_command_runs (void)
{
  g_auto (SshServer) own;
  g_autoptr (BsSsh) ssh = NULL;
  const char *argv[] = { "sh", "-c", "echo begun; exec sleep 5", NULL };
  BsExecSpec spec = { .argv = argv, .user = g_get_user_name () };
  BsExecIO io = { .stdin_fd = -1, .output = kill_server, .user_data = &own, .control_fd = -1 };
  BsExecResult result;
  g_autoptr (GError) error = NULL;

  ssh_server_init (&own, NULL);
  ssh = ssh_server_open (&own);
  g_assert_false (bs_ssh_exec (ssh, &spec, &io, &result, NULL, &error));
  assert_error (error, BS_ERROR_DIED, "cannot run 'sh': the connection to");
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  ssh_server_init (&server, NULL);
  g_test_add_func ("/ssh/session/refused", test_refused);
  g_test_add_func ("/ssh/session/unreachable", test_unreachable);
  g_test_add_func ("/ssh/session/silent-server", test_silent_server);
  g_test_add_func ("/ssh/session/server-that-speaks-otherwise", test_server_that_speaks_otherwise);
  g_test_add_func ("/ssh/session/cancelled-while-it-waits", test_cancelled_while_it_waits);
  g_test_add_func ("/ssh/session/changed-host-key", test_changed_host_key);
  g_test_add_func ("/ssh/session/host-key-of-another-type", test_host_key_of_another_type);
  g_test_add_func ("/ssh/session/no-host-key-no-session", test_no_host_key_no_session);
  g_test_add_func ("/ssh/session/wrong-key", test_wrong_key);
  g_test_add_func ("/ssh/session/keys-that-are-none", test_keys_that_are_none);
  g_test_add_func ("/ssh/session/key-file", test_key_file);
  g_test_add_func ("/ssh/session/agent", test_agent);
  g_test_add_data_func ("/ssh/session/password", NULL, test_password);
  g_test_add_data_func ("/ssh/session/keyboard-interactive", "questions", test_password);
  g_test_add_func ("/ssh/session/password-of-a-user", test_password_of_a_user);
  g_test_add_func ("/ssh/session/keepalive", test_keepalive);
  g_test_add_func ("/ssh/session/server-killed-while-a-command-runs", test_server_killed_while_a_command_runs);
  status = g_test_run ();
  ssh_server_clear (&server);
  return status;
}
