/* SPDX-License-Identifier: Apache-2.0 */
/* Users, files, variables, deployed things and commands, in a real system that is thrown away. */
#include "machine-fixture.h"

#include <glib/gstdio.h>

#define KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFakeFakeFakeFakeFakeFakeFakeFakeFakeFakeFake one"
#define KEY2 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOtherOtherOtherOtherOtherOtherOtherOther two"

static void
bake (Machine *self)
{
  g_autoptr (GError) error = NULL;

  machine_bake (self, &error);
  g_assert_no_error (error);
}

static void
finish (Machine *self)
{
  g_autoptr (GError) error = NULL;

  machine_finish (self, &error);
  g_assert_no_error (error);
}

static void
test_a_user_with_keys_and_password (Machine *self, gconstpointer data)
{
  char *keys[] = { (char *) KEY, (char *) KEY2, NULL };

  self->init.user = (char *) "shopkeeper";
  self->init.password = (char *) "a:b'c$d \"é";
  self->init.ssh_authorized_keys = keys;
  bake (self);
  bake (self); /* once more changes nothing */
  assert_output (self, "id -un shopkeeper; stat -c '%U %a' ~shopkeeper/.ssh ~shopkeeper/.ssh/authorized_keys",
                 "shopkeeper\nshopkeeper 700\nshopkeeper 600\n");
  assert_output (self, "cat ~shopkeeper/.ssh/authorized_keys", KEY "\n" KEY2 "\n");
  assert_output (self,
                 "cat /etc/sudoers.d/90-benchscale-shopkeeper; stat -c %a /etc/sudoers.d/90-benchscale-shopkeeper",
                 "shopkeeper ALL=(ALL:ALL) NOPASSWD:ALL\n440\n");
  assert_output (self,
                 "perl -e '$h = (getpwnam(\"shopkeeper\"))[1]; print crypt(q(a:b)."
                 "chr(39).q(c$d \"é), $h) eq $h ? \"same\" : \"other\"'",
                 "same");
  g_assert_cmpstr (self->told->str, ==, "setting up user shopkeeper\nsetting up user shopkeeper\n");
}

static void
test_a_user_without_password_is_locked (Machine *self, gconstpointer data)
{
  self->init.user = (char *) "shopkeeper";
  bake (self);
  assert_output (self, "passwd -S shopkeeper | cut -d' ' -f2", "L\n");
}

static void
test_a_hash_is_taken_as_it_is (Machine *self, gconstpointer data)
{
  self->init.password = (char *) "$6$salt$abcdefghijklmnopqrstuvwxyz0123456789";
  bake (self);
  assert_output (self, "getent shadow root | cut -d: -f2", "$6$salt$abcdefghijklmnopqrstuvwxyz0123456789\n");
}

static void
test_keys_without_user_are_roots (Machine *self, gconstpointer data)
{
  char *keys[] = { (char *) KEY, NULL };

  machine_do (self, "rm -rf /root/.ssh; mkdir /root/.ssh; printf 'ssh-rsa old' > /root/.ssh/authorized_keys");
  self->init.ssh_authorized_keys = keys;
  bake (self);
  assert_output (self, "cat /root/.ssh/authorized_keys", "ssh-rsa old\n" KEY "\n");
}

static void
test_a_group_of_the_users_name_may_exist (Machine *self, gconstpointer data)
{
  self->init.user = (char *) "audio";
  bake (self);
  assert_output (self, "id -gn audio", "audio\n");
}

static void
test_files_are_written (Machine *self, gconstpointer data)
{
  BsTopologyFile *file = file_new (9, "/etc/shop/conf.d/a b", "one\n", 0640), *more;

  file->owner = (char *) "daemon:bin";
  more = file_new (10, "/etc/shop/conf.d/a b", "two\n", 0600);
  more->append = TRUE;
  g_ptr_array_add (self->init.write_files, file);
  g_ptr_array_add (self->init.write_files, more);
  bake (self);
  assert_output (self, "cat '/etc/shop/conf.d/a b'; stat -c '%U:%G %a' '/etc/shop/conf.d/a b'",
                 "one\ntwo\nroot:root 600\n");
  g_assert_cmpstr (self->told->str, ==, "writing 2 files\n");
}

static void
test_a_file_that_cannot_be_written_has_its_position (Machine *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (self->init.write_files, file_new (9, "/etc", "x", 0644));
  g_assert_false (machine_bake (self, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "lab.yaml:9:9: cannot write '/etc': '/etc' is a folder");
}

static void
test_commands_are_run_in_order (Machine *self, gconstpointer data)
{
  char *env[] = { (char *) "WORD=it's here", NULL };

  self->node.env = env;
  add_command (&self->init, "echo \"$WORD\" > /tmp/order");
  add_command (&self->init, "echo second >> /tmp/order");
  g_assert_false (bs_provision_bakes (&self->node));
  g_assert_true (bs_provision_finishes (&self->node));
  finish (self);
  assert_output (self, "cat /tmp/order", "it's here\nsecond\n");
  self->init.bake = TRUE;
  g_assert_true (bs_provision_bakes (&self->node));
  bake (self);
  assert_output (self, "cat /tmp/order", "it's here\nsecond\n");
}

static void
test_a_failing_command_tells_its_output (Machine *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  add_command (&self->init, "true");
  add_command (&self->init, "echo one; echo two >&2; exit 7");
  add_command (&self->init, "touch /tmp/third");
  g_assert_false (machine_finish (self, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==,
                   "lab.yaml:7:5: runcmd[1]: 'sh -c echo one; echo two >&2; exit 7' exited with 7:\n  one\n  two");
  assert_output (self, "ls /tmp/third 2>/dev/null || echo none", "none\n");
}

static void
test_a_hanging_command_is_ended (Machine *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  add_command (&self->init, "echo waiting for godot; sleep 1000");
  self->remote.deadline_usec = bs_time_now_usec () + 400 * BS_USEC_PER_MSEC;
  g_assert_false (machine_finish (self, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_TIMEOUT);
  g_assert_true (g_str_has_prefix (error->message,
                                   "lab.yaml:7:5: runcmd[0]: 'sh -c echo waiting for godot; sleep 1000' "
                                   "did not end within "));
  g_assert_true (g_str_has_suffix (error->message, ": waiting for godot"));
}

static void
test_variables_reach_all (Machine *self, gconstpointer data)
{
  char *env[] = { (char *) "PLAIN=word", (char *) "ODD=it's \"50%\" \\ $HOME", (char *) "HASH=a#b", NULL };

  machine_do (self, "printf 'PATH=\"/bin\"\\n' > /etc/environment; mkdir -p /run/systemd/system /etc/systemd;"
                    "printf '#!/bin/sh\\nprintf \"%%s\\\\n\" \"$@\" > /tmp/said\\n' > /usr/local/bin/systemctl;"
                    "chmod 755 /usr/local/bin/systemctl");
  self->node.env = env;
  finish (self);
  finish (self);
  assert_output (
      self, "cat /etc/environment",
      "PATH=\"/bin\"\n# benchscale: begin\nPLAIN=\"word\"\nODD=\"it's \"50%\" \\ $HOME\"\n# benchscale: end\n");
  assert_output (self, "env -i sh -c '. /etc/profile.d/benchscale.sh; echo \"$PLAIN|$ODD|$HASH\"'",
                 "word|it's \"50%\" \\ $HOME|a#b\n");
  assert_output (self, "cat /etc/systemd/system.conf.d/benchscale.conf",
                 "[Manager]\nDefaultEnvironment=\"PLAIN=word\"\n"
                 "DefaultEnvironment=\"ODD=it's \\\"50%%\\\" \\\\ $HOME\"\nDefaultEnvironment=\"HASH=a#b\"\n");
  assert_output (self, "cat /tmp/said", "set-environment\nPLAIN=word\nODD=it's \"50%\" \\ $HOME\nHASH=a#b\n");
}

static void
test_the_host_name (Machine *self, gconstpointer data)
{
  /* The kernel's own is this host's: as in a container, where an engine gave it. */
  g_autofree char *name = g_strdup (g_get_host_name ()), *expected = g_strdup_printf ("%s\n127.0.1.1 %s\n", name, name);

  machine_do (self, "echo '127.0.0.1 localhost' > /etc/hosts");
  self->init.hostname = name;
  finish (self);
  finish (self);
  assert_output (self, "cat /etc/hostname; grep -v localhost /etc/hosts", expected);
}

static void
test_a_file_is_deployed (Machine *self, gconstpointer data)
{
  BsTopologyDeploy *deploy = deploy_new (11, "site/index.html", "/srv/new/page.html");

  machine_write (self, "site/index.html", "<p>\n", 0664);
  deploy->mode = 0604;
  deploy->owner = (char *) "daemon";
  g_ptr_array_add (self->node.deploy, deploy);
  g_ptr_array_add (self->node.deploy, deploy_new (12, "site/index.html", "/srv"));
  g_ptr_array_add (self->node.deploy, deploy_new (13, "site/index.html", "/srv/made/"));
  finish (self);
  finish (self);
  assert_output (self, "cd /srv; stat -c '%n %U %a' new/page.html index.html made/index.html; cat new/page.html",
                 "new/page.html daemon 604\nindex.html root 664\nmade/index.html root 664\n<p>\n");
  g_assert_true (g_str_has_prefix (self->told->str, "deploying site/index.html\n"));
}

static void
test_a_folder_is_deployed_into_its_place (Machine *self, gconstpointer data)
{
  BsTopologyDeploy *deploy = deploy_new (11, "app", "/srv/app");
  g_autofree char *link = g_build_filename (self->topology, "app/link", NULL);
  g_autofree char *folder = g_build_filename (self->topology, "app", NULL);

  machine_write (self, "app/bin/run", "#!/bin/sh\n", 0755);
  machine_write (self, "app/a 'b", "text", 0600);
  g_assert_cmpint (symlink ("a 'b", link), ==, 0);
  g_assert_cmpint (lchown (link, 1234, 1234), ==, 0);
  g_assert_cmpint (chown (folder, 1234, 1234), ==, 0);
  g_ptr_array_add (self->node.deploy, deploy);
  finish (self);
  finish (self);
  assert_output (self, "cd /srv/app; find . -printf '%p %u %m %l\\n' | sort",
                 ". root 755 \n./a 'b root 600 \n./bin root 755 \n./bin/run root 755 \n./link root 777 a 'b\n");
  deploy->mode = 0640;
  deploy->owner = (char *) "daemon:bin";
  finish (self);
  assert_output (self, "cd /srv/app; find . -printf '%p %u:%g %m\\n' | sort",
                 ". root:root 755\n./a 'b daemon:bin 640\n./bin daemon:bin 750\n./bin/run daemon:bin 640\n"
                 "./link daemon:bin 777\n");
}

static void
test_what_cannot_be_deployed_has_its_position (Machine *self, gconstpointer data)
{
  g_autofree char *message = NULL, *path = g_build_filename (self->topology, "nothing", NULL);
  g_autoptr (GError) error = NULL, owner = NULL;
  BsTopologyDeploy *deploy = deploy_new (11, "nothing", "/srv/x");

  g_ptr_array_add (self->node.deploy, deploy);
  g_assert_false (machine_finish (self, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
  message = g_strdup_printf ("lab.yaml:11:9: cannot read '%s': No such file or directory", path);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_cmpuint (self->commands, ==, 0);
  machine_write (self, "nothing", "something", 0644);
  deploy->owner = (char *) "nobody-like-that";
  g_assert_false (machine_finish (self, &owner));
  g_assert_error (owner, BS_ERROR, BS_ERROR_FAILED);
  g_assert_true (g_str_has_prefix (owner->message, "lab.yaml:11:9: cannot deploy 'nothing' to '/srv/x': "));
  g_assert_nonnull (strstr (owner->message, "nobody-like-that"));
}

static void
test_nothing_to_do_runs_nothing (Machine *self, gconstpointer data)
{
  finish (self);
  bake (self);
  g_assert_cmpuint (self->commands, ==, 0);
  g_assert_cmpstr (self->told->str, ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!machine_enter ())
    return 0;
  MACHINE_TEST ("/provision/user/all", test_a_user_with_keys_and_password);
  MACHINE_TEST ("/provision/user/locked", test_a_user_without_password_is_locked);
  MACHINE_TEST ("/provision/user/hash", test_a_hash_is_taken_as_it_is);
  MACHINE_TEST ("/provision/user/root", test_keys_without_user_are_roots);
  MACHINE_TEST ("/provision/user/group", test_a_group_of_the_users_name_may_exist);
  MACHINE_TEST ("/provision/files/written", test_files_are_written);
  MACHINE_TEST ("/provision/files/refused", test_a_file_that_cannot_be_written_has_its_position);
  MACHINE_TEST ("/provision/commands/order", test_commands_are_run_in_order);
  MACHINE_TEST ("/provision/commands/fail", test_a_failing_command_tells_its_output);
  MACHINE_TEST ("/provision/commands/hang", test_a_hanging_command_is_ended);
  MACHINE_TEST ("/provision/env", test_variables_reach_all);
  MACHINE_TEST ("/provision/hostname", test_the_host_name);
  MACHINE_TEST ("/provision/deploy/file", test_a_file_is_deployed);
  MACHINE_TEST ("/provision/deploy/folder", test_a_folder_is_deployed_into_its_place);
  MACHINE_TEST ("/provision/deploy/refused", test_what_cannot_be_deployed_has_its_position);
  MACHINE_TEST ("/provision/nothing", test_nothing_to_do_runs_nothing);
  return g_test_run ();
}
