/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ssh.h — a session with an SSH server
 *
 * One thread at a time per BsSsh; a thread that hands one on does so under a lock (bs-ssh-pool.h). No configuration
 * file, known-hosts file or default key of the user's is read: all that counts is in the target. A server's key is
 * never trusted because nothing else is known of it.
 */
#pragma once

#include "bs-exec.h"
#include "bs-remote.h"

#define BS_SSH_CONNECT_TIMEOUT_USEC (30 * G_USEC_PER_SEC)

/* Who answers there, and as whom to log in. Ways to log in are tried in this order: agent, key, password. */
typedef struct
{
  char *label; /* (nullable) for messages: "shop/web" */
  char *host;
  guint16 port; /* 0: 22 */
  char *user;
  char *host_key;              /* "ssh-ed25519 AAAA…", the one key that the server may have */
  gboolean agent;              /* ask the user's agent */
  char *agent_path;            /* (nullable) its socket; otherwise SSH_AUTH_SOCK */
  char *key_file;              /* (nullable) private key, without passphrase */
  char *key_text;              /* (nullable) the same, as text */
  char *password;              /* (nullable) only where the user asks for it */
  gint64 connect_timeout_usec; /* until logged in; 0: BS_SSH_CONNECT_TIMEOUT_USEC */
} BsSshTarget;

BsSshTarget *bs_ssh_target_new (const char *host, guint16 port, const char *user, const char *host_key);
BsSshTarget *bs_ssh_target_copy (const BsSshTarget *self);
void bs_ssh_target_free (BsSshTarget *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsSshTarget, bs_ssh_target_free)
gboolean bs_ssh_target_equal (const BsSshTarget *a, const BsSshTarget *b);

typedef struct _BsSsh BsSsh;

/**
 * bs_ssh_open:
 *
 * Connects, checks the server's key, and logs in.
 *
 * Returns: (transfer full): the session, or NULL with
 *   %BS_ERROR_NOT_FOUND (refused: nothing listens there), %BS_ERROR_HOST (unreachable, or a name without an address, or
 *   no libssh), %BS_ERROR_TIMEOUT, %BS_ERROR_CHECK (the server has another key than the pinned one),
 *   %BS_ERROR_FAILED (not let in; the message names the methods that were tried and those that the server takes),
 *   %BS_ERROR_DIED (the server closed the connection), %BS_ERROR_PROTOCOL (it speaks no SSH that we do),
 *   %BS_ERROR_INVALID (the target itself is wrong: a key that cannot be read, no host key), %BS_ERROR_CANCELLED
 */
BsSsh *bs_ssh_open (const BsSshTarget *target, GCancellable *cancellable, GError **error);
/* Says goodbye without waiting. */
void bs_ssh_free (BsSsh *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsSsh, bs_ssh_free)

/* FALSE once the session is known to be of no more use: closed, or left by a call in the middle of something. Looks at
 * what came in, does not ask the server. */
gboolean bs_ssh_usable (BsSsh *self);

/* Whether the last call failed before anything of it was begun: it may be made again over another session. */
gboolean bs_ssh_never_began (const BsSsh *self);

/* Asks the server whether it is there: %BS_ERROR_DIED, %BS_ERROR_TIMEOUT. */
gboolean bs_ssh_keepalive (BsSsh *self, gint64 deadline_usec, GCancellable *cancellable, GError **error);

/**
 * bs_ssh_exec:
 *
 * Runs a command to its end; see bs-exec.h. The server's login shell (any POSIX one, or fish) replaces itself by the
 * command, so its own exit or signal is what is returned.
 *
 * User: when @spec wants another than the target's: root becomes any user by setpriv (or su); others become root or any
 * user by `sudo -n`, which must not ask for a password. As everywhere, no user means root.
 * Environment: by env(1) in front of the command, whatever AcceptEnv says; for an instant users of that machine may see
 * it in the list of processes.
 * Signals: by kill(1) beside it, to its process group, as the same user (or root): servers send none to root's
 * commands. After the command's end, what its children in the background keep open is awaited for half a second without
 * output.
 *
 * Returns: FALSE as bs_guest_exec(): %BS_ERROR_NOT_FOUND (no such program), %BS_ERROR_FAILED (cannot be started),
 * %BS_ERROR_CANCELLED (its group was killed), %BS_ERROR_DIED (the connection broke, or the server did not say how it
 * ended), %BS_ERROR_TIMEOUT (after spec->timeout_usec nothing came of signals)
 */
gboolean bs_ssh_exec (BsSsh *self, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result,
                      GCancellable *cancellable, GError **error);

/* The target's user's login shell, as bs_ssh_exec(); of @spec only tty, rows, columns, term and timeout count. */
gboolean bs_ssh_shell (BsSsh *self, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result,
                       GCancellable *cancellable, GError **error);

/* Fills @remote so that it works through @self (borrowed), as root. */
void bs_ssh_remote (BsSsh *self, BsRemote *remote);
