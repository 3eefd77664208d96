/* SPDX-License-Identifier: Apache-2.0 */
/* bs-yaml.c — libyaml's events to a tree, with the limits and checks that libyaml does not make
 *
 * Bounded by design: aliases are refused, so the tree is never larger than the file says; depth and number of values
 * are limited; duplicate keys are found by sorting, so that no choice of keys makes that slow. Nodes and texts live in
 * one arena and go all at once. A syntax error ends the reading, for libyaml cannot go on after one; all else is
 * collected.
 */
#include "bs-yaml-tree.h"

#include <string.h>
#include <yaml.h>

#define LENGTH_MAX 511

typedef struct
{
  BsYamlNode *node, *last, *key;
  guint count;
} Frame;

typedef struct
{
  BsYamlTree *tree;
  BsDiagnostics *diagnostics;
  gsize memory_most;
  Frame frames[BS_YAML_DEPTH_MAX];
  guint depth;
  guint properties; /* anchors and tags met */
} Builder;

/* Fewer errors than bs-diagnostic.h keeps, so that the last one is told. */
#define PROPERTIES_MAX 500

static void G_GNUC_PRINTF (4, 5)
    report (Builder *self, const yaml_mark_t *mark, const char *hint, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  bs_diagnostics_add (self->diagnostics, BS_DIAGNOSTIC_ERROR, (guint) mark->line + 1, (guint) mark->column + 1, 1, hint,
                      "%s", message);
}

static guint
event_length (const yaml_event_t *event)
{
  if (event->type != YAML_SCALAR_EVENT || event->start_mark.line != event->end_mark.line)
    return 1;
  return (guint) CLAMP (event->end_mark.index - event->start_mark.index, 1, G_MAXINT16);
}

/* A key has neither successor nor key, and is cut short before them. */
static BsYamlNode *
node_new (Builder *self, BsYamlKind kind, const yaml_event_t *event)
{
  const Frame *frame = self->depth > 0 ? &self->frames[self->depth - 1] : NULL;
  gboolean is_key
      = kind == BS_YAML_SCALAR && frame != NULL && frame->node->kind == BS_YAML_MAPPING && frame->key == NULL;
  gsize size = is_key ? G_STRUCT_OFFSET (BsYamlNode, next) : sizeof (BsYamlNode);
  BsYamlNode *node = bs_yaml_tree_take (self->tree, size, G_ALIGNOF (BsYamlNode));

  memset (node, 0, size);
  node->kind = kind;
  node->line = (guint) event->start_mark.line + 1;
  node->column = (guint) event->start_mark.column + 1;
  node->length = event_length (event);
  return node;
}

static BsYamlNode *
scalar_new (Builder *self, const yaml_event_t *event)
{
  BsYamlNode *node = node_new (self, BS_YAML_SCALAR, event);
  const char *text = (const char *) event->data.scalar.value;
  gsize length = event->data.scalar.length;

  node->text = bs_yaml_tree_text (self->tree, text, length);
  node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
  if (memchr (text, '\0', length) != NULL)
    report (self, &event->start_mark, "remove the \\0", "a NUL character is not allowed");
  return node;
}

static void
finish_container (Builder *self)
{
  Frame *frame = &self->frames[--self->depth];

  if (frame->node->kind != BS_YAML_MAPPING)
    return;
  if (frame->count > 1)
    bs_yaml_drop_duplicates (frame->node, self->diagnostics);
}

/* Puts a value where it belongs: root, next element, key or value. */
static gboolean
attach (Builder *self, BsYamlNode *node, const yaml_event_t *event)
{
  Frame *frame = self->depth > 0 ? &self->frames[self->depth - 1] : NULL;

  if (self->tree->taken > self->memory_most)
    {
      report (self, &event->start_mark, "split the file", "too many values for one file");
      return FALSE;
    }
  if (frame == NULL)
    {
      self->tree->root = node;
      return TRUE;
    }
  if (frame->node->kind == BS_YAML_MAPPING && frame->key == NULL)
    {
      if (node->kind != BS_YAML_SCALAR)
        {
          report (self, &event->start_mark, "quote the text if it begins with '[' or '{'",
                  "a key must be a word, not a list or mapping");
          return FALSE;
        }
      frame->key = node;
      return TRUE;
    }
  node->key = g_steal_pointer (&frame->key);
  if (frame->last == NULL)
    frame->node->first = node;
  else
    frame->last->next = node;
  frame->last = node;
  frame->count++;
  return TRUE;
}

static gboolean
begin_container (Builder *self, BsYamlKind kind, const yaml_event_t *event)
{
  BsYamlNode *node = node_new (self, kind, event);

  if (!attach (self, node, event))
    return FALSE;
  if (self->depth == BS_YAML_DEPTH_MAX)
    {
      report (self, &event->start_mark, NULL, "nested deeper than %d levels", BS_YAML_DEPTH_MAX);
      return FALSE;
    }
  self->frames[self->depth++] = (Frame){ .node = node };
  return TRUE;
}

/* An anchor, alias or tag as written; both may hold any characters. */
static void
report_property (Builder *self, const yaml_event_t *event, const char *what, const yaml_char_t *text, const char *hint)
{
  g_autofree char *shown = bs_yaml_show_text ((const char *) text);

  report (self, &event->start_mark, hint, "%s are not allowed: %s", what, shown);
}

/* Anchors and tags of a value: refused, but one can read on, unless there are more than anybody mends one by one. */
static gboolean
check_properties (Builder *self, const yaml_event_t *event, const yaml_char_t *anchor, const yaml_char_t *tag)
{
  if (anchor != NULL)
    report_property (self, event, "anchors", anchor, "write the value out where it is used, or put the text in quotes");
  if (tag != NULL)
    report_property (self, event, "tags", tag, "remove it: each field has its own type");
  self->properties += anchor != NULL || tag != NULL;
  if (self->properties < PROPERTIES_MAX)
    return TRUE;
  report (self, &event->start_mark, NULL, "too many anchors and tags: what follows is not read");
  return FALSE;
}

/* Takes one event. FALSE: nothing more can be read. */
static gboolean
take_event (Builder *self, const yaml_event_t *event)
{
  switch (event->type)
    {
    case YAML_SCALAR_EVENT:
      return check_properties (self, event, event->data.scalar.anchor, event->data.scalar.tag)
             && attach (self, scalar_new (self, event), event);
    case YAML_SEQUENCE_START_EVENT:
      return check_properties (self, event, event->data.sequence_start.anchor, event->data.sequence_start.tag)
             && begin_container (self, BS_YAML_SEQUENCE, event);
    case YAML_MAPPING_START_EVENT:
      return check_properties (self, event, event->data.mapping_start.anchor, event->data.mapping_start.tag)
             && begin_container (self, BS_YAML_MAPPING, event);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
      finish_container (self);
      return TRUE;
    case YAML_ALIAS_EVENT:
      report_property (self, event, "aliases", event->data.alias.anchor,
                       "write the value out, or put the text in quotes");
      return FALSE;
    case YAML_DOCUMENT_START_EVENT:
      if (self->tree->root == NULL)
        return TRUE;
      report (self, &event->start_mark, "keep one document per file", "a second document begins here");
      return FALSE;
    default:
      return TRUE;
    }
}

/* What libyaml says of a syntax error, with a cure for the ones that people meet. */
static void
report_syntax (Builder *self, const yaml_parser_t *parser, const char *data, gsize length)
{
  const char *place = g_utf8_offset_to_pointer (data, (glong) parser->problem_mark.index);
  char character = place < data + length ? *place : '\0';
  const char *context = parser->context != NULL ? parser->context : "";
  g_autofree char *hint = NULL;

  if (parser->error == YAML_MEMORY_ERROR)
    report (self, &parser->mark, NULL, "out of memory");
  else if (character == '\t')
    report (self, &parser->problem_mark, "indent with spaces", "a tab is not allowed here");
  else
    {
      if (parser->problem != NULL && strstr (parser->problem, "cannot start any token") != NULL)
        hint = g_strdup_printf ("put the text in quotes if it begins with '%c'", character);
      else if (parser->problem != NULL && strstr (parser->problem, "mapping values are not allowed") != NULL)
        hint = g_strdup ("put the text in quotes if it contains ': ', or check the indentation");
      else if (strstr (context, "an alias") != NULL || strstr (context, "an anchor") != NULL)
        hint = g_strdup ("put the text in quotes if it begins with '*' or '&'");
      else if (parser->context != NULL)
        hint = g_strdup_printf ("it began on line %u", (guint) parser->context_mark.line + 1);
      report (self, &parser->problem_mark, hint, "%s%s%s", parser->problem != NULL ? parser->problem : "not YAML",
              *context != '\0' ? " " : "", context);
    }
}

static gboolean
read_events (Builder *self, yaml_parser_t *parser, const char *data, gsize length)
{
  for (gboolean ended = FALSE; !ended;)
    {
      yaml_event_t event;
      gboolean good;

      if (!yaml_parser_parse (parser, &event))
        {
          report_syntax (self, parser, data, length);
          return FALSE;
        }
      ended = event.type == YAML_STREAM_END_EVENT;
      good = take_event (self, &event);
      yaml_event_delete (&event);
      if (!good)
        return FALSE;
    }
  return TRUE;
}

/* An empty file, or one of comments, has no root; "---" alone has an empty one. */
static gboolean
check_root (const BsYamlTree *tree, BsDiagnostics *diagnostics)
{
  const BsYamlNode *root = tree->root;

  if (root != NULL && !(root->kind == BS_YAML_SCALAR && root->plain && *root->text == '\0'))
    return TRUE;
  bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, NULL, "the file is empty");
  return FALSE;
}

BsYamlTree *
bs_yaml_parse (const char *data, gsize length, BsDiagnostics *diagnostics)
{
  g_autoptr (BsYamlTree) tree = g_new0 (BsYamlTree, 1);
  Builder builder = { .tree = tree, .diagnostics = diagnostics };
  yaml_parser_t parser;
  gboolean good;

  if (!bs_yaml_check_bytes (data, length, diagnostics))
    return NULL;
  if (!yaml_parser_initialize (&parser))
    g_error ("out of memory");
  tree->taken = length;
  builder.memory_most = MIN (BS_YAML_MEMORY + 2 * length, BS_YAML_MEMORY_MAX);
  yaml_parser_set_encoding (&parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string (&parser, (const unsigned char *) data, length);
  good = read_events (&builder, &parser, data, length);
  yaml_parser_delete (&parser);
  if (!good || !check_root (tree, diagnostics))
    return NULL;
  return g_steal_pointer (&tree);
}
