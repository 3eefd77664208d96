/* SPDX-License-Identifier: Apache-2.0 */
/* bs-port-tap.c — a TAP device with IFF_VNET_HDR: a container's interface, with what its kernel left to the wire
 *
 * One read(2) and one write(2) a frame is all that the kernel offers here. Frames are read until there are none, a
 * batch is full, or as many bytes were read as stay in the processor's cache until they are written: of 64 KiB packets
 * that is a few, of small ones a full batch. They lie close behind each other, and have room for a header before them.
 *
 * An interface that is down refuses with EIO what is written, and sends nothing; one that is gone fails to be read
 * (EBADFD): then the port hangs up, as a socket's that was shut down.
 */
#include "bs-switch.h"

#include "bs-vnet.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The least that any kernel gives back of IFF_TAP | IFF_NO_PI | IFF_VNET_HDR. */
#define FLAGS_MASK (IFF_TUN | IFF_TAP | IFF_NO_PI | IFF_VNET_HDR)
#define FLAGS (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR)
#define BATCH_BYTES (192u << 10)
#define ALIGNMENT 16

static int
check (int fd)
{
  struct ifreq request = { 0 };
  int header = 0, status = fcntl (fd, F_GETFL);

  if (status < 0 || (status & O_NONBLOCK) == 0 || (status & O_ACCMODE) != O_RDWR || ioctl (fd, TUNGETIFF, &request) != 0
      || ioctl (fd, TUNGETVNETHDRSZ, &header) != 0)
    return EINVAL;
  return (request.ifr_flags & FLAGS_MASK) == FLAGS && header == BS_VNET_LENGTH ? 0 : EINVAL;
}

static void
take (BsSwitch *self, uint16_t number, uint8_t *bytes, uint32_t length)
{
  uint8_t *frame = bytes + BS_VNET_LENGTH;
  BsOffload offload;

  length -= BS_VNET_LENGTH;
  if (length > BS_SWITCH_FRAME_MAX)
    bs_port_refuse (self, number, frame, length, BS_SWITCH_DROP_OVERSIZE);
  else if (!bs_vnet_decode (&offload, bytes, frame, length))
    bs_port_refuse (self, number, frame, length, BS_SWITCH_DROP_OFFLOAD);
  else
    bs_forward (self, number, frame, length, &offload);
}

static bool
receive (BsSwitch *self, uint16_t number)
{
  const BsPort *port = &self->ports[number];
  uint8_t *at = self->staging;

  for (unsigned i = 0; i < BS_BATCH && at < self->staging + BATCH_BYTES; i++)
    {
      ssize_t n = read (port->fd, at, BS_VNET_LENGTH + BS_SWITCH_FRAME_MAX + 1);

      if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
      if (n < BS_VNET_LENGTH)
        {
          bs_port_hang_up (self, number);
          return false;
        }
      take (self, number, at, (uint32_t) n);
      at += ((size_t) n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
  return true;
}

static int
send_each (BsSwitch *self, const BsPort *port, struct mmsghdr *messages, unsigned n)
{
  (void) self;
  for (unsigned i = 0; i < n; i++)
    {
      const struct msghdr *message = &messages[i].msg_hdr;
      ssize_t sent = message->msg_iovlen == 1 ? write (port->fd, message->msg_iov->iov_base, message->msg_iov->iov_len)
                                              : writev (port->fd, message->msg_iov, (int) message->msg_iovlen);

      if (sent < 0)
        return i > 0 ? (int) i : -1;
      messages[i].msg_len = (unsigned) sent;
    }
  return (int) n;
}

const BsPortKind bs_port_tap = { .header = BS_VNET_LENGTH, .check = check, .receive = receive, .send = send_each };
