/* SPDX-License-Identifier: Apache-2.0 */
/* wires.json ('w' comes first) and faults.json as a successor finds them; what was accepted must survive being written
 * and read again. What marks them as of this boot is put before the input. */
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-net-private.h"
#include "bs-process.h"
#include "bs-spawn.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
write_record (const char *name, const uint8_t *data, size_t size)
{
  g_autofree char *head = g_strdup_printf ("{\"format\":1,\"boot_id\":\"%s\",", bs_process_boot_id ());
  int fd = openat (dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  if (fd < 0 || !bs_fd_write_all (fd, head, strlen (head)) || !bs_fd_write_all (fd, data, size))
    abort ();
  close (fd);
}

typedef struct
{
  guint declared, pairs, layers, partitions;
  guint64 cuts;
} Counts;

static Counts
load (void)
{
  g_autoptr (BsSupervisor) lab = bs_supervisor_new (dir, TAG, NULL);
  Counts counts;

  bs_net_load (lab->net);
  counts = (Counts){ g_hash_table_size (lab->net->declared), lab->net->pairs->len, lab->net->layers->len,
                     lab->net->partitions->len, lab->net->used_cuts };
  if (!bs_net_save_declared (lab->net, NULL) || !bs_net_save_faults (lab->net, NULL))
    abort ();
  return counts;
}

/* What has an end may end between the two. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Counts first, second;

  if (dir < 0)
    {
      folder = g_dir_make_tmp ("bs-fuzz-XXXXXX", NULL);
      dir = bs_file_open_dir (AT_FDCWD, folder, NULL);
      atexit (clean_up);
    }
  if (size == 0)
    return 0;
  unlinkat (dir, BS_NET_WIRES_RECORD, 0);
  unlinkat (dir, BS_NET_FAULTS_RECORD, 0);
  unlinkat (dir, "events.ndjson", 0);
  write_record (data[0] == 'w' ? BS_NET_WIRES_RECORD : BS_NET_FAULTS_RECORD, data + 1, size - 1);
  first = load ();
  second = load ();
  if (first.declared != second.declared || first.pairs != second.pairs || first.layers < second.layers
      || first.partitions < second.partitions || (first.partitions == second.partitions && first.cuts != second.cuts))
    abort ();
  return 0;
}
