/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ssh-private.h — a session's insides, and how anything waits on it (internal to lib/remote)
 *
 * libssh never blocks here: each function of its is called until it no longer says "again", and between the calls the
 * socket, the canceller and whatever else a caller has are waited for by one poll(2) with one deadline.
 */
#pragma once

#include "bs-error.h"
#include "bs-libssh.h"
#include "bs-ssh.h"

#include <poll.h>
#include <sys/types.h>

#define BS_SSH_BUFFER (64 * 1024)
/* Those that modern processors help with come first. */
#define BS_SSH_CIPHERS                                                                                                 \
  "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr"

struct _BsSsh
{
  BsSshTarget *target;
  char *name; /* for messages */
  ssh_session session;
  int fd;      /* of the session, which mostly closes it */
  ino_t inode; /* of the socket */
  struct ssh_counter_struct counter;
  gboolean broken;      /* never to be used again */
  gboolean open_failed; /* the last channel could not even be opened: nothing was begun */
  guint8 *buffer;       /* BS_SSH_BUFFER, for whoever runs */
};

typedef struct
{
  BsSsh *ssh;
  const char *what;     /* for messages: "run 'x'" */
  gint64 deadline_usec; /* negative: none */
  GCancellable *cancellable;
  int cancel_fd;
} BsSshCall;

void bs_ssh_call_begin (BsSshCall *self, BsSsh *ssh, const char *what, gint64 deadline_usec, GCancellable *cancellable);
void bs_ssh_call_end (BsSshCall *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BsSshCall, bs_ssh_call_end)

/* Waits until the session can go on, or one of @items, or @until_usec (negative: never) is there. FALSE with
 * %BS_ERROR_CANCELLED or %BS_ERROR_TIMEOUT; then the session is broken unless the caller knows better. */
gboolean bs_ssh_wait (BsSshCall *self, struct pollfd *items, guint n_items, gint64 until_usec, GError **error);
/* Sets what libssh says of the session, which is broken if it is no longer connected; always FALSE. */
gboolean bs_ssh_call_failed (BsSshCall *self, GError **error);

/* Fails with %BS_ERROR_DIED, and open_failed set, when the session is of no more use. */
gboolean bs_ssh_call_check (BsSshCall *self, GError **error);

/* An open channel, freed (closed, without waiting) by bs_ssh_channel_free(). NULL with an error and open_failed set. */
ssh_channel bs_ssh_channel_open (BsSshCall *self, GError **error);
void bs_ssh_channel_free (ssh_channel channel);

/* Sends a keepalive unless one is unanswered; its answer shows in @counter. */
void bs_ssh_ask (BsSsh *self);

gboolean bs_ssh_authenticate (BsSshCall *self, GError **error);
