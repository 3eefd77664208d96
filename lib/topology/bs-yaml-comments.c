/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-yaml-comments.h"

#include <string.h>
#include <yaml.h>

#define TEXTS_BYTES 4096 /* at once */

typedef struct
{
  BsYamlComments *found;
  const char *data, *end;
  const char *p;      /* how far the text was read */
  guint line, column; /* of @p, from 1 */
  gsize index;        /* of @p, in characters */
  gboolean indent;    /* only space before @p on its line */
  BsYamlPlace last;   /* where began what ended last */
  gboolean header, dash, ask;
  GArray *flows; /* (element-type BsYamlPlace) open brackets */
} Scan;

guint
bs_yaml_place_hash (gconstpointer place)
{
  const BsYamlPlace *at = place;

  return at->line * 2654435761u ^ at->column;
}

gboolean
bs_yaml_place_equal (gconstpointer a, gconstpointer b)
{
  const BsYamlPlace *left = a, *right = b;

  return left->line == right->line && left->column == right->column;
}

void
bs_yaml_comments_free (BsYamlComments *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->comments);
  g_string_chunk_free (self->texts);
  g_hash_table_unref (self->blocks);
  g_hash_table_unref (self->flows);
  g_hash_table_unref (self->dashes);
  g_hash_table_unref (self->asks);
  g_array_unref (self->gaps);
  g_free (self);
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  guint left = *(const guint *) a, right = *(const guint *) b;

  return (left > right) - (left < right);
}

gboolean
bs_yaml_comments_is_gap (const BsYamlComments *self, guint line)
{
  return self->gaps->len > 0 && g_array_binary_search (self->gaps, &line, compare_lines, NULL);
}

gboolean
bs_yaml_comments_gap_before (const BsYamlComments *self, guint line)
{
  return bs_yaml_comments_is_gap (self, line - 1);
}

static BsYamlPlace
place_of (const yaml_mark_t *mark)
{
  return (BsYamlPlace){ (guint) mark->line + 1, (guint) mark->column + 1 };
}

static void
add_place (GHashTable *set, BsYamlPlace place, guint value)
{
  g_hash_table_insert (set, g_memdup2 (&place, sizeof place), GUINT_TO_POINTER (value));
}

/* Bytes of the line break at @p, as libyaml counts them; 0 when there is none. */
static gsize
break_length (const char *p, const char *end)
{
  if (p >= end)
    return 0;
  if (*p == '\r')
    return p + 1 < end && p[1] == '\n' ? 2 : 1;
  if (*p == '\n')
    return 1;
  if (end - p >= 2 && memcmp (p, "\xc2\x85", 2) == 0)
    return 2;
  return end - p >= 3 && (memcmp (p, "\xe2\x80\xa8", 3) == 0 || memcmp (p, "\xe2\x80\xa9", 3) == 0) ? 3 : 0;
}

static void
take_break (Scan *self, gsize bytes)
{
  if (self->indent)
    g_array_append_val (self->found->gaps, self->line);
  self->index += bytes == 2 && *self->p == '\r' ? 2 : 1;
  self->p += bytes;
  self->line++;
  self->column = 1;
  self->indent = TRUE;
}

static void
take_character (Scan *self)
{
  if (*self->p != ' ' && *self->p != '\t')
    self->indent = FALSE;
  self->p = g_utf8_next_char (self->p);
  self->index++;
  self->column++;
}

static void
take_comment (Scan *self)
{
  BsYamlComment *comment;
  const char *start = self->p, *end;

  self->found->too_many = self->found->comments->len == BS_YAML_COMMENTS_MAX;
  if (self->found->too_many)
    return;
  comment = g_new0 (BsYamlComment, 1);
  comment->at = (BsYamlPlace){ self->line, self->column };
  comment->alone = self->indent;
  comment->after_gap = self->indent && bs_yaml_comments_gap_before (self->found, self->line);
  if (!self->indent && !self->dash && !self->ask)
    {
      comment->anchor = self->last;
      comment->header = self->header;
    }
  if (self->flows->len > 0)
    comment->within = g_array_index (self->flows, BsYamlPlace, self->flows->len - 1);
  while (self->p < self->end && break_length (self->p, self->end) == 0)
    take_character (self);
  for (end = self->p; end > start && g_ascii_isspace (end[-1]);)
    end--;
  comment->text = g_string_chunk_insert_len (self->found->texts, start, end - start);
  g_ptr_array_add (self->found->comments, comment);
}

/* On to the character @index; what is there is looked at only between tokens. */
static void
advance (Scan *self, gsize index, gboolean between)
{
  while (self->p < self->end && self->index < index && !self->found->too_many)
    {
      gsize bytes = break_length (self->p, self->end);

      if (bytes > 0)
        take_break (self, bytes);
      else if (between && *self->p == '#')
        take_comment (self);
      else
        take_character (self);
    }
}

/* "| # comment": a part of the token. */
static void
take_block_header (Scan *self, const yaml_token_t *token)
{
  add_place (self->found->blocks, place_of (&token->start_mark), 1);
  self->last = place_of (&token->start_mark);
  self->header = FALSE;
  self->dash = self->ask = FALSE;
  while (self->p < self->end && break_length (self->p, self->end) == 0)
    {
      if (*self->p == '#' && !self->found->too_many)
        take_comment (self);
      else
        take_character (self);
    }
}

static void
close_flow (Scan *self)
{
  if (self->flows->len == 0)
    return;
  self->last = g_array_index (self->flows, BsYamlPlace, self->flows->len - 1);
  g_array_set_size (self->flows, self->flows->len - 1);
  self->header = FALSE;
}

/* A "?"; before other keys there is a token of no characters. */
static gboolean
is_ask (const yaml_token_t *token)
{
  return token->type == YAML_KEY_TOKEN && token->end_mark.index > token->start_mark.index;
}

static void
take_token (Scan *self, const yaml_token_t *token)
{
  BsYamlPlace place = place_of (&token->start_mark);

  if (self->dash && token->type != YAML_BLOCK_ENTRY_TOKEN)
    add_place (self->found->dashes, place, self->last.column);
  if (self->ask)
    add_place (self->found->asks, place, self->last.column);
  switch (token->type)
    {
    case YAML_SCALAR_TOKEN:
      self->last = place;
      self->header = FALSE;
      break;
    case YAML_FLOW_SEQUENCE_START_TOKEN:
    case YAML_FLOW_MAPPING_START_TOKEN:
      g_array_append_val (self->flows, place);
      add_place (self->found->flows, place, 1);
      self->last = place;
      self->header = TRUE;
      break;
    case YAML_FLOW_SEQUENCE_END_TOKEN:
    case YAML_FLOW_MAPPING_END_TOKEN:
      close_flow (self);
      break;
    case YAML_VALUE_TOKEN:
      self->header = TRUE;
      break;
    case YAML_BLOCK_ENTRY_TOKEN:
      self->last = place;
      break;
    case YAML_KEY_TOKEN:
      self->last = is_ask (token) ? place : self->last;
      break;
    default:
      break;
    }
  self->dash = token->type == YAML_BLOCK_ENTRY_TOKEN;
  self->ask = is_ask (token);
}

static gboolean
is_block (const yaml_token_t *token)
{
  return token->type == YAML_SCALAR_TOKEN
         && (token->data.scalar.style == YAML_LITERAL_SCALAR_STYLE
             || token->data.scalar.style == YAML_FOLDED_SCALAR_STYLE);
}

static void
scan_tokens (Scan *self, yaml_parser_t *parser)
{
  for (gboolean ended = FALSE; !ended && !self->found->too_many;)
    {
      yaml_token_t token;

      if (!yaml_parser_scan (parser, &token))
        return;
      ended = token.type == YAML_STREAM_END_TOKEN;
      advance (self, token.start_mark.index, TRUE);
      take_token (self, &token);
      if (is_block (&token))
        take_block_header (self, &token);
      advance (self, token.end_mark.index, FALSE);
      yaml_token_delete (&token);
    }
  advance (self, G_MAXSIZE, TRUE);
}

BsYamlComments *
bs_yaml_comments_scan (const char *data, gsize length)
{
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (BsYamlPlace));
  BsYamlComments *found = g_new0 (BsYamlComments, 1);
  Scan scan = { .found = found, .data = data, .end = data + length, .p = data, .line = 1, .column = 1, .indent = TRUE };
  yaml_parser_t parser;

  scan.flows = flows;
  found->comments = g_ptr_array_new_with_free_func (g_free);
  found->texts = g_string_chunk_new (TEXTS_BYTES);
  found->blocks = g_hash_table_new_full (bs_yaml_place_hash, bs_yaml_place_equal, g_free, NULL);
  found->flows = g_hash_table_new_full (bs_yaml_place_hash, bs_yaml_place_equal, g_free, NULL);
  found->dashes = g_hash_table_new_full (bs_yaml_place_hash, bs_yaml_place_equal, g_free, NULL);
  found->asks = g_hash_table_new_full (bs_yaml_place_hash, bs_yaml_place_equal, g_free, NULL);
  found->gaps = g_array_new (FALSE, FALSE, sizeof (guint));
  if (!yaml_parser_initialize (&parser))
    g_error ("out of memory");
  yaml_parser_set_encoding (&parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string (&parser, (const unsigned char *) data, length);
  scan_tokens (&scan, &parser);
  yaml_parser_delete (&parser);
  return found;
}
