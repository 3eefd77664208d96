/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-switch-frame — frames through learning, flooding, queues and slow or dead receivers
 *
 * Six ports on two networks, with sockets that are never written: a send function in the middle answers as the input
 * wants. The input is a list of steps, one byte what and one byte where, some followed by more. Each frame gets two
 * more bytes at its end, the port and the network that it came from, so that whoever gets it can tell that it was for
 * him. Wires are set, and time passes, as the input wants.
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
static uint64_t now_nsec;

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

static uint64_t
read_clock (void)
{
  return now_nsec;
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
  the_switch.clock = read_clock;
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

static uint32_t
cells_of (uint32_t cell)
{
  return bs_pool_cells (the_switch.pool.cells[cell].packet.length);
}

static uint32_t
cells_of_wire (const BsWire *wire)
{
  uint32_t cells = 0, cell = wire->bucket.head;

  for (uint32_t i = 0; i < wire->bucket.n; i++, cell = the_switch.pool.cells[cell].after)
    cells += cells_of (cell);
  return cells;
}

static void
check_cells (void)
{
  uint32_t cells = the_switch.pool.n_free;

  for (unsigned i = 0; i < PORTS; i++)
    cells += the_switch.ports[i].queue.cells + cells_of_wire (&the_switch.wires.all[i])
             + cells_of_wire (&the_switch.wires.all[BS_WIRE_OF_INGRESS + i]);
  for (unsigned i = 0; i < the_switch.wires.used; i++)
    cells += cells_of_wire (&the_switch.wires.all[BS_WIRE_OF_PAIRS + i]);
  for (uint32_t i = 0; i < the_switch.schedule.n; i++)
    if (the_switch.schedule.events[i].what < BS_POOL_CELLS)
      cells += cells_of (the_switch.schedule.events[i].what);
  check (cells == BS_POOL_CELLS);
}

/* No corruption: it would change the mark. */
static void
set_wire (Input *input, uint16_t port)
{
  uint8_t where = take (input), what = take (input), kind = take (input);
  BsSwitchWire wire = { .direction = where & 1 ? BS_SWITCH_DIRECTION_IN : BS_SWITCH_DIRECTION_OUT,
                        .to = (where & 3) == 2 ? where / 4 % PORTS : BS_SWITCH_ANY,
                        .seed = take (input) };

  if ((what & 1) != 0)
    wire.delay_nsec = (uint64_t) take (input) * 1000;
  if ((what & 2) != 0)
    {
      wire.jitter_nsec = (uint64_t) take (input) * 1000;
      wire.jitter_kind = BS_SWITCH_JITTER_UNIFORM + kind % 3;
    }
  if ((what & 4) != 0)
    wire.loss = (uint64_t) take (input) << 24;
  if ((what & 8) != 0)
    wire.duplicate = (uint64_t) take (input) << 24;
  if ((what & 16) != 0)
    wire.reorder = (uint64_t) take (input) << 24;
  if ((what & 32) != 0)
    {
      wire.rate = 1 + (uint64_t) take (input) * 1000000;
      wire.queue_bytes = (uint64_t) take (input) * 100;
      wire.queue_nsec = 1 + (uint64_t) take (input) * 1000;
      wire.flags = (what & 64 ? BS_SWITCH_WIRE_CODEL : 0u)
                   | (what & 128 && wire.to != BS_SWITCH_ANY ? BS_SWITCH_WIRE_OWN_BUCKET : 0u);
    }
  if (bs_wire_is_valid (&wire) && wire.to != port)
    bs_wires_set (&the_switch, port, &wire, -1);
}

static void
pass_time (uint8_t much)
{
  now_nsec += (uint64_t) much * much * 1000;
  the_switch.now_sec += much > 250 ? much * 16u : 0;
  bs_transit_run (&the_switch, now_nsec);
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
    pass_time (where);
  else if (what < 240 && the_switch.ports[port].fd > 0)
    bs_port_hang_up (&the_switch, port);
  else if (what < 250 && bs_port_remove (&the_switch, port) != 0)
    add_port (port);
  else if (what >= 250)
    set_wire (input, port);
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
