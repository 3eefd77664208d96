/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-control-message.h"
#include "bs-error.h"

static gboolean
is_answer (const json_t *message)
{
  const json_t *what = json_object_get (message, "error");

  if (!json_is_integer (json_object_get (message, "id")) || bs_json_int (message, "id", 0) < 0
      || !json_is_boolean (json_object_get (message, "ok")))
    return FALSE;
  return bs_json_bool (message, "ok", FALSE) || bs_json_string (what, "message", NULL) != NULL;
}

json_t *
bs_control_message_parse (const char *data, gsize length, guint64 *id, gboolean *event, GError **error)
{
  g_autoptr (json_t) message = bs_json_load (data, length, error);
  json_t *inner = json_object_get (message, "event");

  *id = 0;
  *event = FALSE;
  if (message == NULL)
    return NULL;
  if (json_is_object (inner))
    {
      *event = TRUE;
      return json_incref (inner);
    }
  if (is_answer (message))
    {
      *id = (guint64) bs_json_int (message, "id", 0);
      return g_steal_pointer (&message);
    }
  bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "the supervisor sent neither answer nor event");
  return NULL;
}

gboolean
bs_control_message_check (const json_t *answer, GError **error)
{
  const json_t *what = json_object_get (answer, "error");
  int code;

  if (bs_json_bool (answer, "ok", FALSE))
    return TRUE;
  if (!bs_error_code_from_name (bs_json_string (what, "code", ""), &code))
    code = BS_ERROR_FAILED;
  bs_set_error (error, code, bs_json_string (what, "hint", NULL), "%s", bs_json_string (what, "message", ""));
  return FALSE;
}
