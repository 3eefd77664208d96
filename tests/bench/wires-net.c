/* SPDX-License-Identifier: Apache-2.0 */
#include "wires-net.h"

#include "wires-switch.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define TUN_BASE (TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6)
#define TUN_ALL (TUN_BASE | 0x20 | 0x40) /* TUN_F_USO4 and TUN_F_USO6, since Linux 6.2 */

const char *const way_names[WAYS]
    = { "loop", "switch", "bridge", "loop-plain", "switch-plain", "bridge-plain", "vde", "vde-wirefilter" };
const char *switch_path, *loop_path;
Path paths[WAYS];

static int namespaces[3] = { -1, -1, -1 }; /* of the two machines, and our own */
static char folder[] = "/tmp/bench-wires.XXXXXX";

void
die (const char *what)
{
  perror (what);
  net_close ();
  exit (1);
}

pid_t
fork_child (void)
{
  pid_t pid = fork ();

  if (pid < 0)
    die ("fork");
  if (pid == 0)
    prctl (PR_SET_PDEATHSIG, SIGKILL);
  return pid;
}

void
end_child (pid_t pid)
{
  if (pid <= 0)
    return;
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
}

void
net_enter (int which)
{
  if (setns (namespaces[which], CLONE_NEWNET) != 0)
    die ("setns");
}

uint32_t
net_address (Way way, int which)
{
  return htonl (0x0a4d0001u + ((uint32_t) way << 8) + (uint32_t) which);
}

static void
run (const char *format, ...)
{
  char command[512];
  va_list arguments;

  va_start (arguments, format);
  vsnprintf (command, sizeof command, format, arguments);
  va_end (arguments);
  if (system (command) != 0)
    die (command);
}

static void
interface_name (char name[IFNAMSIZ], Way way, int which)
{
  snprintf (name, IFNAMSIZ, "w%d-%d", (int) way, which);
}

/* In the interface's namespace. */
static void
configure (const char *name, uint32_t address)
{
  struct in_addr text = { address };

  run ("ip address add %s/24 dev %s && ip link set %s up", inet_ntoa (text), name, name);
}

static void
offload_off (const char *name)
{
  static const uint32_t commands[] = { ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO, ETHTOOL_STXCSUM };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  for (unsigned i = 0; i < sizeof commands / sizeof *commands; i++)
    {
      struct ethtool_value value = { .cmd = commands[i] };
      struct ifreq request = { .ifr_data = (void *) &value };

      snprintf (request.ifr_name, IFNAMSIZ, "%s", name);
      if (ioctl (fd, SIOCETHTOOL, &request) != 0)
        die ("SIOCETHTOOL");
    }
  close (fd);
}

static int
make_tap (Way way, int which, unsigned offload, bool is_blocking)
{
  struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
  int fd;

  net_enter (which);
  fd = open ("/dev/net/tun", O_RDWR | O_CLOEXEC | (is_blocking ? 0 : O_NONBLOCK));
  interface_name (request.ifr_name, way, which);
  if (fd < 0 || ioctl (fd, TUNSETIFF, &request) != 0
      || (ioctl (fd, TUNSETOFFLOAD, (unsigned long) offload) != 0
          && ioctl (fd, TUNSETOFFLOAD, (unsigned long) (offload & TUN_BASE)) != 0))
    die ("cannot make a TAP");
  configure (request.ifr_name, net_address (way, which));
  net_enter (2);
  return fd;
}

static void
open_loop (Path *path, Way way, bool is_plain)
{
  static const char *const argv[] = { "floor-frame-loop", "3", "4", NULL };

  for (int i = 0; i < 2; i++)
    path->ends[i] = make_tap (way, i, is_plain ? 0 : TUN_ALL, true);
  path->carriers[path->n_carriers++] = spawn_with (loop_path, argv, path->ends[0], path->ends[1]);
}

static void
open_switch (Path *path, Way way, bool is_plain)
{
  const uint32_t all = BS_SWITCH_OFFLOAD_CSUM | BS_SWITCH_OFFLOAD_TSO4 | BS_SWITCH_OFFLOAD_TSO6 | BS_SWITCH_OFFLOAD_USO;

  path->carriers[path->n_carriers++] = switch_start (&path->control);
  for (int i = 0; i < 2; i++)
    {
      path->ends[i] = make_tap (way, i, is_plain ? 0 : TUN_ALL, false);
      switch_add (path->control, (uint32_t) i, 0, BS_SWITCH_PORT_TAP, is_plain ? 0 : all, path->ends[i]);
    }
}

static void
open_bridge (Way way, bool is_plain)
{
  char name[IFNAMSIZ];

  run ("ip link add wb%d type bridge && ip link set wb%d up", way, way);
  for (int i = 0; i < 2; i++)
    {
      interface_name (name, way, i);
      run ("ip link add %s type veth peer name p%s && ip link set p%s master wb%d up && ip link set %s netns "
           "/proc/%d/fd/%d",
           name, name, name, way, name, getpid (), namespaces[i]);
      net_enter (i);
      configure (name, net_address (way, i));
      if (is_plain)
        offload_off (name);
      net_enter (2);
    }
}

static pid_t
spawn_in (int which, const char *const *argv)
{
  int ends[2];
  pid_t pid;

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    die ("socketpair");
  pid = fork_child ();
  if (pid > 0)
    {
      close (ends[1]); /* the other stays open for ever: what reads its standard input waits */
      return pid;
    }
  net_enter (which);
  dup2 (ends[1], STDIN_FILENO);
  dup2 (open ("/dev/null", O_WRONLY), STDOUT_FILENO);
  execvp (argv[0], (char *const *) argv);
  _exit (127);
}

static void
await (const char *path)
{
  for (int i = 0; i < 2000 && access (path, F_OK) != 0; i++)
    usleep (1000);
  if (access (path, F_OK) != 0)
    die (path);
}

static void
vde_plug (Path *path, Way way, int which, const char *socket)
{
  char name[IFNAMSIZ];
  const char *argv[] = { "vde_plug2tap", "-s", socket, name, NULL };

  interface_name (name, way, which);
  net_enter (which);
  run ("ip tuntap add dev %s mode tap", name);
  configure (name, net_address (way, which));
  net_enter (2);
  path->carriers[path->n_carriers++] = spawn_in (which, argv);
}

static void
vde_switch (Path *path, const char *socket)
{
  const char *argv[] = { "vde_switch", "-s", socket, NULL };
  char control[256];

  path->carriers[path->n_carriers++] = spawn_in (2, argv);
  snprintf (control, sizeof control, "%s/ctl", socket);
  await (control);
}

static bool
has_vde (void)
{
  return system ("command -v vde_switch >/dev/null && command -v vde_plug2tap >/dev/null && command -v wirefilter "
                 ">/dev/null")
         == 0;
}

static void
open_vde (Path *path, Way way)
{
  char first[64], second[64], both[160];
  const char *argv[] = { "wirefilter", "-v", both, NULL };

  snprintf (first, sizeof first, "%s/%d-0", folder, way);
  snprintf (second, sizeof second, "%s/%d-%d", folder, way, way == WAY_WIREFILTER);
  snprintf (both, sizeof both, "%s:%s", first, second);
  vde_switch (path, first);
  if (way == WAY_WIREFILTER)
    vde_switch (path, second);
  vde_plug (path, way, 0, first);
  vde_plug (path, way, 1, second);
  if (way == WAY_WIREFILTER)
    path->carriers[path->n_carriers++] = spawn_in (2, argv);
}

static void
path_open (Path *path, Way way)
{
  *path = (Path){ .control = -1, .ends = { -1, -1 }, .is_there = true };
  if (way == WAY_LOOP || way == WAY_LOOP_PLAIN)
    open_loop (path, way, way == WAY_LOOP_PLAIN);
  else if (way == WAY_SWITCH || way == WAY_SWITCH_PLAIN)
    open_switch (path, way, way == WAY_SWITCH_PLAIN);
  else if (way == WAY_BRIDGE || way == WAY_BRIDGE_PLAIN)
    open_bridge (way, way == WAY_BRIDGE_PLAIN);
  else if ((path->is_there = has_vde ()))
    open_vde (path, way);
}

/* A namespace without IPv6, so that nobody speaks but us. */
static int
make_namespace (void)
{
  int fd;

  if (unshare (CLONE_NEWNET) != 0)
    die ("cannot make a network namespace");
  fd = open ("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY | O_CLOEXEC);
  if (fd >= 0 && write (fd, "1", 1) == 1)
    close (fd);
  run ("ip link set lo up");
  return open ("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

void
net_open (void)
{
  if (mkdtemp (folder) == NULL)
    die (folder);
  for (int i = 0; i < 3; i++) /* the last is for bridges: the host's own network is left alone */
    namespaces[i] = make_namespace ();
  for (Way way = 0; way < WAYS; way++)
    path_open (&paths[way], way);
}

void
net_close (void)
{
  char command[64];

  for (Way way = 0; way < WAYS; way++)
    for (int i = 0; i < paths[way].n_carriers; i++)
      end_child (paths[way].carriers[i]);
  snprintf (command, sizeof command, "rm -rf %s", folder);
  if (system (command) != 0)
    perror (command);
}
