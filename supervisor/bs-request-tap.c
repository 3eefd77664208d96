/* SPDX-License-Identifier: Apache-2.0 */
/* bs-request-tap.c — captures and replays, as clients ask for them */
#include "bs-arguments.h"
#include "bs-control-protocol.h"
#include "bs-error.h"
#include "bs-machine.h"
#include "bs-request.h"
#include "bs-ring.h"
#include "bs-tap-list.h"

#include <string.h>

#define LOG_MAX (G_GINT64_CONSTANT (1) << 33)

static gboolean
read_what (const json_t *request, guint32 *what, GError **error)
{
  static const char *const names[] = { "packets", "drops", "decisions" };
  const json_t *list = json_object_get (request, "what");
  guint found = 0;

  *what = 0;
  for (gsize i = 0; i < json_array_size (list); i++)
    for (guint j = 0; j < G_N_ELEMENTS (names); j++)
      if (g_strcmp0 (json_string_value (json_array_get (list, i)), names[j]) == 0)
        {
          *what |= 1u << j;
          found++;
        }
  if (*what != 0 && found == json_array_size (list))
    return TRUE;
  bs_set_error (error, BS_ERROR_INVALID, NULL, "'what' is missing or is no list of packets, drops and decisions");
  return FALSE;
}

static gboolean
read_port (BsSupervisor *self, const json_t *object, guint32 *port, GError **error)
{
  const char *node = bs_arguments_node (object, error);
  const BsMachine *machine = node != NULL ? bs_supervisor_need (self, node, error) : NULL;
  const BsLink *link;
  gint64 interface;

  if (machine == NULL || !bs_arguments_int (object, "interface", 0, BS_CONTROL_INTERFACES_MAX - 1, &interface, error))
    return FALSE;
  link = (guint) interface < machine->links->len ? g_ptr_array_index (machine->links, (guint) interface) : NULL;
  if (link == NULL || link->port < 0)
    {
      bs_set_error (error, BS_ERROR_NOT_FOUND, NULL, "node '%s' has no port %d", node, (int) interface);
      return FALSE;
    }
  *port = (guint32) link->port;
  return TRUE;
}

/* What it is about: all, a network, an interface, or two that are a pair. */
static gboolean
read_subject (BsSupervisor *self, const json_t *request, BsSwitchTap *what, GError **error)
{
  const json_t *peer = json_object_get (request, "peer");
  gint64 network;

  what->network = what->port = what->peer = BS_SWITCH_ANY;
  if (json_object_get (request, "network") != NULL)
    {
      if (!bs_arguments_int (request, "network", 0, BS_SWITCH_NETWORKS_MAX - 1, &network, error))
        return FALSE;
      what->network = (guint32) network;
    }
  if (json_object_get (request, "node") == NULL && peer == NULL)
    return TRUE;
  if (!read_port (self, request, &what->port, error) || (peer != NULL && !read_port (self, peer, &what->peer, error)))
    return FALSE;
  if (what->peer != what->port)
    return TRUE;
  bs_set_error (error, BS_ERROR_INVALID, NULL, "an interface is no pair with itself");
  return FALSE;
}

static gboolean
read_sink (const json_t *request, BsTapSpec *spec, GError **error)
{
  const char *sink = bs_json_string (request, "sink", "");
  gint64 snap = 0, bytes = 0;

  if (json_object_get (request, "snap") != NULL
      && !bs_arguments_int (request, "snap", 0, BS_SWITCH_FRAME_MAX, &snap, error))
    return FALSE;
  spec->what.snap = (guint32) snap;
  spec->keep = bs_json_bool (request, "keep", FALSE);
  if (strcmp (sink, "socket") == 0 && !spec->keep)
    {
      spec->what.sink = BS_SWITCH_SINK_SOCKET;
      return TRUE;
    }
  if (strcmp (sink, "ring") != 0)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'sink' is missing or is neither a ring nor a socket that ends");
      return FALSE;
    }
  spec->what.sink = BS_SWITCH_SINK_RING;
  if (!bs_arguments_int (request, "bytes", BS_RING_BYTES_MIN, BS_RING_BYTES_MAX, &bytes, error))
    return FALSE;
  spec->bytes = ((guint64) bytes + 4095) & ~G_GUINT64_CONSTANT (4095);
  return TRUE;
}

static json_t *
subject_of (const json_t *request)
{
  static const char *const names[] = { "network", "node", "interface", "peer" };
  json_t *about = json_object ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (json_object_get (request, names[i]) != NULL)
      json_object_set (about, names[i], json_object_get (request, names[i]));
  return about;
}

json_t *
bs_request_add_tap (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  g_auto (BsTapSpec) spec = { 0 };

  if (read_what (request, &spec.what.what, error) && read_subject (self, request, &spec.what, error)
      && read_sink (request, &spec, error))
    {
      spec.about = subject_of (request);
      bs_tap_list_add (self->taps, &spec, reply, error);
    }
  return NULL;
}

static gboolean
read_number (const json_t *request, guint *number, GError **error)
{
  gint64 value;

  if (!bs_arguments_int (request, "tap", 0, BS_SWITCH_TAPS_MAX - 1, &value, error))
    return FALSE;
  *number = (guint) value;
  return TRUE;
}

json_t *
bs_request_remove_tap (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  guint number;

  return read_number (request, &number, error) && bs_tap_list_remove (self->taps, number, error) ? json_object ()
                                                                                                 : NULL;
}

json_t *
bs_request_taps (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  return json_pack ("{s:o, s:I}", "taps", bs_tap_list_describe (self->taps), "replay",
                    (json_int_t) bs_tap_list_replay_bytes (self->taps));
}

json_t *
bs_request_tap_ring (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  guint number;
  int fd = read_number (request, &number, error) ? bs_tap_list_ring (self->taps, number, error) : -1;

  if (fd >= 0)
    bs_reply_ok (g_steal_pointer (reply), NULL, fd);
  return NULL;
}

json_t *
bs_request_make_log (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  gint64 bytes;
  int fd = -1;

  if (bs_arguments_int (request, "bytes", 1, LOG_MAX, &bytes, error))
    fd = bs_tap_list_make_log (self->taps, bs_reply_client (*reply), (guint64) bytes, error);
  if (fd >= 0)
    bs_reply_ok (g_steal_pointer (reply), NULL, fd);
  return NULL;
}

json_t *
bs_request_set_replay (BsSupervisor *self, const json_t *request, BsReply **reply, GError **error)
{
  gint64 bytes;

  if (bs_arguments_int (request, "bytes", 0, LOG_MAX, &bytes, error))
    bs_tap_list_replay (self->taps, (guint64) bytes, reply, error);
  return NULL;
}
