/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-tag.h"

#include <stdlib.h>
#include <string.h>

#define STATE_ID_LENGTH 12

/* The canonical path, also of a folder that is not there: of the deepest parent that is, and the rest as it stands. */
static char *
resolve (const char *path)
{
  g_autofree char *parent = NULL, *name = NULL, *resolved = NULL;
  char *real = realpath (path, NULL), *copy = g_strdup (real);

  free (real);
  if (copy != NULL)
    return copy;
  parent = g_path_get_dirname (path);
  if (strcmp (parent, path) == 0)
    return g_strdup (path);
  name = g_path_get_basename (path);
  resolved = resolve (parent);
  return g_build_filename (resolved, name, NULL);
}

char *
bs_tag_state_id (const char *state_dir)
{
  g_autofree char *path = g_canonicalize_filename (state_dir, NULL);
  g_autofree char *real = resolve (path);
  char *id = g_compute_checksum_for_string (G_CHECKSUM_SHA256, real, -1);

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

static gboolean
has_role (const char *text, const char *role)
{
  g_auto (BsTag) tag = { 0 };

  return text != NULL && bs_tag_parse (text, &tag) && strcmp (tag.role, role) == 0;
}

static gboolean
is_program (const char *path, const char *name)
{
  const char *slash = strrchr (path, '/');

  return strcmp (slash != NULL ? slash + 1 : path, name) == 0;
}

/* Its own name is not asked for: a wrapper may stand in its place, or before it. But find(1) knows -name, too. */
static const char *
machine_argument (char *const *argv)
{
  if (!g_strv_contains ((const char *const *) argv, "-nodefaults"))
    return NULL;
  for (guint i = 1; argv[i] != NULL; i++)
    if (strcmp (argv[i], "-name") == 0 && has_role (argv[i + 1], "node"))
      return argv[i + 1];
  return NULL;
}

const char *
bs_tag_argument (char *const *argv)
{
  if (argv[0] == NULL)
    return NULL;
  if (is_program (argv[0], "benchscale-lab"))
    return has_role (argv[1], "supervisor") ? argv[1] : NULL;
  if (is_program (argv[0], "benchscale-switch"))
    return has_role (argv[1], "switch") ? argv[1] : NULL;
  return machine_argument (argv);
}

gboolean
bs_tag_of_process (const BsProcess *process, BsTag *tag)
{
  const char *text = bs_tag_argument (process->argv);

  return text != NULL && bs_tag_parse (text, tag);
}

GPtrArray *
bs_tag_find (const char *prefix)
{
  GPtrArray *found = bs_process_find (prefix);

  for (guint i = found->len; i-- > 0;)
    {
      const BsProcess *process = g_ptr_array_index (found, i);
      const char *text = bs_tag_argument (process->argv);

      if (text == NULL || !g_str_has_prefix (text, prefix)
          || (!g_str_has_suffix (prefix, ":") && strcmp (text, prefix) != 0))
        g_ptr_array_remove_index (found, i);
    }
  return found;
}
