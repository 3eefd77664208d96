/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-fmt.h"

#include "bs-text-tree.h"
#include "bs-fmt-item.h"
#include "bs-typed-json.h"

#include <string.h>

#define WIDTH 100       /* of a line with brackets */
#define WIDTH_ASIDE 120 /* with a comment behind it */
#define FLOW_LEVEL 2
#define FLOW_DEPTH 2
#define INDENT 2
#define KEY_MAX 1000 /* libyaml wants "?" before a key of more than 1024 characters */

#define TAKEN_AS_IT_IS "'validate' and 'up' take it as it is"

typedef struct
{
  GString *out;
  gsize begun; /* where the block began whose first line needs no empty one before it */
} Writer;

/* Characters so far in the last line. */
static guint
line_width (const GString *out)
{
  const char *line = memrchr (out->str, '\n', out->len);

  return (guint) g_utf8_strlen (line != NULL ? line + 1 : out->str, -1);
}

static gboolean
can_be_flow (const BsFmtItem *item, guint depth)
{
  if (item->is_block || item->has_comments)
    return FALSE;
  if (item->node->kind != BS_YAML_SCALAR && item->children->len > 0 && depth-- == 0)
    return FALSE;
  for (guint i = 0; i < item->children->len; i++)
    {
      const BsFmtItem *child = g_ptr_array_index (item->children, i);

      if (child->leading->len > 0 || child->aside != NULL || !can_be_flow (child, depth))
        return FALSE;
    }
  return TRUE;
}

static void
append_flow (GString *out, const BsFmtItem *item)
{
  gboolean mapping = item->node->kind == BS_YAML_MAPPING;

  if (item->node->kind == BS_YAML_SCALAR)
    {
      g_autofree char *text = bs_fmt_scalar (item->node, TRUE);

      g_string_append (out, text);
      return;
    }
  g_string_append_c (out, mapping ? '{' : '[');
  for (guint i = 0; i < item->children->len; i++)
    {
      const BsFmtItem *child = g_ptr_array_index (item->children, i);
      g_autofree char *key = mapping ? bs_fmt_scalar (child->node->key, TRUE) : NULL;

      g_string_append_printf (out, "%s%s%s", i > 0 ? ", " : "", mapping ? key : "", mapping ? ": " : "");
      append_flow (out, child);
    }
  g_string_append_c (out, mapping ? '}' : ']');
}

static gboolean
is_element (const BsFmtItem *item)
{
  return item->parent != NULL && item->parent->node->kind == BS_YAML_SEQUENCE;
}

/* Behind a key the comment stays in its line, whatever becomes of the value. An element's goes before it, so the
 * element must not be broken for its sake: it would come together again. */
static guint
aside_width (const BsFmtItem *item)
{
  return item->aside != NULL && !is_element (item) ? (guint) g_utf8_strlen (item->aside->text, -1) + 1 : 0;
}

/* @item in brackets, if it may be and fits behind what the line has; (transfer full) (nullable) */
static char *
flow_text (const BsFmtItem *item, guint level, guint width)
{
  GString *text;

  if (item->children->len > 0 && (level < FLOW_LEVEL || !can_be_flow (item, FLOW_DEPTH)))
    return NULL;
  if (item->has_comments)
    return NULL;
  text = g_string_new (NULL);
  append_flow (text, item);
  width += (guint) g_utf8_strlen (text->str, -1);
  if (item->children->len > 0 && (width > WIDTH || width + aside_width (item) > WIDTH_ASIDE))
    {
      g_string_free (text, TRUE);
      return NULL;
    }
  return g_string_free (text, FALSE);
}

static void
write_gap (Writer *self, gboolean wanted)
{
  if (wanted && self->out->len != self->begun)
    g_string_append_c (self->out, '\n');
}

static void
write_lines (Writer *self, const GPtrArray *comments, guint indent)
{
  for (guint i = 0; i < comments->len; i++)
    {
      const BsYamlComment *comment = g_ptr_array_index (comments, i);

      write_gap (self, comment->after_gap);
      g_string_append_printf (self->out, "%*s%s\n", (int) indent, "", comment->text);
    }
}

/* At its old column, if the line ends before that. */
static void
write_aside (Writer *self, const BsYamlComment *comment)
{
  guint width = line_width (self->out);

  if (comment != NULL)
    g_string_append_printf (self->out, "%*s%s",
                            comment->at.column > width + 2 ? (int) (comment->at.column - 1 - width) : 1, "",
                            comment->text);
}

static void write_children (Writer *self, const BsFmtItem *item, guint indent, guint level, gboolean first_here);

/* The comments before @item and before what begins on its line. */
static void
write_leading (Writer *self, const BsFmtItem *item, guint indent, guint level)
{
  g_autofree char *text = NULL;

  write_lines (self, item->leading, indent);
  if (item->parent == NULL || item->parent->node->kind != BS_YAML_SEQUENCE || item->children->len == 0)
    return;
  text = flow_text (item, level, indent + INDENT);
  if (text != NULL)
    return;
  if (item->aside != NULL)
    g_string_append_printf (self->out, "%*s%s\n", (int) indent, "", item->aside->text);
  write_leading (self, g_ptr_array_index (item->children, 0), indent, level + 1);
}

static void
write_value (Writer *self, const BsFmtItem *item, guint indent, guint level)
{
  gboolean element = is_element (item);
  g_autofree char *text = NULL;

  if (item->is_block)
    {
      bs_fmt_append_block (self->out, item->node->text, indent + INDENT,
                           item->aside != NULL ? item->aside->text : NULL);
      return;
    }
  if (item->node->kind == BS_YAML_SCALAR)
    text = bs_fmt_scalar (item->node, FALSE);
  else
    text = flow_text (item, level, line_width (self->out));
  if (text != NULL)
    {
      g_string_append (self->out, text);
      while (self->out->str[self->out->len - 1] == ' ')
        g_string_truncate (self->out, self->out->len - 1);
      write_aside (self, item->aside);
      g_string_append_c (self->out, '\n');
      return;
    }
  if (!element)
    {
      g_string_truncate (self->out, self->out->len - 1); /* the space after ':' */
      write_aside (self, item->aside);
      g_string_append_c (self->out, '\n');
    }
  write_children (self, item, indent + INDENT, level, element);
}

static void
write_key (Writer *self, const char *key, guint indent)
{
  if (g_utf8_strlen (key, -1) > KEY_MAX)
    g_string_append_printf (self->out, "? %s\n%*s: ", key, (int) indent, "");
  else
    g_string_append_printf (self->out, "%s: ", key);
}

/* @here: its line has begun, and its comments are written */
static void
write_item (Writer *self, const BsFmtItem *item, guint indent, guint level, gboolean here)
{
  gboolean element = is_element (item);
  g_autofree char *key = element ? NULL : bs_fmt_scalar (item->node->key, TRUE);

  if (!here)
    {
      const BsYamlComment *last = item->leading->len > 0 ? item->leading->pdata[item->leading->len - 1] : NULL;

      write_gap (self, last == NULL && item->after_gap);
      write_leading (self, item, indent, level);
      write_gap (self, last != NULL && item->after_gap);
      g_string_append_printf (self->out, "%*s", (int) indent, "");
    }
  if (element)
    g_string_append (self->out, "- ");
  else
    write_key (self, key, indent);
  write_value (self, item, indent, level);
}

/* @first_here: the first one goes on in the line of its list's dash */
static void
write_children (Writer *self, const BsFmtItem *item, guint indent, guint level, gboolean first_here)
{
  self->begun = self->out->len;
  for (guint i = 0; i < item->children->len; i++)
    write_item (self, g_ptr_array_index (item->children, i), indent, level + 1, i == 0 && first_here);
  write_lines (self, item->tail, indent);
}

static char *
write_document (const BsFmtItems *items)
{
  Writer self = { .out = g_string_new (NULL) };

  write_lines (&self, items->header, 0);
  if (items->header->len > 0)
    g_string_append_c (self.out, '\n');
  write_children (&self, items->root, 0, 0, FALSE);
  return g_string_free (self.out, FALSE);
}

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
  return write_document (items);
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
