/* SPDX-License-Identifier: Apache-2.0 */
/* net-flush.c — taking all addresses from an interface
 *
 * The kernel lists the addresses of all interfaces; each of ours goes back to it as it came, as one to delete.
 * Secondary addresses may have gone with their primary by then.
 */
#include "guest.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#define LISTED_MAX 64

typedef struct
{
  struct nlmsghdr header;
  struct ifaddrmsg address;
  uint8_t attributes[128];
} Message;

typedef struct
{
  int index;
  Message found[LISTED_MAX];
  unsigned count;
  bool done;
  int errnum;
} Listing;

static void
take (Listing *listing, const struct nlmsghdr *header)
{
  const struct ifaddrmsg *address = NLMSG_DATA (header);

  if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR)
    listing->done = true;
  if (header->nlmsg_type == NLMSG_ERROR)
    listing->errnum = -((const struct nlmsgerr *) NLMSG_DATA (header))->error;
  if (header->nlmsg_type != RTM_NEWADDR || address->ifa_index != (unsigned) listing->index
      || header->nlmsg_len > sizeof (Message) || listing->count == LISTED_MAX)
    return;
  memcpy (&listing->found[listing->count++], header, header->nlmsg_len);
}

static void
list (int fd, Listing *listing)
{
  Message request = { .header = { .nlmsg_len = NLMSG_LENGTH (sizeof (struct ifaddrmsg)),
                                  .nlmsg_type = RTM_GETADDR,
                                  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP } };
  union
  {
    struct nlmsghdr header;
    uint8_t bytes[16384];
  } answer;

  if (send (fd, &request, request.header.nlmsg_len, 0) < 0)
    listing->errnum = errno;
  while (!listing->done && listing->errnum == 0)
    {
      ssize_t n = recv (fd, &answer, sizeof answer, 0);
      unsigned left = n > 0 ? (unsigned) n : 0;

      if (n <= 0)
        listing->errnum = n < 0 ? errno : EIO;
      for (const struct nlmsghdr *at = &answer.header; NLMSG_OK (at, left); at = NLMSG_NEXT (at, left))
        take (listing, at);
    }
}

static int delete (int fd, Message *address)
{
  struct
  {
    struct nlmsghdr header;
    struct nlmsgerr error;
    uint8_t rest[512];
  } answer;

  address->header.nlmsg_type = RTM_DELADDR;
  address->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  if (send (fd, address, address->header.nlmsg_len, 0) < 0 || recv (fd, &answer, sizeof answer, 0) < 0)
    return errno;
  return answer.header.nlmsg_type == NLMSG_ERROR && answer.error.error != -EADDRNOTAVAIL ? -answer.error.error : 0;
}

int
guest_net_flush (int index)
{
  static Listing listing; /* too big for a small stack, and there is one thread */
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

  if (fd < 0)
    return errno;
  do
    {
      listing.index = index;
      listing.count = 0;
      listing.done = false;
      listing.errnum = 0;
      list (fd, &listing);
      for (unsigned i = 0; i < listing.count && listing.errnum == 0; i++)
        listing.errnum = delete (fd, &listing.found[i]);
    }
  while (listing.count == LISTED_MAX && listing.errnum == 0);
  close (fd);
  return listing.errnum;
}
