/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-variables.h"

#include "bs-suggest.h"

#include <stdlib.h>
#include <string.h>

#define SET_HINT "set it in the environment or by --set %s=VALUE, or write ${%s:-default}"

typedef struct
{
  BsYamlTree *tree;
  BsDiagnostics *diagnostics;
  const BsTopologyLoadOptions *options;
  GPtrArray *used;
  GArray *failed;
  GHashTable *values; /* (element-type utf8 utf8) what is known of each name that was asked for; NULL: not set */
  guint count;
  gsize bytes;
  gboolean full; /* a limit was passed: nothing more is looked at */
} Expander;

/* One "${…}" in a text. */
typedef struct
{
  const char *start, *end; /* from "$" to after "}" */
  char *name;
  const char *otherwise; /* (nullable) the default, up to before "}" */
} Reference;

gboolean
bs_variables_is_name (const char *text, gsize length)
{
  if (length == 0 || length > BS_VARIABLE_NAME_MAX || g_ascii_isdigit (*text))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && text[i] != '_')
      return FALSE;
  return TRUE;
}

/* Points at the reference itself where the text is in the file as it is: plain, or in quotes without escapes. */
static void
report (Expander *self, const BsYamlNode *value, const char *from, const char *to, const char *hint,
        const char *message)
{
  glong whole = g_utf8_strlen (value->text, -1), quotes = value->plain ? 0 : 1;
  guint column = value->column, length = value->length;

  if (whole + 2 * quotes == (glong) value->length)
    {
      column += (guint) (quotes + g_utf8_pointer_to_offset (value->text, from));
      length = (guint) g_utf8_pointer_to_offset (from, to);
    }
  bs_diagnostics_add (self->diagnostics, BS_DIAGNOSTIC_ERROR, value->line, column, length, hint, "%s", message);
}

static const char *
find_in (const char *const *list, const char *name)
{
  gsize length = strlen (name);
  const char *found = NULL;

  for (; list != NULL && *list != NULL; list++)
    if (strncmp (*list, name, length) == 0 && (*list)[length] == '=')
      found = *list + length + 1;
  return found;
}

static const char *
look_up (const Expander *self, const char *name)
{
  const char *found = self->options != NULL ? find_in (self->options->variables, name) : NULL;

  if (found != NULL)
    return found;
  if (self->options != NULL && self->options->environment != NULL)
    return find_in (self->options->environment, name);
  return g_getenv (name);
}

/* The value of @name, looked for once; FALSE after a value that no document can hold. */
static gboolean
value_of (Expander *self, const BsYamlNode *value, const Reference *reference, const char **found)
{
  const char *wrong = NULL;

  if (g_hash_table_lookup_extended (self->values, reference->name, NULL, (gpointer *) found))
    return TRUE;
  *found = look_up (self, reference->name);
  if (*found != NULL && strlen (*found) > BS_VARIABLE_VALUE_MAX)
    wrong = "the value of variable '%s' is longer than 128 KiB";
  else if (*found != NULL && !g_utf8_validate (*found, -1, NULL))
    wrong = "the value of variable '%s' is not valid UTF-8";
  if (wrong != NULL)
    {
      GString *message = g_string_new (wrong);

      g_string_replace (message, "%s", reference->name, 1);
      report (self, value, reference->start, reference->end, NULL, message->str);
      g_string_free (message, TRUE);
      return FALSE;
    }
  if (*found != NULL)
    g_ptr_array_add (self->used, g_strdup_printf ("%s=%s", reference->name, *found));
  g_hash_table_insert (self->values, g_strdup (reference->name), (gpointer) *found);
  return TRUE;
}

/* The nearest name among those that were given: a slip is more likely in the file or on the command line than in the
 * environment. */
static void
report_unset (Expander *self, const BsYamlNode *value, const Reference *reference)
{
  g_autofree char *message = g_strdup_printf ("the variable '%s' is not set", reference->name);
  g_autofree char *hint = NULL, *nearest = NULL;
  BsSuggest suggest;

  bs_suggest_init (&suggest, reference->name);
  for (const char *const *p = self->options != NULL ? self->options->variables : NULL; p != NULL && *p != NULL; p++)
    {
      g_autofree char *name = g_strndup (*p, strcspn (*p, "="));

      bs_suggest_offer (&suggest, name);
      if (suggest.nearest == name)
        {
          g_free (nearest);
          suggest.nearest = nearest = g_steal_pointer (&name);
        }
    }
  hint = nearest != NULL ? bs_decoder_did_you_mean (nearest)
                         : g_strdup_printf (SET_HINT, reference->name, reference->name);
  report (self, value, reference->start, reference->end, hint, message);
}

/* Reads "${NAME}" or "${NAME:-default}" at @start. FALSE when reported. */
static gboolean
read_reference (Expander *self, const BsYamlNode *value, const char *start, Reference *reference)
{
  const char *name = start + 2, *end = strchr (name, '}'), *name_end = name + strcspn (name, ":}");
  gboolean has_default = end != NULL && name_end < end;
  const char *wrong = NULL;

  if (end == NULL)
    wrong = "'${' has no '}'";
  else if (!bs_variables_is_name (name, (gsize) (name_end - name)))
    wrong = "'${' must be followed by a name of letters, digits and '_'";
  else if (has_default && name_end[1] != '-')
    wrong = "a variable's name must be followed by '}' or ':-'";
  else if (has_default && g_strstr_len (name_end, end - name_end, "${") != NULL)
    wrong = "a variable's default cannot hold another variable";
  if (wrong != NULL)
    {
      report (self, value, start, end != NULL ? end + 1 : start + strlen (start),
              "write ${NAME} or ${NAME:-default}, or $${ for a literal ${", wrong);
      return FALSE;
    }
  *reference = (Reference){ .start = start,
                            .end = end + 1,
                            .name = g_strndup (name, (gsize) (name_end - name)),
                            .otherwise = has_default ? name_end + 2 : NULL };
  return TRUE;
}

static gboolean
append_reference (Expander *self, const BsYamlNode *value, const Reference *reference, GString *text)
{
  const char *found;

  if (!value_of (self, value, reference, &found))
    return FALSE;
  if (reference->otherwise != NULL && (found == NULL || *found == '\0'))
    g_string_append_len (text, reference->otherwise, reference->end - 1 - reference->otherwise);
  else if (found != NULL)
    g_string_append (text, found);
  else
    report_unset (self, value, reference);
  return found != NULL || reference->otherwise != NULL;
}

static gboolean
check_limits (Expander *self, const BsYamlNode *value, const GString *text)
{
  if (self->count <= BS_VARIABLES_COUNT_MAX && self->bytes + text->len <= BS_VARIABLES_BYTES_MAX
      && self->tree->taken + text->len <= BS_YAML_MEMORY_MAX)
    return TRUE;
  self->full = TRUE;
  bs_diagnostics_add (self->diagnostics, BS_DIAGNOSTIC_ERROR, value->line, value->column, value->length,
                      "use fewer or shorter variables", "the variables of this file make it too large");
  return FALSE;
}

/* The text with all references replaced; stops at the first limit. FALSE when anything was reported. */
static gboolean
expand_text (Expander *self, const BsYamlNode *value, GString *text)
{
  gboolean good = TRUE;

  for (const char *p = value->text; *p != '\0';)
    {
      Reference reference = { 0 };

      if (g_str_has_prefix (p, "$${"))
        {
          g_string_append (text, "${");
          p += 3;
        }
      else if (!g_str_has_prefix (p, "${"))
        g_string_append_c (text, *p++);
      else
        {
          self->count++;
          if (!read_reference (self, value, p, &reference))
            return FALSE;
          good = append_reference (self, value, &reference, text) && good;
          g_free (reference.name);
          p = reference.end;
          if (!check_limits (self, value, text))
            return FALSE;
        }
    }
  return good;
}

static void
expand_scalar (Expander *self, BsYamlNode *value)
{
  g_autoptr (GString) text = NULL;
  char *kept;

  if (self->full || strstr (value->text, "${") == NULL)
    return;
  text = g_string_new (NULL);
  if (!expand_text (self, value, text))
    {
      BsPosition place = bs_yaml_position (value);

      g_array_append_val (self->failed, place);
      return;
    }
  self->bytes += text->len;
  kept = bs_yaml_tree_take (self->tree, text->len + 1, 1);
  memcpy (kept, text->str, text->len + 1);
  value->text = kept;
  /* In {…} a variable must be in quotes; its value is then as good as one without. */
  value->plain = value->plain || text->len > 0;
}

static const BsField *
find_field (const BsField *fields, const char *key)
{
  for (; fields != NULL && fields->key != NULL; fields++)
    if (fields->key[0] == key[0] && strcmp (fields->key, key) == 0)
      return fields;
  return NULL;
}

/* @fields: (nullable): of the mappings in @value, where those are known */
static void
expand_value (Expander *self, const BsField *fields, BsYamlNode *value)
{
  gboolean commands = self->options != NULL && self->options->expand_commands;

  if (value->kind == BS_YAML_SCALAR)
    {
      expand_scalar (self, value);
      return;
    }
  for (BsYamlNode *part = value->first; part != NULL; part = part->next)
    {
      const BsField *field = value->kind == BS_YAML_MAPPING ? find_field (fields, part->key->text) : NULL;

      if (value->kind == BS_YAML_SEQUENCE)
        expand_value (self, fields, part);
      else if (field == NULL || !field->command || commands)
        expand_value (self, field != NULL ? field->fields : NULL, part);
    }
}

GArray *
bs_variables_expand (BsYamlTree *tree, const BsField *fields, const BsTopologyLoadOptions *options, GPtrArray *used,
                     BsDiagnostics *diagnostics)
{
  Expander self = { .tree = tree, .diagnostics = diagnostics, .options = options, .used = used };

  self.failed = g_array_new (FALSE, FALSE, sizeof (BsPosition));
  self.values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  expand_value (&self, fields, tree->root);
  g_hash_table_unref (self.values);
  return self.failed;
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const BsPosition *left = a, *right = b;

  if (left->line != right->line)
    return left->line < right->line ? -1 : 1;
  return left->column < right->column ? -1 : left->column > right->column;
}

static gboolean
is_consequence (const BsDiagnostic *item, gconstpointer data)
{
  const GArray *failed = data;
  BsPosition place = { item->line, item->column };

  return item->line > 0 && bsearch (&place, failed->data, failed->len, sizeof (BsPosition), compare_places) != NULL;
}

void
bs_variables_drop_consequences (const GArray *failed, guint since, BsDiagnostics *diagnostics)
{
  if (failed->len > 0)
    bs_diagnostics_remove (diagnostics, since, is_consequence, failed);
}
