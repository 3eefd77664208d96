/* SPDX-License-Identifier: Apache-2.0 */
/* bs-error.h — how the library makes its errors; the public half is <benchscale/bs-error.h> */
#pragma once

#include <benchscale/bs-error.h>

/**
 * bs_set_error:
 * @error: (nullable): where to put it
 * @hint: (nullable): what the user can do; copied
 */
void bs_set_error (GError **error, BsErrorCode code, const char *hint, const char *format, ...) G_GNUC_PRINTF (4, 5);

/**
 * bs_set_error_errno:
 *
 * As bs_set_error(), with ": " and the text of @errnum appended. The code is chosen from @errnum:
 * ENOENT is %BS_ERROR_NOT_FOUND; ENOSPC, EDQUOT, ENOMEM, EMFILE and ENFILE are %BS_ERROR_EXHAUSTED (with a hint);
 * others %BS_ERROR_FAILED.
 */
void bs_set_error_errno (GError **error, int errnum, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Makes @error one of the host's (%BS_ERROR_HOST, with this hint), unless it tells of want (%BS_ERROR_EXHAUSTED) or of
 * an interruption already. NULL is fine. */
void bs_error_blame_host (GError *error, const char *hint);

/**
 * bs_error_set_hint:
 * @error: an error of the domain %BS_ERROR; its former hint is freed
 */
void bs_error_set_hint (GError *error, const char *hint);

/* The code's name on the wire and in events, such as "not-found", and back (FALSE if unknown). */
const char *bs_error_code_name (int code);
gboolean bs_error_code_from_name (const char *name, int *code);
