/* SPDX-License-Identifier: Apache-2.0 */
/* bs-model.c — the public model: a document of typed values that becomes a topology when it is asked for */
#include "bs-model-private.h"

#include "bs-document.h"
#include "bs-error.h"
#include "bs-time.h"
#include "bs-topology-encode.h"

#include <string.h>

static BsModel *
model_new (const char *file, json_t *document)
{
  BsModel *self = g_new0 (BsModel, 1);

  self->file = g_strdup (file);
  self->document = document;
  return self;
}

BsModel *
bs_model_new (const char *name, GError **error)
{
  g_autofree char *file = g_strconcat (name, ".yaml", NULL);
  g_autoptr (BsModel) self = model_new (file, json_object ());

  return bs_model_set_text (self, "metadata.name", name, error) ? g_steal_pointer (&self) : NULL;
}

void
bs_model_free (BsModel *self)
{
  if (self == NULL)
    return;
  g_free (self->file);
  json_decref (self->document);
  json_decref (self->complete);
  g_free (self);
}

/* Takes both. */
static BsModel *
take (const char *file, BsTopology *taken, BsDiagnostics *diagnostics, BsProblems **problems, GError **error)
{
  g_autoptr (BsTopology) topology = taken;
  BsProblems *told;

  if (topology == NULL)
    bs_diagnostics_to_error (diagnostics, error);
  told = bs_problems_new (diagnostics);
  if (problems != NULL)
    *problems = told;
  else
    bs_problems_free (told);
  return topology != NULL ? model_new (file, bs_topology_to_json (topology, BS_TOPOLOGY_ENCODE_SHORT)) : NULL;
}

static BsTopologyLoadOptions
load_options (const BsModelOptions *options)
{
  BsTopologyLoadOptions load = { 0 };

  if (options == NULL)
    return load;
  load.variables = options->variables;
  load.expand_commands = options->expand_commands;
  return load;
}

BsModel *
bs_model_load (const char *path, const BsModelOptions *options, BsProblems **problems, GError **error)
{
  const BsTopologyLoadOptions load = load_options (options);
  BsDiagnostics *diagnostics = NULL;
  BsTopology *topology = bs_topology_load_full (path, &load, &diagnostics);

  return take (path, topology, diagnostics, problems, error);
}

BsModel *
bs_model_parse (const char *file, const char *data, gssize length, const BsModelOptions *options, BsProblems **problems,
                GError **error)
{
  const BsTopologyLoadOptions load = load_options (options);
  const char *name = file != NULL ? file : "topology.yaml";
  BsDiagnostics *diagnostics = NULL;
  BsTopology *topology
      = bs_topology_parse_full (name, data, length < 0 ? strlen (data) : (gsize) length, &load, &diagnostics);

  return take (name, topology, diagnostics, problems, error);
}

BsTopology *
bs_model_topology (BsModel *self, char **text, BsDiagnostics **diagnostics)
{
  static const char *const nothing[] = { NULL };
  const BsTopologyLoadOptions options = { .environment = nothing };
  g_autofree char *yaml = bs_document_to_yaml (self->document);
  BsTopology *topology = bs_topology_parse_full (self->file, yaml, strlen (yaml), &options, diagnostics);

  if (text != NULL)
    *text = g_steal_pointer (&yaml);
  return topology;
}

BsProblems *
bs_model_validate (BsModel *self)
{
  BsDiagnostics *diagnostics = NULL;
  g_autoptr (BsTopology) topology = bs_model_topology (self, NULL, &diagnostics);
  g_autoptr (BsDiagnostics) refused = topology != NULL ? bs_topology_refusals (topology, BS_DIAGNOSTIC_WARNING) : NULL;

  for (guint i = 0; refused != NULL && i < refused->items->len; i++)
    {
      const BsDiagnostic *item = g_ptr_array_index (refused->items, i);

      bs_diagnostics_add (diagnostics, item->severity, item->line, item->column, item->length, item->hint, "%s",
                          item->message);
    }
  bs_diagnostics_sort (diagnostics);
  return bs_problems_new (diagnostics);
}

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
