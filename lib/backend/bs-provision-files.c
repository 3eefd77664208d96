/* SPDX-License-Identifier: Apache-2.0 */
/* bs-provision-files.c — write_files, the host name and runcmd */
#include "bs-error.h"
#include "bs-provision-private.h"

#include <string.h>

gboolean
bs_provision_write_files (const BsProvision *self, GError **error)
{
  const GPtrArray *files = self->node->cloud_init->write_files;

  if (bs_provision_count (files) > 0)
    bs_provision_tell (self, "writing %u file%s", files->len, files->len == 1 ? "" : "s");
  for (guint i = 0; i < bs_provision_count (files); i++)
    {
      const BsTopologyFile *file = g_ptr_array_index (files, i);
      const char *content = file->content != NULL ? file->content : "";

      if (!bs_provision_at (bs_remote_write (self->remote, file->path, content, file->content_length, file->mode,
                                             file->owner, file->append, error),
                            self->file, file->at, error))
        return FALSE;
    }
  return TRUE;
}

/* An engine may have given it to a container, which is not allowed to do so itself. Its own name resolves, always. */
static const char hostname_script[] = "set -eu\n"
                                      "echo \"$1\" > /etc/hostname\n"
                                      "if [ \"$(cat /proc/sys/kernel/hostname)\" != \"$1\" ]; then\n"
                                      "  hostname \"$1\" 2> /dev/null || echo \"$1\" > /proc/sys/kernel/hostname\n"
                                      "fi\n"
                                      "while read -r address names; do\n"
                                      "  case \" $names \" in *[[:space:]]\"$1\"[[:space:]]*) exit 0 ;; esac\n"
                                      "done < /etc/hosts\n"
                                      "echo \"127.0.1.1 $1\" >> /etc/hosts\n";

gboolean
bs_provision_hostname (const BsProvision *self, GError **error)
{
  const BsTopologyCloudInit *init = self->node->cloud_init;
  const char *const arguments[] = { init->hostname, NULL };
  g_autofree char *what = g_strdup_printf ("set the host name '%s'", init->hostname);

  bs_provision_tell (self, "setting the host name %s", init->hostname);
  return bs_provision_at (bs_remote_script (self->remote, what, hostname_script, arguments, NULL, NULL, error),
                          self->file, init->at, error);
}

/* In the environment that the node's own commands have. */
gboolean
bs_provision_commands (const BsProvision *self, GError **error)
{
  const BsTopologyCloudInit *init = self->node->cloud_init;

  for (guint i = 0; i < init->runcmd->len; i++)
    {
      const char *const *argv = g_ptr_array_index (init->runcmd, i);
      gboolean is_text = g_strcmp0 (argv[0], "sh") == 0 && g_strcmp0 (argv[1], "-c") == 0 && argv[2] != NULL;

      bs_provision_tell (self, "running %s", is_text ? argv[2] : argv[0]);
      if (bs_remote_run (self->remote, argv, (const char *const *) self->node->env, NULL, NULL, error))
        continue;
      g_prefix_error (error, "runcmd[%u]: ", i);
      return bs_provision_at (FALSE, self->file, init->at, error);
    }
  return TRUE;
}
