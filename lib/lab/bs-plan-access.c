/* SPDX-License-Identifier: Apache-2.0 */
/* bs-plan-access.c — the way into each node by SSH: keys made here, and a port of the loopback
 *
 * One key pair per lab, which all its nodes let in, and a host key per node, so that a client knows whom it speaks to
 * before the node exists. The port is one that was free a moment ago; QEMU refuses to start when somebody was quicker.
 */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-lab-ssh.h"
#include "bs-plan-private.h"
#include "bs-ssh-keys.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* Held open until all nodes have theirs, so that no two get the same one. */
static int
reserve_port (guint16 *port, GError **error)
{
  bs_autofd int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;

  if (fd < 0 || bind (fd, (struct sockaddr *) &address, sizeof address) != 0
      || getsockname (fd, (struct sockaddr *) &address, &size) != 0)
    {
      bs_set_error_errno (error, errno, "cannot find a free port of the loopback");
      return -1;
    }
  *port = ntohs (address.sin_port);
  return bs_fd_steal (&fd);
}

static void
close_all (GArray *fds)
{
  for (guint i = 0; i < fds->len; i++)
    bs_fd_clear (&g_array_index (fds, int, i));
  g_array_unref (fds);
}

static gboolean
open_node (BsPlan *self, BsBackendNode *spec, GError **error)
{
  g_autofree char *comment = g_strdup_printf ("%s.%s", self->name, spec->name);
  g_autoptr (BsSshKeyPair) host = bs_ssh_key_pair_new (comment, error);

  if (host == NULL)
    return FALSE;
  spec->host_key = g_steal_pointer (&host->private_text);
  spec->host_key_public = g_steal_pointer (&host->public_text);
  spec->authorized_key = g_strdup (self->ssh_key_public);
  return TRUE;
}

gboolean
bs_plan_open_access (BsPlan *self, GError **error)
{
  GArray *fds = g_array_new (FALSE, FALSE, sizeof (int));
  g_autofree char *comment = g_strdup_printf ("benchscale %s", self->name);
  gboolean ok = TRUE;

  for (guint i = 0; ok && i < self->nodes->len; i++)
    {
      BsBackendNode *spec = ((BsPlanNode *) g_ptr_array_index (self->nodes, i))->spec;
      int fd;

      if (spec->disk == NULL)
        continue; /* no system with an SSH server */
      if (self->ssh_key == NULL)
        {
          g_autoptr (BsSshKeyPair) own = bs_ssh_key_pair_new (comment, error);

          ok = own != NULL;
          if (ok)
            {
              self->ssh_key = g_steal_pointer (&own->private_text);
              self->ssh_key_public = g_steal_pointer (&own->public_text);
            }
        }
      fd = ok ? reserve_port (&spec->ssh_port, error) : -1;
      ok = fd >= 0;
      if (ok)
        g_array_append_val (fds, fd);
      ok = ok && open_node (self, spec, error);
    }
  close_all (fds);
  return ok;
}

static gboolean
write_text (int lab_dir, const char *name, const char *text, GError **error)
{
  g_autofree char *line = g_strconcat (text, g_str_has_suffix (text, "\n") ? "" : "\n", NULL);

  return bs_file_write_atomic (lab_dir, name, line, strlen (line), 0600, error);
}

gboolean
bs_plan_write_access (const BsPlan *self, int lab_dir, GError **error)
{
  g_autoptr (GString) known = g_string_new (NULL);

  if (self->ssh_key == NULL)
    return TRUE;
  if (mkdirat (lab_dir, "ssh", 0700) != 0)
    {
      bs_set_error_errno (error, errno, "cannot make the lab's folder 'ssh'");
      return FALSE;
    }
  for (guint i = 0; i < self->nodes->len; i++)
    {
      const BsBackendNode *spec = ((BsPlanNode *) g_ptr_array_index (self->nodes, i))->spec;
      g_autofree char *name = bs_lab_ssh_name (self->name, spec->name);
      g_auto (GStrv) words = spec->host_key_public != NULL ? g_strsplit (spec->host_key_public, " ", 3) : NULL;

      if (words != NULL)
        g_string_append_printf (known, "%s %s %s\n", name, words[0], words[1]);
    }
  return write_text (lab_dir, BS_LAB_SSH_KEY, self->ssh_key, error)
         && write_text (lab_dir, BS_LAB_SSH_PUBLIC_KEY, self->ssh_key_public, error)
         && write_text (lab_dir, BS_LAB_SSH_KNOWN_HOSTS, known->str, error);
}
