/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decode-labels.c — what only others read: labels for engines, metadata for any tool */
#include "bs-decode.h"

#include <string.h>

#define JSON_BYTES 448 /* of a mapping with one short key */

static void
add_label (BsDecoder *self, const BsField *field, const BsYamlNode *entry, GPtrArray *labels)
{
  static const BsField text = { "labels", BS_FIELD_TEXT };
  g_autofree char *shown = bs_yaml_show (entry->key);
  const char *name = entry->key->text;
  gboolean good
      = g_ascii_isalnum (*name) && strspn (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_./-") == strlen (name);

  if (!good)
    bs_decoder_error (self, entry->key, "use letters, digits and '_./-', first a letter or digit",
                      "'%s' has a wrong name %s", field->key, shown);
  else if (entry->kind == BS_YAML_SCALAR && *entry->text == '\0')
    g_ptr_array_add (labels, g_strdup_printf ("%s=", name));
  else if (bs_decode_line (self, &text, entry))
    g_ptr_array_add (labels, g_strdup_printf ("%s=%s", name, entry->text));
}

void
bs_decode_labels (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  g_autoptr (GPtrArray) labels = g_ptr_array_new_with_free_func (g_free);

  if (value->kind != BS_YAML_MAPPING)
    {
      bs_decoder_wrong (self, field, value, "write it as {NAME: value}", "a mapping");
      return;
    }
  for (const BsYamlNode *entry = value->first; entry != NULL && bs_decoder_charge (self, entry, BS_ELEMENT_BYTES);
       entry = entry->next)
    add_label (self, field, entry, labels);
  g_ptr_array_add (labels, NULL);
  *(char ***) target = (char **) g_ptr_array_steal (labels, NULL);
}

/* The mapping as it is; texts stay texts, whatever they look like. */
static json_t *
to_json (BsDecoder *self, const BsField *field, const BsYamlNode *value)
{
  json_t *json;

  if (value->kind == BS_YAML_SCALAR)
    {
      bs_decode_characters (self, field, value, BS_TEXT_LINES);
      return json_string (value->text);
    }
  json = value->kind == BS_YAML_MAPPING ? json_object () : json_array ();
  for (const BsYamlNode *child = value->first; child != NULL && bs_decoder_charge (self, child, JSON_BYTES);
       child = child->next)
    if (value->kind != BS_YAML_MAPPING)
      json_array_append_new (json, to_json (self, field, child));
    else if (bs_decode_characters (self, field, child->key, BS_TEXT_LINE))
      json_object_set_new (json, child->key->text, to_json (self, field, child));
  return json;
}

void
bs_decode_metadata (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (value->kind != BS_YAML_MAPPING)
    bs_decoder_wrong (self, field, value, "write it as {NAME: value}", "a mapping");
  else
    *(json_t **) target = to_json (self, field, value);
}
