/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-guest-host.c — a guest that says any bytes, to the host's exec, copy out and copy in */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-guest.h"
#include "bs-socket.h"
#include "bs-time.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static gboolean
take (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error)
{
  return TRUE;
}

static gboolean
run (BsGuest *guest)
{
  const char *const argv[] = { "true", NULL };
  BsExecSpec spec = { .argv = argv };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1, .output = take };
  BsExecResult result;
  g_autoptr (GError) error = NULL;
  gboolean ok = bs_guest_exec (guest, &spec, &io, &result, NULL, &error);

  if (ok ? result.exit_code < 0 || result.exit_code > 255 : error == NULL)
    abort ();
  return ok;
}

/* The folder beside the destination must stay empty whatever comes. */
static void
copy (BsGuest *guest, gboolean out)
{
  g_autofree char *folder = g_dir_make_tmp ("bs-fuzz-XXXXXX", NULL);
  g_autofree char *destination = g_build_filename (folder, "in", NULL),
                  *beside = g_build_filename (folder, "beside", NULL);
  g_autoptr (GDir) dir = NULL;

  mkdir (destination, 0700);
  mkdir (beside, 0700);
  if (out)
    bs_guest_copy_out (guest, "/x", destination, NULL, NULL, NULL, NULL);
  else
    bs_guest_copy_in (guest, "/proc/version", "/x", NULL, NULL, NULL, NULL);
  dir = g_dir_open (beside, 0, NULL);
  if (dir == NULL || g_dir_read_name (dir) != NULL)
    abort ();
  bs_file_remove_tree (AT_FDCWD, folder, NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (BsGuest) guest = NULL;
  bs_autofd int liar = -1;
  int ends[2];

  if (size < 1 || size > 65536 || !bs_socket_pair (SOCK_STREAM, ends, NULL))
    return 0;
  guest = bs_guest_new (ends[0]);
  liar = ends[1];
  if (send (liar, data + 1, size - 1, MSG_NOSIGNAL) < 0)
    abort ();
  shutdown (liar, SHUT_WR);
  if (data[0] % 3 == 0)
    run (guest);
  else
    copy (guest, data[0] % 3 == 1);
  return 0;
}
