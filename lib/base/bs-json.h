/* SPDX-License-Identifier: Apache-2.0 */
/* bs-json.h — jansson with autoptr and typed, checked access */
#pragma once

#include <glib.h>
#include <jansson.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (json_t, json_decref)

/* The member @key of @object as a string that lives as long as @object, or @fallback when absent or of another type. */
const char *bs_json_string (const json_t *object, const char *key, const char *fallback);
gint64 bs_json_int (const json_t *object, const char *key, gint64 fallback);
gboolean bs_json_bool (const json_t *object, const char *key, gboolean fallback);

/* Compact text on one line, keys in insertion order; (transfer full), or NULL for a NULL @value. */
char *bs_json_dump (const json_t *value);

/**
 * bs_json_load:
 * @data: text that an outside process or file gave; duplicate keys, depth over 64 and trailing bytes are errors
 *
 * Returns: (transfer full): an object or array, or NULL with %BS_ERROR_PROTOCOL
 */
json_t *bs_json_load (const char *data, gsize length, GError **error);
