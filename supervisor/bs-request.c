/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-request.h"
#include "bs-control-protocol.h"
#include "bs-error.h"
#include "bs-machine.h"
#include "bs-wires.h"

#include <string.h>
#include <unistd.h>

#define EVENT_BYTES_MAX (64 * 1024)

static json_t *
hello (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  gint64 low = bs_json_int (request, "min", 1), high = bs_json_int (request, "max", BS_CONTROL_VERSION);

  if (low > BS_CONTROL_VERSION || high < 1)
    {
      bs_set_error (error, BS_ERROR_UNSUPPORTED, "use the version of benchscale that started this lab",
                    "the supervisor speaks version %d of its protocol only", BS_CONTROL_VERSION);
      return NULL;
    }
  return json_pack ("{s:i, s:i, s:s, s:s, s:s}", "version", BS_CONTROL_VERSION, "pid", (int) getpid (), "lab",
                    self->tag.lab, "uuid", self->tag.uuid, "program", BS_SUPERVISOR_PROGRAM_VERSION);
}

static json_t *
status (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  json_t *nodes = json_array ();

  for (guint i = 0; i < self->machines->len; i++)
    {
      const BsMachine *machine = g_ptr_array_index (self->machines, i);

      if (machine->spawned)
        json_array_append_new (nodes, bs_machine_describe (machine));
    }
  return json_pack ("{s:o, s:o, s:i}", "nodes", nodes, "switch", bs_wires_describe (self->wires), "subscribers",
                    self->server != NULL ? (int) bs_server_subscribers (self->server) : 0);
}

static json_t *
event (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  json_t *what = json_object_get (request, "event");
  g_autofree char *text = json_is_object (what) ? bs_json_dump (what) : NULL;

  if (text == NULL || strlen (text) > EVENT_BYTES_MAX)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'event' is missing, no object or longer than %d bytes",
                    EVENT_BYTES_MAX);
      return NULL;
    }
  bs_supervisor_event_object (self, what);
  return json_object ();
}

static json_t *
subscribe (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  bs_reply_subscribe (*reply);
  return json_object ();
}

static json_t *
shut_down (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  guint running = 0;

  for (guint i = 0; i < self->machines->len; i++)
    running += ((BsMachine *) g_ptr_array_index (self->machines, i))->running;
  if (self->shutdown != NULL)
    bs_set_error (error, BS_ERROR_BUSY, NULL, "the supervisor is shutting down already");
  else if (running > 0 && !bs_json_bool (request, "force", FALSE))
    bs_set_error (error, BS_ERROR_BUSY, "stop them first, or force it", "%u machines still run", running);
  else
    bs_supervisor_shut_down (self, g_steal_pointer (reply));
  return NULL;
}

static const struct
{
  const char *name;
  BsOperation run;
} operations[] = {
  { "hello", hello },
  { "status", status },
  { "start-switch", bs_request_start_switch },
  { "add-port", bs_request_add_port },
  { "remove-port", bs_request_remove_port },
  { "spawn", bs_request_spawn },
  { "signal", bs_request_signal },
  { "guest", bs_request_guest },
  { "counters", bs_request_counters },
  { "set-wires", bs_request_set_wires },
  { "reset", bs_request_reset },
  { "partition", bs_request_partition },
  { "heal", bs_request_heal },
  { "faults", bs_request_faults },
  { "wires", bs_request_wires },
  { "add-tap", bs_request_add_tap },
  { "remove-tap", bs_request_remove_tap },
  { "taps", bs_request_taps },
  { "tap-ring", bs_request_tap_ring },
  { "make-log", bs_request_make_log },
  { "set-replay", bs_request_set_replay },
  { "event", event },
  { "subscribe", subscribe },
  { "forget", bs_request_forget },
  { "shutdown", shut_down },
};

static BsOperation
find_operation (const json_t *request, GError **error)
{
  const char *name = bs_json_string (request, "op", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (operations); i++)
    if (g_strcmp0 (operations[i].name, name) == 0)
      return operations[i].run;
  if (name == NULL)
    bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "a request without 'op'");
  else
    bs_set_error (error, BS_ERROR_UNSUPPORTED, "use the version of benchscale that started this lab",
                  "the supervisor knows no operation '%s'", name);
  return NULL;
}

static json_t *
run (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  BsOperation operation;

  if (!json_is_object (request) || !json_is_integer (json_object_get (request, "id")))
    {
      bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "a request is an object with an integer 'id'");
      return NULL;
    }
  bs_reply_set_id (*reply, json_integer_value (json_object_get (request, "id")));
  if (bs_reply_is_over_limit (*reply))
    {
      bs_set_error (error, BS_ERROR_BUSY, NULL, "more than %d requests are unanswered", BS_SERVER_REQUESTS_MAX);
      return NULL;
    }
  operation = find_operation (request, error);
  return operation != NULL ? operation (self, request, reply, error) : NULL;
}

void
bs_request_handle (const char *message, gsize length, BsReply *reply, gpointer supervisor)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) request = bs_json_load (message, length, &error);
  json_t *answer = request != NULL ? run (supervisor, request, &reply, &error) : NULL;

  if (error != NULL)
    bs_reply_error (reply, error);
  else if (reply != NULL)
    bs_reply_ok (reply, answer, -1);
}
