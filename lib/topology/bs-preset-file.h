/* SPDX-License-Identifier: Apache-2.0 */
/* bs-preset-file.h — presets of the user's own
 *
 * A file with the one key `presets`: names to conditions, each with a `description` if wanted (and `scenario`, which
 * files of the Rust versions have). One with the name of a built-in preset takes its place.
 */
#pragma once

#include "bs-diagnostic.h"

/**
 * bs_preset_file_load:
 * @diagnostics: (out) (transfer full): all that is wrong with it, sorted; never NULL
 *
 * Makes the file's presets known to the process, for every topology that is read afterwards. To be called before there
 * are other threads.
 *
 * Returns: FALSE after errors, and none of its presets is known
 */
gboolean bs_preset_file_load (const char *path, BsDiagnostics **diagnostics);

/* The same for a text, but its presets do not become known, and paths in it are not looked for. */
gboolean bs_preset_file_check (const char *file, const char *data, gsize length, BsDiagnostics **diagnostics);

/* Those of the document @text, which become known to nobody else; (transfer full) (element-type utf8 BsConditions),
 * with what is wrong told to @diagnostics. */
GHashTable *bs_preset_file_parse (const char *text, BsDiagnostics *diagnostics);
