/* SPDX-License-Identifier: Apache-2.0 */
/* ssh-fixture.h — a real sshd on a loopback port, with keys of its own */
#pragma once

#include "../base/scratch.h"
#include "bs-error.h"
#include "bs-ssh-keys.h"
#include "bs-ssh.h"

#define SSHD "/usr/sbin/sshd"

typedef struct
{
  Scratch scratch;
  GPid pid;
  BsSshKeyPair *key, *host_key;
  BsSshTarget *target; /* logs in with @key as who runs the test */
} SshServer;

/* @config: (nullable): more lines of sshd_config, which count before ours. */
void ssh_server_init (SshServer *self, const char *config);
/* As ssh_server_init(), for a user of its own namespace who may use sudo without a password. FALSE, and nothing is
 * there, when that cannot be. */
#define SSH_USER "tester"
#define SSH_USER_PASSWORD "s3cret"
gboolean ssh_server_init_with_user (SshServer *self, const char *config);
/* Starts it (again), and waits until it listens. */
void ssh_server_start (SshServer *self);
/* Kills it with all sessions. */
void ssh_server_kill (SshServer *self);
void ssh_server_clear (SshServer *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SshServer, ssh_server_clear)

BsSsh *ssh_server_open (SshServer *self);

/* A port of the loopback on which nothing listens. */
guint16 ssh_free_port (void);

/* Runs a shell script; TRUE with what it printed. (transfer full) */
typedef struct
{
  GString *out, *err;
  BsExecResult result;
} SshOutput;
gboolean ssh_output_take (BsExecChannel channel, const void *data, gsize length, gpointer output, GError **error);
void ssh_output_init (SshOutput *self);
void ssh_output_clear (SshOutput *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SshOutput, ssh_output_clear)
gboolean ssh_run (BsSsh *ssh, const char *const *argv, SshOutput *output, GError **error);
gboolean ssh_script (BsSsh *ssh, const char *script, SshOutput *output, GError **error);

#define assert_error(error, expected_code, text)                                                                       \
  g_assert_error (error, BS_ERROR, expected_code);                                                                     \
  if (strstr ((error)->message, text) == NULL)                                                                         \
  g_error ("'%s' lacks '%s'", (error)->message, text)
