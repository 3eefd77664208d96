/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-tag.h"

#include <stdlib.h>
#include <string.h>

#define STATE_ID_LENGTH 12

char *
bs_tag_state_id (const char *state_dir)
{
  char *real = realpath (state_dir, NULL);
  char *id = g_compute_checksum_for_string (G_CHECKSUM_SHA256, real != NULL ? real : state_dir, -1);

  free (real);
  id[STATE_ID_LENGTH] = '\0';
  return id;
}

char *
bs_tag_format (const char *state_id, const char *lab, const char *uuid, const char *role, const char *node)
{
  g_return_val_if_fail (state_id != NULL && lab != NULL && uuid != NULL && role != NULL, NULL);
  return g_strdup_printf ("benchscale:%s:%s:%s:%s%s%s", state_id, lab, uuid, role, node != NULL ? ":" : "",
                          node != NULL ? node : "");
}

char *
bs_tag_prefix_state (const char *state_id)
{
  return g_strdup_printf ("benchscale:%s:", state_id);
}

char *
bs_tag_prefix_lab (const char *state_id, const char *lab)
{
  return g_strdup_printf ("benchscale:%s:%s:", state_id, lab);
}

char *
bs_tag_prefix_uuid (const char *state_id, const char *lab, const char *uuid)
{
  return g_strdup_printf ("benchscale:%s:%s:%s:", state_id, lab, uuid);
}

gboolean
bs_tag_parse (const char *text, BsTag *tag)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", -1);
  guint n = g_strv_length (parts);

  if (n < 5 || n > 6 || strcmp (parts[0], "benchscale") != 0)
    return FALSE;
  if ((n == 6) != (strcmp (parts[4], "node") == 0))
    return FALSE;
  tag->state_id = g_strdup (parts[1]);
  tag->lab = g_strdup (parts[2]);
  tag->uuid = g_strdup (parts[3]);
  tag->role = g_strdup (parts[4]);
  tag->node = g_strdup (parts[5]);
  return TRUE;
}

void
bs_tag_clear (BsTag *tag)
{
  g_clear_pointer (&tag->state_id, g_free);
  g_clear_pointer (&tag->lab, g_free);
  g_clear_pointer (&tag->uuid, g_free);
  g_clear_pointer (&tag->role, g_free);
  g_clear_pointer (&tag->node, g_free);
}
