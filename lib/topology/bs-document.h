/* SPDX-License-Identifier: Apache-2.0 */
/* bs-document.h — a topology as typed values, before it is a model: read and changed by paths, checked by the tables
 *
 * A path has the keys of docs/topology.md: "nodes[0].image". In brackets stands an element's place from 0, or its name:
 * "nodes[web].image"; and a key of a mapping that has dots: "labels[org.example]". The one `network` is `networks[0]`.
 */
#pragma once

#include "bs-json.h"

typedef struct _BsPath BsPath;

/* NULL with %BS_ERROR_INVALID when there can be no such value, with the nearest key as hint. */
BsPath *bs_path_parse (const char *text, GError **error);
void bs_path_free (BsPath *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsPath, bs_path_free)

/* Returns: (transfer none): the value, or NULL with %BS_ERROR_NOT_FOUND, which says what of the path is not there */
json_t *bs_document_get (const json_t *document, const BsPath *path, GError **error);

/**
 * bs_document_set:
 * @value: (transfer full)
 *
 * Makes the mappings and lists on the way, and an element when its place is that behind the last one.
 *
 * Returns: FALSE with %BS_ERROR_INVALID when the field takes no such value, or %BS_ERROR_NOT_FOUND when a list on the
 * way has no such element
 */
gboolean bs_document_set (json_t *document, const BsPath *path, json_t *value, GError **error);

/* Adds @value (transfer full) to the list at @path, which is made when it is not there. */
gboolean bs_document_append (json_t *document, const BsPath *path, json_t *value, GError **error);
gboolean bs_document_remove (json_t *document, const BsPath *path, GError **error);

/* YAML that is read as @document: what looks like a variable is written as a text; (transfer full) */
char *bs_document_to_yaml (const json_t *document);
