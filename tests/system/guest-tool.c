/* SPDX-License-Identifier: Apache-2.0 */
/* guest-tool SOCKET COMMAND… — wait for the guest program behind a QEMU's socket, then run a command through it
 * guest-tool lab FOLDER NODE COMMAND… — the same through the supervisor of the lab in FOLDER, be it a template's hidden
 * one guest-tool tsc CACHE_DIR — what a microvm's command line says first; without it a boot on a busy host may hang
 *
 * For machines that a test starts by hand. Exits as the command does, 125 when that failed.
 */
#include "bs-error.h"
#include "bs-file.h"
#include "bs-guest.h"
#include "bs-qemu-node.h"
#include "bs-socket.h"
#include "bs-time.h"
#include "bs-tsc.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define PATIENCE_USEC (120 * BS_USEC_PER_SEC)

static gboolean
print (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error)
{
  return bs_fd_write_all (channel == BS_EXEC_STDERR ? 2 : 1, data, length);
}

static BsGuest *
open_guest (const char *socket, GError **error)
{
  gint64 deadline_usec = bs_time_now_usec () + PATIENCE_USEC;
  g_autoptr (BsGuest) guest = NULL;
  int fd;

  /* QEMU makes its socket soon after its start. */
  while ((fd = bs_socket_connect (AT_FDCWD, socket, SOCK_STREAM, NULL)) < 0)
    if (bs_time_now_usec () > deadline_usec)
      {
        bs_set_error (error, BS_ERROR_TIMEOUT, NULL, "nobody listens on '%s'", socket);
        return NULL;
      }
    else
      g_usleep (5000);
  guest = bs_guest_new (fd);
  return bs_guest_open (guest, deadline_usec, NULL, error) ? g_steal_pointer (&guest) : NULL;
}

static BsGuest *
open_in_lab (const char *folder, const char *node, GError **error)
{
  BsBackendLab lab = { .lab = "lab", .uuid = "", .lab_dir = bs_file_open_dir (AT_FDCWD, folder, error) };
  int fd = -1;

  if (lab.lab_dir >= 0)
    lab.control = bs_control_connect (lab.lab_dir, error);
  if (lab.control != NULL)
    fd = bs_qemu_session (&lab, node, bs_time_now_usec () + PATIENCE_USEC, error);
  return fd >= 0 ? bs_guest_new (fd) : NULL;
}

int
main (int argc, char **argv)
{
  gboolean in_lab = argc > 4 && strcmp (argv[1], "lab") == 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (BsGuest) guest = NULL;
  BsExecSpec spec = { .argv = (const char *const *) argv + (in_lab ? 4 : 2), .timeout_usec = PATIENCE_USEC };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1, .output = print };
  BsExecResult result = { 0 };

  if (argc < 3)
    return 2;
  if (strcmp (argv[1], "tsc") == 0)
    return printf ("tsc_early_khz=%u\n", bs_tsc_khz (argv[2])) < 0;
  guest = in_lab ? open_in_lab (argv[2], argv[3], &error) : open_guest (argv[1], &error);
  if (guest != NULL && bs_guest_exec (guest, &spec, &io, &result, NULL, &error))
    return result.exit_code;
  fprintf (stderr, "guest-tool: %s\n", error->message);
  return 125;
}
