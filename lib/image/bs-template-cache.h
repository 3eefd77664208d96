/* SPDX-License-Identifier: Apache-2.0 */
/* bs-template-cache.h — frozen machines in the cache: what is there, whether it is whole, and removing it
 *
 * A template is a folder CACHE_DIR/templates/KEY with `ram`, `state`, perhaps `disk.qcow2` and `overlay.qcow2` (an
 * empty overlay of it, to be copied), `console.log` (what its machine's console showed), and `manifest.json`: what it
 * was made of, and of each file size, inode, time and digest. It is filled elsewhere, synced, and renamed to its name;
 * a finished one is never changed. Its folder's modification time is its last use. KEY is 32 hex digits. Making
 * templates is the backend's.
 *
 * Beside them: `lock-KEY` is held by who makes or replaces KEY, `.building-KEY` is where.
 */
#pragma once

#include "bs-json.h"

#include <gio/gio.h>

#define BS_TEMPLATE_KEY_LENGTH 32
#define BS_TEMPLATE_MANIFEST "manifest.json"
#define BS_TEMPLATE_RAM "ram"
#define BS_TEMPLATE_STATE "state"
#define BS_TEMPLATE_DISK "disk.qcow2"
#define BS_TEMPLATE_OVERLAY "overlay.qcow2"
#define BS_TEMPLATE_CONSOLE "console.log"

typedef struct
{
  char *key;
  char *image;      /* (nullable) its name */
  char *backing;    /* (nullable) absolute path of the disk that the template's own is an overlay of */
  char *base;       /* (nullable) key of the template that it was derived from; not needed any more */
  char *text;       /* (nullable) one line for people: "debian-12, 512 MiB, 1 vCPU, 1 interface, provisioned" */
  gboolean kept;    /* the machine of one that failed, for one lab to look at: nobody forks from it again */
  guint64 bytes;    /* on disk */
  gint64 used_usec; /* real time */
  gboolean in_use;  /* a machine runs from it */
  char *problem;    /* (nullable) why it is not usable: it will be made again */
} BsTemplateInfo;

void bs_template_info_free (BsTemplateInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsTemplateInfo, bs_template_info_free)

/* "CACHE_DIR/templates", made when it is not there; NULL with an error. (transfer full) */
char *bs_template_folder (const char *cache_dir, GError **error);
/* (transfer full) */
char *bs_template_path (const char *cache_dir, const char *key, const char *leaf);
gboolean bs_template_is_key (const char *text);

/* (element-type BsTemplateInfo), last used first; empty without a cache. (transfer full) */
GPtrArray *bs_template_list (const char *cache_dir);

/**
 * bs_template_find:
 * @manifest: (out) (optional) (transfer full)
 *
 * Whether @key is there and its files are those that were written: by size, inode and time, the state by digest
 * (quick); and, since they are only good together, the image that its disk is an overlay of too.
 *
 * Returns: FALSE with %BS_ERROR_NOT_FOUND when there is none, %BS_ERROR_INVALID when it is damaged
 */
gboolean bs_template_find (const char *cache_dir, const char *key, json_t **manifest, GError **error);

/* As bs_template_find(), and looks at every byte. */
gboolean bs_template_verify (const char *cache_dir, const char *key, GCancellable *cancellable, GError **error);

/* It was used now. */
void bs_template_touch (const char *cache_dir, const char *key);

/**
 * bs_template_lock:
 * @waiting: (nullable): called once when another holds it
 *
 * Returns: a descriptor that holds the right to make or remove @key until closed; -1 with %BS_ERROR_CANCELLED, …
 */
int bs_template_lock (const char *cache_dir, const char *key, void (*waiting) (gpointer user_data), gpointer user_data,
                      GCancellable *cancellable, GError **error);
/* Whether nobody holds it; then the descriptor as above, else -1. */
int bs_template_try_lock (const char *cache_dir, const char *key);
/* Removes the lock's file. The caller holds it, and lets it go then. */
void bs_template_forget_lock (const char *cache_dir, const char *key);
/* Removes those of templates that are not there, and that nobody makes. */
void bs_template_forget_locks (const char *cache_dir);

/**
 * bs_template_seal:
 * @dirfd: a folder with a template's files, all but the manifest
 * @about: an object; "files" is added
 * @digests: (nullable): an object of digests that are known already, by file name
 *
 * Syncs each file and writes the manifest.
 */
gboolean bs_template_seal (int dirfd, json_t *about, const json_t *digests, GCancellable *cancellable, GError **error);

/* Gives the sealed folder @path its place. The caller holds the lock of @key. */
gboolean bs_template_publish (const char *cache_dir, const char *path, const char *key, GError **error);

/* Removes @key. The caller holds its lock. Machines that run from it go on. */
gboolean bs_template_remove (const char *cache_dir, const char *key, GError **error);

/**
 * bs_template_discard:
 *
 * Removes @key since it cannot be used as it is. The caller holds its lock.
 *
 * Returns: FALSE with %BS_ERROR_BUSY when the disk of a recorded lab's node is an overlay of its disk
 */
gboolean bs_template_discard (const char *cache_dir, const char *key, GError **error);

/* From now on it is found to be damaged: for the reason @why. */
void bs_template_mark_damaged (const char *cache_dir, const char *key, const char *why);

/* Removes @key if it is the machine of one that failed. */
void bs_template_remove_kept (const char *cache_dir, const char *key);

/* "template-0123abcd", as people are told of @key; (transfer full) */
char *bs_template_shown_name (const char *key);
/* Whether @name means it: so many digits, or more, with or without "template-". */
gboolean bs_template_is_called (const char *key, const char *name);
