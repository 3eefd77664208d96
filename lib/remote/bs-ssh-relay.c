/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-ssh-relay.h"
#include "bs-fd.h"

#include <sys/socket.h>

BsSshRelay *
bs_ssh_relay_new (BsSsh *ssh, int fd, guint16 node_port)
{
  BsSshRelay *self = g_new0 (BsSshRelay, 1);

  self->fd = fd;
  self->node_port = node_port;
  self->channel = bs_libssh.ssh_channel_new (ssh->session);
  self->failed = self->channel == NULL;
  return self;
}

void
bs_ssh_relay_free (BsSshRelay *self)
{
  if (self == NULL)
    return;
  bs_ssh_channel_free (self->channel);
  bs_fd_clear (&self->fd);
  g_free (self);
}

short
bs_ssh_relay_events (const BsSshRelay *self)
{
  gboolean wants = self->open && !self->in_ended && self->in_at == self->in_end;

  return (short) ((wants ? POLLIN : 0) | (self->out_at < self->out_end ? POLLOUT : 0));
}

static gboolean
open_channel (BsSshRelay *self)
{
  int result = bs_libssh.ssh_channel_open_forward (self->channel, "127.0.0.1", self->node_port, "127.0.0.1", 0);

  self->open = result == SSH_OK;
  self->failed = result != SSH_OK && result != SSH_AGAIN;
  return self->open;
}

/* From the socket towards the machine. */
static gboolean
move_in (BsSshRelay *self)
{
  gssize n;
  int written;

  if (self->in_ended)
    return FALSE;
  if (self->in_at == self->in_end)
    {
      n = recv (self->fd, self->in, sizeof self->in, MSG_DONTWAIT);
      if (n < 0)
        {
          self->failed = errno != EAGAIN && errno != EINTR;
          return FALSE;
        }
      if (n == 0)
        {
          self->in_ended = TRUE;
          bs_libssh.ssh_channel_send_eof (self->channel);
          return TRUE;
        }
      self->in_at = 0;
      self->in_end = (gsize) n;
    }
  written
      = bs_libssh.ssh_channel_write (self->channel, self->in + self->in_at, (uint32_t) (self->in_end - self->in_at));
  self->failed = written < 0;
  self->in_at += written > 0 ? (gsize) written : 0;
  return written > 0;
}

/* From the machine towards the socket. */
static gboolean
move_out (BsSshRelay *self)
{
  gssize n;

  if (self->out_ended)
    return FALSE;
  if (self->out_at == self->out_end)
    {
      int got = bs_libssh.ssh_channel_read_nonblocking (self->channel, self->out, sizeof self->out, 0);

      if (got > 0)
        {
          self->out_at = 0;
          self->out_end = (gsize) got;
        }
      else if (got == SSH_EOF || bs_libssh.ssh_channel_is_eof (self->channel)
               || bs_libssh.ssh_channel_is_closed (self->channel))
        {
          self->out_ended = TRUE;
          shutdown (self->fd, SHUT_WR);
          return TRUE;
        }
      else
        {
          self->failed = got < 0;
          return FALSE;
        }
    }
  n = send (self->fd, self->out + self->out_at, self->out_end - self->out_at, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n < 0)
    self->failed = errno != EAGAIN && errno != EINTR;
  self->out_at += n > 0 ? (gsize) n : 0;
  return n > 0;
}

gboolean
bs_ssh_relay_move (BsSshRelay *self)
{
  gboolean out;

  if (self->failed)
    return FALSE;
  if (!self->open)
    return open_channel (self);
  out = move_out (self);
  return (!self->failed && move_in (self)) || out;
}

gboolean
bs_ssh_relay_over (const BsSshRelay *self)
{
  return self->failed || (self->out_ended && self->in_ended)
         || (self->out_ended && bs_libssh.ssh_channel_is_closed (self->channel));
}
