/* SPDX-License-Identifier: Apache-2.0 */
/* cli-report.h — where a report goes: a file is replaced whole, what is no file (a device, a FIFO, a link) is written
 */
#pragma once

#include <glib.h>

/* FALSE with %BS_ERROR_INVALID, naming the file, when @file cannot be written later. "-" can always. */
gboolean cli_report_check (const char *file, GError **error);
gboolean cli_report_write (const char *file, const char *text, GError **error);
