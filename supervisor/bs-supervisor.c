/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-supervisor.h"
#include "bs-control-protocol.h"
#include "bs-error.h"
#include "bs-folder-watch.h"
#include "bs-machine.h"
#include "bs-net.h"
#include "bs-record.h"
#include "bs-request.h"
#include "bs-tap-list.h"
#include "bs-wires.h"
#include "bs-takeover.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

BsSupervisor *
bs_supervisor_new (int dir, const char *tag, GError **error)
{
  g_autoptr (BsSupervisor) self = g_new0 (BsSupervisor, 1);

  self->dir = dir;
  self->tag_text = g_strdup (tag);
  self->machines = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_machine_free);
  if (!bs_tag_parse (tag, &self->tag) || strcmp (self->tag.role, "supervisor") != 0)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' is no tag of a supervisor", tag);
      return NULL;
    }
  self->loop = bs_loop_new (error);
  if (self->loop == NULL)
    return NULL;
  self->events = bs_event_log_open (dir, self->tag.lab, error);
  if (self->events == NULL)
    return NULL;
  self->folders = bs_folder_watch_new (self->loop, dir);
  self->wires = bs_wires_new (self);
  self->net = bs_net_new (self);
  self->taps = bs_tap_list_new (self);
  return g_steal_pointer (&self);
}

void
bs_supervisor_free (BsSupervisor *self)
{
  if (self == NULL)
    return;
  if (self->server != NULL)
    bs_server_set_gone (self->server, NULL, NULL);
  bs_tap_list_free (self->taps);
  bs_net_free (self->net);
  g_ptr_array_unref (self->machines);
  bs_wires_free (self->wires);
  if (self->server != NULL)
    bs_server_close (self->server);
  bs_server_unref (self->server);
  bs_folder_watch_free (self->folders);
  bs_event_log_free (self->events);
  bs_loop_free (self->loop);
  bs_tag_clear (&self->tag);
  g_free (self->tag_text);
  g_free (self);
}

static void
client_gone (guint64 client, gpointer user_data)
{
  BsSupervisor *self = user_data;

  bs_tap_list_client_gone (self->taps, client);
}

gboolean
bs_supervisor_begin (BsSupervisor *self, GError **error)
{
  g_autoptr (GError) problem = NULL;
  gboolean successor;

  if (!bs_takeover (self, &successor, error))
    return FALSE;
  if (!bs_record_save_checked (self, &problem))
    {
      /* What runs already needs its supervisor more than the record its latest state. */
      if (!successor)
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return FALSE;
        }
      g_warning ("%s", problem->message);
      bs_supervisor_event (self, "record-not-saved", NULL, json_pack ("{s:s}", "error", problem->message));
    }
  self->server = bs_server_listen (self->loop, self->dir, bs_request_handle, self, error);
  if (self->server == NULL)
    return FALSE;
  bs_server_set_gone (self->server, client_gone, self);
  return TRUE;
}

char *
bs_supervisor_tag (BsSupervisor *self, const char *role, const char *node)
{
  return bs_tag_format (self->tag.state_id, self->tag.lab, self->tag.uuid, role, node);
}

BsMachine *
bs_supervisor_find (BsSupervisor *self, const char *node)
{
  for (guint i = 0; i < self->machines->len; i++)
    {
      BsMachine *machine = g_ptr_array_index (self->machines, i);

      if (strcmp (machine->name, node) == 0)
        return machine;
    }
  return NULL;
}

BsMachine *
bs_supervisor_need (BsSupervisor *self, const char *node, GError **error)
{
  BsMachine *machine = bs_supervisor_find (self, node);

  if (machine == NULL)
    bs_set_error (error, BS_ERROR_NOT_FOUND, NULL, "the supervisor knows no node '%s'", node);
  return machine;
}

void
bs_supervisor_event_object (BsSupervisor *self, json_t *event)
{
  g_autoptr (json_t) full = bs_event_log_add (self->events, event);

  if (self->server != NULL)
    bs_server_publish (self->server, full);
}

void
bs_supervisor_event (BsSupervisor *self, const char *kind, const char *node, json_t *data)
{
  g_autoptr (json_t) event = json_pack ("{s:s, s:s}", "stage", "run", "kind", kind);

  if (node != NULL)
    json_object_set_new (event, "node", json_string (node));
  if (data != NULL)
    json_object_set_new (event, "data", data);
  bs_supervisor_event_object (self, event);
}

static guint
count_running (BsSupervisor *self)
{
  guint n = 0;

  for (guint i = 0; i < self->machines->len; i++)
    n += ((BsMachine *) g_ptr_array_index (self->machines, i))->running;
  return n;
}

void
bs_supervisor_machine_gone (BsSupervisor *self)
{
  if (self->shutdown == NULL || count_running (self) > 0)
    return;
  bs_wires_stop (self->wires);
  bs_record_remove (self);
  bs_net_remove_records (self->net);
  unlinkat (self->dir, BS_CONTROL_SOCKET, 0);
  bs_reply_ok (g_steal_pointer (&self->shutdown), NULL, -1);
  bs_loop_quit (self->loop);
}

void
bs_supervisor_shut_down (BsSupervisor *self, BsReply *reply)
{
  self->shutdown = reply;
  for (guint i = 0; i < self->machines->len; i++)
    {
      BsMachine *machine = g_ptr_array_index (self->machines, i);

      if (machine->running)
        bs_machine_signal (machine, SIGKILL, NULL);
    }
  bs_supervisor_machine_gone (self);
}
