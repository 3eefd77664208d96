/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ssh.c — a session's life: connect, greet, check the server's key, log in; and how it waits */
#include "bs-ssh-private.h"
#include "bs-fd.h"
#include "bs-socket.h"
#include "bs-ssh-connect.h"
#include "bs-ssh-keys.h"
#include "bs-time.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

void
bs_ssh_call_begin (BsSshCall *self, BsSsh *ssh, const char *what, gint64 deadline_usec, GCancellable *cancellable)
{
  *self = (BsSshCall){ .ssh = ssh,
                       .what = what,
                       .deadline_usec = deadline_usec,
                       .cancellable = cancellable,
                       .cancel_fd = cancellable != NULL ? g_cancellable_get_fd (cancellable) : -1 };
}

void
bs_ssh_call_end (BsSshCall *self)
{
  if (self->cancel_fd >= 0)
    g_cancellable_release_fd (self->cancellable);
  self->cancel_fd = -1;
}

static gint64
earlier (gint64 a, gint64 b)
{
  return a < 0 ? b : b < 0 ? a : MIN (a, b);
}

gboolean
bs_ssh_wait (BsSshCall *self, struct pollfd *items, guint n_items, gint64 until_usec, GError **error)
{
  struct pollfd all[6];
  gint64 until = earlier (self->deadline_usec, until_usec);
  int flags = self->ssh->session != NULL ? bs_libssh.ssh_get_poll_flags (self->ssh->session) : 0;

  g_assert (n_items <= 4);
  all[0]
      = (struct pollfd){ .fd = self->ssh->fd, .events = (short) (POLLIN | (flags & SSH_WRITE_PENDING ? POLLOUT : 0)) };
  all[1] = (struct pollfd){ .fd = self->cancel_fd, .events = POLLIN };
  if (n_items > 0)
    memcpy (all + 2, items, n_items * sizeof *items);
  while (poll (all, 2 + n_items, bs_time_poll_timeout (until)) < 0 && errno == EINTR)
    continue;
  if (n_items > 0)
    memcpy (items, all + 2, n_items * sizeof *items);
  if (g_cancellable_is_cancelled (self->cancellable))
    bs_set_error (error, BS_ERROR_CANCELLED, NULL, "cancelled while about to %s", self->what);
  else if (self->deadline_usec >= 0 && bs_time_now_usec () >= self->deadline_usec)
    bs_set_error (error, BS_ERROR_TIMEOUT, NULL, "'%s' took too long to %s", self->ssh->name, self->what);
  else
    return TRUE;
  self->ssh->broken = TRUE;
  return FALSE;
}

gboolean
bs_ssh_call_failed (BsSshCall *self, GError **error)
{
  g_autofree char *text = g_strdup (bs_libssh.ssh_get_error (self->ssh->session));

  if (!bs_libssh.ssh_is_connected (self->ssh->session))
    {
      self->ssh->broken = TRUE;
      bs_set_error (error, BS_ERROR_DIED, NULL, "cannot %s: the connection to '%s' broke%s%s", self->what,
                    self->ssh->name, text[0] != '\0' ? ": " : "", text);
    }
  else
    bs_set_error (error, BS_ERROR_FAILED, NULL, "cannot %s on '%s': %s", self->what, self->ssh->name, text);
  return FALSE;
}

gboolean
bs_ssh_call_check (BsSshCall *self, GError **error)
{
  self->ssh->open_failed = !bs_ssh_usable (self->ssh);
  if (!self->ssh->open_failed)
    return TRUE;
  self->ssh->broken = TRUE;
  bs_set_error (error, BS_ERROR_DIED, NULL, "cannot %s: the connection to '%s' is over", self->what, self->ssh->name);
  return FALSE;
}

ssh_channel
bs_ssh_channel_open (BsSshCall *self, GError **error)
{
  ssh_channel channel = bs_libssh.ssh_channel_new (self->ssh->session);
  int result = SSH_ERROR;

  while (channel != NULL && (result = bs_libssh.ssh_channel_open_session (channel)) == SSH_AGAIN
         && bs_ssh_wait (self, NULL, 0, -1, error))
    continue;
  self->ssh->open_failed = result != SSH_OK;
  if (result == SSH_OK)
    return channel;
  if (result == SSH_ERROR)
    bs_ssh_call_failed (self, error);
  bs_ssh_channel_free (channel);
  return NULL;
}

void
bs_ssh_channel_free (ssh_channel channel)
{
  if (channel != NULL)
    bs_libssh.ssh_channel_free (channel);
}

static gboolean
set_options (BsSsh *self, const char *key_type, GError **error)
{
  const BsSshTarget *target = self->target;
  unsigned int port = target->port != 0 ? target->port : 22;
  int yes = 1, no = 0;
  gboolean ok = bs_libssh.ssh_options_set (self->session, SSH_OPTIONS_PROCESS_CONFIG, &no) == SSH_OK
                && bs_libssh.ssh_options_set (self->session, SSH_OPTIONS_HOST, target->host) == SSH_OK
                && bs_libssh.ssh_options_set (self->session, SSH_OPTIONS_PORT, &port) == SSH_OK
                && bs_libssh.ssh_options_set (self->session, SSH_OPTIONS_USER, target->user) == SSH_OK
                && bs_libssh.ssh_options_set (self->session, SSH_OPTIONS_NODELAY, &yes) == SSH_OK
                && bs_libssh.ssh_options_set (self->session, SSH_OPTIONS_KNOWNHOSTS, "/dev/null") == SSH_OK
                && bs_libssh.ssh_options_set (self->session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null") == SSH_OK
                && bs_libssh.ssh_options_set (self->session, SSH_OPTIONS_CIPHERS_C_S, BS_SSH_CIPHERS) == SSH_OK
                && bs_libssh.ssh_options_set (self->session, SSH_OPTIONS_CIPHERS_S_C, BS_SSH_CIPHERS) == SSH_OK
                && bs_libssh.ssh_options_set (self->session, SSH_OPTIONS_COMPRESSION, "no") == SSH_OK;

  /* Only the pinned kind is asked for, so that the server cannot show another of its keys. */
  if (strcmp (key_type, "ssh-rsa") == 0)
    key_type = "rsa-sha2-512,rsa-sha2-256";
  ok = ok && bs_libssh.ssh_options_set (self->session, SSH_OPTIONS_HOSTKEYS, key_type) == SSH_OK;
  if (ok && target->agent_path != NULL)
    ok = bs_libssh.ssh_options_set (self->session, SSH_OPTIONS_IDENTITY_AGENT, target->agent_path) == SSH_OK;
  if (!ok)
    bs_set_error (error, BS_ERROR_INVALID, NULL, "cannot connect to '%s': %s", self->name,
                  bs_libssh.ssh_get_error (self->session));
  return ok;
}

static gboolean
wrong_key (BsSsh *self, const char *shown, GError **error)
{
  g_autofree char *expected = bs_ssh_fingerprint (self->target->host_key, NULL);

  bs_set_error (
      error, BS_ERROR_CHECK,
      "another machine answers there, or its key was replaced: if you did that, take the lab down and up again",
      "the host key of '%s' changed: expected %s, got %s", self->name, expected, shown);
  return FALSE;
}

static gboolean
check_host_key (BsSsh *self, GError **error)
{
  ssh_key key = NULL;
  char *base64 = NULL;
  g_autofree char *type = NULL, *pinned = NULL, *shown = NULL;

  if (bs_libssh.ssh_get_server_publickey (self->session, &key) == SSH_OK
      && bs_libssh.ssh_pki_export_pubkey_base64 (key, &base64) == SSH_OK
      && bs_ssh_public_key_parse (self->target->host_key, &type, &pinned, NULL) && strcmp (base64, pinned) != 0)
    {
      /* The type's name is a part of what is compared, so any will do to print it. */
      gsize length;
      g_autofree guchar *blob = g_base64_decode (base64, &length);
      g_autofree char *name = length > 4 ? g_strndup ((char *) blob + 4, MIN (blob[3], length - 4)) : NULL;
      g_autofree char *text = g_strdup_printf ("%s %s", name != NULL ? name : "", base64);

      shown = bs_ssh_fingerprint (text, NULL);
    }
  bs_libssh.ssh_key_free (key);
  if (base64 != NULL && pinned != NULL && strcmp (base64, pinned) == 0)
    {
      bs_libssh.ssh_string_free_char (base64);
      return TRUE;
    }
  bs_libssh.ssh_string_free_char (base64);
  return wrong_key (self, shown != NULL ? shown : "none", error);
}

/* Why the key exchange failed, told apart by what libssh says. */
static gboolean
greeting_failed (BsSshCall *call, GError **error)
{
  const char *text = bs_libssh.ssh_get_error (call->ssh->session);

  if (strstr (text, "host key algo") != NULL)
    return wrong_key (call->ssh, "a key of another type", error);
  if (call->ssh->counter.in_bytes == 0 || strstr (text, "disconnected") != NULL
      || strstr (text, "reset by peer") != NULL || strstr (text, "SSH_MSG_DISCONNECT") != NULL)
    bs_set_error (error, BS_ERROR_DIED, "is its SSH server still starting, or full?",
                  "'%s' closed the connection while it greeted: %s", call->ssh->name, text);
  else
    bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "'%s' does not speak SSH as it should: %s", call->ssh->name, text);
  return FALSE;
}

static gboolean
greet (BsSshCall *call, GError **error)
{
  int result;

  while ((result = bs_libssh.ssh_connect (call->ssh->session)) == SSH_AGAIN)
    if (!bs_ssh_wait (call, NULL, 0, -1, error))
      return FALSE;
  if (result != SSH_OK)
    return greeting_failed (call, error);
  return check_host_key (call->ssh, error);
}

static ino_t
inode_of (int fd)
{
  struct stat st;

  return fstat (fd, &st) == 0 ? st.st_ino : 0;
}

/* After some errors libssh forgets the socket instead of closing it. The number may be another's by now. */
static void
close_forgotten (const BsSsh *self)
{
  if (self->fd >= 0 && self->inode != 0 && inode_of (self->fd) == self->inode)
    close (self->fd);
}

static gboolean
open_session (BsSshCall *call, const char *key_type, GError **error)
{
  BsSsh *self = call->ssh;
  bs_autofd int fd = bs_ssh_connect (self->target, self->name, call->deadline_usec, call->cancellable, error);

  if (fd < 0)
    return FALSE;
  self->session = bs_libssh.ssh_new ();
  if (self->session == NULL)
    {
      bs_set_error (error, BS_ERROR_EXHAUSTED, NULL, "cannot make an SSH session");
      return FALSE;
    }
  if (!set_options (self, key_type, error) || bs_libssh.ssh_options_set (self->session, SSH_OPTIONS_FD, &fd) != SSH_OK)
    return FALSE;
  bs_libssh.ssh_set_counters (self->session, &self->counter, NULL);
  bs_libssh.ssh_set_blocking (self->session, 0);
  self->fd = bs_fd_steal (&fd);
  self->inode = inode_of (self->fd);
  return greet (call, error) && bs_ssh_authenticate (call, error);
}

BsSsh *
bs_ssh_open (const BsSshTarget *target, GCancellable *cancellable, GError **error)
{
  g_autoptr (BsSsh) self = NULL;
  g_auto (BsSshCall) call = { .cancel_fd = -1 };
  g_autofree char *type = NULL, *base64 = NULL;
  gint64 patience = target->connect_timeout_usec > 0 ? target->connect_timeout_usec : BS_SSH_CONNECT_TIMEOUT_USEC;

  if (!bs_ssh_public_key_parse (target->host_key, &type, &base64, error))
    {
      g_prefix_error (error, "the host key of '%s' must be known: ", target->label ? target->label : target->host);
      return NULL;
    }
  if (!bs_libssh_load (error))
    return NULL;
  self = g_new0 (BsSsh, 1);
  self->fd = -1;
  self->target = bs_ssh_target_copy (target);
  self->name = target->label != NULL ? g_strdup (target->label)
                                     : g_strdup_printf ("%s:%u", target->host, target->port != 0 ? target->port : 22);
  self->buffer = g_malloc (BS_SSH_BUFFER);
  bs_ssh_call_begin (&call, self, "log in", bs_time_now_usec () + patience, cancellable);
  return open_session (&call, type, error) ? g_steal_pointer (&self) : NULL;
}

void
bs_ssh_free (BsSsh *self)
{
  if (self == NULL)
    return;
  if (self->session != NULL && bs_libssh.ssh_is_connected (self->session))
    bs_libssh.ssh_disconnect (self->session);
  if (self->session != NULL)
    bs_libssh.ssh_free (self->session);
  close_forgotten (self);
  bs_ssh_target_free (self->target);
  g_free (self->name);
  g_free (self->buffer);
  g_free (self);
}

/* Words of farewell may lie before the end of file: only that counts. */
gboolean
bs_ssh_usable (BsSsh *self)
{
  struct pollfd connection = { self->fd, POLLRDHUP, 0 };

  if (self->broken || !bs_libssh.ssh_is_connected (self->session))
    return FALSE;
  return poll (&connection, 1, 0) == 0 || (connection.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) == 0;
}

gboolean
bs_ssh_never_began (const BsSsh *self)
{
  return self->open_failed;
}

/* What libssh sends is pending until its answer came, and only the next call notices that: so twice. */
void
bs_ssh_ask (BsSsh *self)
{
  bs_libssh.ssh_send_keepalive (self->session);
  bs_libssh.ssh_send_keepalive (self->session);
}

gboolean
bs_ssh_keepalive (BsSsh *self, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  g_auto (BsSshCall) call = { .cancel_fd = -1 };
  guint64 before;

  bs_ssh_call_begin (&call, self, "answer", deadline_usec, cancellable);
  if (!bs_ssh_call_check (&call, error))
    return FALSE;
  bs_ssh_ask (self);
  for (before = self->counter.in_bytes; self->counter.in_bytes == before; bs_libssh.ssh_send_keepalive (self->session))
    {
      if (!bs_libssh.ssh_is_connected (self->session))
        return bs_ssh_call_failed (&call, error);
      if (!bs_ssh_wait (&call, NULL, 0, -1, error))
        return FALSE;
    }
  return TRUE;
}
