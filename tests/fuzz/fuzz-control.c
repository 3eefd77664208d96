/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the supervisor, one a line, against a whole supervisor without a socket. No process is started. */
#include "bs-request.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-record.h"
#include "bs-spawn.h"

#include <stdlib.h>
#include <string.h>

#define TAG "benchscale:0123456789ab:fuzz:uuid:supervisor"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* In place of bs-spawn.c: every program is missing. */
pid_t
bs_spawn (const BsSpawn *spawn, int *pidfd, GError **error)
{
  if (spawn->argv[0] == NULL || spawn->dir < 0 || spawn->n_fds > BS_SPAWN_FDS_MAX)
    abort ();
  for (guint i = 0; i < spawn->n_fds; i++)
    if (spawn->fds[i].source < 0 || spawn->fds[i].target < 3 || spawn->fds[i].target >= BS_SPAWN_TARGETS)
      abort ();
  bs_set_error (error, BS_ERROR_HOST, NULL, "no program is started here");
  return -1;
}

static int dir = -1;
static char *folder;

static void
clean_up (void)
{
  bs_file_remove_tree (AT_FDCWD, folder, NULL);
}

static void
make_folder (void)
{
  folder = g_dir_make_tmp ("bs-fuzz-XXXXXX", NULL);
  dir = bs_file_open_dir (AT_FDCWD, folder, NULL);
  atexit (clean_up);
}

static BsSupervisor *
make_supervisor (void)
{
  g_autoptr (GError) error = NULL;
  BsSupervisor *self;

  unlinkat (dir, "events.ndjson", 0); /* does not grow from input to input */
  self = bs_supervisor_new (dir, TAG, &error);
  if (self == NULL)
    abort ();
  return self;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (BsSupervisor) self = NULL;
  const char *at = (const char *) data, *end = at + size;

  if (dir < 0)
    make_folder ();
  self = make_supervisor ();
  while (at < end && self->shutdown == NULL)
    {
      const char *newline = memchr (at, '\n', (size_t) (end - at));
      const char *stop = newline != NULL ? newline : end;

      bs_request_handle (at, (gsize) (stop - at), bs_reply_new_orphan (), self);
      bs_loop_turn (self->loop, 0);
      at = stop + (stop < end);
    }
  return 0;
}
