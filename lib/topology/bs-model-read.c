/* SPDX-License-Identifier: Apache-2.0 */
/* bs-model-read.c — what a model says, by paths or as a whole */
#include "bs-model-private.h"

#include "bs-document.h"
#include "bs-error.h"
#include "bs-time.h"
#include "bs-topology-encode.h"

/* (transfer none) NULL with %BS_ERROR_INVALID when it has no complete view */
static const json_t *
view_of (BsModel *self, BsModelView view, GError **error)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsTopology) topology = NULL;

  if (view == BS_MODEL_WRITTEN)
    return self->document;
  if (self->complete != NULL)
    return self->complete;
  topology = bs_model_topology (self, NULL, &diagnostics);
  if (topology == NULL)
    bs_diagnostics_to_error (diagnostics, error);
  else
    self->complete = bs_topology_to_json (topology, BS_TOPOLOGY_ENCODE_COMPLETE);
  return self->complete;
}

/* (transfer none) */
static const json_t *
find (BsModel *self, BsModelView view, const char *path, GError **error)
{
  const json_t *document = view_of (self, view, error);
  g_autoptr (BsPath) parsed = NULL;

  if (document == NULL || *path == '\0')
    return document;
  parsed = bs_path_parse (path, error);
  return parsed != NULL ? bs_document_get (document, parsed, error) : NULL;
}

static BsModelType
type_of (const json_t *value)
{
  switch (json_typeof (value))
    {
    case JSON_OBJECT:
      return BS_MODEL_MAPPING;
    case JSON_ARRAY:
      return BS_MODEL_LIST;
    case JSON_INTEGER:
      return BS_MODEL_INTEGER;
    case JSON_REAL:
      return BS_MODEL_NUMBER;
    case JSON_TRUE:
    case JSON_FALSE:
      return BS_MODEL_BOOLEAN;
    default:
      return BS_MODEL_TEXT;
    }
}

/* The value at @path when it is of that type. */
static const json_t *
find_typed (BsModel *self, BsModelView view, const char *path, BsModelType type, GError **error)
{
  static const char *const names[] = {
    [BS_MODEL_TEXT] = "a text",       [BS_MODEL_INTEGER] = "an integer", [BS_MODEL_NUMBER] = "a number",
    [BS_MODEL_BOOLEAN] = "a boolean", [BS_MODEL_LIST] = "a list",        [BS_MODEL_MAPPING] = "a mapping",
  };
  const json_t *value = find (self, view, path, error);
  BsModelType found = value != NULL ? type_of (value) : type;

  if (found == type || (type == BS_MODEL_NUMBER && found == BS_MODEL_INTEGER))
    return value;
  bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' is %s, not %s", path, names[found], names[type]);
  return NULL;
}

gboolean
bs_model_type (BsModel *self, BsModelView view, const char *path, BsModelType *type, GError **error)
{
  const json_t *value = find (self, view, path, error);

  if (value != NULL)
    *type = type_of (value);
  return value != NULL;
}

gboolean
bs_model_count (BsModel *self, BsModelView view, const char *path, guint *count, GError **error)
{
  g_autoptr (GError) local = NULL;
  const json_t *value = find (self, view, path, &local);

  if (value == NULL && !g_error_matches (local, BS_ERROR, BS_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (value != NULL && !json_is_array (value) && !json_is_object (value))
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' is neither a list nor a mapping", path);
      return FALSE;
    }
  *count = (guint) (json_array_size (value) + json_object_size (value));
  return TRUE;
}

char *
bs_model_key (BsModel *self, BsModelView view, const char *path, guint index, GError **error)
{
  const json_t *object = find_typed (self, view, path, BS_MODEL_MAPPING, error);
  const char *key;
  json_t *value;
  guint i = 0;

  json_object_foreach ((json_t *) object, key, value) if (i++ == index) return g_strdup (key);
  if (object != NULL)
    bs_set_error (error, BS_ERROR_NOT_FOUND, NULL, "'%s' has %u keys", path, i);
  return NULL;
}

char *
bs_model_get_text (BsModel *self, BsModelView view, const char *path, GError **error)
{
  return g_strdup (json_string_value (find_typed (self, view, path, BS_MODEL_TEXT, error)));
}

gboolean
bs_model_get_integer (BsModel *self, BsModelView view, const char *path, gint64 *value, GError **error)
{
  const json_t *found = find_typed (self, view, path, BS_MODEL_INTEGER, error);

  if (found != NULL)
    *value = json_integer_value (found);
  return found != NULL;
}

gboolean
bs_model_get_number (BsModel *self, BsModelView view, const char *path, double *value, GError **error)
{
  const json_t *found = find_typed (self, view, path, BS_MODEL_NUMBER, error);

  if (found != NULL)
    *value = json_number_value (found);
  return found != NULL;
}

gboolean
bs_model_get_boolean (BsModel *self, BsModelView view, const char *path, gboolean *value, GError **error)
{
  const json_t *found = find_typed (self, view, path, BS_MODEL_BOOLEAN, error);

  if (found != NULL)
    *value = json_is_true (found);
  return found != NULL;
}

gboolean
bs_model_get_duration (BsModel *self, BsModelView view, const char *path, gint64 *usec, GError **error)
{
  const json_t *found = find_typed (self, view, path, BS_MODEL_TEXT, error);

  if (found == NULL)
    return FALSE;
  if (bs_time_parse_duration (json_string_value (found), usec))
    return TRUE;
  bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' is no duration", path);
  return FALSE;
}

char *
bs_model_get_json (BsModel *self, BsModelView view, const char *path, GError **error)
{
  const json_t *found = find (self, view, path, error);

  return found != NULL ? json_dumps (found, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
}

char *
bs_model_to_json (BsModel *self, BsModelView view, GError **error)
{
  return bs_model_get_json (self, view, "", error);
}

char *
bs_model_to_yaml (BsModel *self, BsModelView view, GError **error)
{
  const json_t *document = view_of (self, view, error);

  return document != NULL ? bs_document_to_yaml (document) : NULL;
}
