/* SPDX-License-Identifier: Apache-2.0 */
/* bs-redirect.h — which redirections of a server are followed */
#pragma once

#include <glib.h>

#define BS_REDIRECTS_MAX 10

/**
 * bs_redirect_resolve:
 * @seen: (element-type utf8): every address asked so far, the present one last; the new one is appended
 * @location: (nullable): what the server said, absolute or relative
 *
 * Returns: FALSE with %BS_ERROR_PROTOCOL when it leads to no http or https address, from https to http, in a ring, or
 * too far
 */
gboolean bs_redirect_resolve (GPtrArray *seen, const char *location, GError **error);

/* @url without user and password, for messages; (transfer full) */
char *bs_redirect_show (const char *url);
