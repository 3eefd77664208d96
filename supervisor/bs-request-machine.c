/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-arguments.h"
#include "bs-channel.h"
#include "bs-control-protocol.h"
#include "bs-error.h"
#include "bs-machine.h"
#include "bs-record.h"
#include "bs-request.h"
#include "bs-time.h"

#include <signal.h>

#define TIMEOUT_MS_MAX (24 * 3600 * 1000)

static BsMachine *
named_machine (BsSupervisor *self, const json_t *request, GError **error)
{
  const char *node = bs_arguments_node (request, error);

  return node != NULL ? bs_supervisor_need (self, node, error) : NULL;
}

/* A machine that may be spawned: known or not, but not running. */
static BsMachine *
machine_to_spawn (BsSupervisor *self, const char *node, GError **error)
{
  BsMachine *machine = bs_supervisor_find (self, node);

  if (self->shutdown != NULL)
    bs_set_error (error, BS_ERROR_BUSY, NULL, "the supervisor is shutting down");
  else if (machine == NULL)
    return bs_machine_new (self, node);
  else if (machine->running)
    bs_set_error (error, BS_ERROR_EXISTS, "stop it first", "node '%s' runs already", node);
  else
    return machine;
  return NULL;
}

json_t *
bs_request_spawn (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  const char *node = bs_arguments_node (request, error);
  g_autofree const char **argv = NULL;
  BsMachineSpec spec = { 0 };
  BsMachine *machine;
  gint64 interfaces;

  if (node == NULL || (argv = bs_arguments_argv (request, "argv", error)) == NULL
      || !bs_arguments_int (request, "interfaces", 0, BS_CONTROL_INTERFACES_MAX, &interfaces, error)
      || !bs_arguments_path (request, "guest", TRUE, &spec.guest, error)
      || !bs_arguments_path (request, "log", FALSE, &spec.log, error)
      || !bs_arguments_path (request, "console_log", TRUE, &spec.console_log, error))
    return NULL;
  machine = machine_to_spawn (self, node, error);
  if (machine == NULL)
    return NULL;
  spec.argv = argv;
  spec.interfaces = (guint) interfaces;
  if (bs_machine_spawn (machine, &spec, error))
    return json_pack ("{s:i, s:I}", "pid", (int) machine->pid, "start_time", (json_int_t) machine->start_time);
  if (!machine->spawned && machine->links->len == 0)
    bs_machine_forget (machine);
  return NULL;
}

/* Signals after which a process goes on. */
static gboolean
is_harmless (int number)
{
  return number == 0 || number == SIGSTOP || number == SIGCONT || number == SIGTSTP;
}

json_t *
bs_request_signal (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  BsMachine *machine = named_machine (self, request, error);
  gint64 number;

  if (machine == NULL || !bs_arguments_int (request, "signal", 0, NSIG - 1, &number, error))
    return NULL;
  if (!machine->running && machine->exit != NULL)
    return json_pack ("{s:O}", "exit", machine->exit);
  if (!bs_machine_signal (machine, (int) number, error))
    return NULL;
  if (is_harmless ((int) number))
    return json_object ();
  g_ptr_array_add (machine->mourners, g_steal_pointer (reply));
  return NULL;
}

json_t *
bs_request_guest (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  BsMachine *machine = named_machine (self, request, error);
  gint64 timeout_ms = 0;

  if (machine == NULL)
    return NULL;
  if (json_object_get (request, "timeout_ms") != NULL
      && !bs_arguments_int (request, "timeout_ms", 0, TIMEOUT_MS_MAX, &timeout_ms, error))
    return NULL;
  if (!machine->running)
    bs_set_error (error, BS_ERROR_DIED, "the event machine-died and the node's log say why", "node '%s' does not run",
                  machine->name);
  else if (machine->channel == NULL)
    bs_set_error (error, BS_ERROR_UNSUPPORTED, NULL, "node '%s' has no guest channel", machine->name);
  else
    bs_channel_request (machine->channel, g_steal_pointer (reply), timeout_ms * BS_USEC_PER_MSEC);
  return NULL;
}

json_t *
bs_request_forget (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  const char *node = bs_arguments_node (request, error);
  BsMachine *machine = node != NULL ? bs_supervisor_find (self, node) : NULL;

  if (node == NULL)
    return NULL;
  if (machine != NULL)
    bs_machine_forget (machine);
  bs_record_save (self);
  return json_object ();
}
