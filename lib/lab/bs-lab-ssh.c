/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-lab-ssh.h"
#include "bs-error.h"
#include "bs-file.h"
#include "bs-ssh-keys.h"

#include <string.h>

#define KEY_MAX 65536
#define KNOWN_HOSTS_MAX (4 * 1024 * 1024)

char *
bs_lab_ssh_name (const char *lab, const char *node)
{
  return g_strdup_printf ("%s.%s", lab, node);
}

static gboolean
senseless (BsLab *lab, const char *node, const char *what, GError **error)
{
  bs_set_error (error, BS_ERROR_PROTOCOL, "take the lab down and up again", "lab '%s', node '%s': its record %s",
                bs_lab_name (lab), node, what);
  return FALSE;
}

/* The one key that the node may show: of its record, else of the lab's known hosts. (transfer full) */
static char *
host_key_of (BsLab *lab, const char *node, const json_t *ssh, GError **error)
{
  g_autofree char *name = bs_lab_ssh_name (bs_lab_name (lab), node), *type = NULL, *base64 = NULL, *text = NULL;
  const char *recorded = bs_json_string (ssh, "host_key", NULL);
  char *found = NULL;
  gsize length;

  if (recorded != NULL && bs_ssh_public_key_parse (recorded, &type, &base64, NULL))
    return g_strdup (recorded);
  if (recorded == NULL)
    text = bs_file_read (bs_lab_dir (lab), BS_LAB_SSH_KNOWN_HOSTS, KNOWN_HOSTS_MAX, &length, NULL);
  if (text != NULL)
    found = bs_ssh_known_hosts_find (text, length, name);
  if (found == NULL)
    senseless (lab, node, recorded != NULL ? "has a host key that is none" : "has no host key", error);
  return found;
}

static gboolean
fill (BsLab *lab, const char *node, const json_t *ssh, BsSshTarget *target, GError **error)
{
  gint64 port = bs_json_int (ssh, "port", 0);
  gsize length;

  if (port <= 0 || port > G_MAXUINT16)
    return senseless (lab, node, "has no SSH port", error);
  target->port = (guint16) port;
  target->user = g_strdup (bs_json_string (ssh, "user", "root"));
  target->label = g_strdup_printf ("%s/%s", bs_lab_name (lab), node);
  target->host_key = host_key_of (lab, node, ssh, error);
  if (target->host_key == NULL)
    return FALSE;
  target->key_text = bs_file_read (bs_lab_dir (lab), BS_LAB_SSH_KEY, KEY_MAX, &length, error);
  if (target->key_text == NULL)
    g_prefix_error (error, "lab '%s': ", bs_lab_name (lab));
  return target->key_text != NULL;
}

BsSshTarget *
bs_lab_ssh_target (BsLab *self, const char *node, GError **error)
{
  const json_t *record = bs_lab_find_node (self, node, error), *ssh;
  g_autoptr (BsSshTarget) target = NULL;

  if (record == NULL)
    return NULL;
  ssh = json_object_get (record, "ssh");
  if (!json_is_object (ssh))
    {
      bs_set_error (error, BS_ERROR_UNSUPPORTED, "use `benchscale exec`, which needs none",
                    "node '%s' has no SSH server (image '%s')", node, bs_json_string (record, "image", ""));
      return NULL;
    }
  target = bs_ssh_target_new ("127.0.0.1", 0, NULL, NULL);
  return fill (self, node, ssh, target, error) ? g_steal_pointer (&target) : NULL;
}
