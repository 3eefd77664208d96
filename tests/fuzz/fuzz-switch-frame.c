/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-switch-frame — frames through learning, flooding, queues and slow or dead receivers
 *
 * Six ports on two networks, with sockets that are never written: a send function in the middle answers as the input
 * wants. The input is a list of steps, one byte what and one byte where, some followed by more. Each frame gets two
 * more bytes at its end, the port and the network that it came from, so that whoever gets it can tell that it was for
 * him.
 */
#include "bs-switch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PORTS 6
#define NETWORKS 2
#define MARK 2

typedef enum
{
  TAKES_ALL,
  TAKES_HALF,
  TAKES_NONE,
  REFUSES_SIZE,
  IS_GONE,
  MOODS,
} Mood;

typedef struct
{
  const uint8_t *data;
  size_t left;
} Input;

static BsSwitch the_switch;
static BsSwitchMemory memory;
static int sockets[PORTS][2];
static Mood moods[PORTS];

static void
check (int truth)
{
  if (!truth)
    abort ();
}

static uint8_t
take (Input *input)
{
  if (input->left == 0)
    return 0;
  input->left--;
  return *input->data++;
}

static uint16_t
port_of_fd (int fd)
{
  for (uint16_t i = 0; i < PORTS; i++)
    if (the_switch.ports[i].fd == fd)
      return i;
  abort ();
}

static void
check_frame (uint16_t out, struct mmsghdr *message)
{
  const struct iovec *part = message->msg_hdr.msg_iov;
  uint8_t mark[MARK];
  size_t length = 0, n = 0;

  for (size_t i = 0; i < message->msg_hdr.msg_iovlen; i++)
    length += part[i].iov_len;
  check (length >= 14 && length <= BS_SWITCH_FRAME_MAX);
  for (size_t i = message->msg_hdr.msg_iovlen; i-- > 0 && n < MARK;)
    for (size_t left = part[i].iov_len; left > 0 && n < MARK; left--)
      mark[n++] = ((const uint8_t *) part[i].iov_base)[left - 1];
  check (mark[0] == the_switch.ports[out].network);
  check (mark[1] != out);
  message->msg_len = (unsigned) length;
}

static int
send_as_wanted (int fd, struct mmsghdr *messages, unsigned n, int flags)
{
  uint16_t out = port_of_fd (fd);
  Mood mood = moods[out];

  (void) flags;
  check (n > 0);
  for (unsigned i = 0; i < n; i++)
    check_frame (out, &messages[i]);
  if (mood == TAKES_ALL || (mood == TAKES_HALF && n > 1))
    return (int) (mood == TAKES_ALL ? n : n / 2);
  errno = mood == REFUSES_SIZE ? EMSGSIZE : mood == IS_GONE ? ECONNREFUSED : EAGAIN;
  return -1;
}

static void
add_port (uint16_t port)
{
  BsSwitchRequest request = { .port = port, .add = { .network = port % NETWORKS, .kind = BS_SWITCH_PORT_DGRAM } };

  if (port < NETWORKS) /* one known machine on each */
    request.add.mac[0] = 2;
  check (bs_port_add (&the_switch, &request, dup (sockets[port][0])) == 0);
}

static void
start (void)
{
  static int started;

  for (unsigned i = 0; i < NETWORKS; i++)
    memset (&the_switch.networks[i].learnt, 0, sizeof the_switch.networks[i].learnt);
  for (uint16_t i = 0; i < PORTS; i++)
    if (started)
      bs_port_remove (&the_switch, i);
    else
      check (socketpair (AF_UNIX, SOCK_DGRAM, 0, sockets[i]) == 0);
  if (!started)
    check (bs_switch_init (&the_switch, &memory, -1));
  started = 1;
  the_switch.send = send_as_wanted;
  the_switch.now_sec = 0;
  for (uint16_t i = 0; i < PORTS; i++)
    {
      moods[i] = TAKES_ALL;
      add_port (i);
    }
  check (the_switch.pool.n_free == BS_POOL_CELLS);
}

/* A batch of up to 64 copies of one frame. */
static void
forward (Input *input, uint16_t in, unsigned copies)
{
  static const BsOffload nothing;
  static uint8_t slot[BS_SWITCH_FRAME_MAX];
  size_t length = take (input), stretch = take (input) * 256u;

  if (length > input->left)
    length = input->left;
  memset (slot, 0, sizeof slot);
  memcpy (slot, input->data, length);
  input->data += length;
  input->left -= length;
  if (the_switch.ports[in].fd == 0)
    return;
  length += stretch;
  if (length + MARK > sizeof slot)
    length = sizeof slot - MARK;
  slot[length] = (uint8_t) in;
  slot[length + 1] = (uint8_t) the_switch.ports[in].network;
  for (unsigned i = 0; i < copies; i++)
    bs_forward (&the_switch, in, slot, (uint32_t) length + MARK, &nothing);
  bs_port_flush_all (&the_switch);
}

static void
check_cells (void)
{
  uint32_t cells = the_switch.pool.n_free;

  for (unsigned i = 0; i < PORTS; i++)
    cells += the_switch.ports[i].queue.cells;
  check (cells == BS_POOL_CELLS);
}

static void
step (Input *input)
{
  uint8_t what = take (input), where = take (input);
  uint16_t port = where % PORTS;

  if (what < 160)
    forward (input, port, what % BS_BATCH + 1);
  else if (what < 190)
    moods[port] = where / PORTS % MOODS;
  else if (what < 220 && the_switch.ports[port].fd > 0)
    bs_port_drain (&the_switch, port);
  else if (what < 230)
    the_switch.now_sec += where * 16u;
  else if (what < 240 && the_switch.ports[port].fd > 0)
    bs_port_hang_up (&the_switch, port);
  else if (what < 250 && bs_port_remove (&the_switch, port) != 0)
    add_port (port);
  check_cells ();
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Input input = { data, size };

  start ();
  while (input.left > 0)
    step (&input);
  return 0;
}
