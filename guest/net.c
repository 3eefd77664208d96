/* SPDX-License-Identifier: Apache-2.0 */
/* net.c — interfaces by rtnetlink: found by MAC, renamed, given MTU and addresses, brought up */
#include "guest.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/if_addr.h>

typedef struct
{
  struct nlmsghdr header;
  union
  {
    struct ifinfomsg link;
    struct ifaddrmsg address;
    struct rtmsg route;
  } body;
  uint8_t attributes[256];
} Message;

static void
add_attribute (Message *message, uint16_t type, const void *data, size_t length)
{
  struct rtattr *attribute = (struct rtattr *) ((uint8_t *) message + NLMSG_ALIGN (message->header.nlmsg_len));

  attribute->rta_type = type;
  attribute->rta_len = (uint16_t) RTA_LENGTH (length);
  memcpy (RTA_DATA (attribute), data, length);
  message->header.nlmsg_len = NLMSG_ALIGN (message->header.nlmsg_len) + (uint32_t) RTA_ALIGN (attribute->rta_len);
}

/* Sends and takes the acknowledgement. Returns: 0 or an errno. */
static int
transact (Message *message)
{
  struct
  {
    struct nlmsghdr header;
    struct nlmsgerr error;
    uint8_t rest[512];
  } answer;
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  int errnum = 0;

  message->header.nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
  if (fd < 0 || send (fd, message, message->header.nlmsg_len, 0) < 0 || recv (fd, &answer, sizeof answer, 0) < 0)
    errnum = errno;
  else if (answer.header.nlmsg_type == NLMSG_ERROR)
    errnum = -answer.error.error;
  if (fd >= 0)
    close (fd);
  return errnum;
}

static Message
link_message (int index)
{
  return (Message){ .header = { .nlmsg_len = NLMSG_LENGTH (sizeof (struct ifinfomsg)), .nlmsg_type = RTM_NEWLINK },
                    .body.link = { .ifi_family = AF_UNSPEC, .ifi_index = index } };
}

static int
set_up (int index, bool up)
{
  Message message = link_message (index);

  message.body.link.ifi_change = IFF_UP;
  message.body.link.ifi_flags = up ? IFF_UP : 0;
  return transact (&message);
}

static int
set_mac (int index, const uint8_t mac[6])
{
  Message message = link_message (index);

  add_attribute (&message, IFLA_ADDRESS, mac, 6);
  return transact (&message);
}

static int
set_name (int index, const char *name)
{
  Message message = link_message (index);

  add_attribute (&message, IFLA_IFNAME, name, strlen (name) + 1);
  return transact (&message);
}

static int
set_mtu (int index, uint32_t mtu)
{
  Message message = link_message (index);

  add_attribute (&message, IFLA_MTU, &mtu, sizeof mtu);
  return transact (&message);
}

/* "10.0.0.2/24" or "fd00::2/64". Returns: 0, an errno, or -1 when it is none. */
static int
add_address (int index, const char *text)
{
  char address[64];
  const char *slash = strchr (text, '/');
  int family = strchr (text, ':') != NULL ? AF_INET6 : AF_INET;
  unsigned long longest = family == AF_INET ? 32 : 128, prefix = longest;
  size_t size = family == AF_INET ? 4 : 16;
  uint8_t bytes[16], broadcast[4];
  char *end;
  Message message = { .header = { .nlmsg_len = NLMSG_LENGTH (sizeof (struct ifaddrmsg)),
                                  .nlmsg_type = RTM_NEWADDR,
                                  .nlmsg_flags = NLM_F_CREATE | NLM_F_REPLACE } };

  snprintf (address, sizeof address, "%.*s", (int) (slash != NULL ? slash - text : 60), text);
  if (slash != NULL)
    prefix = strtoul (slash + 1, &end, 10);
  if (inet_pton (family, address, bytes) != 1 || (slash != NULL && (*end != '\0' || end == slash + 1))
      || prefix > longest)
    return -1;
  /* No duplicate address detection: it would keep the address unusable for a second. */
  message.body.address = (struct ifaddrmsg){ .ifa_family = (uint8_t) family,
                                             .ifa_prefixlen = (uint8_t) prefix,
                                             .ifa_flags = family == AF_INET6 ? IFA_F_NODAD : 0,
                                             .ifa_index = (unsigned) index };
  add_attribute (&message, IFA_LOCAL, bytes, size);
  add_attribute (&message, IFA_ADDRESS, bytes, size);
  if (family == AF_INET && prefix < 31)
    {
      uint32_t host = (uint32_t) (0xffffffffu >> prefix);

      memcpy (broadcast, bytes, 4);
      for (int i = 0; i < 4; i++)
        broadcast[i] |= (uint8_t) (host >> (24 - 8 * i));
      add_attribute (&message, IFA_BROADCAST, broadcast, 4);
    }
  return transact (&message);
}

/* Returns: 0, an errno, or -1 when @text is no address. */
static int
add_gateway (int index, const char *text)
{
  uint8_t bytes[4];
  uint32_t oif = (uint32_t) index;
  Message message = { .header = { .nlmsg_len = NLMSG_LENGTH (sizeof (struct rtmsg)),
                                  .nlmsg_type = RTM_NEWROUTE,
                                  .nlmsg_flags = NLM_F_CREATE | NLM_F_REPLACE } };

  if (inet_pton (AF_INET, text, bytes) != 1)
    return -1;
  message.body.route = (struct rtmsg){ .rtm_family = AF_INET,
                                       .rtm_table = RT_TABLE_MAIN,
                                       .rtm_protocol = RTPROT_STATIC,
                                       .rtm_scope = RT_SCOPE_UNIVERSE,
                                       .rtm_type = RTN_UNICAST };
  add_attribute (&message, RTA_GATEWAY, bytes, sizeof bytes);
  add_attribute (&message, RTA_OIF, &oif, sizeof oif);
  return transact (&message);
}

/* The index of the interface with this hardware address, 0 when there is none. */
static int
find_by_mac (const char *mac, char name[IF_NAMESIZE])
{
  struct if_nameindex *all = if_nameindex ();
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), found = 0;

  for (struct if_nameindex *at = all; at != NULL && at->if_index != 0 && found == 0; at++)
    {
      struct ifreq request = { 0 };
      const uint8_t *hw = (const uint8_t *) request.ifr_hwaddr.sa_data;
      char text[18];

      snprintf (request.ifr_name, sizeof request.ifr_name, "%s", at->if_name);
      if (ioctl (fd, SIOCGIFHWADDR, &request) != 0)
        continue;
      snprintf (text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", hw[0], hw[1], hw[2], hw[3], hw[4], hw[5]);
      if (strcasecmp (text, mac) == 0)
        {
          found = (int) at->if_index;
          snprintf (name, IF_NAMESIZE, "%s", at->if_name);
        }
    }
  if (all != NULL)
    if_freenameindex (all);
  if (fd >= 0)
    close (fd);
  return found;
}

/* The interface is down from here on. */
static bool
rename_to (int index, const char *name, char *text, size_t text_size)
{
  int other = (int) if_nametoindex (name), errnum;
  char aside[IF_NAMESIZE];

  if (other == index)
    return true;
  if (other != 0)
    {
      /* Somebody has the name, perhaps one that is renamed next. */
      snprintf (aside, sizeof aside, "bs-was-%d", other);
      set_up (other, false);
      set_name (other, aside);
    }
  errnum = set_name (index, name);
  if (errnum != 0)
    snprintf (text, text_size, "cannot rename the interface to '%.32s': %s", name, strerror (errnum));
  return errnum == 0;
}

static bool
apply_addresses (int index, const char *name, const StringList *addresses, char *text, size_t text_size)
{
  int flushed = guest_net_flush (index);

  if (flushed != 0)
    {
      snprintf (text, text_size, "cannot remove the addresses of interface '%.32s': %s", name, strerror (flushed));
      return false;
    }
  for (size_t i = 0; i < addresses->count; i++)
    {
      int errnum = add_address (index, addresses->items[i]);

      if (errnum == 0)
        continue;
      snprintf (text, text_size, "cannot give address '%.64s' to interface '%.32s': %s", addresses->items[i], name,
                errnum < 0 ? "not an address" : strerror (errnum));
      return false;
    }
  return true;
}

/* What an interface is to be, as it came. */
typedef struct
{
  char *mac, *new_mac, *name, *gateway; /* (nullable) but mac */
  uint32_t mtu;
  bool down;
  StringList addresses;
} Wanted;

static bool
parse_mac (const char *text, uint8_t mac[6])
{
  char end;

  return sscanf (text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%c", mac, mac + 1, mac + 2, mac + 3, mac + 4, mac + 5, &end)
         == 6;
}

static bool
apply_mac (int index, const char *wanted, char *text, size_t text_size)
{
  uint8_t mac[6];
  int errnum;

  if (!parse_mac (wanted, mac))
    {
      snprintf (text, text_size, "'%.64s' is no hardware address", wanted);
      return false;
    }
  errnum = set_mac (index, mac);
  if (errnum != 0)
    snprintf (text, text_size, "cannot set the hardware address '%s': %s", wanted, strerror (errnum));
  return errnum == 0;
}

static bool
bring_up (int index, const char *name, const char *gateway, char *text, size_t text_size)
{
  int errnum = set_up (index, true);

  if (errnum != 0)
    {
      snprintf (text, text_size, "cannot bring up interface '%s': %s", name, strerror (errnum));
      return false;
    }
  errnum = gateway != NULL ? add_gateway (index, gateway) : 0;
  if (errnum != 0)
    snprintf (text, text_size, "cannot route by '%.64s': %s", gateway,
              errnum < 0 ? "not an address" : strerror (errnum));
  return errnum == 0;
}

/* Down while it changes, so that nothing leaves it under a name that is not yet, or no more, its own. */
static bool
apply (const Wanted *wanted, char *text, size_t text_size)
{
  char name[IF_NAMESIZE];
  int index = find_by_mac (wanted->mac, name), errnum;

  if (index == 0 && wanted->new_mac != NULL)
    index = find_by_mac (wanted->new_mac, name);
  if (index == 0)
    {
      snprintf (text, text_size, "there is no interface with the address '%.64s'", wanted->mac);
      return false;
    }
  set_up (index, false);
  if (wanted->new_mac != NULL && !apply_mac (index, wanted->new_mac, text, text_size))
    return false;
  if (wanted->name != NULL && !rename_to (index, wanted->name, text, text_size))
    return false;
  if (wanted->name != NULL)
    snprintf (name, sizeof name, "%s", wanted->name);
  if (wanted->mtu != 0 && (errnum = set_mtu (index, wanted->mtu)) != 0)
    {
      snprintf (text, text_size, "cannot set the MTU of interface '%s' to %u: %s", name, wanted->mtu,
                strerror (errnum));
      return false;
    }
  return apply_addresses (index, name, &wanted->addresses, text, text_size)
         && (wanted->down || bring_up (index, name, wanted->gateway, text, text_size));
}

bool
guest_net_apply (const uint8_t *interface, size_t length, char *text, size_t text_size)
{
  Wanted wanted = { .mac = guest_string (interface, length, BS_WIRE_TAG_MAC),
                    .new_mac = guest_string (interface, length, BS_WIRE_TAG_NEW_MAC),
                    .name = guest_string (interface, length, BS_WIRE_TAG_IFNAME),
                    .gateway = guest_string (interface, length, BS_WIRE_TAG_GATEWAY),
                    .mtu = (uint32_t) guest_number (interface, length, BS_WIRE_TAG_MTU, 0),
                    .down = guest_flag (interface, length, BS_WIRE_TAG_DOWN) };
  const char *name = wanted.name;
  bool ok = false;

  if (!guest_strings (interface, length, BS_WIRE_TAG_ADDRESS, &wanted.addresses) || wanted.mac == NULL
      || (name != NULL && (name[0] == '\0' || strlen (name) >= IF_NAMESIZE || strchr (name, '/') != NULL)))
    snprintf (text, text_size, "the description of an interface is malformed");
  else
    ok = apply (&wanted, text, text_size);
  guest_strings_free (&wanted.addresses);
  free (wanted.mac);
  free (wanted.new_mac);
  free (wanted.name);
  free (wanted.gateway);
  return ok;
}

bool
guest_net_up (const char *name)
{
  int index = (int) if_nametoindex (name);

  return index != 0 && set_up (index, true) == 0;
}
