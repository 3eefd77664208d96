/* SPDX-License-Identifier: Apache-2.0 */
/* test-up-ready.c — when a node with an SSH server counts as up: against a real sshd */
#include "../remote/ssh-fixture.h"
#include "bs-up.h"

#include <stdio.h>
#include <string.h>

typedef struct
{
  SshServer server;
  BsPlan plan;
  BsTopology topology;
  BsTopologyNode model;
  BsTopologyReady ready;
  BsPlanNode node;
  BsUp up;
  BsBackendLab lab;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  ssh_server_init (&self->server, NULL);
  self->topology.file = (char *) "t.yaml";
  self->plan = (BsPlan){ .name = (char *) "shop",
                         .topology = &self->topology,
                         .ssh_key = g_strdup (self->server.key->private_text) };
  self->ready = (BsTopologyReady){ .kind = BS_READY_SSH, .at = { 3, 7 }, .within_usec = 20 * G_USEC_PER_SEC };
  self->ready.arguments = g_new0 (char *, 1);
  self->model.ready = g_ptr_array_new ();
  g_ptr_array_add (self->model.ready, &self->ready);
  self->node = (BsPlanNode){ .model = &self->model, .spec = bs_backend_node_new () };
  self->node.spec->name = g_strdup ("web");
  self->node.spec->ssh_port = self->server.target->port;
  self->node.spec->host_key_public = g_strdup (self->server.host_key->public_text);
  self->up = (BsUp){ .plan = &self->plan,
                     .events = bs_events_new ("shop", NULL),
                     .lab_dir = -1,
                     .deadline_usec = g_get_monotonic_time () + 60 * G_USEC_PER_SEC };
  self->lab = (BsBackendLab){ .lab = "shop", .lab_dir = -1 };
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  bs_events_free (self->up.events);
  bs_backend_node_free (self->node.spec);
  g_ptr_array_unref (self->model.ready);
  g_strfreev (self->ready.arguments);
  g_free (self->plan.ssh_key);
  ssh_server_clear (&self->server);
}

static void
who_is_let_in_is_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (bs_up_check_ready (&self->up, &self->node, &self->lab, &error));
  g_assert_no_error (error);
}

static void
assert_late (Fixture *self, const char *begin)
{
  g_autoptr (GError) error = NULL;

  self->ready.within_usec = 3 * G_USEC_PER_SEC;
  g_assert_false (bs_up_check_ready (&self->up, &self->node, &self->lab, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_TIMEOUT);
  if (!g_str_has_prefix (error->message, begin))
    g_error ("'%s' does not begin with '%s'", error->message, begin);
}

static void
a_server_that_does_not_let_us_in_is_not_up (Fixture *self, gconstpointer data)
{
  g_autoptr (BsSshKeyPair) other = bs_ssh_key_pair_new (NULL, NULL);

  g_free (self->plan.ssh_key);
  self->plan.ssh_key = g_strdup (other->private_text);
  assert_late (self, "t.yaml:3:7: waiting for ssh '': ");
}

static void
a_server_with_another_key_is_not_up (Fixture *self, gconstpointer data)
{
  g_autoptr (BsSshKeyPair) other = bs_ssh_key_pair_new (NULL, NULL);

  g_free (self->node.spec->host_key_public);
  self->node.spec->host_key_public = g_strdup (other->public_text);
  assert_late (self, "t.yaml:3:7: waiting for ssh '': the host key of 'shop/web' changed: expected SHA256:");
}

static void
nobody_is_not_up (Fixture *self, gconstpointer data)
{
  self->node.spec->ssh_port = ssh_free_port ();
  assert_late (self, "t.yaml:3:7: waiting for ssh '': no SSH server answered in time");
}

#define READY_TEST(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (geteuid () != 0 || access (SSHD, X_OK) != 0)
    {
      printf ("1..0 # SKIP needs root and sshd\n");
      return 0;
    }
  READY_TEST ("/up/ready/ssh/let-in", who_is_let_in_is_up);
  READY_TEST ("/up/ready/ssh/refused", a_server_that_does_not_let_us_in_is_not_up);
  READY_TEST ("/up/ready/ssh/another-key", a_server_with_another_key_is_not_up);
  READY_TEST ("/up/ready/ssh/nobody", nobody_is_not_up);
  return g_test_run ();
}
