/* SPDX-License-Identifier: Apache-2.0 */
/* bs-provision-user.c — cloud_init's user, its password and keys
 *
 * As cloud-init's default user: a home folder, a locked password unless one is given, sudo without a password. Without
 * `user`, password and keys are root's. A password goes to chpasswd's standard input, nowhere else.
 */
#include "bs-error.h"
#include "bs-provision-private.h"

#include <string.h>

static const char user_script[] = "set -eu\n"
                                  "if ! id -u \"$1\" > /dev/null 2>&1; then\n"
                                  "  shell=/bin/sh\n"
                                  "  if [ -x /bin/bash ]; then shell=/bin/bash; fi\n"
                                  "  if ! command -v useradd > /dev/null; then\n"
                                  "    adduser -D -s \"$shell\" \"$1\"\n"
                                  /* Without PAM, sshd lets nobody in whose password is locked by '!'. */
                                  "    echo \"$1:*\" | chpasswd -e 2> /dev/null\n"
                                  "  elif grep -q \"^$1:\" /etc/group; then\n"
                                  "    useradd -m -s \"$shell\" -g \"$1\" \"$1\"\n"
                                  "  else\n"
                                  "    useradd -m -s \"$shell\" \"$1\"\n"
                                  "  fi\n"
                                  "fi\n"
                                  "[ \"$1\" != root ] || exit 0\n"
                                  "[ -d /etc/sudoers.d ] || mkdir -m 0750 /etc/sudoers.d\n"
                                  "umask 0337\n"
                                  "rm -f \"/etc/sudoers.d/90-benchscale-$1\"\n"
                                  "echo \"$1 ALL=(ALL:ALL) NOPASSWD:ALL\" > \"/etc/sudoers.d/90-benchscale-$1\"\n";

static const char keys_script[] = "set -eu\n"
                                  "umask 077\n"
                                  "eval \"home=~$1\"\n"
                                  "group=$(id -g \"$1\")\n"
                                  "file=$home/.ssh/authorized_keys\n"
                                  "[ -d \"$home/.ssh\" ] || mkdir \"$home/.ssh\"\n"
                                  "[ -e \"$file\" ] || : > \"$file\"\n"
                                  "[ -z \"$(tail -c 1 \"$file\")\" ] || echo >> \"$file\"\n"
                                  "while IFS= read -r key; do\n"
                                  "  grep -qxF -e \"$key\" \"$file\" || printf '%s\\n' \"$key\" >> \"$file\"\n"
                                  "done\n"
                                  "chmod 0600 \"$file\"\n"
                                  "chown \"$1:$group\" \"$home/.ssh\" \"$file\"\n";

/* Our images take keys only, until somebody gives a login a password; publishers' learn it from their seed. Of two
 * settings sshd takes the one that it reads first. */
static const char let_in_script[] = "set -eu\n"
                                    "[ -e /etc/ssh/sshd_config.d/benchscale.conf ] || exit 0\n"
                                    "echo 'PasswordAuthentication yes' > /etc/ssh/sshd_config.d/00-password.conf\n"
                                    "key=/etc/ssh/ssh_host_ed25519_key; made=\n"
                                    "[ -e $key ] || { ssh-keygen -q -t ed25519 -N '' -f $key; made=1; }\n"
                                    "systemctl try-restart ssh.service\n"
                                    "[ -z \"$made\" ] || rm -f $key $key.pub\n";

/* crypt(5): "$id$salt$hash", perhaps with parameters between; what cloud-init takes for one, too. */
static gboolean
is_hash (const char *password)
{
  return g_regex_match_simple ("^\\$(1|2a|2b|2y|5|6|7|y)(\\$[^$]+){2,}$", password, 0, 0);
}

static gboolean
set_password (const BsProvision *self, const char *user, const char *password, GError **error)
{
  const char *const argv[] = { "chpasswd", is_hash (password) ? "-e" : NULL, NULL };
  char *line = g_strdup_printf ("%s:%s\n", user, password);
  g_autoptr (GBytes) input = g_bytes_new_take (line, strlen (line));

  if (!bs_remote_run (self->remote, argv, NULL, input, NULL, error))
    {
      g_prefix_error (error, "cannot set the password of user '%s': ", user);
      return FALSE;
    }
  return bs_remote_script (self->remote, "let in by password", let_in_script, NULL, NULL, NULL, error);
}

static gboolean
add_keys (const BsProvision *self, const char *user, char **keys, GError **error)
{
  const char *const arguments[] = { user, NULL };
  g_autofree char *lines = g_strjoinv ("\n", keys);
  char *text = g_strconcat (lines, "\n", NULL);
  g_autoptr (GBytes) input = g_bytes_new_take (text, strlen (text));
  g_autofree char *what = g_strdup_printf ("give user '%s' its SSH keys", user);

  return bs_remote_script (self->remote, what, keys_script, arguments, input, NULL, error);
}

gboolean
bs_provision_user (const BsProvision *self, GError **error)
{
  const BsTopologyCloudInit *init = self->node->cloud_init;
  const char *user = init->user != NULL ? init->user : "root";
  const char *const arguments[] = { user, NULL };
  g_autofree char *what = g_strdup_printf ("make user '%s'", user);
  gboolean ok = TRUE;

  bs_provision_tell (self, "setting up user %s", user);
  if (init->user != NULL)
    ok = bs_remote_script (self->remote, what, user_script, arguments, NULL, NULL, error);
  if (ok && init->password != NULL)
    ok = set_password (self, user, init->password, error);
  if (ok && init->ssh_authorized_keys != NULL && init->ssh_authorized_keys[0] != NULL)
    ok = add_keys (self, user, init->ssh_authorized_keys, error);
  return bs_provision_at (ok, self->file, init->at, error);
}
