/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-lab-wires.h"

#include <string.h>

/* Of a request: well below what one message may be. */
#define CHUNK_BYTES (96 * 1024)

/* So many wires from @first on as fit into one request; (transfer full) */
static json_t *
take_chunk (const GPtrArray *wires, guint *first)
{
  json_t *chunk = json_array ();
  gsize bytes = 0;

  while (*first < wires->len && bytes < CHUNK_BYTES)
    {
      json_t *wire = g_ptr_array_index (wires, *first);
      g_autofree char *text = bs_json_dump (wire);

      bytes += strlen (text);
      if (bytes > CHUNK_BYTES && json_array_size (chunk) > 0)
        break;
      json_array_append (chunk, wire);
      (*first)++;
    }
  return chunk;
}

gboolean
bs_lab_declare_wires (BsControl *control, const BsWirePlan *plan, gint64 deadline_usec, GCancellable *cancellable,
                      GError **error)
{
  guint next = 0;

  do
    {
      json_t *request = json_pack ("{s:o}", "declared", take_chunk (plan->wires, &next));

      json_object_set_new (request, "more", json_boolean (next < plan->wires->len));
      if (next == plan->wires->len)
        json_object_set (request, "seeds", plan->seeds);
      if (!bs_control_do (control, "set-wires", request, deadline_usec, cancellable, error))
        return FALSE;
    }
  while (next < plan->wires->len);
  return TRUE;
}

gboolean
bs_lab_begin_schedules (BsControl *control, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  return bs_control_do (control, "set-wires", json_pack ("{s:b}", "begin", 1), deadline_usec, cancellable, error);
}
