/* SPDX-License-Identifier: Apache-2.0 */
/* A guest and two clients that say anything to one relay: bytes are dealt to the three in pieces, as the input says. */
#include "bs-fd.h"
#include "bs-relay.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

typedef struct
{
  gboolean over;
} Watch;

static void
ended (const char *reason, gpointer user_data)
{
  Watch *watch = user_data;

  if (watch->over || reason == NULL)
    abort ();
  watch->over = TRUE;
}

static void
discard (int fd)
{
  static char buffer[65536];

  while (fd >= 0 && recv (fd, buffer, sizeof buffer, MSG_DONTWAIT) > 0)
    ;
}

/* A piece: who (0 guest, 1 and 2 clients, 3 closes a client), length, bytes. */
static void
deal (const uint8_t *data, size_t size, int ends[3], BsLoop *loop, const Watch *watch)
{
  while (size >= 2 && !watch->over)
    {
      unsigned who = data[0] & 3;
      size_t length = data[1] < size - 2 ? data[1] : size - 2;

      if (who == 3)
        bs_fd_clear (&ends[1]);
      else if (ends[who] >= 0)
        send (ends[who], data + 2, length, MSG_DONTWAIT | MSG_NOSIGNAL);
      bs_loop_turn (loop, 0);
      discard (ends[0]);
      data += 2 + length;
      size -= 2 + length;
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (BsLoop) loop = bs_loop_new (NULL);
  int pair[2], ends[3];
  BsOutbox out = { 0 };
  Watch watch = { FALSE };
  BsRelay *relay;

  if (socketpair (AF_UNIX, SOCK_STREAM, 0, pair) != 0)
    abort ();
  relay = bs_relay_new (loop, pair[1], &out, ended, &watch);
  ends[0] = pair[0];
  ends[1] = bs_relay_connect (relay, NULL);
  ends[2] = bs_relay_connect (relay, NULL);
  deal (data, size, ends, loop, &watch);
  bs_relay_free (relay);
  for (int i = 0; i < 3; i++)
    bs_fd_clear (&ends[i]);
  return 0;
}
