/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qga-power.c — the agent does not answer guest-shutdown unless it failed; so a ping is sent behind it */
#include "bs-error.h"
#include "bs-qga-private.h"

#include <string.h>

gboolean
bs_qga_power (BsQga *self, const char *action, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  const char *mode = strcmp (action, "reboot") == 0 ? "reboot" : "powerdown";
  g_autofree char *line = g_strdup_printf (
      "{\"execute\": \"guest-shutdown\", \"arguments\": {\"mode\": \"%s\"}}\n{\"execute\": \"guest-ping\"}\n", mode);
  g_autoptr (GError) local = NULL;
  g_autoptr (json_t) answer = bs_qga_exchange (self, line, "guest-shutdown", deadline_usec, cancellable, &local);

  /* One more may come, of the ping. */
  bs_qga_unsync (self);
  if (answer != NULL || g_error_matches (local, BS_ERROR, BS_ERROR_DIED))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
