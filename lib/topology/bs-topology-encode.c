/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-encode.c — structs to typed values, by the decoder's tables */
#include "bs-topology-encode.h"

#include "bs-document.h"
#include "bs-time.h"
#include "bs-topology-encoder.h"

#include <math.h>
#include <string.h>

#define EXACT_INTEGERS 9007199254740992.0 /* 2^53 */

json_t *
bs_encode_duration (gint64 usec)
{
  static const struct
  {
    gint64 usec;
    const char *name;
  } units[] = { { 3600 * BS_USEC_PER_SEC, "h" },
                { 60 * BS_USEC_PER_SEC, "m" },
                { BS_USEC_PER_SEC, "s" },
                { BS_USEC_PER_MSEC, "ms" },
                { 1, "us" } };
  guint i = 0;

  while (usec % units[i].usec != 0)
    i++;
  if (usec == 0)
    i = 2;
  return json_sprintf ("%" G_GINT64_FORMAT "%s", usec / units[i].usec, units[i].name);
}

json_t *
bs_encode_strings (char *const *strings)
{
  json_t *list;

  if (strings == NULL)
    return NULL;
  list = json_array ();
  for (; *strings != NULL; strings++)
    json_array_append_new (list, json_string (*strings));
  return list;
}

/* "NAME=value" */
static json_t *
encode_map (char *const *entries)
{
  json_t *object;

  if (entries == NULL)
    return NULL;
  object = json_object ();
  for (; *entries != NULL; entries++)
    {
      const char *equals = strchr (*entries, '=');
      g_autofree char *name = g_strndup (*entries, (gsize) (equals - *entries));

      json_object_set_new (object, name, json_string (equals + 1));
    }
  return object;
}

static json_t *
encode_number (double number)
{
  if (number == floor (number) && fabs (number) < EXACT_INTEGERS)
    return json_integer ((json_int_t) number);
  return json_real (number);
}

/* A number that the file cannot say stands for the field's absence. */
static json_t *
encode_integer (const BsField *field, gint64 number)
{
  return number >= field->least && number <= field->most ? json_integer (number) : NULL;
}

/* A mapping within the same struct; without anything to say it is not there. */
static json_t *
encode_nested (BsEncoder *self, const BsField *field, gconstpointer place)
{
  g_autoptr (json_t) object = bs_encode_object (self, field->fields, place);

  if (self->bare)
    g_hash_table_insert (self->defaults, (gpointer) field->fields, json_incref (object));
  if (json_object_size (object) == 0 && field->part == NULL)
    return NULL;
  return g_steal_pointer (&object);
}

json_t *
bs_encode_value (BsEncoder *self, const BsField *field, gconstpointer place)
{
  switch (field->type)
    {
    case BS_FIELD_STRING:
    case BS_FIELD_TEXT:
    case BS_FIELD_CHOICE:
      return *(char *const *) place != NULL ? json_string (*(char *const *) place) : NULL;
    case BS_FIELD_INTEGER:
      return encode_integer (field, *(const guint *) place);
    case BS_FIELD_NUMBER:
      return encode_number (*(const double *) place);
    case BS_FIELD_BOOLEAN:
      return json_boolean (*(const gboolean *) place);
    case BS_FIELD_DURATION:
      return *(const gint64 *) place >= field->least ? bs_encode_duration (*(const gint64 *) place) : NULL;
    case BS_FIELD_STRINGS:
      return bs_encode_strings (*(char **const *) place);
    case BS_FIELD_MAP:
      return encode_map (*(char **const *) place);
    case BS_FIELD_OBJECT:
      return encode_nested (self, field, place);
    case BS_FIELD_LIST:
    case BS_FIELD_ANY:
      break;
    }
  g_assert_not_reached (); /* is read by a function of its own */
}

json_t *
bs_encode_field (BsEncoder *self, const BsField *field, gconstpointer source)
{
  BsEncode encode = field->decode != NULL ? bs_encoder_find (field->decode) : NULL;
  gconstpointer owner = source;

  if ((field->flags & BS_FIELD_NOT_HERE) != 0)
    return NULL;
  if (field->part != NULL)
    source = *(gconstpointer const *) ((const char *) source + field->part->offset);
  if (source == NULL)
    return NULL;
  if (encode != NULL)
    return encode (self, field, field->offset == BS_FIELD_NOWHERE ? source : (const char *) source + field->offset,
                   owner);
  return field->offset == BS_FIELD_NOWHERE ? NULL
                                           : bs_encode_value (self, field, (const char *) source + field->offset);
}

static gboolean
is_default (const json_t *defaults, const BsField *field, json_t *value)
{
  return defaults != NULL && (field->flags & BS_FIELD_REQUIRED) == 0
         && json_equal (json_object_get (defaults, field->key), value);
}

/* A part that is there, but says nothing that its absence would not: its first field tells that it is there. */
static void
keep_part (BsEncoder *self, const BsField *fields, const BsField *of, gconstpointer source, json_t *object)
{
  for (const BsField *field = fields; field->key != NULL; field++)
    if (field->part == of->part && json_object_get (object, field->key) != NULL)
      return;
  for (const BsField *field = of; field->key != NULL; field++)
    {
      json_t *value = field->part == of->part ? bs_encode_field (self, field, source) : NULL;

      if (value == NULL)
        continue;
      json_object_set_new (object, field->key, value);
      return;
    }
}

static void
keep_parts (BsEncoder *self, const BsField *fields, gconstpointer source, json_t *object)
{
  const BsFieldPart *last = NULL;

  for (const BsField *field = fields; field->key != NULL; field++)
    if (field->part != NULL && field->part != last && field->type != BS_FIELD_OBJECT)
      {
        last = field->part;
        if (*(gconstpointer const *) ((const char *) source + last->offset) != NULL)
          keep_part (self, fields, field, source, object);
      }
}

json_t *
bs_encode_object (BsEncoder *self, const BsField *fields, gconstpointer source)
{
  gboolean all = self->bare || (self->flags & BS_TOPOLOGY_ENCODE_COMPLETE) != 0;
  const json_t *defaults = all ? NULL : g_hash_table_lookup (self->defaults, fields);
  json_t *object = json_object ();

  for (const BsField *field = fields; field->key != NULL; field++)
    {
      g_autoptr (json_t) value = bs_encode_field (self, field, source);

      if (value != NULL && !is_default (defaults, field, value))
        json_object_set (object, field->key, value);
    }
  if (!all)
    keep_parts (self, fields, source, object);
  return object;
}

json_t *
bs_topology_to_json (const BsTopology *self, BsTopologyEncodeFlags flags)
{
  BsEncoder encoder = { .topology = self, .flags = flags };
  json_t *object;

  encoder.defaults = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) json_decref);
  encoder.sizes = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < self->nodes->len; i++)
    {
      const BsTopologyNode *node = g_ptr_array_index (self->nodes, i);

      if (node->group != NULL)
        g_hash_table_insert (encoder.sizes, node->group, GUINT_TO_POINTER (node->group_size));
    }
  bs_encoder_add_defaults (&encoder);
  object = bs_encode_object (&encoder, bs_fields_topology, self);
  g_hash_table_unref (encoder.defaults);
  g_hash_table_unref (encoder.sizes);
  return object;
}

json_t *
bs_topology_presets_to_json (const BsTopology *self)
{
  BsEncoder encoder = { .topology = self };
  json_t *presets;
  GHashTableIter iter;
  gpointer name, conditions;

  if (self->presets == NULL || g_hash_table_size (self->presets) == 0)
    return NULL;
  encoder.defaults = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) json_decref);
  presets = json_object ();
  g_hash_table_iter_init (&iter, self->presets);
  while (g_hash_table_iter_next (&iter, &name, &conditions))
    json_object_set_new (presets, name, bs_encode_conditions (&encoder, conditions));
  g_hash_table_unref (encoder.defaults);
  return json_pack ("{s:o}", "presets", presets);
}

char *
bs_topology_to_yaml (const BsTopology *self, BsTopologyEncodeFlags flags)
{
  g_autoptr (json_t) object = bs_topology_to_json (self, flags);

  return bs_document_to_yaml (object);
}
