/* SPDX-License-Identifier: Apache-2.0 */
/* bs-unpack-program.h — unpack gzip, XZ or Zstandard with the program of that name */
#pragma once

#include <glib.h>

/* Chooses by the magic number. Returns: NULL with %BS_ERROR_UNSUPPORTED (unknown), %BS_ERROR_HOST (no program, with a
 * hint), %BS_ERROR_INVALID (broken, or more than @limit). (transfer full) */
GBytes *bs_unpack_by_program (GBytes *packed, gsize limit, GError **error);
