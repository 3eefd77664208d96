/* SPDX-License-Identifier: Apache-2.0 */
/* bs-arguments.h — members of a request or record, checked
 *
 * All fail with %BS_ERROR_INVALID naming the member. Strings are borrowed from @object.
 */
#pragma once

#include "bs-json.h"

/* A node's name: [A-Za-z0-9][A-Za-z0-9_.-]{0,62} */
gboolean bs_arguments_is_node (const char *text);

const char *bs_arguments_node (const json_t *object, GError **error);
/* An integer member within a range. */
gboolean bs_arguments_int (const json_t *object, const char *key, gint64 low, gint64 high, gint64 *value,
                           GError **error);
/* A path below the lab's folder: not absolute, no "..", short. @optional: absent or null is fine, *@path is NULL then.
 */
gboolean bs_arguments_path (const json_t *object, const char *key, gboolean optional, const char **path,
                            GError **error);
/* "52:54:00:12:34:56" */
gboolean bs_arguments_mac (const json_t *object, const char *key, guint8 mac[6], GError **error);
/* (transfer container): a NULL-terminated array of borrowed strings, 1 to 4096 of them */
const char **bs_arguments_argv (const json_t *object, const char *key, GError **error);
