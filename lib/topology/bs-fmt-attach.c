/* SPDX-License-Identifier: Apache-2.0 */
/* bs-fmt-attach.c — whose a comment is
 *
 * A comment at the end of a line belongs to what ended on that line before it, or to the key whose value follows. One
 * that has a line of its own belongs to what follows it; but where that stands further left than the comment, the
 * comment ends the block that it is in line with. In brackets it stays in the brackets. Nothing is ever dropped: what
 * has lost its neighbour (a null of an older format) goes to what follows.
 */
#include "bs-fmt-item.h"

typedef struct
{
  BsFmtItems *items;
  const BsYamlComments *comments;
  GHashTable *keys, *scalars, *collections; /* (element-type BsYamlPlace BsFmtItem) */
} Attach;

static gboolean
is_before (BsYamlPlace a, BsYamlPlace b)
{
  return a.line != b.line ? a.line < b.line : a.column < b.column;
}

/* The first item that begins after @place, outermost first; (nullable) */
static BsFmtItem *
find_next (const Attach *self, BsYamlPlace place)
{
  guint low = 0, high = self->items->items->len;

  while (low < high)
    {
      guint middle = (low + high) / 2;
      const BsFmtItem *item = g_ptr_array_index (self->items->items, middle);

      if (is_before (place, item->start))
        high = middle;
      else
        low = middle + 1;
    }
  while (low < self->items->items->len)
    {
      BsFmtItem *item = g_ptr_array_index (self->items->items, low++);

      if (item->parent != NULL)
        return item;
    }
  return NULL;
}

static gboolean
is_in (const BsFmtItem *item, const BsFmtItem *outer)
{
  for (; item != NULL; item = item->parent)
    if (item == outer)
      return TRUE;
  return FALSE;
}

/* The child of @item that begins last before @place; (nullable). Only small mappings have been put into another order.
 */
static BsFmtItem *
last_before (const BsFmtItem *item, BsYamlPlace place)
{
  guint low = 0, high = item->children->len;
  BsFmtItem *last = NULL;

  while (item->in_order && low < high)
    {
      guint middle = (low + high) / 2;
      BsFmtItem *child = g_ptr_array_index (item->children, middle);

      if (is_before (child->start, place))
        low = middle + 1;
      else
        high = middle;
    }
  if (item->in_order)
    return low > 0 ? g_ptr_array_index (item->children, low - 1) : NULL;
  for (guint i = 0; i < item->children->len; i++)
    {
      BsFmtItem *child = g_ptr_array_index (item->children, i);

      if (is_before (child->start, place) && (last == NULL || !is_before (child->start, last->start)))
        last = child;
    }
  return last;
}

/* The block that @comment ends; NULL when it belongs to what follows. */
static BsFmtItem *
find_ended (const Attach *self, const BsYamlComment *comment, const BsFmtItem *next)
{
  guint least = next != NULL ? next->column : 0;
  BsFmtItem *ended = NULL, *item = self->items->root, *child;

  while ((child = last_before (item, comment->at)) != NULL)
    {
      BsYamlPlace place = bs_yaml_place (child->node);

      if (child->column > least && child->column <= comment->at.column)
        ended = item;
      if (child->node->kind != BS_YAML_SCALAR && g_hash_table_contains (self->comments->flows, &place))
        break;
      item = child;
    }
  return ended;
}

static void
attach_alone (Attach *self, BsYamlComment *comment)
{
  BsFmtItem *next = find_next (self, comment->at), *ended = NULL;
  BsFmtItem *within = comment->within.line > 0 ? g_hash_table_lookup (self->collections, &comment->within) : NULL;

  if (within != NULL && !is_in (next, within))
    ended = within;
  else if (within == NULL)
    ended = find_ended (self, comment, next);
  if (ended == NULL && next == NULL)
    ended = self->items->root;
  bs_fmt_list_add (ended != NULL ? &ended->tail : &next->leading, comment);
}

/* What a comment at the end of a line is about; (nullable) */
static BsFmtItem *
find_anchor (const Attach *self, const BsYamlComment *comment)
{
  BsFmtItem *item = g_hash_table_lookup (self->scalars, &comment->anchor);

  if (item == NULL)
    item = g_hash_table_lookup (self->keys, &comment->anchor);
  if (item == NULL)
    item = g_hash_table_lookup (self->collections, &comment->anchor);
  return item != NULL && item->parent != NULL ? item : NULL;
}

static void
attach (Attach *self, BsYamlComment *comment)
{
  BsFmtItem *item = comment->anchor.line > 0 ? find_anchor (self, comment) : NULL;

  if (item == NULL)
    attach_alone (self, comment);
  else if (item->aside != NULL)
    bs_fmt_list_add (&item->leading, comment);
  else
    item->aside = comment;
}

static void
index_items (Attach *self)
{
  for (guint i = 0; i < self->items->items->len; i++)
    {
      BsFmtItem *item = g_ptr_array_index (self->items->items, i);

      g_hash_table_insert (item->node->kind == BS_YAML_SCALAR ? self->scalars : self->collections, &item->place, item);
      if (item->parent != NULL && item->node->key != NULL)
        g_hash_table_insert (self->keys, &item->start, item);
    }
}

static gboolean
mark_comments (BsFmtItem *item)
{
  item->has_comments = item->tail->len > 0;
  for (guint i = 0; i < item->children->len; i++)
    {
      BsFmtItem *child = g_ptr_array_index (item->children, i);

      item->has_comments |= mark_comments (child);
    }
  return item->has_comments || item->leading->len > 0 || item->aside != NULL;
}

/* How many comments before @first an empty line ends. */
static guint
count_until_gap (const BsFmtItem *first, const BsYamlComments *comments)
{
  guint count = 0;

  for (guint i = 0; i < first->leading->len; i++)
    if (bs_yaml_comments_is_gap (comments, ((BsYamlComment *) first->leading->pdata[i])->at.line + 1))
      count = i + 1;
  return count;
}

/* Comments at the beginning are about the file when an empty line follows them, or when what they precede moves. */
static void
take_header (BsFmtItems *self, const BsYamlComments *comments)
{
  BsFmtItem *first = find_next (&(Attach){ .items = self }, (BsYamlPlace){ 0, 0 });
  guint count;

  if (first == NULL)
    return;
  count = count_until_gap (first, comments);
  if (count == 0 && first != self->root->children->pdata[0])
    count = first->leading->len;
  for (guint i = 0; i < count; i++)
    g_ptr_array_add (self->header, g_ptr_array_index (first->leading, i));
  if (count > 0)
    g_ptr_array_remove_range (first->leading, 0, count);
}

static GHashTable *
places_new (void)
{
  return g_hash_table_new (bs_yaml_place_hash, bs_yaml_place_equal);
}

void
bs_fmt_attach (BsFmtItems *items, const BsYamlComments *comments)
{
  g_autoptr (GHashTable) keys = places_new (), scalars = places_new (), collections = places_new ();
  Attach self = { items, comments, keys, scalars, collections };

  index_items (&self);
  for (guint i = 0; i < comments->comments->len; i++)
    attach (&self, g_ptr_array_index (comments->comments, i));
  take_header (items, comments);
  mark_comments (items->root);
}
