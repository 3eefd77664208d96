/* SPDX-License-Identifier: Apache-2.0 */
/* password-server.h — takes one user's password; for sshd that would be one of this host's */
#pragma once

#include <glib.h>

typedef struct _PasswordServer PasswordServer;

/* @questions: by keyboard-interactive only, as servers with PAM do. Serves one client after another. */
PasswordServer *password_server_start (const char *host_key, const char *password, gboolean questions);
guint16 password_server_port (PasswordServer *self);
void password_server_stop (PasswordServer *self);
