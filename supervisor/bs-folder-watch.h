/* SPDX-License-Identifier: Apache-2.0 */
/* bs-folder-watch.h — tells when a name appears in a folder */
#pragma once

#include "bs-loop.h"

typedef struct _BsFolderWatch BsFolderWatch;
typedef void (*BsFolderWatchCreated) (gpointer user_data);

BsFolderWatch *bs_folder_watch_new (BsLoop *loop, int dir);
void bs_folder_watch_free (BsFolderWatch *self);

/* Calls @created whenever @path (relative to the folder given above) is made; one watch for each @user_data. FALSE when
 * the kernel refuses, or the folder is missing. */
gboolean bs_folder_watch_add (BsFolderWatch *self, const char *path, BsFolderWatchCreated created, gpointer user_data);
void bs_folder_watch_remove (BsFolderWatch *self, gpointer user_data);
