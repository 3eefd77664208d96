/* SPDX-License-Identifier: Apache-2.0 */
/* bs-document-path.c — paths into a topology, checked by the tables */
#include "bs-document-private.h"

#include "bs-error.h"
#include "bs-suggest.h"
#include "bs-text.h"

#include <string.h>

static void
part_clear (gpointer data)
{
  g_free (((BsPathPart *) data)->text);
}

void
bs_path_free (BsPath *self)
{
  if (self == NULL)
    return;
  g_free (self->text);
  g_array_unref (self->parts);
  g_free (self);
}

static void
add_part (BsPath *self, const char *text, gsize length, gboolean brackets)
{
  BsPathPart part = { .text = g_strndup (text, length), .brackets = brackets };

  g_array_append_val (self->parts, part);
}

/* The one network is the first of several. */
static void
add_key (BsPath *self, const char *text, gsize length)
{
  if (self->parts->len > 0 || length != strlen ("network") || strncmp (text, "network", length) != 0)
    {
      add_part (self, text, length, FALSE);
      return;
    }
  add_part (self, "networks", strlen ("networks"), FALSE);
  add_part (self, "0", 1, TRUE);
}

/* KEY, then any of ".KEY" and "[TEXT]". */
static gboolean
split (BsPath *self, const char *text)
{
  gsize length = strcspn (text, ".[]");

  while (length > 0)
    {
      add_key (self, text, length);
      text += length;
      while (*text == '[')
        {
          length = strcspn (text + 1, "]");
          if (length == 0 || text[1 + length] != ']')
            return FALSE;
          add_part (self, text + 1, length, TRUE);
          text += length + 2;
        }
      if (*text == '\0')
        return TRUE;
      length = *text == '.' ? strcspn (text + 1, ".[]") : 0;
      text++;
    }
  return FALSE;
}

static const BsField *
find_field (const BsField *fields, const char *key)
{
  for (; fields->key != NULL; fields++)
    if (strcmp (fields->key, key) == 0 && (fields->flags & BS_FIELD_NOT_HERE) == 0)
      return fields;
  return NULL;
}

static void
set_unknown (const BsPath *self, const BsField *fields, const char *key, GError **error)
{
  g_autofree char *hint = NULL;
  BsSuggest suggest;

  bs_suggest_init (&suggest, key);
  for (; fields->key != NULL; fields++)
    bs_suggest_offer (&suggest, fields->key);
  if (suggest.nearest != NULL)
    hint = g_strdup_printf ("did you mean '%s'?", suggest.nearest);
  bs_set_error (error, BS_ERROR_INVALID, hint != NULL ? hint : "docs/topology.md has all paths",
                "'%s': there is no field '%s'", self->text, key);
}

static gboolean
is_list (const BsField *field)
{
  return field->type == BS_FIELD_LIST || field->type == BS_FIELD_STRINGS;
}

/* What may stand below @part: FALSE with an error when @next cannot. */
static gboolean
descend (const BsPath *self, const BsPathPart *part, BsPathPart *next, GError **error)
{
  const BsField *field = part->field;

  if (field == NULL || field->type == BS_FIELD_ANY || (field->type == BS_FIELD_MAP && !part->element))
    return TRUE;
  if (next->brackets && is_list (field) && !part->element)
    {
      next->field = field;
      next->element = TRUE;
      return TRUE;
    }
  if (field->fields == NULL || next->brackets || (is_list (field) && !part->element))
    {
      bs_set_error (error, BS_ERROR_INVALID, is_list (field) && !part->element ? "write it as [0], or [NAME]" : NULL,
                    "'%s': there is nothing of that kind below '%s'", self->text, part->text);
      return FALSE;
    }
  next->field = find_field (field->fields, next->text);
  if (next->field == NULL)
    set_unknown (self, field->fields, next->text, error);
  return next->field != NULL;
}

/* As deep as a file may be. */
static gboolean
check_depth (const BsPath *self, GError **error)
{
  if (self->parts->len <= BS_YAML_DEPTH_MAX)
    return TRUE;
  bs_set_error (error, BS_ERROR_INVALID, NULL, "a path has at most %d parts", BS_YAML_DEPTH_MAX);
  return FALSE;
}

static gboolean
resolve (BsPath *self, GError **error)
{
  static const BsField root = { "topology", BS_FIELD_OBJECT, .fields = bs_fields_topology };
  BsPathPart above = { .text = (char *) "topology", .field = &root };

  for (guint i = 0; i < self->parts->len; i++)
    {
      BsPathPart *part = &g_array_index (self->parts, BsPathPart, i);

      if (!descend (self, &above, part, error))
        return FALSE;
      above = *part;
    }
  return TRUE;
}

/* Messages repeat it. */
static gboolean
is_clean (const char *text)
{
  if (!g_utf8_validate (text, -1, NULL))
    return FALSE;
  for (; *text != '\0'; text = g_utf8_next_char (text))
    if (bs_text_is_control (g_utf8_get_char (text)))
      return FALSE;
  return TRUE;
}

BsPath *
bs_path_parse (const char *text, GError **error)
{
  g_autoptr (BsPath) self = g_new0 (BsPath, 1);

  self->text = g_strdup (text);
  self->parts = g_array_new (FALSE, TRUE, sizeof (BsPathPart));
  g_array_set_clear_func (self->parts, part_clear);
  if (!is_clean (text) || !split (self, text))
    {
      g_autofree char *printable = bs_text_printable (text, strlen (text));
      const char *shown = g_strdelimit (printable, "\n\t", ' ');

      bs_set_error (error, BS_ERROR_INVALID, "write it as nodes[0].image, or nodes[NAME].image", "'%s' is no path",
                    shown);
      return NULL;
    }
  return check_depth (self, error) && resolve (self, error) ? g_steal_pointer (&self) : NULL;
}
