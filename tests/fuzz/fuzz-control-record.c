/* SPDX-License-Identifier: Apache-2.0 */
/* supervisor.json as a successor finds it; what was accepted must survive being written and read again. */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-machine.h"
#include "bs-record.h"
#include "bs-spawn.h"

#include <stdlib.h>
#include <string.h>

#define TAG "benchscale:0123456789ab:fuzz:uuid:supervisor"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

pid_t
bs_spawn (const BsSpawn *spawn, int *pidfd, GError **error)
{
  abort ();
}

static int dir = -1;
static char *folder;

static void
clean_up (void)
{
  bs_file_remove_tree (AT_FDCWD, folder, NULL);
}

static void
write_record (const uint8_t *data, size_t size)
{
  int fd = openat (dir, BS_RECORD, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  if (fd < 0 || !bs_fd_write_all (fd, data, size))
    abort ();
  close (fd);
}

static gboolean
load (guint *machines)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BsSupervisor) self = bs_supervisor_new (dir, TAG, NULL);
  g_autoptr (json_t) record = bs_record_load (self, &error);

  *machines = self->machines->len;
  if (record == NULL && (error == NULL || *machines > 0))
    abort ();
  if (record == NULL)
    return FALSE;
  bs_record_save (self);
  return TRUE;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint first, second;

  if (dir < 0)
    {
      folder = g_dir_make_tmp ("bs-fuzz-XXXXXX", NULL);
      dir = bs_file_open_dir (AT_FDCWD, folder, NULL);
      atexit (clean_up);
    }
  write_record (data, size);
  if (load (&first) && (!load (&second) || first != second))
    abort ();
  return 0;
}
