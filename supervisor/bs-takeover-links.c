/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-takeover-links.h"
#include "bs-arguments.h"
#include "bs-control-protocol.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-old-switch.h"
#include "bs-wires.h"

#include <string.h>
#include <sys/socket.h>

#define PLAN "lab.json"
#define PLAN_MAX (64 * 1024 * 1024)

static gboolean
is_link (int fd)
{
  int type = 0, domain = 0;
  socklen_t size = sizeof (int);

  return getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM
         && getsockopt (fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
}

static void
fetch_recorded (BsMachine *machine, int pidfd)
{
  for (guint i = 0; i < machine->interfaces; i++)
    {
      BsLink *link = bs_machine_link (machine, i, TRUE);
      bs_autofd int fd = bs_old_switch_fetch (pidfd, BS_CONTROL_PEER_FD ((int) i));

      if (fd >= 0 && is_link (fd))
        link->switch_fd = bs_fd_steal (&fd);
      else
        g_warning ("link %u of node '%s' is lost: %s", i, machine->name,
                   fd < 0 ? g_strerror (errno) : "the machine has closed it");
    }
}

static int
find_in_switches (GPtrArray *switches, int fd, BsSwitchPortState *state)
{
  int port = -1;

  for (guint i = 0; i < switches->len && port < 0; i++)
    port = bs_old_switch_find_port (g_ptr_array_index (switches, i), fd, state);
  return port;
}

static gboolean
know_ports (GPtrArray *switches)
{
  for (guint i = 0; i < switches->len; i++)
    if (bs_old_switch_knows_ports (g_ptr_array_index (switches, i)))
      return TRUE;
  return FALSE;
}

static const json_t *
find_by_name (const json_t *list, const char *name, size_t *index)
{
  for (size_t i = 0; i < json_array_size (list); i++)
    if (strcmp (bs_json_string (json_array_get (list, i), "name", ""), name) == 0)
      {
        *index = i;
        return json_array_get (list, i);
      }
  return NULL;
}

static gboolean
find_in_plan (const json_t *plan, const char *node, guint interface, BsSwitchPortState *state)
{
  const json_t *nodes = json_object_get (plan, "nodes"), *what;
  size_t i, network;

  what = json_array_get (json_object_get (find_by_name (nodes, node, &i), "interfaces"), interface);
  if (find_by_name (json_object_get (plan, "networks"), bs_json_string (what, "network", ""), &network) == NULL)
    return FALSE;
  state->network = (guint32) network;
  state->identity = (guint64) MAX (bs_json_int (what, "identity", 0), 0);
  return bs_arguments_mac (what, "mac", state->mac, NULL);
}

static json_t *
load_plan (int dir)
{
  gsize length;
  g_autofree char *text = bs_file_read (dir, PLAN, PLAN_MAX, &length, NULL);

  return text != NULL ? bs_json_load (text, length, NULL) : NULL;
}

static gboolean
restore (BsMachine *machine, guint interface, const BsSwitchPortState *state, int port, int *fd)
{
  BsLink *link = bs_machine_link (machine, interface, TRUE);

  link->network = state->network;
  memcpy (link->mac, state->mac, sizeof link->mac);
  link->identity = state->identity;
  if (!bs_wires_reserve (machine->lab->wires, link, port, NULL))
    return FALSE;
  link->switch_fd = bs_fd_steal (fd);
  machine->interfaces = interface + 1;
  return TRUE;
}

/* Among all descriptors that could be one. A machine has others there too, behind those of its links. */
static void
fetch_unrecorded (BsMachine *machine, int pidfd, GPtrArray *switches)
{
  g_autoptr (json_t) plan = know_ports (switches) ? NULL : load_plan (machine->lab->dir);

  for (guint i = 0; i < BS_CONTROL_INTERFACES_MAX; i++)
    {
      bs_autofd int fd = bs_old_switch_fetch (pidfd, BS_CONTROL_PEER_FD ((int) i));
      BsSwitchPortState state;
      int port;

      if (fd < 0 || !is_link (fd))
        continue;
      port = find_in_switches (switches, fd, &state);
      if (port < 0 && (plan == NULL || !find_in_plan (plan, machine->name, i, &state)))
        continue;
      if (!restore (machine, i, &state, port, &fd))
        g_warning ("link %u of node '%s' is lost: its port is taken", i, machine->name);
    }
}

void
bs_takeover_links (BsMachine *machine, const BsProcess *process, GPtrArray *switches)
{
  bs_autofd int pidfd = bs_process_open (process->pid, process->start_time);

  if (pidfd < 0)
    return;
  if (switches != NULL)
    fetch_unrecorded (machine, pidfd, switches);
  else
    fetch_recorded (machine, pidfd);
}
