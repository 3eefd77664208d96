/* SPDX-License-Identifier: Apache-2.0 */
/* bs-provision.c — what is done when; the order is cloud-init's, but that the user exists before files that it owns */
#include "bs-error.h"
#include "bs-provision-private.h"
#include "bs-text.h"

#include <string.h>

#define PHRASE_CHARS 80

guint
bs_provision_count (const GPtrArray *array)
{
  return array != NULL ? array->len : 0;
}

void
bs_provision_tell (const BsProvision *self, const char *format, ...)
{
  g_autofree char *raw = NULL, *text = NULL, *phrase = NULL;
  va_list args;

  if (self->progress == NULL)
    return;
  va_start (args, format);
  raw = g_strdup_vprintf (format, args);
  va_end (args);
  text = g_strdelimit (bs_text_printable (raw, strlen (raw)), "\n\t", ' ');
  phrase = g_utf8_substring (text, 0, MIN (g_utf8_strlen (text, -1), PHRASE_CHARS));
  self->progress (phrase, self->user_data);
}

gboolean
bs_provision_at (gboolean ok, const char *file, BsPosition at, GError **error)
{
  if (!ok)
    g_prefix_error (error, "%s:%u:%u: ", file, at.line, at.column);
  return ok;
}

char *
bs_provision_host_path (const char *folder, const char *path)
{
  return g_path_is_absolute (path) ? g_strdup (path) : g_build_filename (folder, path, NULL);
}

gboolean
bs_provision_is_url (const char *name)
{
  return g_str_has_prefix (name, "http://") || g_str_has_prefix (name, "https://");
}

static gboolean
has_commands (const BsTopologyNode *node, gboolean baked)
{
  const BsTopologyCloudInit *init = node->cloud_init;

  return init != NULL && bs_provision_count (init->runcmd) > 0 && !init->bake == !baked;
}

static gboolean
has_user (const BsTopologyCloudInit *init)
{
  return init->user != NULL || init->password != NULL
         || (init->ssh_authorized_keys != NULL && init->ssh_authorized_keys[0] != NULL);
}

static gboolean
has_packages (const BsTopologyNode *node)
{
  return bs_provision_count (node->packages) > 0
         || (node->cloud_init != NULL && bs_provision_count (node->cloud_init->packages) > 0);
}

gboolean
bs_provision_bakes (const BsTopologyNode *node)
{
  const BsTopologyCloudInit *init = node->cloud_init;

  return has_packages (node) || has_commands (node, TRUE)
         || (init != NULL && (has_user (init) || bs_provision_count (init->write_files) > 0));
}

gboolean
bs_provision_finishes (const BsTopologyNode *node)
{
  return (node->env != NULL && node->env[0] != NULL) || bs_provision_count (node->deploy) > 0
         || has_commands (node, FALSE) || (node->cloud_init != NULL && node->cloud_init->hostname != NULL);
}

/* A package file, too, may want others. */
gboolean
bs_provision_needs_outside (const BsTopologyNode *node)
{
  return has_packages (node) || has_commands (node, TRUE);
}

gboolean
bs_provision_bake (const BsTopologyNode *node, const char *file, const char *folder, BsRemote *remote,
                   BsProvisionProgress progress, gpointer user_data, GError **error)
{
  BsProvision self = { node, file, folder, remote, progress, user_data };
  const BsTopologyCloudInit *init = node->cloud_init;

  if (!bs_provision_check (node, file, folder, error))
    return FALSE;
  if (init != NULL && has_user (init) && !bs_provision_user (&self, error))
    return FALSE;
  if (init != NULL && !bs_provision_write_files (&self, error))
    return FALSE;
  if (has_packages (node) && !bs_provision_packages (&self, error))
    return FALSE;
  return !has_commands (node, TRUE) || bs_provision_commands (&self, error);
}

gboolean
bs_provision_finish (const BsTopologyNode *node, const char *file, const char *folder, BsRemote *remote,
                     BsProvisionProgress progress, gpointer user_data, GError **error)
{
  BsProvision self = { node, file, folder, remote, progress, user_data };
  const BsTopologyCloudInit *init = node->cloud_init;

  if (!bs_provision_finishes (node))
    return TRUE;
  if (!bs_provision_check (node, file, folder, error))
    return FALSE;
  if (init != NULL && init->hostname != NULL && !bs_provision_hostname (&self, error))
    return FALSE;
  if (node->env != NULL && node->env[0] != NULL && !bs_provision_env (&self, error))
    return FALSE;
  if (!bs_provision_deploy (&self, error))
    return FALSE;
  return !has_commands (node, FALSE) || bs_provision_commands (&self, error);
}
