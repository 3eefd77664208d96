/* SPDX-License-Identifier: Apache-2.0 */
/* bs-registry.h — the folder of labs: names, locks, records
 *
 * STATE_DIR/labs/NAME/ (0700) is a lab. Its lock is flock(2) on that folder itself, so that no lock file outlives it; a
 * lock is good only while the name still leads to the locked folder, which the functions here check after locking.
 */
#pragma once

#include "bs-json.h"

typedef enum
{
  BS_LOCK_NONE,
  BS_LOCK_SHARED,    /* test */
  BS_LOCK_EXCLUSIVE, /* up, down */
} BsLock;

/* The first file in a lab's folder, holding its uuid: a folder without it is not ours to remove. */
#define BS_MARKER_FILE ".benchscale"
#define BS_RECORD_FORMAT 1
#define BS_RECORD_FILE "lab.json"
#define BS_JOURNAL_FILE "journal"
#define BS_TOPOLOGY_FILE "topology.yaml"

/* FALSE with %BS_ERROR_INVALID unless @name is [A-Za-z0-9][A-Za-z0-9_.-]{0,62}. */
gboolean bs_registry_check_name (const char *name, GError **error);

/* Opens STATE_DIR/labs, made when missing (state folder 0700 for a user, labs 0700). Returns: descriptor or -1. */
int bs_registry_open (GError **error);

/* Makes the folder of a new lab, locks it exclusively and marks it with @uuid ("" when it is not known). Returns: its
 * descriptor, or -1 with %BS_ERROR_EXISTS. */
int bs_registry_create (const char *name, const char *uuid, GError **error);

/* FALSE with %BS_ERROR_FAILED when the folder @lab_dir has no marker, and is not empty either, as one is whose up was
 * killed before it could be marked. */
gboolean bs_registry_check_ours (const char *name, int lab_dir, GError **error);

/**
 * bs_registry_open_lab:
 *
 * Returns: descriptor of the lab's folder, locked as asked for (closing it unlocks), or -1 with %BS_ERROR_NOT_FOUND, or
 * %BS_ERROR_BUSY when another command holds a lock that excludes it
 */
int bs_registry_open_lab (const char *name, BsLock lock, GError **error);

/* Marks an empty folder that is ours, before anything else is put into it; others stay as they are. */
void bs_registry_mark (int lab_dir);

/* FALSE with %BS_ERROR_HOST when there is a folder of labs that cannot be read; none at all is fine. */
gboolean bs_registry_check (GError **error);

/* Names of the folders in labs/, sorted; (transfer full) (element-type utf8). Empty when there is none. */
GPtrArray *bs_registry_list (void);

/* Removes the lab's folder, whose exclusive lock @lab_dir holds; its marker last. Refuses one that is not ours. */
gboolean bs_registry_remove (const char *name, int lab_dir, GError **error);

/* The record, (transfer full): %BS_ERROR_NOT_FOUND when there is none yet, %BS_ERROR_UNSUPPORTED when its format is
 * newer, %BS_ERROR_PROTOCOL when it is damaged. */
json_t *bs_record_read (int lab_dir, GError **error);
gboolean bs_record_write (int lab_dir, const json_t *record, GError **error);
