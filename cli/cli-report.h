/* SPDX-License-Identifier: Apache-2.0 */
/* cli-report.h — whether a report can be written to where it is to go */
#pragma once

#include <glib.h>

/* FALSE with %BS_ERROR_INVALID, naming the file, when @file cannot be written later. "-" can always. */
gboolean cli_report_check (const char *file, GError **error);
