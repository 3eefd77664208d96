/* SPDX-License-Identifier: Apache-2.0 */
#include "virtual.h"

#include <string.h>
#include <unistd.h>

#define HEADERS 42

BsSwitch virtual_switch;
BsSwitchMemory *virtual_memory;
GArray *virtual_arrivals;
static guint64 now_nsec;
static guint16 port_of_fd[4096];

static guint64
read_clock (void)
{
  return now_nsec;
}

/* What virtual_send() makes. */
static void
make_frame (guint8 *frame, guint16 from, guint16 to, guint16 udp_port, guint32 serial, guint32 length)
{
  static const guint8 ip[] = { 0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 0, 10, 0, 0, 0 };

  memset (frame, 0, length);
  memset (frame, to == TO_ALL ? 0xff : 0, 6);
  if (to != TO_ALL)
    {
      frame[0] = 2;
      frame[5] = (guint8) (to + 1);
    }
  frame[6] = 2;
  frame[11] = (guint8) (from + 1);
  frame[12] = 8;
  memcpy (frame + 14, ip, sizeof ip);
  frame[16] = (guint8) ((length - 14) >> 8);
  frame[17] = (guint8) (length - 14);
  frame[34] = frame[36] = (guint8) (udp_port >> 8);
  frame[35] = frame[37] = (guint8) udp_port;
  frame[38] = (guint8) ((length - 34) >> 8);
  frame[39] = (guint8) (length - 34);
  memcpy (frame + HEADERS, &serial, sizeof serial);
}

static guint
count_flipped (const guint8 *frame, guint16 to, guint32 length)
{
  static guint8 expected[BS_SWITCH_FRAME_MAX];
  guint n = 0;
  guint32 serial;

  memcpy (&serial, frame + HEADERS, sizeof serial);
  make_frame (expected, frame[11] - 1, (frame[0] & 1) != 0 ? TO_ALL : to, frame[36] << 8 | frame[37], serial, length);
  for (guint32 i = 0; i < length; i++)
    n += (guint) __builtin_popcount (frame[i] ^ expected[i]);
  return n;
}

static int
note (int fd, struct mmsghdr *messages, unsigned n, int flags)
{
  static guint8 frame[BS_SWITCH_FRAME_MAX];

  for (unsigned i = 0; i < n; i++)
    {
      const struct msghdr *message = &messages[i].msg_hdr;
      Arrival arrival = { .time_nsec = now_nsec, .port = port_of_fd[fd] };

      for (gsize part = 0; part < message->msg_iovlen; part++)
        {
          memcpy (frame + arrival.length, message->msg_iov[part].iov_base, message->msg_iov[part].iov_len);
          arrival.length += (guint32) message->msg_iov[part].iov_len;
        }
      memcpy (&arrival.serial, frame + HEADERS, sizeof arrival.serial);
      arrival.udp_port = (guint16) (frame[36] << 8 | frame[37]);
      arrival.flipped = (guint16) count_flipped (frame, arrival.port, arrival.length);
      g_array_append_val (virtual_arrivals, arrival);
      messages[i].msg_len = arrival.length;
    }
  return (int) n;
}

int
virtual_ask (BsSwitchRequest *request, int fd)
{
  guint32 serial;
  int fds[] = { fd }, result;

  request->version = BS_SWITCH_VERSION;
  request->size = sizeof *request;
  virtual_switch.now_nsec = now_nsec;
  result = bs_control_apply (&virtual_switch, request, sizeof *request, fds, fd >= 0 ? 1 : 0, &serial);
  if (fd >= 0 && request->op == BS_SWITCH_ADD_PORT && result == 0)
    port_of_fd[fd] = (guint16) request->port;
  return result;
}

void
virtual_start (guint n_ports)
{
  int pair[2];

  if (virtual_memory == NULL)
    virtual_memory = g_new0 (BsSwitchMemory, 1);
  memset (virtual_memory->state, 0, sizeof virtual_memory->state);
  virtual_arrivals = g_array_new (FALSE, FALSE, sizeof (Arrival));
  now_nsec = SEC;
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  g_assert_true (bs_switch_init (&virtual_switch, virtual_memory, -1));
  virtual_switch.clock = read_clock;
  virtual_switch.send = note;
  virtual_switch.now_nsec = now_nsec;
  for (guint i = 0; i < n_ports; i++)
    {
      BsSwitchRequest request = { .op = BS_SWITCH_ADD_PORT,
                                  .port = i,
                                  .add = { .kind = BS_SWITCH_PORT_DGRAM,
                                           .mac = { 2, 0, 0, 0, (guint8) (i >> 8), (guint8) (i + 1) },
                                           .identity = 100 + i } };

      g_assert_cmpint (virtual_ask (&request, dup (pair[0])), ==, 0);
    }
  close (pair[0]);
  close (pair[1]);
}

void
virtual_stop (void)
{
  bs_switch_clear (&virtual_switch);
  g_assert_cmpuint (virtual_switch.schedule.n, ==, 0);
  memset (&virtual_switch.networks[0], 0, sizeof virtual_switch.networks[0]);
  g_clear_pointer (&virtual_arrivals, g_array_unref);
}

void
virtual_forget (void)
{
  g_clear_pointer (&virtual_memory, g_free);
}

BsSwitchWire
virtual_wire (void)
{
  return (BsSwitchWire){ .direction = BS_SWITCH_DIRECTION_OUT, .to = BS_SWITCH_ANY, .seed = 1 };
}

int
virtual_set (guint16 port, const BsSwitchWire *wire)
{
  BsSwitchRequest request = { .op = BS_SWITCH_SET_WIRE, .port = port, .wire = *wire };

  return virtual_ask (&request, -1);
}

void
virtual_cut (guint16 port, guint64 sends, guint64 receives)
{
  BsSwitchRequest request = { .op = BS_SWITCH_SET_CUTS, .port = port, .cuts = { sends, receives } };

  g_assert_cmpint (virtual_ask (&request, -1), ==, 0);
}

void
virtual_send (guint16 from, guint16 to, guint16 udp_port, guint32 serial, guint32 length)
{
  static const BsOffload nothing;
  static guint8 frame[BS_SWITCH_FRAME_MAX], original[BS_SWITCH_FRAME_MAX];

  make_frame (frame, from, to, udp_port, serial, length);
  memcpy (original, frame, length);
  virtual_switch.now_nsec = now_nsec;
  bs_forward (&virtual_switch, from, frame, length, &nothing);
  bs_port_flush_all (&virtual_switch);
  g_assert_cmpmem (frame, length, original, length); /* borrowed is not written to */
}

void
virtual_run (guint64 until)
{
  while (bs_schedule_due (&virtual_switch.schedule) <= until)
    {
      now_nsec = bs_schedule_due (&virtual_switch.schedule);
      virtual_switch.now_sec = (guint32) (now_nsec / SEC);
      bs_transit_run (&virtual_switch, now_nsec);
    }
  now_nsec = until;
  virtual_switch.now_nsec = until;
}

guint
virtual_count (guint16 port)
{
  guint n = 0;

  for (guint i = 0; i < virtual_arrivals->len; i++)
    n += virtual_arrival (i)->port == port;
  return n;
}

const Arrival *
virtual_arrival (guint i)
{
  g_assert_cmpuint (i, <, virtual_arrivals->len);
  return &g_array_index (virtual_arrivals, Arrival, i);
}
