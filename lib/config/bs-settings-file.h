/* SPDX-License-Identifier: Apache-2.0 */
/* bs-settings-file.h — the configuration file: which one, what it says, and what is wrong with it */
#pragma once

#include "bs-settings-table.h"
#include "bs-toml.h"

#define BS_SETTINGS_BYTES_MAX ((gsize) 1024 * 1024)

/* Called for each value that is good: @text is (transfer full). */
typedef void (*BsSettingsFileFunc) (BsSettingId id, char *text, gint64 number, guint line, gpointer user_data);

/**
 * bs_settings_parse_file:
 * @place: what its paths are relative to
 * @read: the TOML reader
 *
 * Reports what is wrong, quoted but not sorted; each setting that is right is passed to @func.
 */
void bs_settings_parse_file (const char *data, gsize length, const BsSettingPlace *place, BsTomlRead read,
                             BsSettingsFileFunc func, gpointer user_data, BsDiagnostics *diagnostics);

/* The path of the file to read: as asked for, or the usual one where there is one; (transfer full) (nullable). */
char *bs_settings_find_file (const BsSettingsHost *host);

/* Reads @path with the module in @libexec_dir. */
void bs_settings_read_file (const char *path, const char *home, const char *libexec_dir, BsSettingsFileFunc func,
                            gpointer user_data, BsDiagnostics *diagnostics);
