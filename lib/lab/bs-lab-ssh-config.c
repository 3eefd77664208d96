/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-ssh-config.c — for OpenSSH's own programs, and all that use them */
#include "bs-error.h"
#include "bs-lab-ssh-paths.h"
#include "bs-settings.h"

#include <string.h>

gboolean
bs_lab_ssh_paths_init (BsLabSshPaths *self, BsLab *lab, GError **error)
{
  const BsSettings *settings = bs_settings_get (error);
  const char *state;

  *self = (BsLabSshPaths){ 0 };
  if (settings == NULL)
    return FALSE;
  state = bs_settings_state_dir (settings);
  if (strpbrk (state, "\"'\\\r\n") != NULL || strstr (state, "${") != NULL)
    {
      bs_set_error (error, BS_ERROR_INVALID, "set BENCHSCALE_STATE_DIR to a path without quotes, backslashes and ${",
                    "ssh_config has no way to write the path '%s'", state);
      return FALSE;
    }
  self->key = g_build_filename (state, "labs", bs_lab_name (lab), BS_LAB_SSH_KEY, NULL);
  self->known_hosts = g_build_filename (state, "labs", bs_lab_name (lab), BS_LAB_SSH_KNOWN_HOSTS, NULL);
  return TRUE;
}

void
bs_lab_ssh_paths_clear (BsLabSshPaths *self)
{
  g_free (self->key);
  g_free (self->known_hosts);
}

gboolean
bs_lab_ssh_none (BsLab *lab, GError **error)
{
  bs_set_error (error, BS_ERROR_UNSUPPORTED, "use `benchscale exec`, which needs none",
                "no node of lab '%s' has an SSH server", bs_lab_name (lab));
  return FALSE;
}

/* A path for ssh_config(5): quoted, and % written twice. */
static char *
config_path (const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "%", -1);
  g_autofree char *text = g_strjoinv ("%%", parts);

  return g_strdup_printf ("\"%s\"", text);
}

static void
append_host (GString *text, const char *name, const json_t *ssh, const char *key, const char *known_hosts)
{
  g_string_append_printf (text,
                          "%sHost %s\n"
                          "  HostName 127.0.0.1\n"
                          "  Port %d\n"
                          "  User %s\n"
                          "  IdentityFile %s\n"
                          "  IdentitiesOnly yes\n"
                          "  HostKeyAlias %s\n"
                          "  UserKnownHostsFile %s\n"
                          "  GlobalKnownHostsFile /dev/null\n"
                          "  StrictHostKeyChecking yes\n"
                          "  CheckHostIP no\n"
                          "  PasswordAuthentication no\n"
                          "  KbdInteractiveAuthentication no\n",
                          text->len > 0 ? "\n" : "", name, (int) bs_json_int (ssh, "port", 0),
                          bs_json_string (ssh, "user", "root"), key, name, known_hosts);
}

char *
bs_lab_ssh_config (BsLab *self, GError **error)
{
  g_auto (BsLabSshPaths) paths = { 0 };
  g_autofree char *key = NULL, *known_hosts = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  json_t *node;
  size_t i;

  if (!bs_lab_ssh_paths_init (&paths, self, error))
    return NULL;
  key = config_path (paths.key);
  known_hosts = config_path (paths.known_hosts);
  json_array_foreach (json_object_get (bs_lab_record (self), "nodes"), i, node)
  {
    g_autofree char *name = bs_lab_ssh_name (bs_lab_name (self), bs_json_string (node, "name", ""));

    if (json_is_object (json_object_get (node, "ssh")))
      append_host (text, name, json_object_get (node, "ssh"), key, known_hosts);
  }
  if (text->len == 0)
    return bs_lab_ssh_none (self, error), NULL;
  return g_string_free (g_steal_pointer (&text), FALSE);
}
