/* SPDX-License-Identifier: Apache-2.0 */
/* bs-request-net.c — what wires are to do, and for how long */
#include "bs-arguments.h"
#include "bs-error.h"
#include "bs-net.h"
#include "bs-request.h"
#include "bs-time.h"

#define FOR_MAX_USEC (G_MAXINT64 / 4)
#define LEAST_USEC 1000

/* "for_usec", which is from now on: @until_usec stays 0 without it. */
static gboolean
read_deadline (const json_t *request, gint64 *until_usec, GError **error)
{
  gint64 length;

  *until_usec = 0;
  if (json_object_get (request, "for_usec") == NULL)
    return TRUE;
  if (!bs_arguments_int (request, "for_usec", LEAST_USEC, FOR_MAX_USEC, &length, error))
    return FALSE;
  *until_usec = bs_time_now_usec () + length;
  return TRUE;
}

/* The answer comes when the switch has taken it. */
static json_t *
answer_later (BsSupervisor *self, BsReply **reply, json_t *answer)
{
  bs_net_answer (self->net, g_steal_pointer (reply), answer);
  return NULL;
}

static json_t *
answer_fault (BsSupervisor *self, BsReply **reply, guint64 id)
{
  return id != 0 ? answer_later (self, reply, json_pack ("{s:I}", "fault", (json_int_t) id)) : NULL;
}

static void
free_declared (gpointer wire)
{
  bs_net_declared_free (wire);
}

/* All of it is checked before any of it holds. */
static GPtrArray *
read_wires (const json_t *list, GError **error)
{
  g_autoptr (GPtrArray) wires = g_ptr_array_new_with_free_func (free_declared);

  for (gsize i = 0; i < json_array_size (list); i++)
    {
      BsNetDeclared *wire = bs_net_declared_load (json_array_get (list, i), error);

      if (wire == NULL)
        return NULL;
      g_ptr_array_add (wires, wire);
    }
  return g_steal_pointer (&wires);
}

static gboolean
check_seeds (const json_t *seeds, GError **error)
{
  gint64 number;

  for (gsize i = 0; i < json_array_size (seeds); i++)
    if (!bs_arguments_int (json_array_get (seeds, i), "network", 0, BS_SWITCH_NETWORKS_MAX - 1, &number, error)
        || !bs_arguments_int (json_array_get (seeds, i), "seed", 0, G_MAXINT64, &number, error))
      return FALSE;
  return TRUE;
}

static json_t *
declare (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  const json_t *seeds = json_object_get (request, "seeds");
  g_autoptr (GPtrArray) wires = read_wires (json_object_get (request, "declared"), error);

  if (wires == NULL || !check_seeds (seeds, error))
    return NULL;
  for (gsize i = 0; i < json_array_size (seeds); i++)
    bs_net_set_seed (self->net, (guint) bs_json_int (json_array_get (seeds, i), "network", 0),
                     (guint64) bs_json_int (json_array_get (seeds, i), "seed", 0));
  g_ptr_array_set_free_func (wires, NULL);
  for (guint i = 0; i < wires->len; i++)
    bs_net_declare (self->net, g_ptr_array_index (wires, i));
  if (bs_json_bool (request, "begin", FALSE))
    {
      if (!bs_net_check (self->net, error))
        return NULL;
      bs_net_begin_schedules (self->net);
    }
  if (bs_json_bool (request, "more", FALSE))
    return json_object ();
  return bs_net_commit (self->net, error) ? answer_later (self, reply, json_object ()) : NULL;
}

json_t *
bs_request_set_wires (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  BsNetLayer *layer;
  gint64 until_usec;

  if (json_object_get (request, "targets") == NULL)
    return declare (self, request, reply, error);
  if (!read_deadline (request, &until_usec, error) || (layer = bs_net_layer_load (request, error)) == NULL)
    return NULL;
  layer->until_usec = until_usec;
  if (layer->values == NULL || json_object_size (layer->values) == 0)
    {
      bs_net_layer_free (layer);
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'values' is missing or empty");
      return NULL;
    }
  return answer_fault (self, reply, bs_net_add_layer (self->net, layer, error));
}

json_t *
bs_request_reset (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  const json_t *list = json_object_get (request, "targets");
  GPtrArray *targets = NULL;

  if (list != NULL && (targets = bs_net_targets_load (list, error)) == NULL)
    return NULL;
  return bs_net_reset (self->net, targets, error) ? answer_later (self, reply, json_object ()) : NULL;
}

json_t *
bs_request_partition (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  BsNetPartition *partition;
  gint64 until_usec;

  if (!read_deadline (request, &until_usec, error) || (partition = bs_net_partition_load (request, error)) == NULL)
    return NULL;
  partition->until_usec = until_usec;
  return answer_fault (self, reply, bs_net_add_partition (self->net, partition, error));
}

json_t *
bs_request_heal (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  const json_t *faults = json_object_get (request, "faults");
  guint ended = 0;

  if (faults == NULL)
    return bs_net_heal (self->net, error) ? answer_later (self, reply, json_object ()) : NULL;
  for (gsize i = 0; i < json_array_size (faults); i++)
    ended += bs_net_end (self->net, (guint64) json_integer_value (json_array_get (faults, i)));
  return answer_later (self, reply, json_pack ("{s:i}", "ended", (int) ended));
}

/* A part of a list, from "from" on, and where to go on. */
static json_t *
answer_page (const char *name, json_t *list, gint64 next)
{
  json_t *answer = json_pack ("{s:o}", name, list);

  if (next >= 0)
    json_object_set_new (answer, "next", json_integer (next));
  return answer;
}

static gboolean
read_place (const json_t *request, gint64 *place, GError **error)
{
  *place = 0;
  return json_object_get (request, "from") == NULL || bs_arguments_int (request, "from", 0, G_MAXINT32, place, error);
}

json_t *
bs_request_faults (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  gint64 place;
  json_t *faults;

  if (!read_place (request, &place, error))
    return NULL;
  faults = bs_net_describe_faults (self->net, &place);
  return answer_page ("faults", faults, place);
}

json_t *
bs_request_wires (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  gint64 place;
  json_t *wires;

  if (!read_place (request, &place, error))
    return NULL;
  wires = bs_net_describe_wires (self->net, &place);
  return answer_page ("wires", wires, place);
}
