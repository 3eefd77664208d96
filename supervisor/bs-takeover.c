/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-takeover.h"
#include "bs-control-protocol.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-machine.h"
#include "bs-process.h"
#include "bs-record.h"
#include "bs-wires.h"
#include "bs-time.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define KILL_WAIT_USEC (1 * BS_USEC_PER_SEC)

static int
fetch (int pidfd, int fd)
{
  return (int) syscall (SYS_pidfd_getfd, pidfd, fd, 0);
}

/* The argument of @process that is a tag of this lab. */
static gboolean
find_tag (BsSupervisor *lab, const BsProcess *process, BsTag *tag)
{
  for (guint i = 0; process->argv[i] != NULL; i++)
    {
      if (!bs_tag_parse (process->argv[i], tag))
        continue;
      if (strcmp (tag->state_id, lab->tag.state_id) == 0 && strcmp (tag->lab, lab->tag.lab) == 0
          && strcmp (tag->uuid, lab->tag.uuid) == 0)
        return TRUE;
      bs_tag_clear (tag);
    }
  return FALSE;
}

static const BsProcess *
find_node (BsSupervisor *lab, GPtrArray *processes, const char *name, pid_t pid, guint64 start_time)
{
  for (guint i = 0; i < processes->len; i++)
    {
      const BsProcess *process = g_ptr_array_index (processes, i);
      g_auto (BsTag) tag = { 0 };

      if (find_tag (lab, process, &tag) && g_strcmp0 (tag.node, name) == 0
          && (pid == 0 || (process->pid == pid && process->start_time == start_time)))
        return process;
    }
  return NULL;
}

static gboolean
is_link (int fd)
{
  int type = 0, domain = 0;
  socklen_t size = sizeof (int);

  return getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM
         && getsockopt (fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
}

static void
fetch_links (BsMachine *machine, const BsProcess *process)
{
  bs_autofd int pidfd = bs_process_open (process->pid, process->start_time);

  for (guint i = 0; pidfd >= 0 && i < machine->interfaces; i++)
    {
      BsLink *link = bs_machine_link (machine, i, TRUE);
      bs_autofd int fd = fetch (pidfd, BS_CONTROL_PEER_FD ((int) i));

      if (fd >= 0 && is_link (fd))
        link->switch_fd = bs_fd_steal (&fd);
      else
        g_warning ("link %u of node '%s' is lost: %s", i, machine->name,
                   fd < 0 ? g_strerror (errno) : "the machine has closed it");
    }
}

/* Returns: TRUE when it lives */
static gboolean
adopt (BsMachine *machine, const BsProcess *process)
{
  if (process == NULL)
    return FALSE;
  fetch_links (machine, process);
  return bs_machine_adopt (machine, process->pid, process->start_time);
}

static void
take_recorded (BsSupervisor *lab, GPtrArray *processes)
{
  g_autoptr (GPtrArray) machines = g_ptr_array_new ();

  for (guint i = 0; i < lab->machines->len; i++)
    g_ptr_array_add (machines, g_ptr_array_index (lab->machines, i));
  for (guint i = 0; i < machines->len; i++)
    {
      BsMachine *machine = g_ptr_array_index (machines, i);
      gboolean forgotten = machine->forgotten;

      if (!machine->spawned || machine->exit != NULL)
        continue;
      if (adopt (machine, find_node (lab, processes, machine->name, machine->pid, machine->start_time)))
        machine->forgotten = forgotten;
      else if (forgotten)
        bs_machine_forget (machine);
      else if (machine->pid != 0)
        bs_machine_found_dead (machine);
      else
        machine->spawned = FALSE; /* the earlier supervisor died just before it started it */
    }
}

/* Machines that no record tells of: where a machine's files are by custom. */
static void
take_unrecorded (BsSupervisor *lab, GPtrArray *processes)
{
  for (guint i = 0; i < processes->len; i++)
    {
      const BsProcess *process = g_ptr_array_index (processes, i);
      g_auto (BsTag) tag = { 0 };
      BsMachine *machine;

      if (!find_tag (lab, process, &tag) || tag.node == NULL || bs_supervisor_find (lab, tag.node) != NULL)
        continue;
      machine = bs_machine_new (lab, tag.node);
      machine->guest = g_strdup_printf ("nodes/%s/guest.sock", tag.node);
      machine->log = g_strdup_printf ("nodes/%s/qemu.log", tag.node);
      machine->console_log = g_strdup_printf ("nodes/%s/console.log", tag.node);
      if (!adopt (machine, process))
        bs_machine_forget (machine);
    }
}

static void
end_switches (BsSupervisor *lab, GPtrArray *processes)
{
  for (guint i = 0; i < processes->len; i++)
    {
      const BsProcess *process = g_ptr_array_index (processes, i);
      g_auto (BsTag) tag = { 0 };
      bs_autofd int pidfd = -1;
      int memory;

      if (!find_tag (lab, process, &tag) || strcmp (tag.role, "switch") != 0)
        continue;
      pidfd = bs_process_open (process->pid, process->start_time);
      if (pidfd < 0)
        continue;
      memory = fetch (pidfd, BS_SWITCH_MEMORY_FD);
      if (memory < 0 || !bs_wires_take_memory (lab->wires, memory))
        g_warning ("the counters of switch %d are lost", (int) process->pid);
      syscall (SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
      bs_process_wait_fd (pidfd, bs_time_now_usec () + KILL_WAIT_USEC);
    }
}

static void
start_switch (BsSupervisor *lab, const json_t *record)
{
  const json_t *wires = json_object_get (record, "switch");
  const char *program = bs_json_string (wires, "program", NULL);
  g_autoptr (GError) error = NULL;

  if (program == NULL || !g_path_is_absolute (program))
    return;
  bs_wires_set_restarts (lab->wires, (guint) CLAMP (bs_json_int (wires, "restarts", 0), 0, G_MAXINT32 - 1) + 1);
  if (!bs_wires_start (lab->wires, program, &error))
    g_warning ("cannot start the switch again: %s", error->message);
}

static gboolean
is_this_boot (const json_t *record)
{
  return record == NULL || strcmp (bs_json_string (record, "boot_id", ""), bs_process_boot_id ()) == 0;
}

static guint
count_running (BsSupervisor *lab)
{
  guint n = 0;

  for (guint i = 0; i < lab->machines->len; i++)
    n += ((BsMachine *) g_ptr_array_index (lab->machines, i))->running;
  return n;
}

gboolean
bs_takeover (BsSupervisor *lab, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (json_t) record = bs_record_load (lab, &problem);
  g_autofree char *prefix = bs_tag_prefix_uuid (lab->tag.state_id, lab->tag.lab, lab->tag.uuid);
  g_autoptr (GPtrArray) processes = NULL;

  if (record == NULL && problem == NULL)
    {
      bs_supervisor_event (lab, "supervisor-started", NULL, json_pack ("{s:i}", "pid", (int) getpid ()));
      return TRUE;
    }
  if (problem != NULL)
    g_warning ("%s", problem->message);
  processes = is_this_boot (record) ? bs_process_find (prefix) : g_ptr_array_new ();
  end_switches (lab, processes);
  take_recorded (lab, processes);
  take_unrecorded (lab, processes);
  if (is_this_boot (record))
    start_switch (lab, record);
  bs_supervisor_event (lab, "supervisor-took-over", NULL,
                       json_pack ("{s:i, s:i}", "pid", (int) getpid (), "machines", (int) count_running (lab)));
  return TRUE;
}
