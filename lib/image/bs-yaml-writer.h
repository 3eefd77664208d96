/* SPDX-License-Identifier: Apache-2.0 */
/* bs-yaml-writer.h — one YAML document, by libyaml's emitter; texts are always quoted
 *
 * Calls nest as the document does. What fails (a text that is no UTF-8, calls that do not nest) is told at the end.
 */
#pragma once

#include <glib.h>

typedef struct _BsYamlWriter BsYamlWriter;

/* @comment: (nullable): the first line, such as "#cloud-config" */
BsYamlWriter *bs_yaml_writer_new (const char *comment);
void bs_yaml_writer_free (BsYamlWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsYamlWriter, bs_yaml_writer_free)

/* @key: (nullable): within a sequence, or outermost */
void bs_yaml_writer_begin_map (BsYamlWriter *self, const char *key);
void bs_yaml_writer_begin_list (BsYamlWriter *self, const char *key);
void bs_yaml_writer_end_map (BsYamlWriter *self);
void bs_yaml_writer_end_list (BsYamlWriter *self);
void bs_yaml_writer_text (BsYamlWriter *self, const char *key, const char *value);
void bs_yaml_writer_bool (BsYamlWriter *self, const char *key, gboolean value);
void bs_yaml_writer_number (BsYamlWriter *self, const char *key, gint64 value);

/* Returns: (transfer full): the document, or NULL with %BS_ERROR_INVALID */
char *bs_yaml_writer_finish (BsYamlWriter *self, GError **error);
