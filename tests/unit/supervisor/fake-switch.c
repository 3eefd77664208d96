/* SPDX-License-Identifier: Apache-2.0 */
/* fake-switch.c — writes what it is told into the file "told" of its working folder, and answers; carries nothing
 *
 * Its memory stays without a header, as that of a switch that has just begun. A loss of FAKE_REFUSED is refused.
 */
#include "bs-switch-protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define FAKE_REFUSED 12345

static int told;
static bool ports[BS_SWITCH_PORTS_MAX];

static void __attribute__ ((format (printf, 1, 2))) tell (const char *format, ...)
{
  char line[512];
  va_list arguments;
  int length;

  va_start (arguments, format);
  length = vsnprintf (line, sizeof line, format, arguments);
  va_end (arguments);
  if (write (told, line, (size_t) length) != length)
    _exit (1);
}

static int
tell_wire (const BsSwitchRequest *request, int fd)
{
  const BsSwitchWire *wire = &request->wire;
  BsSwitchWire nothing = { .direction = wire->direction, .to = wire->to };
  struct stat info = { 0 };
  char to[16] = "all";

  if ((fd >= 0) != (wire->trace_bytes > 0)
      || (fd >= 0 && (fstat (fd, &info) != 0 || (uint64_t) info.st_size != wire->trace_bytes)))
    return EPROTO;
  if (!ports[request->port] || (wire->to != BS_SWITCH_ANY && !ports[wire->to]))
    return ENOENT;
  if (wire->loss == FAKE_REFUSED)
    return EINVAL;
  if (wire->to != BS_SWITCH_ANY)
    snprintf (to, sizeof to, "%u", wire->to);
  tell ("wire %u %s %s:", request->port, wire->direction == BS_SWITCH_DIRECTION_IN ? "in" : "out", to);
  if (memcmp (wire, &nothing, sizeof nothing) == 0)
    tell (" nothing");
  else
    tell (" delay %llu jitter %llu kind %u loss %llu rate %llu queue %llu flags %u trace %llu seed %llu",
          (unsigned long long) wire->delay_nsec, (unsigned long long) wire->jitter_nsec, wire->jitter_kind,
          (unsigned long long) wire->loss, (unsigned long long) wire->rate, (unsigned long long) wire->queue_bytes,
          wire->flags, (unsigned long long) wire->trace_bytes,
          (unsigned long long) (wire->seed & ~(UINT64_C (1) << 63)));
  tell ("\n");
  return 0;
}

static int
take (const BsSwitchRequest *request, int fd)
{
  switch (request->op)
    {
    case BS_SWITCH_ADD_PORT:
      tell ("add %u network %u identity %llu\n", request->port, request->add.network,
            (unsigned long long) request->add.identity);
      ports[request->port] = true;
      return 0;
    case BS_SWITCH_REMOVE_PORT:
      tell ("remove %u\n", request->port);
      ports[request->port] = false;
      return 0;
    case BS_SWITCH_SET_WIRE:
      return tell_wire (request, fd);
    case BS_SWITCH_SET_CUTS:
      tell ("cuts %u: sends %llx receives %llx\n", request->port, (unsigned long long) request->cuts.sends,
            (unsigned long long) request->cuts.receives);
      return 0;
    case BS_SWITCH_PING:
      tell ("ping\n");
      return 0;
    default:
      return EPROTO;
    }
}

static int
descriptor_of (struct msghdr *message)
{
  int fd = -1;

  for (struct cmsghdr *part = CMSG_FIRSTHDR (message); part != NULL; part = CMSG_NXTHDR (message, part))
    if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS)
      memcpy (&fd, CMSG_DATA (part), sizeof fd);
  return fd;
}

int
main (void)
{
  told = open ("told", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  tell ("start\n");
  for (;;)
    {
      BsSwitchRequest request;
      BsSwitchReply reply = { .version = BS_SWITCH_VERSION, .size = sizeof reply };
      char room[CMSG_SPACE (sizeof (int))];
      struct iovec part = { &request, sizeof request };
      struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room };
      int fd;

      if (recvmsg (BS_SWITCH_CONTROL_FD, &message, MSG_CMSG_CLOEXEC) != sizeof request)
        break;
      fd = descriptor_of (&message);
      reply.serial = request.serial;
      reply.result = take (&request, fd);
      if (fd >= 0)
        close (fd);
      if (send (BS_SWITCH_CONTROL_FD, &reply, sizeof reply, MSG_NOSIGNAL) < 0)
        break;
    }
  for (;;) /* as the real one: it outlives its supervisor */
    pause ();
}
