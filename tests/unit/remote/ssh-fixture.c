/* SPDX-License-Identifier: Apache-2.0 */
#include "ssh-fixture.h"

#include <arpa/inet.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* of SSH_USER_PASSWORD */
#define SSH_USER_HASH                                                                                                  \
  "$6$benchscale$zSm/Y4IKNqn6uz1zqOcKLeia5oB/UPYaf1Pmau3OPgOI9bQdammQoaZZsfPoaGhRU1j5AWuzIGctMNo4h3yD20"

static int
bind_loopback (guint16 port, int type)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port) };
  int fd = socket (AF_INET, type | SOCK_CLOEXEC, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (fd, >=, 0);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, sizeof address));
  return fd;
}

guint16
ssh_free_port (void)
{
  struct sockaddr_in address;
  socklen_t size = sizeof address;
  bs_autofd int fd = bind_loopback (0, SOCK_STREAM);

  g_assert_no_errno (getsockname (fd, (struct sockaddr *) &address, &size));
  return ntohs (address.sin_port);
}

static gboolean
listens (guint16 port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port) };
  bs_autofd int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  return connect (fd, (struct sockaddr *) &address, sizeof address) == 0;
}

/* Files of /etc that the server sees instead of the host's, when they are in its folder. */
static const char *const own_files[] = { "passwd", "shadow", "sudoers" };

/* As root, sshd wants /run/sshd, which only its service makes: it gets a /run of its own. */
static void
in_child (gpointer data)
{
  const SshServer *self = data;
  const char *home = getenv ("HOME");
  char own[512], etc[64];

  prctl (PR_SET_PDEATHSIG, SIGTERM); /* a test that dies leaves none behind */
  if (geteuid () != 0 || unshare (CLONE_NEWNS) != 0)
    return;
  mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
  if (mount ("none", "/run", "tmpfs", 0, "mode=755") == 0)
    mkdir ("/run/sshd", 0755);
  g_snprintf (own, sizeof own, "%s/.bashrc", home != NULL ? home : "/root");
  mount ("/dev/null", own, NULL, MS_BIND, NULL); /* whatever a shell would do first here */
  for (guint i = 0; i < G_N_ELEMENTS (own_files); i++)
    {
      g_snprintf (own, sizeof own, "%s/%s", self->scratch.path, own_files[i]);
      g_snprintf (etc, sizeof etc, "/etc/%s", own_files[i]);
      if (access (own, F_OK) == 0)
        mount (own, etc, NULL, MS_BIND, NULL);
    }
}

void
ssh_server_start (SshServer *self)
{
  g_autofree char *config = g_build_filename (self->scratch.path, "sshd_config", NULL);
  g_autofree char *log = g_build_filename (self->scratch.path, "sshd.log", NULL);
  char *argv[] = { (char *) SSHD, (char *) "-D", (char *) "-f", config, (char *) "-E", log, NULL };
  GError *error = NULL;

  g_assert_true (g_spawn_async (NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, in_child, self, &self->pid, &error));
  g_assert_no_error (error);
  for (gint64 until = g_get_monotonic_time () + 20 * G_USEC_PER_SEC; !listens (self->target->port);)
    {
      if (waitpid (self->pid, NULL, WNOHANG) != 0 || g_get_monotonic_time () > until)
        {
          g_autofree char *text = bs_file_read_tail (self->scratch.fd, "sshd.log", 4000);

          g_error ("sshd did not start: %s", text);
        }
      g_usleep (2000);
    }
}

/* Sessions are processes, and process groups, of their own. */
static void
kill_tree (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task/%d/children", (int) pid, (int) pid), *text = NULL;
  g_auto (GStrv) children = NULL;

  kill (pid, SIGSTOP);
  if (g_file_get_contents (path, &text, NULL, NULL))
    children = g_strsplit (text, " ", -1);
  for (char **child = children; child != NULL && *child != NULL; child++)
    if (atoi (*child) > 0)
      kill_tree (atoi (*child));
  kill (pid, SIGKILL);
}

void
ssh_server_kill (SshServer *self)
{
  if (self->pid == 0)
    return;
  kill_tree (self->pid);
  waitpid (self->pid, NULL, 0);
  self->pid = 0;
}

static void
prepare (SshServer *self, const char *config)
{
  guint16 port = ssh_free_port ();
  g_autofree char *text = NULL, *keys = NULL;
  GError *error = NULL;

  *self = (SshServer){ 0 };
  scratch_init (&self->scratch);
  self->key = bs_ssh_key_pair_new ("lab", &error);
  g_assert_no_error (error);
  self->host_key = bs_ssh_key_pair_new (NULL, &error);
  g_assert_no_error (error);
  scratch_write (&self->scratch, "host_key", self->host_key->private_text);
  scratch_write (&self->scratch, "id", self->key->private_text);
  keys = g_strconcat (self->key->public_text, "\n", NULL);
  scratch_write (&self->scratch, "authorized_keys", keys);
  text = g_strdup_printf ("%s\nPort %u\nListenAddress 127.0.0.1\nHostKey %s/host_key\nAuthorizedKeysFile "
                          "%s/authorized_keys\nPidFile none\nStrictModes no\nUsePAM no\nPermitRootLogin "
                          "yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nMaxStartups 200\n"
                          "Subsystem sftp internal-sftp\n",
                          config != NULL ? config : "", port, self->scratch.path, self->scratch.path);
  scratch_write (&self->scratch, "sshd_config", text);
  self->target = bs_ssh_target_new ("127.0.0.1", port, g_get_user_name (), self->host_key->public_text);
  self->target->key_text = g_strdup (self->key->private_text);
}

void
ssh_server_init (SshServer *self, const char *config)
{
  prepare (self, config);
  ssh_server_start (self);
}

/* @line behind the host's file of that name. */
static void
add_line (SshServer *self, const char *name, const char *line, mode_t mode)
{
  g_autofree char *path = g_build_filename ("/etc", name, NULL), *host = NULL, *text = NULL;

  g_file_get_contents (path, &host, NULL, NULL);
  text = g_strconcat (host != NULL ? host : "", line, "\n", NULL);
  scratch_write (&self->scratch, name, text);
  g_assert_no_errno (fchmodat (self->scratch.fd, name, mode, 0));
}

gboolean
ssh_server_init_with_user (SshServer *self, const char *config)
{
  if (geteuid () != 0 || access ("/etc/sudoers", F_OK) != 0)
    return FALSE;
  prepare (self, config);
  g_assert_no_errno (chmod (self->scratch.path, 0755));
  g_assert_no_errno (fchmodat (self->scratch.fd, "authorized_keys", 0644, 0));
  add_line (self, "passwd", SSH_USER ":x:54321:54321::/:/bin/sh", 0644);
  add_line (self, "shadow", SSH_USER ":" SSH_USER_HASH ":19000:0:99999:7:::", 0600);
  add_line (self, "sudoers", SSH_USER " ALL=(ALL) NOPASSWD: ALL", 0440);
  g_free (self->target->user);
  self->target->user = g_strdup (SSH_USER);
  ssh_server_start (self);
  return TRUE;
}

void
ssh_server_clear (SshServer *self)
{
  ssh_server_kill (self);
  bs_ssh_key_pair_free (self->key);
  bs_ssh_key_pair_free (self->host_key);
  bs_ssh_target_free (self->target);
  scratch_clear (&self->scratch);
}

BsSsh *
ssh_server_open (SshServer *self)
{
  GError *error = NULL;
  BsSsh *ssh = bs_ssh_open (self->target, NULL, &error);

  g_assert_no_error (error);
  return ssh;
}

void
ssh_output_init (SshOutput *self)
{
  *self = (SshOutput){ g_string_new (NULL), g_string_new (NULL), { 0 } };
}

void
ssh_output_clear (SshOutput *self)
{
  g_string_free (self->out, TRUE);
  g_string_free (self->err, TRUE);
}

gboolean
ssh_output_take (BsExecChannel channel, const void *data, gsize length, gpointer output, GError **error)
{
  SshOutput *self = output;

  g_string_append_len (channel == BS_EXEC_STDOUT ? self->out : self->err, data, (gssize) length);
  return TRUE;
}

gboolean
ssh_run (BsSsh *ssh, const char *const *argv, SshOutput *output, GError **error)
{
  BsExecSpec spec = { .argv = argv, .user = g_get_user_name () };
  BsExecIO io = { .stdin_fd = -1, .output = ssh_output_take, .user_data = output, .control_fd = -1 };

  return bs_ssh_exec (ssh, &spec, &io, &output->result, NULL, error);
}

gboolean
ssh_script (BsSsh *ssh, const char *script, SshOutput *output, GError **error)
{
  const char *argv[] = { "sh", "-c", script, NULL };

  return ssh_run (ssh, argv, output, error);
}
