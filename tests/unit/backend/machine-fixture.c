/* SPDX-License-Identifier: Apache-2.0 */
#include "machine-fixture.h"
#include "bs-socket.h"

#include <glib/gstdio.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>

gboolean
machine_enter (void)
{
  if (g_getenv ("BS_GUEST_PROGRAM") != NULL && unshare (CLONE_NEWNS) == 0
      && mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
    return TRUE;
  printf ("1..0 # SKIP no mounts of its own: needs root\n");
  return FALSE;
}

static void
mount_overlay (const char *folder)
{
  g_autofree char *options = g_strdup_printf ("lowerdir=/,upperdir=%s/upper,workdir=%s/work", folder, folder);
  g_autofree char *root = g_build_filename (folder, "root", NULL), *proc = g_build_filename (root, "proc", NULL);
  g_autofree char *dev = g_build_filename (root, "dev", NULL);

  for (const char *const *leaf = (const char *const[]){ "upper", "work", "root", NULL }; *leaf != NULL; leaf++)
    {
      g_autofree char *path = g_build_filename (folder, *leaf, NULL);

      g_assert_cmpint (g_mkdir (path, 0755), ==, 0);
    }
  g_assert_cmpint (mount ("overlay", root, "overlay", 0, options), ==, 0);
  g_assert_cmpint (mount ("proc", proc, "proc", 0, NULL), ==, 0);
  g_assert_cmpint (mount ("/dev", dev, NULL, MS_BIND | MS_REC, NULL), ==, 0);
}

static int
spawn_guest (const char *root, pid_t *pid)
{
  const char *program = g_getenv ("BS_GUEST_PROGRAM");
  char number[16];
  int ends[2];

  g_assert_true (bs_socket_pair (SOCK_STREAM, ends, NULL));
  *pid = fork ();
  if (*pid == 0)
    {
      g_setenv ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", TRUE);
      g_snprintf (number, sizeof number, "%d", dup (ends[1]));
      if (chroot (root) == 0 && chdir ("/") == 0)
        execl (program, program, "--fd", number, NULL);
      _exit (127);
    }
  g_assert_cmpint (*pid, >, 0);
  close (ends[1]);
  return ends[0];
}

/* Counts, then does. */
static gboolean (*real_exec) (BsRemote *, const BsExecSpec *, const BsExecIO *, BsExecResult *, GError **);
static guint *counter;

static gboolean
counting_exec (BsRemote *remote, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result, GError **error)
{
  (*counter)++;
  return real_exec (remote, spec, io, result, error);
}

void
machine_set_up (Machine *self, gconstpointer data)
{
  g_autofree char *root = NULL;
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("bs-machine-XXXXXX", NULL);
  g_assert_cmpint (mount ("tmpfs", self->folder, "tmpfs", 0, "mode=0755"), ==, 0);
  self->topology = g_build_filename (self->folder, "topology", NULL);
  g_assert_cmpint (g_mkdir (self->topology, 0755), ==, 0);
  mount_overlay (self->folder);
  root = g_build_filename (self->folder, "root", NULL);
  self->guest = bs_guest_new (spawn_guest (root, &self->pid));
  bs_guest_open (self->guest, bs_time_now_usec () + 20 * BS_USEC_PER_SEC, NULL, &error);
  g_assert_no_error (error);
  bs_remote_over_guest (&self->remote, self->guest, NULL, bs_time_now_usec () + 60 * BS_USEC_PER_SEC);
  real_exec = self->remote.exec;
  counter = &self->commands;
  self->remote.exec = counting_exec;
  self->told = g_string_new (NULL);
  self->init.at = (BsPosition){ 7, 5 };
  self->init.runcmd = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  self->init.write_files = g_ptr_array_new_with_free_func (g_free);
  self->init.packages = g_ptr_array_new_with_free_func (g_free);
  self->node = (BsTopologyNode){ .at = { 3, 5 },
                                 .name = (char *) "node",
                                 .cloud_init = &self->init,
                                 .packages = g_ptr_array_new_with_free_func (g_free),
                                 .deploy = g_ptr_array_new_with_free_func (g_free) };
}

void
machine_tear_down (Machine *self, gconstpointer data)
{
  int status;

  bs_guest_free (self->guest);
  g_assert_cmpint (waitpid (self->pid, &status, 0), ==, self->pid);
  g_assert_cmpint (umount2 (self->folder, MNT_DETACH), ==, 0);
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_ptr_array_unref (self->init.runcmd);
  g_ptr_array_unref (self->init.write_files);
  g_ptr_array_unref (self->init.packages);
  g_ptr_array_unref (self->node.packages);
  g_ptr_array_unref (self->node.deploy);
  g_string_free (self->told, TRUE);
  g_free (self->topology);
  g_free (self->folder);
}

static void
take_progress (const char *what, gpointer user_data)
{
  g_string_append_printf (user_data, "%s\n", what);
}

gboolean
machine_bake (Machine *self, GError **error)
{
  return bs_provision_bake (&self->node, "lab.yaml", self->topology, &self->remote, take_progress, self->told, error);
}

gboolean
machine_finish (Machine *self, GError **error)
{
  return bs_provision_finish (&self->node, "lab.yaml", self->topology, &self->remote, take_progress, self->told, error);
}

char *
machine_sh (Machine *self, const char *script)
{
  const char *const argv[] = { "sh", "-c", script, NULL };
  g_autoptr (GError) error = NULL;
  char *output = NULL;

  bs_remote_run (&self->remote, argv, NULL, NULL, &output, &error);
  g_assert_no_error (error);
  return output;
}

void
machine_do (Machine *self, const char *script)
{
  g_free (machine_sh (self, script));
}

char *
machine_path (Machine *self, const char *path)
{
  return g_build_filename (self->folder, "root", path, NULL);
}

void
machine_write (Machine *self, const char *name, const char *content, mode_t mode)
{
  g_autofree char *path = g_build_filename (self->topology, name, NULL), *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, content, -1, NULL));
  g_assert_cmpint (chmod (path, mode), ==, 0);
}

BsTopologyPackage *
package_new (guint line, BsPackageKind kind, const char *name)
{
  BsTopologyPackage *self = g_new0 (BsTopologyPackage, 1);

  *self = (BsTopologyPackage){ .at = { line, 9 }, .kind = kind, .name = (char *) name };
  return self;
}

BsTopologyDeploy *
deploy_new (guint line, const char *source, const char *destination)
{
  BsTopologyDeploy *self = g_new0 (BsTopologyDeploy, 1);

  *self = (BsTopologyDeploy){
    .at = { line, 9 }, .source = (char *) source, .destination = (char *) destination, .mode = -1
  };
  return self;
}

BsTopologyFile *
file_new (guint line, const char *path, const char *content, guint mode)
{
  BsTopologyFile *self = g_new0 (BsTopologyFile, 1);

  *self = (BsTopologyFile){ .at = { line, 9 },
                            .path = (char *) path,
                            .content = (char *) content,
                            .content_length = strlen (content),
                            .mode = mode };
  return self;
}

void
add_command (BsTopologyCloudInit *init, const char *script)
{
  char **argv = g_new0 (char *, 4);

  argv[0] = g_strdup ("sh");
  argv[1] = g_strdup ("-c");
  argv[2] = g_strdup (script);
  g_ptr_array_add (init->runcmd, argv);
}
