/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-offload — what a TAP's kernel says before its frames, through the whole switch to receivers of all kinds
 *
 * Four ports on one network: a TAP that takes all in, one that takes only checksums, one that takes nothing, a socket
 * pair. Sockets stand for the TAPs: a read and a write mean the same. The input is a list of steps: a header and a
 * frame from one of them, a wire that is set, time that passes. Whatever arrives fits its own header and what its
 * receiver takes; no cell of the pool is lost.
 */
#include "bs-switch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PORTS 4
#define PAIR 3
#define ROOM (BS_VNET_LENGTH + BS_SWITCH_FRAME_MAX)

typedef struct
{
  const uint8_t *data;
  size_t left;
} Input;

static const uint32_t offloads[PORTS]
    = { BS_SWITCH_OFFLOAD_CSUM | BS_SWITCH_OFFLOAD_TSO4 | BS_SWITCH_OFFLOAD_TSO6 | BS_SWITCH_OFFLOAD_USO,
        BS_SWITCH_OFFLOAD_CSUM, 0, 0 };
static BsSwitch the_switch;
static BsSwitchMemory memory;
static int machines[PORTS];
static uint64_t now_nsec;
static uint8_t room[ROOM + 1];

static void
check (bool truth)
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

static void
add_port (uint16_t port)
{
  BsSwitchRequest request
      = { .port = port, .add = { .kind = BS_SWITCH_PORT_DGRAM, .mac = { 2, 0, 0, 0, 0, (uint8_t) port } } };
  int ends[2];

  check (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends) == 0);
  machines[port] = ends[0];
  check (bs_port_add (&the_switch, &request, ends[1]) == 0);
  if (port != PAIR)
    the_switch.ports[port].kind = &bs_port_tap;
  the_switch.ports[port].offload = offloads[port];
}

static void
start (void)
{
  static bool started;

  if (!started)
    check (bs_switch_init (&the_switch, &memory, -1));
  started = true;
  the_switch.clock = read_clock;
  for (uint16_t i = 0; i < PORTS; i++)
    add_port (i);
}

static void
check_arrived (uint16_t port, uint32_t length)
{
  const uint32_t gso = BS_SWITCH_OFFLOAD_TSO4;
  BsOffload offload;

  if (port == PAIR)
    {
      check (length >= 14);
      return;
    }
  check (length >= BS_VNET_LENGTH + 14);
  check (bs_vnet_decode (&offload, room, room + BS_VNET_LENGTH, length - BS_VNET_LENGTH));
  check (offload.gso == BS_GSO_NONE || (offloads[port] & gso) != 0);
  check (!offload.needs_checksum || (offloads[port] & BS_SWITCH_OFFLOAD_CSUM) != 0);
}

/* Everyone reads what there is, and what the switch had to keep for them. */
static void
read_all (void)
{
  for (uint16_t i = 0; i < PORTS; i++)
    do
      {
        ssize_t n;

        while ((n = recv (machines[i], room, sizeof room, 0)) >= 0)
          check_arrived (i, (uint32_t) n);
        bs_port_drain (&the_switch, i);
      }
    while (the_switch.ports[i].queue.cells != 0);
}

static void
send_packet (Input *input, uint16_t port, uint8_t copies)
{
  size_t length = (size_t) take (input) << 8 | take (input), stretch = take (input) * 256u;

  memset (room, 0, sizeof room);
  length = length < input->left ? length : input->left;
  memcpy (room, input->data, length);
  input->data += length;
  input->left -= length;
  length = length + stretch < ROOM ? length + stretch : ROOM;
  for (unsigned i = 0; i <= copies % 4; i++)
    if (port == PAIR && length > BS_VNET_LENGTH)
      check (send (machines[port], room + BS_VNET_LENGTH, length - BS_VNET_LENGTH, 0) > 0 || errno == EAGAIN);
    else if (length >= BS_VNET_LENGTH)
      check (send (machines[port], room, length, 0) > 0 || errno == EAGAIN);
  if (the_switch.ports[port].events != 0)
    bs_port_receive (&the_switch, port);
  read_all ();
}

static void
set_wire (Input *input, uint16_t port)
{
  uint8_t what = take (input);
  BsSwitchWire wire = { .direction = what & 1 ? BS_SWITCH_DIRECTION_IN : BS_SWITCH_DIRECTION_OUT, .to = BS_SWITCH_ANY };

  wire.delay_nsec = what & 2 ? 1000u * take (input) : 0;
  wire.loss = what & 4 ? (uint64_t) take (input) << 24 : 0;
  wire.duplicate = what & 8 ? (uint64_t) take (input) << 24 : 0;
  wire.corrupt = what & 16 ? (uint64_t) take (input) << 24 : 0;
  if (bs_wire_is_valid (&wire))
    bs_wires_set (&the_switch, port, &wire, -1);
}

static void
step (Input *input)
{
  uint8_t what = take (input);
  uint16_t port = what % PORTS;

  if (what < 200)
    send_packet (input, port, what / PORTS);
  else if (what < 230)
    set_wire (input, port);
  else
    {
      now_nsec += 1000u * take (input);
      bs_transit_run (&the_switch, now_nsec);
      read_all ();
    }
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Input input = { data, size };

  start ();
  while (input.left > 0)
    step (&input);
  now_nsec += UINT64_C (1000000000);
  bs_transit_run (&the_switch, now_nsec);
  read_all ();
  for (uint16_t i = 0; i < PORTS; i++)
    {
      bs_port_remove (&the_switch, i);
      close (machines[i]);
    }
  check (the_switch.pool.n_free == BS_POOL_CELLS);
  return 0;
}
