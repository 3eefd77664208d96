/* SPDX-License-Identifier: Apache-2.0 */
/* test-network.c — wires between nodes, and the closed way in from the host */
#include "fixture.h"
#include "bs-fd.h"
#include "bs-socket.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

static void
nodes_reach_each_other_by_name (void)
{
  if (fixture_lacks (BS_CAP_EXEC))
    return;
  fixture_need_shared ();
  g_free (fixture_shell (SHARED, "ping -c 2 -W 5 " SHARED_OTHER));
  g_free (fixture_shell (SHARED_OTHER, "ping -c 2 -W 5 " SHARED));
}

static void
stream_crosses_the_wire (void)
{
  g_autofree char *sum = NULL, *got = NULL;

  if (fixture_lacks (BS_CAP_EXEC))
    return;
  fixture_need_shared ();
  sum = fixture_shell (SHARED_OTHER,
                       "dd if=/dev/urandom of=/tmp/sent bs=64k count=16 2>/dev/null; httpd -p 5000 -h /tmp; "
                       "md5sum < /tmp/sent");
  /* Not wget -T: that crashes in Debian 12's static busybox. */
  got = fixture_shell (SHARED, "wget -q -O - http://" SHARED_OTHER ":5000/sent | md5sum");
  g_assert_cmpstr (sum, ==, got);
}

/* A listening socket on loopback and its port. */
static int
listen_somewhere (guint16 *port)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t size = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (listen (fd, 4), ==, 0);
  getsockname (fd, (struct sockaddr *) &address, &size);
  *port = ntohs (address.sin_port);
  return fd;
}

static guint16
free_port (void)
{
  guint16 port;
  bs_autofd int fd = listen_somewhere (&port);

  return port;
}

static BsBackendNode *
node_with_port (const char *name, guint host_byte, guint16 host, guint16 inside)
{
  BsBackendNode *node = fixture_node (name, host_byte);
  BsBackendPort port = { host, inside };

  g_array_append_val (node->ports, port);
  return node;
}

/* What the node sends to whoever connects to @port of the host. */
static char *
read_from_port (guint16 port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port) };
  bs_autofd int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  char text[64];
  ssize_t n;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (connect (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (bs_socket_wait (fd, POLLIN, fixture_in (20)), >, 0);
  n = read (fd, text, sizeof text - 1);
  text[MAX (n, 0)] = '\0';
  return g_strdup (text);
}

static void
management_is_closed (void)
{
  guint16 forwarded, service;
  bs_autofd int listener = -1;
  g_autoptr (BsBackendNode) node = NULL;
  g_autofree char *answer = NULL, *routes = NULL, *reach = NULL, *script = NULL;

  if (fixture_lacks (BS_CAP_PORTS | BS_CAP_EXEC))
    return;
  listener = listen_somewhere (&service);
  forwarded = free_port ();
  node = node_with_port ("door", 20, forwarded, 8000);
  fixture_up (node);
  g_free (fixture_shell ("door", "(while :; do echo served | nc -l -p 8000; done) > /dev/null 2>&1 < /dev/null &"));
  g_free (fixture_shell ("door",
                         "for i in $(seq 100); do netstat -lnt | grep -q :8000 && exit 0; sleep 0.1; done; exit 1"));
  answer = read_from_port (forwarded);
  g_assert_cmpstr (answer, ==, "served\n");
  routes = fixture_shell ("door", "ip route");
  g_assert_null (strstr (routes, "default"));
  script = g_strdup_printf ("nc -w 3 10.0.2.2 %u < /dev/null && echo reached || echo refused", service);
  reach = fixture_shell ("door", script);
  g_assert_cmpstr (reach, ==, "refused\n");
  g_assert_cmpint (bs_socket_wait (listener, POLLIN, bs_time_now_usec ()), ==, 0);
  fixture_down ("door");
}

static void
taken_port_is_told (void)
{
  guint16 port;
  bs_autofd int listener = -1;
  g_autoptr (BsBackendNode) node = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) record = NULL;
  g_autofree char *wanted = NULL;

  if (fixture_lacks (BS_CAP_PORTS))
    return;
  listener = listen_somewhere (&port);
  node = node_with_port ("blocked", 21, port, 80);
  wanted = g_strdup_printf ("node 'blocked' cannot forward port %u: it is taken", port);
  g_assert_true (fixture->backend->create_node (&fixture->lab, node, NULL));
  g_assert_false (fixture->backend->start_node (&fixture->lab, node, &record, &error));
  assert_code (error, BS_ERROR_EXISTS, wanted);
  g_assert_nonnull (bs_error_hint (error));
  fixture_down ("blocked");
}

static void
node_without_ports_has_no_way_in (void)
{
  g_autofree char *links = NULL;

  if (fixture_lacks (BS_CAP_EXEC))
    return;
  fixture_need_shared ();
  links = fixture_shell (SHARED, "ls /sys/class/net");
  g_assert_cmpstr (links, ==, "eth0\nlo\n");
}

static void
node_has_many_interfaces (void)
{
  g_autoptr (BsBackendNode) node = fixture_node ("many", 30);
  g_autofree char *seen = NULL;

  if (fixture_lacks (BS_CAP_EXEC))
    return;
  for (guint i = 1; i < 8; i++)
    {
      BsBackendInterface *interface = g_new0 (BsBackendInterface, 1);

      interface->mac = g_strdup_printf ("52:54:00:78:%02x:01", i);
      interface->name = g_strdup_printf ("eth%u", i);
      interface->network = 1 + i;
      interface->address = g_strdup_printf ("10.78.%u.1/24", i);
      interface->mtu = 1400;
      g_ptr_array_add (node->interfaces, interface);
    }
  fixture_up (node);
  seen = fixture_shell ("many",
                        "for i in 1 2 3 4 5 6 7; do ip -o -4 addr show eth$i | grep -q 10.78.$i.1/24 || echo no $i; "
                        "cat /sys/class/net/eth$i/address; done | tail -n 1; cat /sys/class/net/eth7/mtu");
  g_assert_cmpstr (seen, ==, "52:54:00:78:07:01\n1400\n");
  fixture_down ("many");
}

void
add_network_tests (void)
{
  g_test_add_func ("/conformance/network/nodes-reach-each-other-by-name", nodes_reach_each_other_by_name);
  g_test_add_func ("/conformance/network/stream-crosses-the-wire", stream_crosses_the_wire);
  g_test_add_func ("/conformance/network/management-is-closed", management_is_closed);
  g_test_add_func ("/conformance/network/taken-port-is-told", taken_port_is_told);
  g_test_add_func ("/conformance/network/node-without-ports-has-no-way-in", node_without_ports_has_no_way_in);
  g_test_add_func ("/conformance/network/node-has-many-interfaces", node_has_many_interfaces);
}
