/* SPDX-License-Identifier: Apache-2.0 */
/* cli-output.h — files that the user names for what we write */
#pragma once

#include <glib.h>

/* Whether a new file may take the place of @file: it is absent or a file, and no link, device or pipe. */
gboolean cli_output_is_replaceable (const char *file);

/* @file: (nullable): NULL and "-" are standard output; a file is replaced in one step, anything else is written into */
gboolean cli_output_write (const char *file, const char *text, GError **error);
