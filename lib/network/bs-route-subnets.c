/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-route-subnets.h"
#include "bs-subnet.h"

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/rtnl.h>
#include <string.h>

#define NARROWEST_DEFAULT 8
#define DUMP_ATTEMPTS 4 /* a dump that a change of routes interrupted is begun again */

static int
on_route (struct nl_msg *message, void *user_data)
{
  struct nlmsghdr *header = nlmsg_hdr (message);
  g_autoptr (BsSubnet) subnet = NULL;
  struct nlattr *destination;
  struct rtmsg *route;
  guint32 address;

  if (header->nlmsg_type != RTM_NEWROUTE || !nlmsg_valid_hdr (header, sizeof *route))
    return NL_OK;
  route = nlmsg_data (header);
  destination = nlmsg_find_attr (header, sizeof *route, RTA_DST);
  if (route->rtm_family != AF_INET || route->rtm_dst_len < NARROWEST_DEFAULT || route->rtm_dst_len > 32
      || (route->rtm_flags & RTM_F_CLONED) != 0 || destination == NULL || nla_len (destination) < 4)
    return NL_OK;
  memcpy (&address, nla_data (destination), sizeof address);
  subnet = bs_subnet_new (g_ntohl (address), route->rtm_dst_len);
  g_hash_table_add (user_data, bs_subnet_format (subnet));
  return NL_OK;
}

void
bs_route_subnets_collect (GHashTable *subnets)
{
  struct nl_sock *socket = nl_socket_alloc ();
  int problem = -NLE_DUMP_INTR;

  if (socket == NULL)
    return;
  nl_socket_modify_cb (socket, NL_CB_VALID, NL_CB_CUSTOM, on_route, subnets);
  if (nl_connect (socket, NETLINK_ROUTE) == 0)
    for (guint i = 0; i < DUMP_ATTEMPTS && problem == -NLE_DUMP_INTR; i++)
      {
        problem = nl_rtgen_request (socket, RTM_GETROUTE, AF_INET, NLM_F_DUMP);
        if (problem >= 0)
          problem = nl_recvmsgs_default (socket);
      }
  nl_socket_free (socket);
}
