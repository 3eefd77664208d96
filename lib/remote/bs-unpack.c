/* SPDX-License-Identifier: Apache-2.0 */
/* bs-unpack.c — the receiving end of an archive: a state machine over its bytes
 *
 * ENTRY collects a header, NAMES its name and target, EXTENT an extent's header, DATA writes the bytes as they come.
 * The making of files is in bs-unpack-place.c.
 */
#include "bs-guest-wire.h"
#include "bs-unpack-place.h"

#include <stdlib.h>
#include <string.h>

enum
{
  STATE_ENTRY,
  STATE_NAMES,
  STATE_EXTENT,
  STATE_DATA,
  STATE_ENDED,
};

struct _BsUnpack
{
  BsPlace place;
  BsPlaceEntry entry;
  int state;
  bool began;   /* the first entry came */
  uint64_t end; /* of the last extent */
  uint64_t bytes;
  uint32_t left; /* of the present extent */
  size_t have, wanted;
  uint8_t collected[BS_ARCHIVE_HEADER + BS_ARCHIVE_NAME_MAX + BS_ARCHIVE_TARGET_MAX];
};

BsUnpack *
bs_unpack_new (const char *destination, const char *name, bool untrusted, BsArchiveError *error)
{
  BsUnpack *self = calloc (1, sizeof *self);

  if (self == NULL)
    {
      bs_archive_error (error, ENOMEM, "cannot write", destination, NULL);
      return NULL;
    }
  self->wanted = BS_ARCHIVE_HEADER;
  if (!bs_place_init (&self->place, destination, name, untrusted, error))
    {
      bs_unpack_free (self);
      return NULL;
    }
  return self;
}

void
bs_unpack_free (BsUnpack *self)
{
  if (self == NULL)
    return;
  bs_place_clear (&self->place);
  free (self);
}

uint64_t
bs_unpack_bytes (const BsUnpack *self)
{
  return self->bytes;
}

static bool
nonsense (BsUnpack *self, const char *what, BsArchiveError *error)
{
  bs_archive_error (error, 0, what, self->place.path, NULL);
  return false;
}

static void
expect (BsUnpack *self, int state, size_t wanted)
{
  self->state = state;
  self->wanted = wanted;
  self->have = 0;
}

static bool
all_zero (const uint8_t *at, size_t length)
{
  while (length > 0 && *at == 0)
    at++, length--;
  return length == 0;
}

static bool
leave (BsUnpack *self, BsArchiveError *error)
{
  if (self->place.depth == 0)
    return nonsense (self, "the archive leaves", error);
  if (!bs_place_leave (&self->place, error))
    return false;
  expect (self, STATE_ENTRY, BS_ARCHIVE_HEADER);
  return true;
}

/* A header is complete. */
static bool
take_header (BsUnpack *self, BsArchiveError *error)
{
  const uint8_t *at = self->collected;
  size_t name = bs_wire_get16 (at + 2), target = bs_wire_get32 (at + 28);
  bool top = self->place.depth == 0;

  if (at[0] == BS_ARCHIVE_LEAVE || at[0] == BS_ARCHIVE_END)
    {
      if (!all_zero (at + 1, BS_ARCHIVE_HEADER - 1))
        return nonsense (self, "the archive has a bad entry in", error);
      if (at[0] == BS_ARCHIVE_LEAVE)
        return leave (self, error);
      if (!self->began || !top)
        return nonsense (self, "the archive ends inside", error);
      expect (self, STATE_ENDED, 0);
      return true;
    }
  if (at[0] < BS_ARCHIVE_FILE || at[0] > BS_ARCHIVE_LINK || at[1] != 0 || (top && (self->began || name != 0))
      || (!top && (name == 0 || name > BS_ARCHIVE_NAME_MAX)) || target > BS_ARCHIVE_TARGET_MAX
      || (target != 0) != (at[0] == BS_ARCHIVE_LINK) || bs_wire_get32 (at + 24) >= 1000000000)
    return nonsense (self, "the archive has a bad entry in", error);
  self->wanted += name + target;
  self->state = STATE_NAMES;
  return true;
}

/* Header, name and target are complete. */
static bool
take_entry (BsUnpack *self, BsArchiveError *error)
{
  const uint8_t *at = self->collected, *names = at + BS_ARCHIVE_HEADER;
  size_t name = bs_wire_get16 (at + 2), target = bs_wire_get32 (at + 28);
  BsPlaceEntry *entry = &self->entry;

  if (memchr (names, 0, name + target) != NULL || memchr (names, '/', name) != NULL)
    return nonsense (self, "the archive has a bad name in", error);
  memcpy (entry->name, names, name);
  entry->name[name] = '\0';
  memcpy (entry->target, names + name, target);
  entry->target[target] = '\0';
  if (strcmp (entry->name, ".") == 0 || strcmp (entry->name, "..") == 0)
    return nonsense (self, "the archive has a bad name in", error);
  entry->meta.mode = bs_wire_get32 (at + 4) & 07777;
  entry->meta.uid = bs_wire_get32 (at + 8);
  entry->meta.gid = bs_wire_get32 (at + 12);
  entry->meta.mtime.tv_sec = (time_t) bs_wire_get64 (at + 16);
  entry->meta.mtime.tv_nsec = (long) bs_wire_get32 (at + 24);
  self->began = true;
  self->end = 0;
  expect (self, at[0] == BS_ARCHIVE_FILE ? STATE_EXTENT : STATE_ENTRY,
          at[0] == BS_ARCHIVE_FILE ? BS_ARCHIVE_EXTENT : BS_ARCHIVE_HEADER);
  if (at[0] == BS_ARCHIVE_FILE)
    return bs_place_open (&self->place, entry, error);
  if (at[0] == BS_ARCHIVE_FOLDER)
    return bs_place_enter (&self->place, entry, error);
  return bs_place_link (&self->place, entry, error);
}

static bool
take_extent (BsUnpack *self, BsArchiveError *error)
{
  uint64_t offset = bs_wire_get64 (self->collected);

  self->left = bs_wire_get32 (self->collected + 8);
  if (offset < self->end || offset > INT64_MAX - UINT32_MAX || bs_wire_get32 (self->collected + 12) != 0)
    return nonsense (self, "the archive has a bad extent in", error);
  if (self->left == 0)
    {
      expect (self, STATE_ENTRY, BS_ARCHIVE_HEADER);
      return bs_place_close (&self->place, &self->entry, self->end, offset, error);
    }
  self->end = offset;
  expect (self, STATE_DATA, 0);
  return true;
}

static bool
take_data (BsUnpack *self, const uint8_t **data, size_t *length, BsArchiveError *error)
{
  size_t n = *length < self->left ? *length : self->left;

  if (!bs_place_write (&self->place, &self->entry, *data, n, self->end, error))
    return false;
  self->end += n;
  self->bytes += n;
  self->left -= (uint32_t) n;
  *data += n;
  *length -= n;
  if (self->left == 0)
    expect (self, STATE_EXTENT, BS_ARCHIVE_EXTENT);
  return true;
}

static bool
take_collected (BsUnpack *self, BsArchiveError *error)
{
  if (self->state == STATE_ENTRY && !take_header (self, error))
    return false;
  if (self->state == STATE_NAMES && self->have == self->wanted)
    return take_entry (self, error);
  if (self->state == STATE_EXTENT && self->have == self->wanted)
    return take_extent (self, error);
  return true;
}

bool
bs_unpack_write (BsUnpack *self, const uint8_t *data, size_t length, BsArchiveError *error)
{
  while (length > 0)
    {
      size_t n = self->wanted - self->have;

      if (self->state == STATE_ENDED)
        return nonsense (self, "the archive goes on after its end for", error);
      if (self->state == STATE_DATA)
        {
          if (!take_data (self, &data, &length, error))
            return false;
          continue;
        }
      if (n > length)
        n = length;
      memcpy (self->collected + self->have, data, n);
      self->have += n;
      data += n;
      length -= n;
      if (self->have == self->wanted && !take_collected (self, error))
        return false;
    }
  return true;
}

bool
bs_unpack_finish (BsUnpack *self, BsArchiveError *error)
{
  return self->state == STATE_ENDED || nonsense (self, "the archive is cut short for", error);
}
