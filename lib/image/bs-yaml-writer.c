/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-yaml-writer.h"
#include "bs-error.h"

#include <string.h>
#include <yaml.h>

struct _BsYamlWriter
{
  yaml_emitter_t emitter;
  GString *text;
  gboolean failed;
};

static int
take (void *data, unsigned char *buffer, size_t size)
{
  g_string_append_len (data, (const char *) buffer, (gssize) size);
  return 1;
}

/* @made: whether libyaml could make the event. */
static void
emit (BsYamlWriter *self, int made, yaml_event_t *event)
{
  if (self->failed && made)
    yaml_event_delete (event);
  else if (!made || !yaml_emitter_emit (&self->emitter, event))
    self->failed = TRUE;
}

BsYamlWriter *
bs_yaml_writer_new (const char *comment)
{
  BsYamlWriter *self = g_new0 (BsYamlWriter, 1);
  yaml_event_t event;

  self->text = g_string_new (NULL);
  if (comment != NULL)
    g_string_append_printf (self->text, "%s\n", comment);
  self->failed = !yaml_emitter_initialize (&self->emitter);
  yaml_emitter_set_output (&self->emitter, take, self->text);
  yaml_emitter_set_width (&self->emitter, -1);
  yaml_emitter_set_unicode (&self->emitter, 1);
  emit (self, yaml_stream_start_event_initialize (&event, YAML_UTF8_ENCODING), &event);
  emit (self, yaml_document_start_event_initialize (&event, NULL, NULL, NULL, 1), &event);
  return self;
}

void
bs_yaml_writer_free (BsYamlWriter *self)
{
  if (self == NULL)
    return;
  yaml_emitter_delete (&self->emitter);
  g_string_free (self->text, TRUE);
  g_free (self);
}

static void
scalar (BsYamlWriter *self, const char *value, yaml_scalar_style_t style)
{
  yaml_event_t event;
  int made = yaml_scalar_event_initialize (&event, NULL, NULL, (const yaml_char_t *) value, (int) strlen (value), 1, 1,
                                           style);

  emit (self, made, &event);
}

/* Keys are ours, or checked: words. */
static void
put_key (BsYamlWriter *self, const char *key)
{
  if (key != NULL)
    scalar (self, key, YAML_PLAIN_SCALAR_STYLE);
}

void
bs_yaml_writer_begin_map (BsYamlWriter *self, const char *key)
{
  yaml_event_t event;

  put_key (self, key);
  emit (self, yaml_mapping_start_event_initialize (&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE), &event);
}

void
bs_yaml_writer_begin_list (BsYamlWriter *self, const char *key)
{
  yaml_event_t event;

  put_key (self, key);
  emit (self, yaml_sequence_start_event_initialize (&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE), &event);
}

void
bs_yaml_writer_end_map (BsYamlWriter *self)
{
  yaml_event_t event;

  emit (self, yaml_mapping_end_event_initialize (&event), &event);
}

void
bs_yaml_writer_end_list (BsYamlWriter *self)
{
  yaml_event_t event;

  emit (self, yaml_sequence_end_event_initialize (&event), &event);
}

void
bs_yaml_writer_text (BsYamlWriter *self, const char *key, const char *value)
{
  put_key (self, key);
  scalar (self, value, YAML_DOUBLE_QUOTED_SCALAR_STYLE);
}

void
bs_yaml_writer_bool (BsYamlWriter *self, const char *key, gboolean value)
{
  put_key (self, key);
  scalar (self, value ? "true" : "false", YAML_PLAIN_SCALAR_STYLE);
}

void
bs_yaml_writer_number (BsYamlWriter *self, const char *key, gint64 value)
{
  char text[32];

  g_snprintf (text, sizeof text, "%" G_GINT64_FORMAT, value);
  put_key (self, key);
  scalar (self, text, YAML_PLAIN_SCALAR_STYLE);
}

char *
bs_yaml_writer_finish (BsYamlWriter *self, GError **error)
{
  yaml_event_t event;

  emit (self, yaml_document_end_event_initialize (&event, 1), &event);
  emit (self, yaml_stream_end_event_initialize (&event), &event);
  if (!self->failed)
    return g_strdup (self->text->str);
  bs_set_error (error, BS_ERROR_INVALID, NULL, "this cannot be written as YAML: a text in it is no UTF-8");
  return NULL;
}
