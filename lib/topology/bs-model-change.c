/* SPDX-License-Identifier: Apache-2.0 */
/* bs-model-change.c — what is set, added and removed in a model */
#include "bs-model-private.h"

#include "bs-document.h"
#include "bs-error.h"
#include "bs-topology-encoder.h"

#include <math.h>
#include <string.h>

static gboolean
apply (BsModel *self, const char *path, json_t *value, gboolean add, GError **error)
{
  g_autoptr (json_t) given = value;
  g_autoptr (BsPath) parsed = given != NULL ? bs_path_parse (path, error) : NULL;

  if (parsed == NULL)
    return FALSE;
  g_clear_pointer (&self->complete, json_decref);
  if (add)
    return bs_document_append (self->document, parsed, g_steal_pointer (&given), error);
  return bs_document_set (self->document, parsed, g_steal_pointer (&given), error);
}

/* (nullable) */
static json_t *
make_text (const char *path, const char *text, GError **error)
{
  if (g_utf8_validate (text, -1, NULL))
    return json_string (text);
  bs_set_error (error, BS_ERROR_INVALID, NULL, "the text for '%s' is not UTF-8", path);
  return NULL;
}

static json_t *
make_json (const char *path, const char *text, GError **error)
{
  g_autofree char *wrapped = g_strdup_printf ("[%s]", text);
  g_autoptr (json_t) list = bs_json_load (wrapped, strlen (wrapped), error);

  if (list != NULL && json_array_size (list) == 1)
    return json_incref (json_array_get (list, 0));
  if (list != NULL)
    bs_set_error (error, BS_ERROR_INVALID, NULL, "one value is needed for '%s'", path);
  else if (error != NULL)
    {
      (*error)->code = BS_ERROR_INVALID;
      g_prefix_error (error, "the value for '%s' is ", path);
    }
  return NULL;
}

gboolean
bs_model_set_text (BsModel *self, const char *path, const char *value, GError **error)
{
  return apply (self, path, make_text (path, value, error), FALSE, error);
}

gboolean
bs_model_set_integer (BsModel *self, const char *path, gint64 value, GError **error)
{
  return apply (self, path, json_integer (value), FALSE, error);
}

gboolean
bs_model_set_number (BsModel *self, const char *path, double value, GError **error)
{
  if (!isfinite (value))
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' must be a finite number", path);
      return FALSE;
    }
  return apply (self, path, json_real (value), FALSE, error);
}

gboolean
bs_model_set_boolean (BsModel *self, const char *path, gboolean value, GError **error)
{
  return apply (self, path, json_boolean (value), FALSE, error);
}

gboolean
bs_model_set_duration (BsModel *self, const char *path, gint64 usec, GError **error)
{
  if (usec < 0)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' cannot be negative", path);
      return FALSE;
    }
  return apply (self, path, bs_encode_duration (usec), FALSE, error);
}

gboolean
bs_model_set_json (BsModel *self, const char *path, const char *json, GError **error)
{
  return apply (self, path, make_json (path, json, error), FALSE, error);
}

gboolean
bs_model_add_json (BsModel *self, const char *path, const char *json, guint *index, GError **error)
{
  guint count = 0;

  if (!apply (self, path, make_json (path, json, error), TRUE, error))
    return FALSE;
  bs_model_count (self, BS_MODEL_WRITTEN, path, &count, NULL);
  if (index != NULL)
    *index = count - 1;
  return TRUE;
}

gboolean
bs_model_add_text (BsModel *self, const char *path, const char *value, GError **error)
{
  return apply (self, path, make_text (path, value, error), TRUE, error);
}

gboolean
bs_model_remove (BsModel *self, const char *path, GError **error)
{
  g_autoptr (BsPath) parsed = bs_path_parse (path, error);

  if (parsed == NULL)
    return FALSE;
  g_clear_pointer (&self->complete, json_decref);
  return bs_document_remove (self->document, parsed, error);
}
