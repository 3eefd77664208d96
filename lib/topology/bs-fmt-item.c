/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-fmt-item.h"

#include "bs-decode.h"

#include <string.h>

#define QUOTED_MAX 80

/* Most items have neither comments nor parts: they share this one. */
static GPtrArray *
nothing (void)
{
  static GPtrArray *list;
  static gsize once;

  if (g_once_init_enter (&once))
    {
      list = g_ptr_array_new ();
      g_once_init_leave (&once, 1);
    }
  return list;
}

void
bs_fmt_list_add (GPtrArray **list, gpointer element)
{
  if (*list == nothing ())
    *list = g_ptr_array_new ();
  g_ptr_array_add (*list, element);
}

static void
list_free (GPtrArray *list)
{
  if (list != nothing ())
    g_ptr_array_unref (list);
}

static void
item_free (gpointer data)
{
  BsFmtItem *item = data;

  list_free (item->children);
  list_free (item->leading);
  list_free (item->tail);
  g_free (item);
}

void
bs_fmt_items_free (BsFmtItems *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->items);
  g_ptr_array_unref (self->header);
  g_free (self);
}

/* A text of several lines stays a block, and becomes one when it is long. */
static gboolean
wants_block (const BsYamlNode *node, const BsYamlComments *comments)
{
  BsYamlPlace place = bs_yaml_place (node);

  if (node->kind != BS_YAML_SCALAR || strchr (node->text, '\n') == NULL || !bs_fmt_can_be_block (node->text))
    return FALSE;
  return g_hash_table_contains (comments->blocks, &place) || strlen (node->text) > QUOTED_MAX;
}

static guint
rank_of (const BsField *fields, const char *key)
{
  guint rank = 0;

  for (; fields != NULL && fields->key != NULL; fields++, rank++)
    if (strcmp (fields->key, key) == 0)
      return rank;
  return rank;
}

static const BsField *
find_field (const BsField *fields, const char *key)
{
  for (; fields != NULL && fields->key != NULL; fields++)
    if (strcmp (fields->key, key) == 0)
      return fields;
  return NULL;
}

static int
compare_ranks (gconstpointer a, gconstpointer b)
{
  const BsFmtItem *left = *(BsFmtItem *const *) a, *right = *(BsFmtItem *const *) b;

  return (left->rank > right->rank) - (left->rank < right->rank);
}

static BsFmtItem *item_new (BsFmtItems *self, const BsYamlNode *node, BsFmtItem *parent, const BsField *fields,
                            const BsYamlComments *comments);

/* @fields: (nullable): of @item's own mapping, or of those in its list */
static void
add_children (BsFmtItems *self, BsFmtItem *item, const BsField *fields, const BsYamlComments *comments)
{
  gboolean mapping = item->node->kind == BS_YAML_MAPPING;
  guint place = 0, last = 0;

  item->in_order = TRUE;
  if (item->node->kind == BS_YAML_SCALAR)
    return;
  for (const BsYamlNode *part = item->node->first; part != NULL; part = part->next, place++)
    {
      const BsField *field = mapping ? find_field (fields, part->key->text) : NULL;
      const BsField *inner = mapping ? (field != NULL ? field->fields : NULL) : fields;
      BsFmtItem *child = item_new (self, part, item, inner, comments);

      child->rank = mapping && fields != NULL ? rank_of (fields, part->key->text) : place;
      item->in_order &= child->rank >= last;
      last = child->rank;
      bs_fmt_list_add (&item->children, child);
    }
  if (item->children->len > 1)
    g_ptr_array_sort (item->children, compare_ranks);
}

static BsFmtItem *
item_new (BsFmtItems *self, const BsYamlNode *node, BsFmtItem *parent, const BsField *fields,
          const BsYamlComments *comments)
{
  BsFmtItem *item = g_new0 (BsFmtItem, 1);
  GHashTable *marks = parent != NULL && parent->node->kind == BS_YAML_SEQUENCE ? comments->dashes : comments->asks;
  gpointer mark;

  item->node = node;
  item->parent = parent;
  item->children = item->leading = item->tail = nothing ();
  item->place = bs_yaml_place (node);
  item->start = bs_yaml_place (parent != NULL && node->key != NULL ? node->key : node);
  item->column = item->start.column;
  mark = g_hash_table_lookup (marks, &item->start);
  if (parent != NULL && mark != NULL)
    item->column = GPOINTER_TO_UINT (mark);
  item->after_gap = bs_yaml_comments_gap_before (comments, item->start.line);
  item->is_block = wants_block (node, comments);
  g_ptr_array_add (self->items, item);
  add_children (self, item, fields, comments);
  return item;
}

static int
compare_starts (gconstpointer a, gconstpointer b)
{
  const BsFmtItem *left = *(BsFmtItem *const *) a, *right = *(BsFmtItem *const *) b;

  if (left->start.line != right->start.line)
    return left->start.line < right->start.line ? -1 : 1;
  return (left->start.column > right->start.column) - (left->start.column < right->start.column);
}

BsFmtItems *
bs_fmt_items_new (const BsYamlNode *root, const BsField *fields, const BsYamlComments *comments)
{
  BsFmtItems *self = g_new0 (BsFmtItems, 1);

  self->items = g_ptr_array_new_with_free_func (item_free);
  self->header = g_ptr_array_new ();
  self->root = item_new (self, root, NULL, fields, comments);
  g_ptr_array_sort (self->items, compare_starts); /* stable: outer ones first */
  return self;
}
