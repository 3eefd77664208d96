/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-qmp.c — a QEMU that was taken over by its guest says any bytes to the QMP client */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-qmp.h"
#include "bs-socket.h"
#include "bs-time.h"

#include <stdint.h>
#include <sys/socket.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  gint64 deadline_usec = bs_time_now_usec () + 5 * BS_USEC_PER_SEC;
  g_autoptr (GError) error = NULL;
  g_autoptr (BsQmp) qmp = NULL;
  bs_autofd int server = -1;
  int ends[2];

  if (size > 65536 || !bs_socket_pair (SOCK_STREAM, ends, NULL))
    return 0;
  server = ends[1];
  bs_fd_write_all (server, data, size);
  shutdown (server, SHUT_WR);
  qmp = bs_qmp_new (ends[0], deadline_usec, NULL, &error);
  for (guint i = 0; qmp != NULL && i < 3; i++)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (json_t) answer = bs_qmp_call (qmp, "query-status", NULL, deadline_usec, NULL, &local);

      g_assert_true ((answer != NULL) == (local == NULL));
    }
  g_assert_true ((qmp != NULL) == (error == NULL));
  return 0;
}
