/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-qga.c — a guest that was taken over says any bytes to the client of its agent; the first byte chooses what is
 * asked, its highest bit whether the two must find each other first. */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-qga-private.h"
#include "bs-socket.h"
#include "bs-time.h"

#include <stdint.h>
#include <sys/socket.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static gboolean
take_output (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error)
{
  return TRUE;
}

static void
ask (BsQga *qga, guint8 what, gint64 deadline_usec, GError **error)
{
  const char *const argv[] = { "x", NULL };
  BsExecSpec spec = { .argv = argv };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1, .output = take_output };
  g_autofree char *version = NULL;
  g_auto (GStrv) commands = NULL;
  BsExecResult result;

  switch (what % 5)
    {
    case 0:
      bs_qga_info (qga, &version, &commands, deadline_usec, NULL, error);
      return;
    case 1:
      g_clear_pointer (&(GPtrArray *){ bs_qga_interfaces (qga, deadline_usec, NULL, error) }, g_ptr_array_unref);
      return;
    case 2:
      bs_qga_exec (qga, &spec, &io, &result, deadline_usec, NULL, error);
      return;
    case 3:
      g_clear_pointer (&(GBytes *){ bs_qga_read_file (qga, "/x", 100000, deadline_usec, NULL, error) }, g_bytes_unref);
      return;
    default:
      bs_qga_power (qga, "off", deadline_usec, NULL, error);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  gint64 deadline_usec = bs_time_now_usec () + 2 * BS_USEC_PER_SEC;
  g_autoptr (GError) error = NULL, sync = NULL;
  g_autoptr (BsQga) qga = NULL;
  bs_autofd int server = -1;
  int ends[2];

  if (size < 2 || size > 65536 || !bs_socket_pair (SOCK_STREAM, ends, NULL))
    return 0;
  server = ends[1];
  qga = bs_qga_new (ends[0]);
  bs_fd_write_all (server, data + 1, size - 1);
  shutdown (server, SHUT_WR);
  if (data[0] & 0x80)
    g_assert_true (bs_qga_sync (qga, deadline_usec, NULL, &sync) == (sync == NULL));
  else
    bs_qga_assume_synced (qga);
  ask (qga, data[0] & 0x7f, deadline_usec, &error);
  return 0;
}
