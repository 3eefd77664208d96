/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decode-scenario.c — scenarios and commands */
#include "bs-decode.h"

#include "bs-topology-model.h"

#include <string.h>

static void
take_word (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer words)
{
  if (value->kind != BS_YAML_SCALAR)
    bs_decoder_error (self, value, NULL, "'%s' must be a text or a list of texts", field->key);
  else if (bs_decode_characters (self, field, value, BS_TEXT_LINES))
    g_ptr_array_add (words, g_strdup (value->text));
}

void
bs_decode_command (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  gboolean empty;

  if (value->kind == BS_YAML_MAPPING)
    {
      bs_decoder_error (self, value, "write it as [program, argument]",
                        "'%s' must be a text or a list of texts, not a mapping", field->key);
      return;
    }
  if (value->kind == BS_YAML_SEQUENCE)
    bs_decoder_elements (self, field, value, words, take_word);
  else
    {
      bs_decode_characters (self, field, value, BS_TEXT_LINES);
      g_ptr_array_add (words, g_strdup ("sh"));
      g_ptr_array_add (words, g_strdup ("-c"));
      g_ptr_array_add (words, g_strdup (value->text));
    }
  empty = value->first == NULL || (value->kind == BS_YAML_SCALAR && value->text[strspn (value->text, " \t\n")] == '\0')
          || (words->len > 0 && *(const char *) words->pdata[0] == '\0');
  if (empty)
    bs_decoder_error (self, value, "write it as [program, argument], or as one line for sh", "'%s' is empty",
                      field->key);
  g_ptr_array_add (words, NULL);
  if (target != NULL)
    *(char ***) target = (char **) g_ptr_array_steal (words, NULL);
}

void
bs_decode_regex (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GRegex) regex = NULL;
  g_autofree char *shown = NULL;

  if (!bs_decode_text (self, field, value))
    return;
  regex = g_regex_new (value->text, G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT, &error);
  if (regex == NULL)
    {
      /* GLib's own text repeats the expression; what comes last is the reason. */
      const char *reason = strrchr (error->message, ':');

      shown = bs_yaml_show (value);
      bs_decoder_error (self, value, NULL, "'%s' is not a regular expression: %s:%s", field->key, shown,
                        reason != NULL ? reason + 1 : error->message);
      return;
    }
  if (target != NULL)
    *(char **) target = g_strdup (value->text);
}

void
bs_decode_scenario (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  BsTopologyScenario *scenario = bs_topology_scenario_new (bs_yaml_position (value));

  g_ptr_array_add (self->topology->scenarios, scenario);
  bs_decoder_enter (self, "scenario", value->kind == BS_YAML_MAPPING ? bs_yaml_get (value, "name") : NULL);
  bs_decoder_object (self, bs_fields_scenario, value, scenario);
  bs_decoder_leave (self);
  if (scenario->tags == NULL)
    scenario->tags = g_new0 (char *, 1);
  if (scenario->name != NULL)
    g_hash_table_insert (self->places, scenario, (gpointer) bs_yaml_get (value, "name"));
}

void
bs_decode_scenarios (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  bs_decoder_elements (self, field, value, NULL, bs_decode_scenario);
}
