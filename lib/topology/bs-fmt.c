/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-fmt.h"

#include "bs-fmt-item.h"
#include "bs-text-tree.h"
#include "bs-typed-json.h"

#define TAKEN_AS_IT_IS "'validate' and 'up' take it as it is"

static int
append_text (const char *buffer, size_t size, void *text)
{
  g_string_append_len (text, buffer, (gssize) size);
  return 0;
}

static char *
json_text (const json_t *json)
{
  GString *text = g_string_new (NULL);

  json_dump_callback (json, append_text, text, JSON_INDENT (2) | JSON_REAL_PRECISION (17));
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}

static gboolean
is_too_large (gsize length, BsDiagnostics *diagnostics)
{
  if (length > BS_FMT_BYTES_MAX)
    bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, TAKEN_AS_IT_IS,
                        "the file has more than 8 MiB, too much to format");
  return length > BS_FMT_BYTES_MAX;
}

/* @left: how many there may be yet; returns: the first one that is too many, or NULL */
static const BsYamlNode *
find_surplus (const BsYamlNode *node, guint *left)
{
  const BsYamlNode *surplus = *left == 0 ? node : NULL;

  *left -= *left > 0;
  for (const BsYamlNode *part = node->kind == BS_YAML_SCALAR ? NULL : node->first; part != NULL && surplus == NULL;
       part = part->next)
    surplus = find_surplus (part, left);
  return surplus;
}

/* The document of @data with no more values than one can format; (transfer full) (nullable) */
static BsYamlTree *
read_tree (const char *data, gsize length, const BsField **fields, BsDiagnostics *diagnostics)
{
  g_autoptr (BsYamlTree) tree = NULL;
  const BsYamlNode *surplus;
  guint left = BS_FMT_VALUES_MAX;

  if (is_too_large (length, diagnostics))
    return NULL;
  tree = bs_text_tree_read (data, length, fields, diagnostics);
  surplus = tree != NULL ? find_surplus (bs_yaml_root (tree), &left) : NULL;
  if (surplus == NULL)
    return g_steal_pointer (&tree);
  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, surplus->line, surplus->column, surplus->length, TAKEN_AS_IT_IS,
                      "more than %d values, too many to format", BS_FMT_VALUES_MAX);
  return NULL;
}

/* (transfer full) (nullable) */
static BsYamlComments *
read_comments (const char *data, gsize length, BsDiagnostics *diagnostics)
{
  g_autoptr (BsYamlComments) comments = bs_yaml_comments_scan (data, length);
  const BsYamlComment *last;

  if (!comments->too_many)
    return g_steal_pointer (&comments);
  last = g_ptr_array_index (comments->comments, comments->comments->len - 1);
  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, last->at.line, last->at.column,
                      (guint) g_utf8_strlen (last->text, -1), TAKEN_AS_IT_IS,
                      "more than %d comments, too many to format", BS_YAML_COMMENTS_MAX);
  return NULL;
}

/* What is made on the way is gone before the result is checked. */
static char *
format (const char *data, gsize length, BsYamlComments **comments, char **digest, BsDiagnostics *diagnostics)
{
  const BsField *fields;
  g_autoptr (BsYamlTree) tree = read_tree (data, length, &fields, diagnostics);
  g_autoptr (BsFmtItems) items = NULL;

  if (tree == NULL || (*comments = read_comments (data, length, diagnostics)) == NULL)
    return NULL;
  *digest = bs_fmt_digest (bs_yaml_root (tree), fields);
  items = bs_fmt_items_new (bs_yaml_root (tree), fields, *comments);
  bs_fmt_attach (items, *comments);
  return bs_fmt_write (items);
}

char *
bs_fmt (const char *file, const char *data, gsize length, BsDiagnostics **diagnostics)
{
  g_autoptr (BsYamlComments) comments = NULL;
  g_autofree char *text = NULL, *digest = NULL;

  *diagnostics = bs_diagnostics_new (file);
  text = format (data, length, &comments, &digest, *diagnostics);
  if (text != NULL && !bs_fmt_check (text, digest, comments, *diagnostics))
    g_clear_pointer (&text, g_free);
  bs_diagnostics_quote (*diagnostics, data, length, BS_LINES_YAML);
  return g_steal_pointer (&text);
}

char *
bs_fmt_json (const char *file, const char *data, gsize length, BsDiagnostics **diagnostics)
{
  const BsField *fields;
  g_autoptr (BsYamlTree) tree = NULL;
  g_autoptr (json_t) json = NULL;
  g_autofree char *text = NULL;

  *diagnostics = bs_diagnostics_new (file);
  tree = read_tree (data, length, &fields, *diagnostics);
  if (tree != NULL)
    json = bs_typed_json (bs_yaml_root (tree), fields);
  g_clear_pointer (&tree, bs_yaml_tree_free);
  if (json != NULL)
    text = json_text (json);
  bs_diagnostics_quote (*diagnostics, data, length, BS_LINES_YAML);
  return g_steal_pointer (&text);
}
