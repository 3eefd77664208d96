/* SPDX-License-Identifier: Apache-2.0 */
#include "password-server.h"

#include <libssh/libssh.h>
#include <libssh/server.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

struct _PasswordServer
{
  ssh_bind bind;
  ssh_key key;
  guint16 port;
  const char *password;
  gboolean questions;
  int stop[2]; /* a pipe */
  GThread *thread;
};

static gboolean
is_right (PasswordServer *self, ssh_message message)
{
  const char *answer = NULL;
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  if (!self->questions && ssh_message_subtype (message) == SSH_AUTH_METHOD_PASSWORD)
    answer = ssh_message_auth_password (message);
  G_GNUC_END_IGNORE_DEPRECATIONS
  return g_strcmp0 (answer, self->password) == 0;
}

static gboolean
ask (PasswordServer *self, ssh_session session, ssh_message message)
{
  const char *prompts[] = { "Password: " };
  char echo[] = { 0 };

  if (!self->questions || ssh_message_subtype (message) != SSH_AUTH_METHOD_INTERACTIVE)
    return FALSE;
  if (!ssh_message_auth_kbdint_is_response (message))
    {
      ssh_message_auth_interactive_request (message, "login", "", 1, prompts, echo);
      return TRUE;
    }
  if (g_strcmp0 (ssh_userauth_kbdint_getanswer (session, 0), self->password) != 0)
    return FALSE;
  ssh_message_auth_reply_success (message, 0);
  return TRUE;
}

static void
serve (PasswordServer *self, ssh_session session)
{
  ssh_message message;

  if (ssh_handle_key_exchange (session) != SSH_OK)
    return;
  ssh_set_auth_methods (session, self->questions ? SSH_AUTH_METHOD_INTERACTIVE : SSH_AUTH_METHOD_PASSWORD);
  while ((message = ssh_message_get (session)) != NULL)
    {
      if (is_right (self, message))
        ssh_message_auth_reply_success (message, 0);
      else if (!ask (self, session, message))
        {
          ssh_message_auth_set_methods (message,
                                        self->questions ? SSH_AUTH_METHOD_INTERACTIVE : SSH_AUTH_METHOD_PASSWORD);
          ssh_message_reply_default (message);
        }
      ssh_message_free (message);
    }
}

static gpointer
serve_all (gpointer data)
{
  PasswordServer *self = data;
  struct pollfd items[2]
      = { { .fd = ssh_bind_get_fd (self->bind), .events = POLLIN }, { .fd = self->stop[0], .events = POLLIN } };

  while (poll (items, 2, -1) > 0 && items[1].revents == 0)
    {
      ssh_session session = ssh_new ();

      if (ssh_bind_accept (self->bind, session) == SSH_OK)
        serve (self, session);
      ssh_disconnect (session);
      ssh_free (session);
    }
  return NULL;
}

PasswordServer *
password_server_start (const char *host_key, const char *password, gboolean questions)
{
  PasswordServer *self = g_new0 (PasswordServer, 1);
  struct sockaddr_in address;
  socklen_t size = sizeof address;
  unsigned int port = 0;

  self->password = password;
  self->questions = questions;
  self->bind = ssh_bind_new ();
  g_assert_cmpint (ssh_pki_import_privkey_base64 (host_key, NULL, NULL, NULL, &self->key), ==, SSH_OK);
  ssh_bind_options_set (self->bind, SSH_BIND_OPTIONS_BINDADDR, "127.0.0.1");
  ssh_bind_options_set (self->bind, SSH_BIND_OPTIONS_BINDPORT, &port);
  ssh_bind_options_set (self->bind, SSH_BIND_OPTIONS_IMPORT_KEY, self->key);
  g_assert_cmpint (ssh_bind_listen (self->bind), ==, SSH_OK);
  g_assert_no_errno (getsockname (ssh_bind_get_fd (self->bind), (struct sockaddr *) &address, &size));
  self->port = ntohs (address.sin_port);
  g_assert_no_errno (pipe (self->stop));
  self->thread = g_thread_new ("passwords", serve_all, self);
  return self;
}

guint16
password_server_port (PasswordServer *self)
{
  return self->port;
}

void
password_server_stop (PasswordServer *self)
{
  g_assert_cmpint (write (self->stop[1], "", 1), ==, 1);
  g_thread_join (self->thread);
  ssh_bind_free (self->bind); /* the key is its own */
  close (self->stop[0]);
  close (self->stop[1]);
  g_free (self);
}
