/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-prune-choose.h"

#include <string.h>

#define RECENT_USEC (15 * 60 * G_USEC_PER_SEC)

typedef struct
{
  const BsPruneCache *cache;
  const BsImagePrune *options;
  gboolean automatic;
  GArray *items;
  gint64 now_usec;
} Choice;

static BsPruneItem *
item_at (const Choice *self, guint index)
{
  return &g_array_index (self->items, BsPruneItem, index);
}

static gboolean
is_imported (const BsPruneItem *item)
{
  return item->image != NULL && strcmp (bs_json_string (item->image->manifest, "origin", ""), "imported") == 0;
}

static gboolean
goes (const BsPruneItem *item)
{
  return item->why != NULL && item->spared == NULL;
}

/* Whether the template's disk is an overlay of the image's. */
static gboolean
stands_on (const BsPruneItem *template, const BsPruneItem *image)
{
  const char *backing = template->template != NULL ? template->template->backing : NULL;
  gsize length = image->image != NULL ? strlen (image->image->path) : 0;

  return backing != NULL && length > 0 && strncmp (backing, image->image->path, length) == 0 && backing[length] == '/';
}

static void
add_template (Choice *self, const BsTemplateInfo *info)
{
  BsPruneItem item = { .template = info, .name = info->key, .bytes = info->bytes, .used_usec = info->used_usec };

  if (g_hash_table_contains (self->cache->held->templates, info->key))
    item.spared = "a lab was forked from it";
  else if (info->in_use)
    item.spared = "a process uses it";
  g_array_append_val (self->items, item);
}

static void
add_image (Choice *self, const BsStoreItem *from)
{
  BsPruneItem item = { .image = from, .name = from->folder, .bytes = from->bytes, .used_usec = from->used_usec };

  if (g_hash_table_contains (self->cache->held->images, from->folder))
    item.spared = "a lab stands on it";
  else if (g_hash_table_contains (self->cache->open, from->folder))
    item.spared = "a process uses it";
  g_array_append_val (self->items, item);
}

/* Images of a name follow each other, the newest first. */
static const char *
reason_of_image (const Choice *self, guint index)
{
  const BsPruneItem *item = item_at (self, index);
  const BsStoreItem *before = index > 0 ? item_at (self, index - 1)->image : NULL;

  if (item->image->damaged)
    return "it is damaged";
  return before != NULL && strcmp (before->name, item->image->name) == 0 ? "a newer one is used" : NULL;
}

static const char *
reason_of_template (const BsPruneItem *item)
{
  if (item->template->kept)
    return "it was kept for a lab that is gone";
  return item->template->problem != NULL ? "it is damaged" : NULL;
}

static const char *
reason (const Choice *self, guint index)
{
  const BsPruneItem *item = item_at (self, index);
  const char *why;

  if (self->options->all)
    return "all are to go";
  why = item->image != NULL ? reason_of_image (self, index) : reason_of_template (item);
  if (why == NULL && self->options->older_than_usec >= 0 && !is_imported (item)
      && self->now_usec - item->used_usec > self->options->older_than_usec)
    why = "it was not used for that long";
  return why;
}

/* Nobody will fork from templates of an image that is not used any more. */
static void
add_those_on_replaced (Choice *self)
{
  for (guint i = 0; i < self->items->len; i++)
    for (guint k = 0; k < self->items->len && item_at (self, i)->image != NULL; k++)
      if (goes (item_at (self, i)) && item_at (self, k)->why == NULL && reason_of_image (self, i) != NULL
          && stands_on (item_at (self, k), item_at (self, i)))
        item_at (self, k)->why = "its image is not used any more";
}

static gboolean
bears_one_that_stays (const Choice *self, const BsPruneItem *image)
{
  for (guint i = 0; i < self->items->len; i++)
    if (!goes (item_at (self, i)) && stands_on (item_at (self, i), image))
      return TRUE;
  return FALSE;
}

static void
choose_by_reason (Choice *self)
{
  for (guint i = 0; i < self->items->len; i++)
    item_at (self, i)->why = reason (self, i);
  add_those_on_replaced (self);
  for (guint i = 0; i < self->items->len; i++)
    {
      BsPruneItem *item = item_at (self, i);

      if (goes (item) && bears_one_that_stays (self, item))
        item->spared = "a template stands on it";
    }
}

static gboolean
counts (const Choice *self, const BsPruneItem *item)
{
  return !goes (item) && !(self->automatic && is_imported (item));
}

static gboolean
may_go (const Choice *self, const BsPruneItem *item)
{
  if (item->why != NULL || item->spared != NULL || is_imported (item))
    return FALSE;
  if (self->automatic && self->now_usec - item->used_usec <= RECENT_USEC)
    return FALSE;
  return item->image == NULL || !bears_one_that_stays (self, item);
}

/* The least recently used one that may go; NULL: none. */
static BsPruneItem *
find_oldest (const Choice *self)
{
  BsPruneItem *oldest = NULL;

  for (guint i = 0; i < self->items->len; i++)
    {
      BsPruneItem *item = item_at (self, i);

      if ((oldest == NULL || item->used_usec < oldest->used_usec) && may_go (self, item))
        oldest = item;
    }
  return oldest;
}

static void
choose_by_size (Choice *self)
{
  guint64 left = 0;
  BsPruneItem *oldest;

  for (guint i = 0; i < self->items->len; i++)
    if (counts (self, item_at (self, i)))
      left += item_at (self, i)->bytes;
  while (left > self->options->keep_bytes && (oldest = find_oldest (self)) != NULL)
    {
      oldest->why = "the cache is larger than it may be";
      left -= oldest->bytes;
    }
}

GArray *
bs_prune_choose (const BsPruneCache *cache, const BsImagePrune *options, gboolean automatic)
{
  Choice self = { cache, options, automatic, g_array_new (FALSE, TRUE, sizeof (BsPruneItem)), g_get_real_time () };

  for (guint i = 0; i < cache->templates->len; i++)
    add_template (&self, g_ptr_array_index (cache->templates, i));
  for (guint i = 0; i < cache->images->len; i++)
    add_image (&self, g_ptr_array_index (cache->images, i));
  if (!automatic)
    choose_by_reason (&self);
  choose_by_size (&self);
  return self.items;
}
