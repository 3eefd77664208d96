/* SPDX-License-Identifier: Apache-2.0 */
/* test-qemu-way.c — agent or SSH, whichever lets us in: a socket in an agent's place, and a real sshd */
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-qemu-foreign.h"
#include "bs-qemu-link.h"
#include "bs-qemu-way-open.h"
#include "bs-socket.h"
#include "bs-time.h"
#include "ssh-fixture.h"

#include <glib/gstdio.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static SshServer server;

typedef struct
{
  char *folder;
  BsBackendLab lab;
  BsBackendNode *node;
  int lab_dir, qga;
} Lab;

static void
set_up (Lab *self, gconstpointer data)
{
  g_autofree char *nodes = NULL, *ssh = NULL;
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("bs-way-XXXXXX", NULL);
  nodes = g_build_filename (self->folder, "nodes/web", NULL);
  ssh = g_build_filename (self->folder, "ssh", NULL);
  g_assert_cmpint (g_mkdir_with_parents (nodes, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (ssh, 0700), ==, 0);
  self->lab_dir = bs_file_open_dir (AT_FDCWD, self->folder, NULL);
  self->lab = (BsBackendLab){ .lab = "lab", .uuid = "0c65", .lab_dir = self->lab_dir };
  g_assert_true (bs_file_write_atomic (self->lab_dir, BS_BACKEND_LAB_KEY, server.key->private_text,
                                       strlen (server.key->private_text), 0600, NULL));
  self->node = bs_backend_node_new ();
  self->node->name = g_strdup ("web");
  self->node->ssh_port = server.target->port;
  self->node->host_key_public = g_strdup (server.host_key->public_text);
  self->qga = bs_socket_listen (self->lab_dir, "nodes/web/" BS_QEMU_QGA, SOCK_STREAM, &error);
  g_assert_no_error (error);
}

static void
tear_down (Lab *self, gconstpointer data)
{
  bs_backend_node_free (self->node);
  bs_fd_clear (&self->qga);
  bs_fd_clear (&self->lab_dir);
  g_assert_true (bs_file_remove_tree (AT_FDCWD, self->folder, NULL));
  g_free (self->folder);
}

static void
create_link (Lab *self)
{
  g_autoptr (GError) error = NULL;

  bs_qemu_link_create (&self->lab, self->node, &error);
  g_assert_no_error (error);
}

static gint64
in_msec (guint msec)
{
  return bs_time_now_usec () + msec * BS_USEC_PER_MSEC;
}

static int
exit_code_through (BsQemuWay *way, const char *script)
{
  const char *argv[] = { "sh", "-c", script, NULL };
  BsExecSpec spec = { .argv = argv };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1 };
  g_autoptr (GError) error = NULL;
  BsExecResult result = { 0 };

  way->remote.exec (&way->remote, &spec, &io, &result, &error);
  g_assert_no_error (error);
  return result.exit_code;
}

/* An agent that answers its first sync; QEMU's socket is there before it. */
static gpointer
run_agent (gpointer data)
{
  int listening = GPOINTER_TO_INT (data);
  bs_autofd int fd = -1;
  char request[512];
  ssize_t n;

  bs_socket_wait (listening, POLLIN, -1);
  fd = accept (listening, NULL, NULL);
  n = recv (fd, request, sizeof request - 1, 0);
  g_assert_cmpint (n, >, 0);
  request[n] = '\0';
  dprintf (fd, "\xff{\"return\": %d}\n", atoi (strstr (request, "\"id\": ") + 6));
  recv (fd, request, 1, MSG_WAITALL); /* until it is closed */
  return NULL;
}

static void
an_agent_that_answers_is_the_way (Lab *self, gconstpointer data)
{
  GThread *thread = g_thread_new ("agent", run_agent, GINT_TO_POINTER (self->qga));
  g_autoptr (GError) error = NULL;
  BsQemuWay way;

  create_link (self);
  g_assert_true (bs_qemu_way_open (&way, &self->lab, "web", in_msec (20000), -1, &error));
  g_assert_no_error (error);
  g_assert_nonnull (way.agent);
  g_assert_null (way.ssh);
  bs_qemu_way_clear (&way);
  g_thread_join (thread);
}

static void
ssh_is_the_way_when_the_agent_is_silent (Lab *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_auto (BsQemuWay) way = { 0 };

  create_link (self);
  g_assert_true (bs_qemu_way_open (&way, &self->lab, "web", in_msec (20000), -1, &error));
  g_assert_no_error (error);
  g_assert_null (way.agent);
  g_assert_cmpint (exit_code_through (&way, "exit 6"), ==, 6);
}

static void
once_the_agent_was_missing_it_is_not_waited_for (Lab *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_auto (BsQemuLink) link = { 0 };
  g_auto (BsQemuWay) way = { 0 };

  create_link (self);
  g_assert_true (bs_qemu_link_prefer_ssh (&self->lab, "web", &error));
  g_assert_no_error (error);
  g_assert_true (bs_qemu_link_read (&link, &self->lab, "web", &error));
  g_assert_true (link.first);
  g_assert_cmpint (link.target->port, ==, server.target->port);
  g_assert_cmpstr (link.target->label, ==, "lab/web");
  g_assert_true (bs_qemu_way_open (&way, &self->lab, "web", in_msec (20000), -1, &error));
  g_assert_no_error (error);
  g_assert_nonnull (way.ssh);
  /* nobody wrote to the agent, though its socket was looked at */
  g_assert_cmpint (exit_code_through (&way, "true"), ==, 0);
}

static void
sessions_are_pooled (Lab *self, gconstpointer data)
{
  g_autoptr (BsSshPool) pool = bs_ssh_pool_new (NULL);
  BsSsh *first;
  guint idle, taken;

  create_link (self);
  g_assert_true (bs_qemu_link_prefer_ssh (&self->lab, "web", NULL));
  self->lab.ssh_pool = pool;
  for (guint i = 0; i < 3; i++)
    {
      g_auto (BsQemuWay) way = { 0 };
      g_autoptr (GError) error = NULL;

      bs_qemu_way_open (&way, &self->lab, "web", in_msec (20000), -1, &error);
      g_assert_no_error (error);
      first = i == 0 ? way.ssh : first;
      g_assert_true (way.ssh == first);
      g_assert_cmpint (exit_code_through (&way, "exit 3"), ==, 3);
    }
  bs_ssh_pool_count (pool, &idle, &taken);
  g_assert_cmpuint (idle, ==, 1);
  g_assert_cmpuint (taken, ==, 0);
  /* one that died meanwhile is not handed out */
  ssh_server_kill (&server);
  ssh_server_start (&server);
  {
    const char *argv[] = { "sh", "-c", "exit 9", NULL };
    BsExecSpec spec = { .argv = argv };
    BsExecIO io = { .stdin_fd = -1, .control_fd = -1 };
    g_autoptr (GError) error = NULL;
    BsExecResult result = { 0 };

    bs_qemu_way_exec (&self->lab, "web", &spec, &io, in_msec (20000), &result, &error);
    g_assert_no_error (error);
    g_assert_cmpint (result.exit_code, ==, 9);
  }
  self->lab.ssh_pool = NULL;
}

static void
another_host_key (Lab *self)
{
  g_autoptr (BsSshKeyPair) other = bs_ssh_key_pair_new (NULL, NULL);

  g_free (self->node->host_key_public);
  self->node->host_key_public = g_strdup (other->public_text);
  create_link (self);
}

static void
a_changed_host_key_refuses_at_once (Lab *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  BsQemuWay way;

  another_host_key (self);
  g_assert_true (bs_qemu_link_prefer_ssh (&self->lab, "web", NULL));
  g_assert_false (bs_qemu_way_open (&way, &self->lab, "web", in_msec (60000), -1, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_CHECK);
  g_assert_true (g_str_has_prefix (error->message, "node 'web': the host key of 'lab/web' changed: expected SHA256:"));
}

/* Its own key counts until cloud-init has read ours. */
static void
while_it_boots_another_host_key_is_waited_out (Lab *self, gconstpointer data)
{
  gint64 until_usec = in_msec (4000);
  g_autoptr (GError) error = NULL;
  BsQemuWay way;

  another_host_key (self);
  g_assert_false (bs_qemu_way_await (&way, &self->lab, "web", until_usec, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_CHECK);
  g_assert_cmpint (bs_time_now_usec (), >=, until_usec);
}

static void
assert_nobody (Lab *self, BsQemuWayKind kind, const char *text, const char *hint)
{
  g_autoptr (GError) error = NULL;
  BsQemuWay way;

  g_assert_false (bs_qemu_way_open_kind (&way, kind, &self->lab, "web", in_msec (300), -1, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_TIMEOUT);
  g_assert_cmpstr (error->message, ==, text);
  g_assert_nonnull (strstr (bs_error_hint (error), hint));
}

static void
when_nobody_answers_that_is_said (Lab *self, gconstpointer data)
{
  assert_nobody (self, BS_QEMU_WAY_ANY, "node 'web': no agent answered in time", "paused");
  self->node->ssh_port = ssh_free_port ();
  create_link (self);
  assert_nobody (self, BS_QEMU_WAY_ANY, "node 'web': neither agent nor SSH server answered in time", "paused");
  assert_nobody (self, BS_QEMU_WAY_BOOT, "node 'web': neither agent nor SSH server answered in time", "cloud-init");
  assert_nobody (self, BS_QEMU_WAY_TERMINAL, "node 'web': no SSH server answered in time", "terminal");
}

static void
a_machine_that_is_gone_is_told (Lab *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  BsQemuWay way;

  create_link (self);
  bs_fd_clear (&self->qga);
  g_assert_false (bs_qemu_way_open (&way, &self->lab, "web", in_msec (20000), -1, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_DIED);
}

static void
a_damaged_record_is_refused (Lab *self, gconstpointer data)
{
  static const struct
  {
    const char *text, *said;
  } cases[] = { { "{\"port\": 70000}", "node 'web': its 'link.json' has no port" }, { "{", "node 'web': " } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      BsQemuWay way;

      g_assert_true (bs_file_write_atomic (self->lab_dir, "nodes/web/link.json", cases[i].text, strlen (cases[i].text),
                                           0600, NULL));
      g_assert_false (bs_qemu_way_open (&way, &self->lab, "web", in_msec (20000), -1, &error));
      g_assert_error (error, BS_ERROR, BS_ERROR_PROTOCOL);
      g_assert_true (g_str_has_prefix (error->message, cases[i].said));
    }
}

#define LAB_TEST(path, function) g_test_add (path, Lab, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (geteuid () != 0 || access (SSHD, X_OK) != 0)
    {
      printf ("1..0 # SKIP needs root and sshd\n");
      return 0;
    }
  ssh_server_init (&server, NULL);
  LAB_TEST ("/way/agent", an_agent_that_answers_is_the_way);
  LAB_TEST ("/way/ssh", ssh_is_the_way_when_the_agent_is_silent);
  LAB_TEST ("/way/ssh-first", once_the_agent_was_missing_it_is_not_waited_for);
  LAB_TEST ("/way/pool", sessions_are_pooled);
  LAB_TEST ("/way/host-key", a_changed_host_key_refuses_at_once);
  LAB_TEST ("/way/host-key-boot", while_it_boots_another_host_key_is_waited_out);
  LAB_TEST ("/way/nobody", when_nobody_answers_that_is_said);
  LAB_TEST ("/way/gone", a_machine_that_is_gone_is_told);
  LAB_TEST ("/way/record", a_damaged_record_is_refused);
  status = g_test_run ();
  ssh_server_clear (&server);
  return status;
}
