/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-switch-control — requests to the switch, broken and hostile ones too
 *
 * The input is a list of messages: one byte says how many descriptors ride along (0 to 3) and of what kind each is, one
 * byte the length, then the bytes. After each: a refused request changed nothing and took nothing.
 */
#include "bs-switch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FDS_MAX 3

static BsSwitch the_switch;
static BsSwitchMemory memory;
static int fitting, unfit, trace;
static unsigned n_ports; /* as last counted */

static void
check (int truth)
{
  if (!truth)
    abort ();
}

static void
start (void)
{
  static int started;
  int pair[2];

  if (started)
    return;
  check (socketpair (AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
  fitting = pair[0];
  unfit = open ("/dev/null", O_RDWR);
  trace = memfd_create ("trace", 0);
  check (write (trace, "\1\0\0\0\5\0\0\0\3\0\0\0", 12) == 12);
  check (unfit >= 0 && bs_switch_init (&the_switch, &memory, -1));
  started = 1;
}

static unsigned
count_ports (void)
{
  unsigned n = 0;

  for (unsigned i = 0; i < BS_SWITCH_PORTS_MAX; i++)
    n += memory.state[i].descriptor != 0;
  return n;
}

static void
check_result (int result, const BsSwitchRequest *request, size_t length)
{
  unsigned before = n_ports, after = count_ports ();

  switch (result)
    {
    case 0:
      check (length == sizeof *request);
      check (after
             == before + (request->op == BS_SWITCH_ADD_PORT ? 1u : 0u)
                    - (request->op == BS_SWITCH_REMOVE_PORT ? 1u : 0u));
      break;
    case EPROTO:
    case EEXIST:
    case EADDRINUSE:
    case EINVAL:
    case ENOENT:
    case ENOSPC:
      check (after == before);
      break;
    default:
      abort ();
    }
  n_ports = after;
}

static void
apply (const uint8_t *message, size_t length, uint8_t riders)
{
  BsSwitchRequest request = { 0 };
  unsigned n_fds = riders % (FDS_MAX + 1);
  uint32_t serial;
  int fds[FDS_MAX], result;

  memcpy (&request, message, length < sizeof request ? length : sizeof request);
  for (unsigned i = 0; i < n_fds; i++)
    fds[i] = dup (riders >= 192 ? trace : (riders >> (2 + i)) & 1 ? unfit : fitting);
  result = bs_control_apply (&the_switch, message, length, fds, n_fds, &serial);
  check (serial == request.serial);
  check_result (result, &request, length);
  for (unsigned i = 0; i < n_fds; i++)
    {
      int taken = result == 0 && request.op == BS_SWITCH_ADD_PORT && i == 0;

      check ((fds[i] < 0) == taken);
      if (!taken)
        check (close (fds[i]) == 0);
    }
}

/* The next free descriptor is the one before: nothing leaked. */
static int
next_descriptor (void)
{
  int fd = dup (unfit);

  close (fd);
  return fd;
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  int before;

  start ();
  before = next_descriptor ();
  while (size >= 2)
    {
      uint8_t riders = data[0];
      size_t length = data[1] < size - 2 ? data[1] : size - 2;

      apply (data + 2, length, riders);
      data += 2 + length;
      size -= 2 + length;
    }
  for (unsigned i = 0; i < BS_SWITCH_PORTS_MAX; i++)
    if (the_switch.ports[i].fd > 0)
      check (bs_port_remove (&the_switch, i) == 0);
  n_ports = 0;
  check (count_ports () == 0);
  check (the_switch.schedule.n == 0 && the_switch.pool.n_free == BS_POOL_CELLS);
  check (next_descriptor () == before);
  return 0;
}
