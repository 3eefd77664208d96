/* SPDX-License-Identifier: Apache-2.0 */
/* bs-fmt-write.c — items as lines, in brackets where they fit */
#include "bs-fmt-item.h"

#include <string.h>

#define WIDTH 100       /* of a line with brackets */
#define WIDTH_ASIDE 120 /* with a comment behind it */
#define FLOW_LEVEL 2
#define FLOW_DEPTH 2
#define INDENT 2
#define KEY_MAX 1000 /* libyaml wants "?" before a key of more than 1024 characters */

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

char *
bs_fmt_write (const BsFmtItems *items)
{
  Writer self = { .out = g_string_new (NULL) };

  write_lines (&self, items->header, 0);
  if (items->header->len > 0)
    g_string_append_c (self.out, '\n');
  write_children (&self, items->root, 0, 0, FALSE);
  return g_string_free (self.out, FALSE);
}
