/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-cpio.h"

#include <string.h>
#include <sys/stat.h>

#define ALIGNMENT 4

typedef struct
{
  guint mode; /* with the file type */
  GBytes *content;
} Entry;

struct _BsCpio
{
  GTree *entries; /* name to Entry; sorted, so that folders come before what is in them */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_bytes_unref (entry->content);
  g_free (entry);
}

static int
compare_names (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return strcmp (a, b);
}

BsCpio *
bs_cpio_new (void)
{
  BsCpio *self = g_new0 (BsCpio, 1);

  self->entries = g_tree_new_full (compare_names, NULL, g_free, entry_free);
  return self;
}

void
bs_cpio_free (BsCpio *self)
{
  if (self == NULL)
    return;
  g_tree_unref (self->entries);
  g_free (self);
}

static void
add (BsCpio *self, const char *name, guint mode, const void *data, gsize length)
{
  const char *slash = strrchr (name, '/');
  Entry *entry = g_new0 (Entry, 1);

  if (slash != NULL)
    {
      g_autofree char *parent = g_strndup (name, slash - name);

      if (g_tree_lookup (self->entries, parent) == NULL)
        add (self, parent, S_IFDIR | 0755, NULL, 0);
    }
  entry->mode = mode;
  entry->content = g_bytes_new (data, length);
  g_tree_replace (self->entries, g_strdup (name), entry);
}

void
bs_cpio_add_folder (BsCpio *self, const char *name, guint mode)
{
  add (self, name, S_IFDIR | mode, NULL, 0);
}

void
bs_cpio_add_file (BsCpio *self, const char *name, guint mode, const void *data, gsize length)
{
  add (self, name, S_IFREG | mode, data, length);
}

void
bs_cpio_add_text (BsCpio *self, const char *name, const char *text)
{
  bs_cpio_add_file (self, name, 0644, text, strlen (text));
}

void
bs_cpio_add_link (BsCpio *self, const char *name, const char *target)
{
  add (self, name, S_IFLNK | 0777, target, strlen (target));
}

static void
pad (GByteArray *archive)
{
  static const guint8 zeros[ALIGNMENT];

  g_byte_array_append (archive, zeros, -archive->len % ALIGNMENT);
}

/* The fields of newc (cpio(5)): inode, mode, uid, gid, links, time, size, device and rdev (two each), length of the
 * name, checksum. */
static void
write_entry (GByteArray *archive, guint inode, const char *name, guint mode, const void *data, gsize length)
{
  guint links = S_ISDIR (mode) ? 2 : 1;
  gsize name_size = strlen (name) + 1;
  g_autofree char *header = g_strdup_printf ("070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", inode, mode,
                                             0, 0, links, 0, (guint) length, 0, 0, 0, 0, (guint) name_size, 0);

  g_byte_array_append (archive, (const guint8 *) header, strlen (header));
  g_byte_array_append (archive, (const guint8 *) name, name_size);
  pad (archive);
  if (length > 0)
    g_byte_array_append (archive, data, length);
  pad (archive);
}

typedef struct
{
  GByteArray *archive;
  guint inode;
} Writer;

static gboolean
write_one (gpointer name, gpointer value, gpointer user_data)
{
  Writer *writer = user_data;
  const Entry *entry = value;
  gsize length;
  const void *data = g_bytes_get_data (entry->content, &length);

  write_entry (writer->archive, ++writer->inode, name, entry->mode, data, length);
  return FALSE;
}

GBytes *
bs_cpio_write (const BsCpio *self)
{
  Writer writer = { g_byte_array_new (), 0 };

  g_tree_foreach (self->entries, write_one, &writer);
  write_entry (writer.archive, 0, "TRAILER!!!", 0, NULL, 0);
  return g_byte_array_free_to_bytes (writer.archive);
}
