/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-decoder.h"

#include "bs-suggest.h"

#include <string.h>

#define LISTED_KEYS_MAX 12

char *
bs_decoder_did_you_mean (const char *nearest)
{
  return nearest != NULL ? g_strdup_printf ("did you mean '%s'?", nearest) : NULL;
}

void
bs_decoder_enter (BsDecoder *self, const char *kind, const BsYamlNode *name)
{
  g_assert (self->n_objects < G_N_ELEMENTS (self->objects));
  self->object_kinds[self->n_objects] = kind;
  self->names[self->n_objects] = NULL;
  self->objects[self->n_objects++] = name != NULL && name->kind == BS_YAML_SCALAR ? name : NULL;
}

void
bs_decoder_enter_decoded (BsDecoder *self, const char *kind, const char *name)
{
  bs_decoder_enter (self, kind, NULL);
  self->names[self->n_objects - 1] = name;
}

void
bs_decoder_leave (BsDecoder *self)
{
  self->n_objects--;
}

/* "scenario 'x', step 'y': ", or nothing */
static char *
object_prefix (const BsDecoder *self)
{
  GString *prefix = g_string_new (NULL);

  for (guint i = 0; i < self->n_objects; i++)
    {
      const BsYamlNode *object
          = self->names[i] != NULL ? g_hash_table_lookup (self->places, self->names[i]) : self->objects[i];
      g_autofree char *name = object != NULL ? bs_yaml_show (object) : NULL;

      if (name != NULL)
        g_string_append_printf (prefix, "%s%s %s", prefix->len > 0 ? ", " : "", self->object_kinds[i], name);
    }
  if (prefix->len > 0)
    g_string_append (prefix, ": ");
  return g_string_free (prefix, FALSE);
}

void
bs_decoder_error (BsDecoder *self, const BsYamlNode *value, const char *hint, const char *format, ...)
{
  g_autofree char *prefix = NULL, *message = NULL;
  va_list arguments;

  if (!bs_diagnostics_keeps (self->diagnostics, value->line, value->column))
    {
      bs_diagnostics_add (self->diagnostics, BS_DIAGNOSTIC_ERROR, value->line, value->column, 1, NULL, "-");
      return;
    }
  prefix = object_prefix (self);
  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  bs_diagnostics_add (self->diagnostics, BS_DIAGNOSTIC_ERROR, value->line, value->column, value->length, hint, "%s%s",
                      prefix, message);
}

void
bs_decoder_wrong (BsDecoder *self, const BsField *field, const BsYamlNode *value, const char *hint, const char *wanted,
                  ...)
{
  g_autofree char *shown = NULL, *must_be = NULL;
  va_list arguments;

  if (!bs_diagnostics_keeps (self->diagnostics, value->line, value->column))
    {
      bs_decoder_error (self, value, NULL, "-");
      return;
    }
  shown = bs_yaml_show (value);
  va_start (arguments, wanted);
  must_be = g_strdup_vprintf (wanted, arguments);
  va_end (arguments);
  bs_decoder_error (self, value, hint, "'%s' must be %s, not %s", field->key, must_be, shown);
}

char *
bs_decoder_key_hint (BsDecoder *self, const BsField *fields, const char *wrong)
{
  BsSuggest suggest;
  GString *known;
  guint count = 0;

  if (self->hints_left == 0)
    return NULL;
  bs_suggest_init (&suggest, wrong);
  known = g_string_new ("known keys: ");
  for (; fields->key != NULL; fields++, self->hints_left -= self->hints_left > 0)
    {
      bs_suggest_offer (&suggest, fields->key);
      g_string_append_printf (known, "%s%s", count++ > 0 ? ", " : "", fields->key);
    }
  if (suggest.nearest == NULL && count <= LISTED_KEYS_MAX)
    return g_string_free (known, FALSE);
  g_string_free (known, TRUE);
  return bs_decoder_did_you_mean (suggest.nearest);
}

/* Keys mostly come in the same order as in the mapping before, so the search begins after the last one found. */
static const BsField *
find_field (const BsField *fields, guint n_fields, const char *key, guint *start)
{
  for (guint i = 0; i < n_fields; i++)
    {
      guint index = (*start + i) % n_fields;

      if (fields[index].key[0] == key[0] && strcmp (fields[index].key, key) == 0)
        {
          *start = index + 1;
          return &fields[index];
        }
    }
  return NULL;
}

static void
record_inert (BsDecoder *self, const BsField *field, const BsYamlNode *key)
{
  BsTopologyInert *inert = g_new0 (BsTopologyInert, 1);
  GString *path = g_string_new (NULL);

  for (guint i = 0; i < self->path_length; i++)
    g_string_append_printf (path, "%s%s.", self->path[i]->key, self->path[i]->type == BS_FIELD_LIST ? "[]" : "");
  g_string_append (path, field->key);
  inert->at = bs_yaml_position (key);
  inert->field = g_string_free (path, FALSE);
  g_ptr_array_add (self->topology->inert, inert);
}

gboolean
bs_decoder_charge (BsDecoder *self, const BsYamlNode *value, gsize bytes)
{
  if (self->stopped)
    return FALSE;
  self->model_left -= (gint64) bytes;
  if (self->model_left >= 0)
    return TRUE;
  self->stopped = TRUE;
  bs_decoder_error (self, value, "split it into several labs", "too much for one lab");
  return FALSE;
}

/* The struct that @field's value goes to: @target, or a part of it. */
static gpointer
find_part (const BsField *field, const BsYamlNode *value, gpointer target)
{
  gpointer *part;

  if (target == NULL || field->part == NULL)
    return target;
  part = (gpointer *) ((char *) target + field->part->offset);
  if (*part == NULL)
    *part = field->part->make (bs_yaml_position (value->key));
  return *part;
}

static void
decode_field (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  gpointer place = NULL;
  gboolean inert = (field->flags & BS_FIELD_INERT) != 0;

  target = find_part (field, value, target);
  if (target != NULL && field->offset != BS_FIELD_NOWHERE)
    place = (char *) target + field->offset;
  if (target != NULL && field->at_offset != BS_FIELD_NOWHERE)
    *(BsPosition *) ((char *) target + field->at_offset) = bs_yaml_position (value);
  if (inert && self->inert_depth == 0)
    record_inert (self, field, value->key);
  self->inert_depth += inert;
  if (value->kind == BS_YAML_SCALAR && value->plain && *value->text == '\0')
    bs_decoder_error (self, value->key, "write a value, or remove the key", "'%s' has no value", field->key);
  else if (field->decode != NULL)
    field->decode (self, field, value, place);
  else
    bs_decode_value (self, field, value, place);
  self->inert_depth -= inert;
}

static void
report_unknown (BsDecoder *self, const BsField *fields, const BsYamlNode *key)
{
  g_autofree char *shown = NULL, *hint = NULL;

  if (bs_diagnostics_keeps (self->diagnostics, key->line, key->column))
    {
      shown = bs_yaml_show (key);
      hint = bs_decoder_key_hint (self, fields, key->text);
    }
  bs_decoder_error (self, key, hint, "unknown key %s", shown);
}

static void
report_missing (BsDecoder *self, const BsField *fields, guint n_fields, guint64 seen, const BsYamlNode *mapping)
{
  for (guint i = 0; i < n_fields; i++)
    if ((fields[i].flags & BS_FIELD_REQUIRED) != 0 && (seen & ((guint64) 1 << i)) == 0)
      bs_decoder_error (self, mapping, NULL, "'%s' is missing", fields[i].key);
}

gboolean
bs_decoder_object (BsDecoder *self, const BsField *fields, const BsYamlNode *mapping, gpointer target)
{
  guint64 seen = 0;
  guint n_fields = 0, start = 0;

  if (mapping->kind != BS_YAML_MAPPING)
    {
      g_autofree char *shown = bs_yaml_show (mapping);

      bs_decoder_error (self, mapping, NULL, "a mapping is needed here, not %s", shown);
      return FALSE;
    }
  if (!bs_decoder_charge (self, mapping, BS_OBJECT_BYTES))
    return FALSE;
  while (fields[n_fields].key != NULL)
    n_fields++;
  for (const BsYamlNode *value = mapping->first; value != NULL && !self->stopped; value = value->next)
    {
      const BsField *field = find_field (fields, n_fields, value->key->text, &start);

      if (field != NULL)
        {
          seen |= (guint64) 1 << (field - fields);
          decode_field (self, field, value, target);
        }
      else
        report_unknown (self, fields, value->key);
    }
  if (!self->stopped)
    report_missing (self, fields, n_fields, seen, mapping);
  return TRUE;
}

void
bs_decoder_elements (BsDecoder *self, const BsField *field, const BsYamlNode *list, gpointer target,
                     BsFieldDecode decode)
{
  if (list->kind != BS_YAML_SEQUENCE)
    {
      bs_decoder_wrong (self, field, list, "write it as [...], or as lines that begin with '- '", "a list");
      return;
    }
  self->path[self->path_length++] = field;
  for (const BsYamlNode *element = list->first; element != NULL && !self->stopped; element = element->next)
    if (bs_decoder_charge (self, element, BS_ELEMENT_BYTES))
      decode (self, field, element, target);
  self->path_length--;
}
