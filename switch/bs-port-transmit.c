/* SPDX-License-Identifier: Apache-2.0 */
/* bs-port-transmit.c — hands messages to a port's socket, and counts and shows what became of them */
#include "bs-port-send.h"
#include "bs-segment.h"

#include <errno.h>

static void
count_sent (BsPort *port, const struct mmsghdr *messages, uint32_t n)
{
  uint64_t bytes = 0, packets = 0;

  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t length = messages[i].msg_len - port->kind->header;
      BsOffload offload = { 0 };

      if (port->kind->header != 0)
        bs_vnet_trust (&offload, messages[i].msg_hdr.msg_iov->iov_base);
      packets += bs_segment_count (&offload, length);
      bytes += bs_segment_bytes (&offload, length);
    }
  bs_count (&port->counters->tx_packets, packets);
  bs_count (&port->counters->tx_bytes, bytes);
}

/* Returns: why the next frame was not taken; @is_lasting: nor will be those behind it */
static BsSwitchDrop
cause_of (int error, bool *is_lasting)
{
  *is_lasting = false;
  switch (error)
    {
    case EMSGSIZE:
      return BS_SWITCH_DROP_OVERSIZE;
    case EINVAL: /* a TAP's kernel does not like a header that we let pass */
      return BS_SWITCH_DROP_OFFLOAD;
    case ENOBUFS:
    case ENOMEM:
      return BS_SWITCH_DROP_FULL;
    case ECONNREFUSED: /* of a socket pair ENOTCONN follows */
      return BS_SWITCH_DROP_GONE;
    default:
      *is_lasting = true;
      return BS_SWITCH_DROP_GONE;
    }
}

/* Shows taps message @i of tx; @cause is BS_SWITCH_DROPS when the machine was given it. */
static void
show (BsSwitch *self, const BsPort *port, uint32_t i, BsSwitchDrop cause)
{
  const struct msghdr *message = &self->tx[i].msg_hdr;
  uint32_t first = port->kind->header != 0;
  BsTapParts parts = { message->msg_iov + first, message->msg_iovlen - first };
  uint16_t to = (uint16_t) (port - self->ports);

  if (cause == BS_SWITCH_DROPS)
    bs_tap_received_parts (&self->taps, port->network, self->tx_from[i], to, parts);
  else
    bs_tap_dropped_parts (&self->taps, port->network, self->tx_from[i], to, cause, parts);
}

static void
show_sent (BsSwitch *self, const BsPort *port, uint32_t first, uint32_t n)
{
  if (bs_tap_wants (&self->taps, BS_SWITCH_TAP_PACKETS))
    for (uint32_t i = 0; i < n; i++)
      show (self, port, first + i, BS_SWITCH_DROPS);
}

uint32_t
bs_port_transmit (BsSwitch *self, BsPort *port, uint32_t n)
{
  uint32_t done = 0;

  while (done < n)
    {
      int sent = port->kind->send (self, port, self->tx + done, n - done);
      bool is_lasting;

      if (sent > 0)
        {
          count_sent (port, self->tx + done, sent);
          show_sent (self, port, done, (uint32_t) sent);
          done += sent;
        }
      else if (sent == 0 || errno == EAGAIN)
        break;
      else if (errno != EINTR)
        {
          BsSwitchDrop cause = cause_of (errno, &is_lasting);
          uint32_t lost = is_lasting ? n - done : 1;

          bs_count (&port->counters->drops[cause], lost);
          for (; lost > 0; lost--)
            show (self, port, done++, cause);
        }
    }
  return done;
}

uint32_t
bs_port_describe_header (BsSwitch *self, const BsPort *port, uint32_t i, const BsOffload *offload, struct iovec *part)
{
  if (port->kind->header == 0)
    return 0;
  bs_vnet_encode (offload, self->tx_headers[i]);
  *part = (struct iovec){ self->tx_headers[i], BS_VNET_LENGTH };
  return 1;
}
