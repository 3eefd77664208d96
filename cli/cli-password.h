/* SPDX-License-Identifier: Apache-2.0 */
/* cli-password.h — a secret from who sits at the terminal, never from arguments */
#pragma once

#include <glib.h>

/* Asks on the terminal, wherever the standard streams lead, and shows nothing of the answer. (transfer full): to be
 * wiped; NULL with %BS_ERROR_INVALID when there is no terminal, %BS_ERROR_CANCELLED when no line came. */
char *cli_password_ask (const char *prompt, GError **error);
