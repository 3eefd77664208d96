/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-yaml-tree.h"

#include <string.h>

#define CHUNK_BYTES ((gsize) 256 * 1024)
#define SHOWN_MAX 60
#define SHORT_MAX 32

struct _BsYamlChunk
{
  BsYamlChunk *next;
  gsize used, size;
  char data[];
};

gpointer
bs_yaml_tree_take (BsYamlTree *self, gsize size, gsize alignment)
{
  BsYamlChunk *chunk = self->chunks;
  gpointer place;

  if (chunk != NULL)
    chunk->used = (chunk->used + alignment - 1) & ~(alignment - 1);
  self->taken += size;
  if (chunk == NULL || chunk->used > chunk->size || chunk->size - chunk->used < size)
    {
      chunk = g_malloc (sizeof (BsYamlChunk) + MAX (CHUNK_BYTES, size));
      chunk->used = 0;
      chunk->size = MAX (CHUNK_BYTES, size);
      chunk->next = self->chunks;
      self->chunks = chunk;
    }
  place = chunk->data + chunk->used;
  chunk->used += size;
  return place;
}

static const char *
copy_text (BsYamlTree *self, const char *text, gsize length)
{
  char *copy = bs_yaml_tree_take (self, length + 1, 1);

  memcpy (copy, text, length);
  copy[length] = '\0';
  return copy;
}

const char *
bs_yaml_tree_text (BsYamlTree *self, const char *text, gsize length)
{
  guint32 hash = 2166136261u; /* FNV-1a */
  const char **place;

  if (length > SHORT_MAX)
    return copy_text (self, text, length);
  for (gsize i = 0; i < length; i++)
    hash = (hash ^ (guchar) text[i]) * 16777619u;
  place = &self->recent[(hash ^ hash >> 16) % BS_YAML_RECENT];
  if (*place == NULL || strlen (*place) != length || memcmp (*place, text, length) != 0)
    *place = copy_text (self, text, length);
  return *place;
}

void
bs_yaml_tree_free (BsYamlTree *self)
{
  if (self == NULL)
    return;
  for (BsYamlChunk *chunk = self->chunks, *next; chunk != NULL; chunk = next)
    {
      next = chunk->next;
      g_free (chunk);
    }
  g_free (self);
}

const BsYamlNode *
bs_yaml_root (const BsYamlTree *self)
{
  return self->root;
}

gsize
bs_yaml_taken (const BsYamlTree *self)
{
  return self->taken;
}

const BsYamlNode *
bs_yaml_get (const BsYamlNode *mapping, const char *key)
{
  for (const BsYamlNode *node = mapping->first; node != NULL; node = node->next)
    if (strcmp (node->key->text, key) == 0)
      return node;
  return NULL;
}

char *
bs_yaml_show_text (const char *text)
{
  GString *shown = g_string_new ("'");
  guint count = 0;

  for (const char *p = text; *p != '\0' && count < SHOWN_MAX; p = g_utf8_next_char (p), count++)
    {
      gunichar character = g_utf8_get_char (p);

      g_string_append_unichar (shown, g_unichar_isprint (character) ? character : '?');
    }
  g_string_append (shown, count == SHOWN_MAX ? "…'" : "'");
  return g_string_free (shown, FALSE);
}

char *
bs_yaml_show (const BsYamlNode *value)
{
  if (value->kind == BS_YAML_SCALAR)
    return bs_yaml_show_text (value->text);
  return g_strdup (value->kind == BS_YAML_MAPPING ? "a mapping" : "a list");
}
