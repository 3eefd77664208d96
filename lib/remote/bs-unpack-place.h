/* SPDX-License-Identifier: Apache-2.0 */
/* bs-unpack-place.h — the file system side of bs-unpack.c: one place under a destination, never left */
#pragma once

#include "bs-archive.h"

#include <errno.h>
#include <limits.h>
#include <time.h>

typedef struct
{
  mode_t mode;
  uid_t uid;
  gid_t gid;
  struct timespec mtime;
} BsPlaceMeta;

typedef struct
{
  char name[BS_ARCHIVE_NAME_MAX + 1]; /* "" for the first entry */
  char target[BS_ARCHIVE_TARGET_MAX + 1];
  BsPlaceMeta meta;
} BsPlaceEntry;

typedef struct
{
  char path[PATH_MAX];                /* of the destination and the folders entered, for messages */
  char name[BS_ARCHIVE_NAME_MAX + 1]; /* of the first entry below @parent; "": @parent itself */
  char temporary[40];                 /* name of the open file */
  int parent;
  int file; /* -1, or the open file */
  int folders[BS_ARCHIVE_DEPTH_MAX];
  size_t lengths[BS_ARCHIVE_DEPTH_MAX]; /* of @path before that folder */
  BsPlaceMeta metas[BS_ARCHIVE_DEPTH_MAX];
  unsigned depth;
  bool untrusted, root;
} BsPlace;

/* @untrusted: see bs_unpack_new(). */
bool bs_place_init (BsPlace *self, const char *destination, const char *name, bool untrusted, BsArchiveError *error);
void bs_place_clear (BsPlace *self);

bool bs_place_enter (BsPlace *self, const BsPlaceEntry *entry, BsArchiveError *error);
/* Gives the innermost folder its mode, owner and time, now that nothing more is written in it. */
bool bs_place_leave (BsPlace *self, BsArchiveError *error);
bool bs_place_link (BsPlace *self, const BsPlaceEntry *entry, BsArchiveError *error);

bool bs_place_open (BsPlace *self, const BsPlaceEntry *entry, BsArchiveError *error);
bool bs_place_write (BsPlace *self, const BsPlaceEntry *entry, const uint8_t *data, size_t length, uint64_t offset,
                     BsArchiveError *error);
/* @end: after the last byte written; @size: of the whole file. Renames it into place. */
bool bs_place_close (BsPlace *self, const BsPlaceEntry *entry, uint64_t end, uint64_t size, BsArchiveError *error);
