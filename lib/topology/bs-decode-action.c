/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decode-action.c — what fault and net steps do, to whom and how much */
#include "bs-decode.h"

#include "bs-time.h"

#include <string.h>

static const char *const kind_keys[] = {
  [BS_ACTION_CONDITIONS] = "conditions",
  [BS_ACTION_DOWN] = "down",
  [BS_ACTION_PARTITION] = "partition",
  [BS_ACTION_RESET] = "reset",
  [BS_ACTION_HEAL] = "heal",
  [BS_ACTION_VERIFY] = "verify",
  [BS_ACTION_CRASH] = "crash",
  [BS_ACTION_PAUSE] = "pause",
  [BS_ACTION_FREEZE] = "freeze",
  [BS_ACTION_CPU] = "cpu",
  [BS_ACTION_MEMORY] = "memory",
  [BS_ACTION_DISK] = "disk",
  [BS_ACTION_CLOCK] = "clock",
};

/* What may stand beside each: wires are chosen by network and interface, machines are not. */
typedef struct
{
  const char *key;
  guint kinds; /* 1 << BsActionKind */
} Companion;

#define KIND(name) (1u << BS_ACTION_##name)
#define WIRES (KIND (CONDITIONS) | KIND (DOWN) | KIND (RESET) | KIND (VERIFY))
#define STRESS (KIND (CPU) | KIND (MEMORY) | KIND (DISK) | KIND (CLOCK))

static const Companion companions[] = {
  { "ingress", KIND (CONDITIONS) },
  { "one_way", KIND (PARTITION) },
  { "bridge", KIND (PARTITION) },
  { "nodes", KIND (CONDITIONS) | STRESS },
  { "network", WIRES },
  { "interface", WIRES },
};

const char *
bs_action_key (BsActionKind kind)
{
  return kind_keys[kind];
}

gboolean
bs_action_takes (BsActionKind kind, const char *key)
{
  for (guint i = 0; i < G_N_ELEMENTS (companions); i++)
    if (strcmp (companions[i].key, key) == 0)
      return (companions[i].kinds & 1u << kind) != 0;
  return TRUE;
}

static void
check_companions (BsDecoder *self, const BsYamlNode *mapping, BsActionKind kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (companions); i++)
    {
      const BsYamlNode *value = bs_yaml_get (mapping, companions[i].key);

      if (value == NULL || (companions[i].kinds & 1u << kind) != 0)
        continue;
      bs_decoder_error (self, value->key,
                        strcmp (companions[i].key, "nodes") == 0 && kind != BS_ACTION_HEAL
                            ? "name the nodes in its value"
                            : "remove it",
                        "'%s' is not for '%s'", companions[i].key, kind_keys[kind]);
    }
}

static void
check_partition (BsDecoder *self, const BsYamlNode *mapping, const BsTopologyAction *action)
{
  const BsYamlNode *one_way = bs_yaml_get (mapping, "one_way");

  if (!action->one_way || one_way == NULL)
    return;
  if (action->bridge != NULL)
    bs_decoder_error (self, one_way->key, "remove one of them", "'one_way' and 'bridge' exclude each other");
  if (action->groups->len > 2)
    bs_decoder_error (self, one_way->key, NULL, "'one_way' is between two groups, not %u", action->groups->len);
}

/* "conditions, down and partition" */
static char *
list_kinds (const BsField *fields)
{
  g_autoptr (GString) text = g_string_new ("write one of");

  for (guint i = 0; i < G_N_ELEMENTS (kind_keys); i++)
    for (const BsField *field = fields; field->key != NULL; field++)
      if (strcmp (field->key, kind_keys[i]) == 0)
        g_string_append_printf (text, "%s %s", text->str[text->len - 1] == 'f' ? "" : ",", kind_keys[i]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

void
bs_decode_action (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  BsTopologyAction *action = target;
  guint kinds = 0;
  gboolean read;

  /* A step that has both `fault` and `net` is wrong, which is told; the struct is that of the first one. */
  if (action->at.line != value->key->line || action->at.column != value->key->column)
    return;
  self->path[self->path_length++] = field;
  read = bs_decoder_object (self, field->fields, value, action);
  self->path_length--;
  if (!read)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (kind_keys); i++)
    if (bs_yaml_get (value, kind_keys[i]) != NULL)
      {
        action->kind = i;
        kinds++;
      }
  if (kinds != 1)
    {
      g_autofree char *hint = list_kinds (field->fields);

      bs_decoder_error (self, value, hint, "'%s' must do one thing, not %u", field->key, kinds);
      return;
    }
  check_companions (self, value, action->kind);
  check_partition (self, value, action);
}

/* The nodes that it is done to, or true for all. */
void
bs_decode_action_nodes (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  BsTopologyAction *action = target;

  if (value->kind == BS_YAML_SCALAR && value->plain && strcmp (value->text, "true") == 0)
    return;
  if (value->kind != BS_YAML_SEQUENCE)
    bs_decoder_wrong (self, field, value, "write it as [NODE, NODE], or true for all", "a list of nodes");
  else if (value->first == NULL)
    bs_decoder_error (self, value, "write true for all", "'%s' is empty", field->key);
  else
    bs_decode_node_references (self, field, value, &action->target.nodes);
}

void
bs_decode_action_amount (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  bs_decode_integer (self, field, value, &((BsTopologyAction *) target)->amount);
}

void
bs_decode_action_clock (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  gboolean back;
  gint64 usec;

  if (!bs_decode_line (self, field, value))
    return;
  back = value->text[0] == '-';
  if (!bs_time_parse_duration (value->text + back, &usec) || usec == 0)
    bs_decoder_wrong (self, field, value, "write it as 1h, or -1h", "a duration, or '-' and a duration");
  else
    ((BsTopologyAction *) target)->amount = back ? -usec : usec;
}

void
bs_decode_action_conditions (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  bs_decode_conditions (self, field, value, &((BsTopologyAction *) target)->conditions);
}

void
bs_decode_action_heal (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (!bs_decode_scalar (self, field, value))
    return;
  if (!value->plain || strcmp (value->text, "true") != 0)
    bs_decoder_error (self, value, NULL, "'%s' must be true", field->key);
}

static void
decode_group (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer groups)
{
  GPtrArray *names;

  if (value->kind != BS_YAML_SEQUENCE || value->first == NULL)
    {
      bs_decoder_wrong (self, field, value, "write it as [[one], [two, three]]", "a list of lists of nodes");
      return;
    }
  names = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (groups, names);
  bs_decode_node_references (self, field, value, &names);
}

void
bs_decode_action_partition (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (value->kind == BS_YAML_SEQUENCE && (value->first == NULL || value->first->next == NULL))
    bs_decoder_error (self, value, "write it as [[one], [two, three]]", "'%s' needs two groups", field->key);
  bs_decoder_elements (self, field, value, ((BsTopologyAction *) target)->groups, decode_group);
}
