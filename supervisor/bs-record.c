/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-record.h"
#include "bs-arguments.h"
#include "bs-control-protocol.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-machine.h"
#include "bs-process.h"
#include "bs-tap-list.h"
#include "bs-wires.h"

#include <stdio.h>
#include <string.h>

#define RECORD_MAX (16 * 1024 * 1024)
#define TEMPORARY BS_RECORD ".tmp"

static json_t *
describe_links (const BsMachine *machine)
{
  json_t *links = json_array ();

  for (guint i = 0; i < machine->links->len; i++)
    {
      const BsLink *link = g_ptr_array_index (machine->links, i);
      g_autofree char *mac = link != NULL ? bs_link_format_mac (link) : NULL;

      if (link != NULL && link->port >= 0)
        json_array_append_new (links, json_pack ("{s:i, s:i, s:i, s:s, s:I}", "interface", (int) i, "port", link->port,
                                                 "network", (int) link->network, "mac", mac, "identity",
                                                 (json_int_t) link->identity));
    }
  return links;
}

static json_t *
describe_machine (const BsMachine *machine)
{
  return json_pack ("{s:s, s:b, s:b, s:b, s:i, s:I, s:i, s:s?, s:s?, s:s?, s:o}", "node", machine->name, "spawned",
                    machine->spawned, "dead", machine->exit != NULL, "forgotten", machine->forgotten, "pid",
                    (int) machine->pid, "start_time", (json_int_t) machine->start_time, "interfaces",
                    (int) machine->interfaces, "guest", machine->guest, "log", machine->log, "console_log",
                    machine->console_log, "links", describe_links (machine));
}

static json_t *
describe (BsSupervisor *lab)
{
  json_t *nodes = json_array (), *wires = bs_wires_describe (lab->wires);

  for (guint i = 0; i < lab->machines->len; i++)
    json_array_append_new (nodes, describe_machine (g_ptr_array_index (lab->machines, i)));
  if (bs_wires_program (lab->wires) != NULL)
    json_object_set_new (wires, "program", json_string (bs_wires_program (lab->wires)));
  return json_pack ("{s:i, s:s, s:s, s:o, s:o, s:o}", "format", BS_RECORD_FORMAT, "tag", lab->tag_text, "boot_id",
                    bs_process_boot_id (), "switch", wires, "taps", bs_tap_list_save (lab->taps), "nodes", nodes);
}

gboolean
bs_record_save_checked (BsSupervisor *lab, GError **error)
{
  g_autoptr (json_t) record = describe (lab);
  g_autofree char *text = bs_json_dump (record);
  bs_autofd int fd = openat (lab->dir, TEMPORARY, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd >= 0 && bs_fd_write_all (fd, text, strlen (text)) && renameat (lab->dir, TEMPORARY, lab->dir, BS_RECORD) == 0)
    return TRUE;
  bs_set_error_errno (error, errno, "cannot write '%s'", BS_RECORD);
  unlinkat (lab->dir, TEMPORARY, 0);
  return FALSE;
}

void
bs_record_save (BsSupervisor *lab)
{
  g_autoptr (GError) error = NULL;

  if (!bs_record_save_checked (lab, &error))
    g_warning ("%s", error->message);
}

void
bs_record_remove (BsSupervisor *lab)
{
  unlinkat (lab->dir, BS_RECORD, 0);
}

static gboolean
load_link (BsMachine *machine, const json_t *object, GError **error)
{
  gint64 interface, port, network;
  guint8 mac[6];
  BsLink *link;

  if (!bs_arguments_int (object, "interface", 0, BS_CONTROL_INTERFACES_MAX - 1, &interface, error)
      || !bs_arguments_int (object, "port", 0, BS_SWITCH_PORTS_MAX - 1, &port, error)
      || !bs_arguments_int (object, "network", 0, BS_SWITCH_NETWORKS_MAX - 1, &network, error)
      || !bs_arguments_mac (object, "mac", mac, error))
    return FALSE;
  if (bs_machine_link (machine, (guint) interface, FALSE) != NULL)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "interface %d of node '%s' is there twice", (int) interface,
                    machine->name);
      return FALSE;
    }
  link = bs_machine_link (machine, (guint) interface, TRUE);
  link->network = (guint) network;
  memcpy (link->mac, mac, sizeof mac);
  link->identity = (guint64) MAX (bs_json_int (object, "identity", 0), 0);
  return bs_wires_reserve (machine->lab->wires, link, (int) port, error);
}

static gboolean
load_process (BsMachine *machine, const json_t *object, GError **error)
{
  const char *guest, *log, *console;
  gint64 interfaces, pid, start_time;

  if (!bs_arguments_int (object, "interfaces", 0, BS_CONTROL_INTERFACES_MAX, &interfaces, error)
      || !bs_arguments_int (object, "pid", 0, G_MAXINT32, &pid, error)
      || !bs_arguments_int (object, "start_time", 0, G_MAXINT64, &start_time, error)
      || !bs_arguments_path (object, "guest", TRUE, &guest, error)
      || !bs_arguments_path (object, "log", TRUE, &log, error)
      || !bs_arguments_path (object, "console_log", TRUE, &console, error))
    return FALSE;
  machine->interfaces = (guint) interfaces;
  machine->pid = (pid_t) pid;
  machine->start_time = (guint64) start_time;
  machine->guest = g_strdup (guest);
  machine->log = g_strdup (log);
  machine->console_log = g_strdup (console);
  machine->spawned = bs_json_bool (object, "spawned", FALSE);
  machine->forgotten = bs_json_bool (object, "forgotten", FALSE);
  if (bs_json_bool (object, "dead", FALSE))
    machine->exit = json_pack ("{s:b}", "unknown", 1);
  return TRUE;
}

static gboolean
load_machine (BsSupervisor *lab, const json_t *object, GError **error)
{
  const char *name = bs_arguments_node (object, error);
  const json_t *links = json_object_get (object, "links");
  BsMachine *machine;

  if (name == NULL)
    return FALSE;
  if (bs_supervisor_find (lab, name) != NULL)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "node '%s' is there twice", name);
      return FALSE;
    }
  machine = bs_machine_new (lab, name);
  if (!load_process (machine, object, error))
    return FALSE;
  for (gsize i = 0; i < json_array_size (links); i++)
    if (!load_link (machine, json_array_get (links, i), error))
      return FALSE;
  return TRUE;
}

static gboolean
load (BsSupervisor *lab, const json_t *record, GError **error)
{
  const json_t *nodes = json_object_get (record, "nodes");
  gint64 format;

  if (!bs_arguments_int (record, "format", 1, BS_RECORD_FORMAT, &format, error))
    return FALSE;
  if (strcmp (bs_json_string (record, "tag", ""), lab->tag_text) != 0)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'tag' is not this lab's");
      return FALSE;
    }
  for (gsize i = 0; i < json_array_size (nodes); i++)
    if (!load_machine (lab, json_array_get (nodes, i), error))
      return FALSE;
  return TRUE;
}

static void
empty (BsSupervisor *lab)
{
  while (lab->machines->len > 0)
    {
      BsMachine *machine = g_ptr_array_index (lab->machines, 0);

      for (guint i = 0; i < machine->links->len; i++)
        if (g_ptr_array_index (machine->links, i) != NULL)
          bs_wires_release (lab->wires, g_ptr_array_index (machine->links, i));
      g_ptr_array_remove_index (lab->machines, 0);
    }
}

json_t *
bs_record_load (BsSupervisor *lab, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (json_t) record = NULL;
  g_autoptr (GError) problem = NULL;
  gsize length;

  text = bs_file_read (lab->dir, BS_RECORD, RECORD_MAX, &length, &problem);
  if (text == NULL && g_error_matches (problem, BS_ERROR, BS_ERROR_NOT_FOUND))
    return NULL;
  if (text != NULL)
    record = bs_json_load (text, length, &problem);
  if (record != NULL && load (lab, record, &problem))
    return g_steal_pointer (&record);
  empty (lab);
  g_propagate_prefixed_error (error, g_steal_pointer (&problem), "'%s' is not usable: ", BS_RECORD);
  return NULL;
}
