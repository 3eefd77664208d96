/* SPDX-License-Identifier: Apache-2.0 */
/* bs-document-yaml.c — a document as a file; its values have no variables, so what looks like one is escaped */
#include "bs-document.h"

#include "bs-decode.h"
#include "bs-yaml-write.h"

#include <string.h>

static const BsField *
find_field (const BsField *fields, const char *key)
{
  for (; fields != NULL && fields->key != NULL; fields++)
    if (strcmp (fields->key, key) == 0)
      return fields;
  return NULL;
}

static json_t *
escape_text (const json_t *text)
{
  g_auto (GStrv) parts = g_strsplit (json_string_value (text), "${", -1);
  g_autofree char *escaped = g_strjoinv ("$${", parts);

  return json_string (escaped);
}

/* As bs_variables_expand() looks at it. @fields: (nullable) */
static json_t *
escape (const json_t *value, const BsField *fields)
{
  const char *key;
  json_t *part, *copy;
  size_t i;

  if (json_is_string (value))
    return escape_text (value);
  if (!json_is_object (value) && !json_is_array (value))
    return json_deep_copy (value);
  copy = json_is_object (value) ? json_object () : json_array ();
  json_array_foreach (value, i, part) json_array_append_new (copy, escape (part, fields));
  json_object_foreach ((json_t *) value, key, part)
  {
    const BsField *field = find_field (fields, key);

    json_object_set_new (copy, key,
                         field != NULL && field->command ? json_deep_copy (part)
                                                         : escape (part, field != NULL ? field->fields : NULL));
  }
  return copy;
}

char *
bs_document_to_yaml (const json_t *document)
{
  g_autoptr (json_t) escaped = escape (document, bs_fields_topology);

  return bs_yaml_write (escaped, NULL);
}
