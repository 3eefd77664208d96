/* SPDX-License-Identifier: Apache-2.0 */
/* bs-environment.h — variables of a node, in the forms that its login shells, sessions and services read */
#pragma once

#include <glib.h>

/* Whether "NAME=value" can be told to all of them: a name of a shell, a value of one line of UTF-8. %BS_ERROR_INVALID
 */
gboolean bs_environment_check (const char *variable, GError **error);

/* For /etc/profile.d: export lines. (transfer full) */
char *bs_environment_profile (char **variables);

/* For /etc/environment, between marks; "" when there is none for it: pam_env(8) can hold neither '#' nor long lines,
 * so such variables reach login shells and services only. (transfer full) */
char *bs_environment_pam (char **variables);
#define BS_ENVIRONMENT_BEGIN "# benchscale: begin"
#define BS_ENVIRONMENT_END "# benchscale: end"

/* For systemd's system.conf.d: DefaultEnvironment. (transfer full) */
char *bs_environment_systemd (char **variables);

/* A program for sh that puts all of these into place in a node, and tells its service manager when one runs.
 * (transfer full) */
char *bs_environment_script (char **variables);
