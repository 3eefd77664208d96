/* SPDX-License-Identifier: Apache-2.0 */
/* bs-document.c — values of a document, by their paths */
#include "bs-document-private.h"

#include "bs-error.h"
#include "bs-suggest.h"

#include <string.h>

static BsPathPart *
nth (const BsPath *path, guint i)
{
  return &g_array_index (path->parts, BsPathPart, i);
}

static gboolean
is_place (const char *text)
{
  return *text != '\0' && strlen (text) < 10 && strspn (text, "0123456789") == strlen (text);
}

/* The place of the element that @text tells: by number, or by the name that it has; the length when there is none. */
static gsize
find_place (const json_t *list, const char *text)
{
  json_t *element;
  size_t i;

  if (is_place (text))
    return MIN (g_ascii_strtoull (text, NULL, 10), json_array_size (list));
  json_array_foreach (list, i, element) if (strcmp (bs_json_string (element, "name", ""), text) == 0) return i;
  return json_array_size (list);
}

static json_t *
child (const json_t *value, const BsPathPart *part)
{
  if (json_is_array (value) && part->brackets)
    return json_array_get (value, find_place (value, part->text));
  return json_object_get (value, part->text);
}

static void
set_missing (const BsPath *path, const json_t *above, const BsPathPart *part, GError **error)
{
  g_autofree char *hint = NULL;
  BsSuggest suggest;
  json_t *element;
  size_t i;

  bs_suggest_init (&suggest, part->text);
  json_array_foreach (above, i, element) bs_suggest_offer (&suggest, bs_json_string (element, "name", ""));
  if (json_is_array (above) && suggest.nearest != NULL && !is_place (part->text))
    hint = g_strdup_printf ("did you mean '%s'?", suggest.nearest);
  else if (json_array_size (above) > 0 && is_place (part->text))
    hint = g_strdup_printf ("the last one is [%" G_GSIZE_FORMAT "]", json_array_size (above) - 1);
  bs_set_error (error, BS_ERROR_NOT_FOUND, hint, "'%s': nothing says '%s'", path->text, part->text);
}

json_t *
bs_document_get (const json_t *document, const BsPath *path, GError **error)
{
  const json_t *value = document;

  for (guint i = 0; i < path->parts->len; i++)
    {
      const json_t *above = value;

      value = child (value, nth (path, i));
      if (value == NULL)
        {
          set_missing (path, above, nth (path, i), error);
          return NULL;
        }
    }
  return (json_t *) value;
}

/* What has the next part: a list, or a mapping. */
static gboolean
will_be_list (const BsPath *path, guint i)
{
  const BsPathPart *next = nth (path, i + 1);

  return next->element || (next->brackets && next->field == NULL && is_place (next->text));
}

/* Puts @value (transfer full) where @part says in @above. */
static void
put (json_t *above, const BsPathPart *part, json_t *value)
{
  gsize place = json_is_array (above) ? find_place (above, part->text) : 0;

  if (json_is_object (above))
    json_object_set_new (above, part->text, value);
  else if (place < json_array_size (above))
    json_array_set_new (above, place, value);
  else
    json_array_append_new (above, value);
}

/* The only network has a name when nobody gives it one. */
static void
name_network (json_t *document)
{
  json_t *first = json_array_get (json_object_get (document, "networks"), 0);

  if (json_is_object (first) && json_object_get (first, "name") == NULL)
    json_object_set_new (first, "name", json_string ("lab"));
}

static void
set_in (json_t *document, const BsPath *path, json_t *value)
{
  json_t *above = document;

  for (guint i = 0; i + 1 < path->parts->len; i++)
    {
      if (child (above, nth (path, i)) == NULL)
        put (above, nth (path, i), will_be_list (path, i) ? json_array () : json_object ());
      above = child (above, nth (path, i));
    }
  put (above, nth (path, path->parts->len - 1), value);
}

/* Whether all that is missing on the way can be made, so that nothing is changed when it cannot. */
static gboolean
check_way (const json_t *document, const BsPath *path, GError **error)
{
  const json_t *above = document;
  gboolean list = FALSE; /* what is not there yet will be one */

  for (guint i = 0; i < path->parts->len; i++)
    {
      const BsPathPart *part = nth (path, i);
      gsize length = json_array_size (above);
      gboolean good = json_is_array (above) || list
                          ? find_place (above, part->text) < length
                                || (is_place (part->text) && g_ascii_strtoull (part->text, NULL, 10) == length)
                          : above == NULL || json_is_object (above);

      if (!good)
        {
          set_missing (path, above, part, error);
          return FALSE;
        }
      above = child (above, part);
      list = above == NULL && i + 1 < path->parts->len && will_be_list (path, i);
    }
  return TRUE;
}

static gboolean
change (json_t *document, const BsPath *path, json_t *value, GError **error)
{
  if (!check_way (document, path, error))
    {
      json_decref (value);
      return FALSE;
    }
  set_in (document, path, value);
  if (g_str_has_prefix (path->text, "network.") || strcmp (path->text, "network") == 0)
    name_network (document);
  return TRUE;
}

gboolean
bs_document_set (json_t *document, const BsPath *path, json_t *value, GError **error)
{
  if (bs_document_check (path, value, error))
    return change (document, path, value, error);
  json_decref (value);
  return FALSE;
}

gboolean
bs_document_append (json_t *document, const BsPath *path, json_t *given, GError **error)
{
  const json_t *list = bs_document_get (document, path, NULL);
  g_autofree char *text = g_strdup_printf ("%s[%" G_GSIZE_FORMAT "]", path->text, json_array_size (list));
  g_autoptr (json_t) value = given;
  g_autoptr (BsPath) element = NULL;

  if (list != NULL && !json_is_array (list))
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' is no list", path->text);
      return FALSE;
    }
  element = bs_path_parse (text, error);
  return element != NULL && bs_document_set (document, element, g_steal_pointer (&value), error);
}

gboolean
bs_document_remove (json_t *document, const BsPath *path, GError **error)
{
  const BsPathPart *last = nth (path, path->parts->len - 1);
  json_t *above = document;

  if (bs_document_get (document, path, error) == NULL)
    return FALSE;
  for (guint i = 0; i + 1 < path->parts->len; i++)
    above = child (above, nth (path, i));
  if (json_is_array (above))
    return json_array_remove (above, find_place (above, last->text)) == 0;
  return json_object_del (above, last->text) == 0;
}
