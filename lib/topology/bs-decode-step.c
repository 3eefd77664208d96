/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decode-step.c — steps: each does one thing */
#include "bs-decode.h"

#include "bs-suggest.h"
#include "bs-topology-model.h"

#include <string.h>

static const char *const kind_keys[] = {
  [BS_STEP_COMMAND] = "command", [BS_STEP_WAIT] = "wait", [BS_STEP_COPY] = "copy",
  [BS_STEP_FAULT] = "fault",     [BS_STEP_NET] = "net",   [BS_STEP_PARALLEL] = "parallel",
};

/* What only a command has. */
const char *const bs_step_command_keys[] = { "node", "stdin", "env", "expected_exit_code", "expect", "retry", NULL };

static void
refuse_key (BsDecoder *self, const BsYamlNode *mapping, const char *key, const char *kind)
{
  const BsYamlNode *value = bs_yaml_get (mapping, key);

  if (value != NULL)
    bs_decoder_error (self, value->key, "remove it", "'%s' is not for a step that has '%s'", key, kind);
}

/* A command has a place, and only a command has what commands have. */
static void
check_keys (BsDecoder *self, const BsYamlNode *mapping, BsStepKind kind)
{
  if (kind == BS_STEP_COMMAND)
    {
      if (bs_yaml_get (mapping, "node") == NULL)
        bs_decoder_error (self, mapping, "add 'node: NAME'", "'node' is missing");
      return;
    }
  for (guint i = 0; bs_step_command_keys[i] != NULL; i++)
    refuse_key (self, mapping, bs_step_command_keys[i], kind_keys[kind]);
  if (kind == BS_STEP_WAIT)
    refuse_key (self, mapping, "timeout", kind_keys[kind]);
}

/* Whether an unknown key was likely meant to say what the step does: that is told already. */
static gboolean
has_misspelt_kind (const BsYamlNode *mapping)
{
  for (const BsYamlNode *value = mapping->first; value != NULL; value = value->next)
    {
      BsSuggest suggest;
      const BsField *field = bs_fields_step;

      while (field->key != NULL && strcmp (field->key, value->key->text) != 0)
        field++;
      if (field->key != NULL)
        continue;
      bs_suggest_init (&suggest, value->key->text);
      for (field = bs_fields_step; field->key != NULL; field++)
        bs_suggest_offer (&suggest, field->key);
      for (guint i = 0; suggest.nearest != NULL && i < G_N_ELEMENTS (kind_keys); i++)
        if (strcmp (suggest.nearest, kind_keys[i]) == 0)
          return TRUE;
    }
  return FALSE;
}

static void
check_step (BsDecoder *self, const BsYamlNode *value, BsTopologyStep *step)
{
  const BsYamlNode *expect = bs_yaml_get (value, "expect");
  guint kinds = 0;

  for (guint i = 0; i < G_N_ELEMENTS (kind_keys); i++)
    if (bs_yaml_get (value, kind_keys[i]) != NULL)
      {
        step->kind = i;
        kinds++;
      }
  if (kinds == 0 && has_misspelt_kind (value))
    return;
  if (kinds != 1)
    bs_decoder_error (self, value, "write one of command, wait, copy, fault, net and parallel",
                      "a step must do one thing, not %u", kinds);
  else
    check_keys (self, value, step->kind);
  if (bs_yaml_get (value, "expected_exit_code") != NULL && expect != NULL && expect->kind == BS_YAML_MAPPING
      && bs_yaml_get (expect, "exit_code") != NULL)
    bs_decoder_error (self, bs_yaml_get (value, "expected_exit_code"), "remove one of them",
                      "'expected_exit_code' and 'exit_code' in 'expect' say the same thing");
}

static void
decode_step (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer steps)
{
  BsTopologyStep *step = bs_topology_step_new (bs_yaml_position (value));
  const BsYamlNode *name = value->kind == BS_YAML_MAPPING ? bs_yaml_get (value, "name") : NULL;

  g_ptr_array_add (steps, step);
  if (!bs_decoder_charge (self, value, sizeof (BsTopologyStep)))
    return;
  bs_decoder_enter (self, "step", name);
  if (bs_decoder_object (self, field->fields, value, step))
    check_step (self, value, step);
  if (step->action != NULL)
    g_hash_table_insert (self->places, step->action, (gpointer) value);
  bs_decoder_leave (self);
  if (step->name == NULL)
    step->name = g_strdup_printf ("step %u", ((GPtrArray *) steps)->len);
  if (step->env == NULL)
    step->env = g_new0 (char *, 1);
  if (step->retry_for_usec > 0 && step->retry_every_usec == 0)
    step->retry_every_usec = BS_RETRY_EVERY_USEC;
}

void
bs_decode_steps (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (value->kind == BS_YAML_SEQUENCE && value->first == NULL)
    bs_decoder_error (self, value, NULL, "'%s' is empty", field->key);
  bs_decoder_elements (self, field, value, *(GPtrArray **) target, decode_step);
}

/* Its steps run at the same time, so that one within another would say nothing new. */
void
bs_decode_parallel (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  GPtrArray *steps;

  for (guint i = 0; i < self->path_length; i++)
    if (self->path[i] == field)
      {
        bs_decoder_error (self, value->key, "put its steps into the outer list", "'%s' is within '%s'", field->key,
                          field->key);
        return;
      }
  steps = g_ptr_array_new_with_free_func (bs_topology_step_free);
  *(GPtrArray **) target = steps;
  bs_decode_steps (self, field, value, &steps);
}

void
bs_decode_copy (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  BsTopologyCopy *copy = target;
  guint before = self->diagnostics->added;

  bs_decoder_object (self, field->fields, value, copy);
  if (self->diagnostics->added > before)
    return;
  if ((copy->source_node != NULL) == (copy->destination_node != NULL))
    bs_decoder_error (self, value, "write NODE:/PATH for the one that is in a node",
                      copy->source_node != NULL ? "only one of 'src' and 'dest' may be in a node"
                                                : "one of 'src' and 'dest' must be in a node");
}

/* Splits "NODE:/path". What begins otherwise is a path on the host, which may well have a ':' further on. */
static void
take_side (BsDecoder *self, const BsField *field, const BsYamlNode *value, char **path, char **node)
{
  const char *colon;
  BsReference reference = { BS_NAME_ONE_NODE, value, NULL };

  if (!bs_decode_line (self, field, value))
    return;
  colon = strchr (value->text, ':');
  if (colon == NULL || colon == value->text || memchr (value->text, '/', colon - value->text) != NULL)
    {
      if (value->text[0] == '-')
        bs_decoder_wrong (self, field, value, "write './' before it", "a path that does not begin with '-'");
      *path = g_strdup (value->text);
      return;
    }
  if (!bs_decode_is_absolute_path (colon + 1))
    bs_decoder_wrong (self, field, value, "write './' before it if the whole is a path of the host",
                      "a path or NODE:/PATH, the latter without '..'");
  *path = g_strdup (colon + 1);
  *node = g_strndup (value->text, colon - value->text);
  reference.name = *node;
  g_hash_table_insert (self->places, *node, (gpointer) value);
  g_array_append_val (self->references, reference);
}

void
bs_decode_copy_source (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  BsTopologyCopy *copy = target;

  take_side (self, field, value, &copy->source, &copy->source_node);
}

void
bs_decode_copy_destination (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  BsTopologyCopy *copy = target;

  take_side (self, field, value, &copy->destination, &copy->destination_node);
}
