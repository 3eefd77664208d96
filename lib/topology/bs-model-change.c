/* SPDX-License-Identifier: Apache-2.0 */
/* bs-model-change.c — what is set, added and removed in a model */
#include "bs-model-private.h"

#include "bs-document.h"
#include "bs-error.h"
#include "bs-topology-encoder.h"

#include <math.h>
#include <string.h>

/* @value: (transfer full) (nullable): NULL when @error tells why there is none; @path is good, or NULL with an error */
static gboolean
apply (BsModel *self, const BsPath *path, json_t *value, gboolean add, GError **error)
{
  if (path == NULL || value == NULL)
    {
      json_decref (value);
      return FALSE;
    }
  g_clear_pointer (&self->complete, json_decref);
  return add ? bs_document_append (self->document, path, value, error)
             : bs_document_set (self->document, path, value, error);
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
  g_autoptr (BsPath) parsed = bs_path_parse (path, error);

  return apply (self, parsed, parsed != NULL ? make_text (path, value, error) : NULL, FALSE, error);
}

gboolean
bs_model_set_integer (BsModel *self, const char *path, gint64 value, GError **error)
{
  g_autoptr (BsPath) parsed = bs_path_parse (path, error);

  return apply (self, parsed, json_integer (value), FALSE, error);
}

gboolean
bs_model_set_number (BsModel *self, const char *path, double value, GError **error)
{
  g_autoptr (BsPath) parsed = bs_path_parse (path, error);

  if (parsed != NULL && !isfinite (value))
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' must be a finite number", path);
      return FALSE;
    }
  return apply (self, parsed, json_real (value), FALSE, error);
}

gboolean
bs_model_set_boolean (BsModel *self, const char *path, gboolean value, GError **error)
{
  g_autoptr (BsPath) parsed = bs_path_parse (path, error);

  return apply (self, parsed, json_boolean (value), FALSE, error);
}

gboolean
bs_model_set_duration (BsModel *self, const char *path, gint64 usec, GError **error)
{
  g_autoptr (BsPath) parsed = bs_path_parse (path, error);

  if (parsed != NULL && usec < 0)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' cannot be negative", path);
      return FALSE;
    }
  return apply (self, parsed, parsed != NULL ? bs_encode_duration (usec) : NULL, FALSE, error);
}

gboolean
bs_model_set_json (BsModel *self, const char *path, const char *json, GError **error)
{
  g_autoptr (BsPath) parsed = bs_path_parse (path, error);

  return apply (self, parsed, parsed != NULL ? make_json (path, json, error) : NULL, FALSE, error);
}

gboolean
bs_model_add_json (BsModel *self, const char *path, const char *json, guint *index, GError **error)
{
  g_autoptr (BsPath) parsed = bs_path_parse (path, error);
  guint count = 0;

  if (!apply (self, parsed, parsed != NULL ? make_json (path, json, error) : NULL, TRUE, error))
    return FALSE;
  bs_model_count (self, BS_MODEL_WRITTEN, path, &count, NULL);
  if (index != NULL)
    *index = count - 1;
  return TRUE;
}

gboolean
bs_model_add_text (BsModel *self, const char *path, const char *value, GError **error)
{
  g_autoptr (BsPath) parsed = bs_path_parse (path, error);

  return apply (self, parsed, parsed != NULL ? make_text (path, value, error) : NULL, TRUE, error);
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
