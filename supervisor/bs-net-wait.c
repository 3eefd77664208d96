/* SPDX-License-Identifier: Apache-2.0 */
/* bs-net-wait.c — who waits until the switch has taken a change
 *
 * A PING follows the requests, and its answer is the one that is waited for. A switch that dies meanwhile is told all
 * of it again, and pinged again. What the switch refuses is told to who waits for the next PING, and taken back.
 */
#include "bs-net-private.h"
#include "bs-error.h"

#include <errno.h>

typedef struct
{
  guint32 serial; /* of the PING; 0: not asked yet */
  BsReply *reply;
  json_t *answer;
  GError *error; /* what the switch refused */
} Waiting;

static void
waiting_end (Waiting *waiting, const GError *error)
{
  const GError *why = waiting->error != NULL ? waiting->error : error;

  if (why != NULL)
    {
      bs_reply_error (waiting->reply, why);
      json_decref (waiting->answer);
    }
  else
    bs_reply_ok (waiting->reply, waiting->answer, -1);
  g_clear_error (&waiting->error);
  g_free (waiting);
}

void
bs_net_switch_failed (BsNet *self, const GError *error)
{
  Waiting *waiting;

  while ((waiting = g_queue_pop_head (&self->waiting)) != NULL)
    waiting_end (waiting, error);
}

static void
ping (BsNet *self, Waiting *waiting)
{
  BsSwitchRequest message = { .op = BS_SWITCH_PING };

  waiting->serial = bs_wires_send (self->lab->wires, &message, -1);
}

void
bs_net_ping_again (BsNet *self)
{
  for (GList *item = self->waiting.head; item != NULL; item = item->next)
    ping (self, item->data);
}

/* A refusal belongs to who waits for the first PING after it. */
static void
refused (BsNet *self, guint32 serial, int result)
{
  g_autoptr (GError) error = NULL;

  bs_set_error (&error, result == ENOSPC ? BS_ERROR_EXHAUSTED : BS_ERROR_FAILED, "see switch.log in the lab's folder",
                "the switch refused a wire: %s", g_strerror (result));
  g_warning ("%s", error->message);
  bs_supervisor_event (self->lab, "wire-refused", NULL, json_pack ("{s:s}", "error", g_strerror (result)));
  for (GList *item = self->waiting.head; item != NULL; item = item->next)
    {
      Waiting *waiting = item->data;

      if ((gint32) (waiting->serial - serial) > 0 && waiting->error == NULL)
        {
          waiting->error = g_steal_pointer (&error);
          return;
        }
    }
  if (self->refusal == NULL)
    self->refusal = g_steal_pointer (&error);
}

gboolean
bs_net_check (BsNet *self, GError **error)
{
  if (self->refusal == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&self->refusal));
  return FALSE;
}

/* What the switch does not do is not kept either. */
static void
end_refused (BsNet *self, const Waiting *waiting)
{
  gint64 fault = bs_json_int (waiting->answer, "fault", 0);

  if (waiting->error != NULL && fault > 0)
    bs_net_end (self, (guint64) fault);
}

void
bs_net_answered (BsNet *self, guint32 serial, int result)
{
  Waiting *first;

  if (result != 0)
    refused (self, serial, result);
  while ((first = g_queue_peek_head (&self->waiting)) != NULL && (gint32) (serial - first->serial) >= 0)
    {
      g_queue_pop_head (&self->waiting);
      end_refused (self, first);
      waiting_end (first, NULL);
    }
}

void
bs_net_answer (BsNet *self, BsReply *reply, json_t *answer)
{
  Waiting *waiting = g_new0 (Waiting, 1);

  waiting->reply = reply;
  waiting->answer = answer;
  if (!bs_wires_runs (self->lab->wires))
    {
      /* it will be told when it starts, unless that was given up */
      if (bs_wires_problem (self->lab->wires) != NULL)
        bs_set_error (&waiting->error, BS_ERROR_DIED, "see switch.log in the lab's folder", "no wire does anything: %s",
                      bs_wires_problem (self->lab->wires));
      end_refused (self, waiting);
      waiting_end (waiting, NULL);
      return;
    }
  g_queue_push_tail (&self->waiting, waiting);
  ping (self, waiting);
}
