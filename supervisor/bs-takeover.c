/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-takeover.h"
#include "bs-takeover-links.h"
#include "bs-machine.h"
#include "bs-net.h"
#include "bs-old-switch.h"
#include "bs-process.h"
#include "bs-record.h"
#include "bs-tap-list.h"
#include "bs-wires.h"

#include <string.h>
#include <unistd.h>

#define SWITCH_PROGRAM "benchscale-switch"

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

/* Returns: TRUE when it lives */
static gboolean
adopt (BsMachine *machine, const BsProcess *process, GPtrArray *switches)
{
  if (process == NULL)
    return FALSE;
  bs_takeover_links (machine, process, switches);
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
      if (adopt (machine, find_node (lab, processes, machine->name, machine->pid, machine->start_time), NULL))
        machine->forgotten = forgotten;
      else if (forgotten)
        bs_machine_forget (machine);
      else if (machine->pid != 0)
        bs_machine_found_dead (machine);
      else
        machine->spawned = FALSE; /* the earlier supervisor died just before it started it */
    }
}

/* Machines that no record tells of: where a machine's files are by custom, with the links that the switch has. */
static void
take_unrecorded (BsSupervisor *lab, GPtrArray *processes, GPtrArray *switches)
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
      if (!adopt (machine, process, switches))
        bs_machine_forget (machine);
    }
}

/* (element-type BsOldSwitch) */
static GPtrArray *
find_switches (BsSupervisor *lab, GPtrArray *processes)
{
  GPtrArray *switches = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_old_switch_free);

  for (guint i = 0; i < processes->len; i++)
    {
      const BsProcess *process = g_ptr_array_index (processes, i);
      g_auto (BsTag) tag = { 0 };
      BsOldSwitch *old;

      if (find_tag (lab, process, &tag) && strcmp (tag.role, "switch") == 0
          && (old = bs_old_switch_new (lab, process)) != NULL)
        g_ptr_array_add (switches, old);
    }
  return switches;
}

/* As recorded; else as the old one runs; else the one that is beside the supervisor. */
static char *
choose_program (const char *recorded, GPtrArray *switches)
{
  g_autofree char *self = NULL, *folder = NULL, *beside = NULL;

  if (bs_old_switch_is_program (recorded))
    return g_strdup (recorded);
  for (guint i = 0; i < switches->len; i++)
    if (bs_old_switch_program (g_ptr_array_index (switches, i)) != NULL)
      return g_strdup (bs_old_switch_program (g_ptr_array_index (switches, i)));
  self = g_file_read_link ("/proc/self/exe", NULL);
  folder = self != NULL ? g_path_get_dirname (self) : NULL;
  beside = folder != NULL ? g_build_filename (folder, SWITCH_PROGRAM, NULL) : NULL;
  return bs_old_switch_is_program (beside) ? g_steal_pointer (&beside) : NULL;
}

static gboolean
has_links (BsSupervisor *lab)
{
  for (guint i = 0; i < lab->machines->len; i++)
    if (((BsMachine *) g_ptr_array_index (lab->machines, i))->links->len > 0)
      return TRUE;
  return FALSE;
}

/* Only now ends the old one: without a program for the new one it carries packets on. */
static void
replace_switch (BsSupervisor *lab, const json_t *record, GPtrArray *switches)
{
  const json_t *wires = json_object_get (record, "switch");
  const char *recorded = bs_json_string (wires, "program", NULL);
  g_autofree char *program = NULL;
  g_autoptr (GError) error = NULL;

  /* none was ever asked for */
  if (recorded == NULL && switches->len == 0 && !has_links (lab))
    return;
  program = choose_program (recorded, switches);
  if (program == NULL)
    {
      bs_wires_give_up (lab->wires, switches->len > 0 ? "the program of the switch is not found: the old one is left"
                                                      : "the program of the switch is not found");
      return;
    }
  for (guint i = 0; i < switches->len; i++)
    bs_old_switch_end (g_ptr_array_index (switches, i));
  bs_wires_set_restarts (lab->wires, (guint) CLAMP (bs_json_int (wires, "restarts", 0), 0, G_MAXINT32 - 1) + 1);
  if (!bs_wires_start (lab->wires, program, &error))
    bs_wires_give_up (lab->wires, error->message);
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
bs_takeover (BsSupervisor *lab, gboolean *successor, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (json_t) record = bs_record_load (lab, &problem);
  g_autofree char *prefix = bs_tag_prefix_uuid (lab->tag.state_id, lab->tag.lab, lab->tag.uuid);
  g_autoptr (GPtrArray) processes = NULL, switches = NULL;

  *successor = record != NULL || problem != NULL;
  if (record == NULL && problem == NULL)
    {
      bs_supervisor_event (lab, "supervisor-started", NULL, json_pack ("{s:i}", "pid", (int) getpid ()));
      return TRUE;
    }
  if (problem != NULL)
    {
      g_warning ("%s", problem->message);
      bs_supervisor_event (lab, "record-lost", NULL, json_pack ("{s:s}", "error", problem->message));
    }
  processes = is_this_boot (record) ? bs_process_find (prefix) : g_ptr_array_new ();
  switches = find_switches (lab, processes);
  take_recorded (lab, processes);
  take_unrecorded (lab, processes, switches);
  if (is_this_boot (record))
    {
      bs_net_load (lab->net);
      bs_tap_list_load (lab->taps, json_object_get (record, "taps"), switches);
    }
  if (is_this_boot (record))
    replace_switch (lab, record, switches);
  bs_supervisor_event (lab, "supervisor-took-over", NULL,
                       json_pack ("{s:i, s:i}", "pid", (int) getpid (), "machines", (int) count_running (lab)));
  return TRUE;
}
