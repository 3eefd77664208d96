/* SPDX-License-Identifier: Apache-2.0 */
/* What is known before there is a machine: digests, needs, refusals. */
#include "machine-fixture.h"

#include <glib/gstdio.h>

typedef struct
{
  char *folder;
  BsTopologyNode node;
  BsTopologyCloudInit init;
} Plan;

static void
set_up (Plan *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("bs-plan-XXXXXX", NULL);
  self->init = (BsTopologyCloudInit){ .at = { 7, 5 },
                                      .runcmd = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev),
                                      .write_files = g_ptr_array_new_with_free_func (g_free),
                                      .packages = g_ptr_array_new_with_free_func (g_free) };
  self->node = (BsTopologyNode){ .at = { 3, 5 },
                                 .cloud_init = &self->init,
                                 .packages = g_ptr_array_new_with_free_func (g_free),
                                 .deploy = g_ptr_array_new_with_free_func (g_free) };
}

static void
tear_down (Plan *self, gconstpointer data)
{
  g_assert_true (bs_file_remove_tree (AT_FDCWD, self->folder, NULL));
  g_ptr_array_unref (self->init.runcmd);
  g_ptr_array_unref (self->init.write_files);
  g_ptr_array_unref (self->init.packages);
  g_ptr_array_unref (self->node.packages);
  g_ptr_array_unref (self->node.deploy);
  g_free (self->folder);
}

static void
write_here (Plan *self, const char *name, const char *content)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, content, -1, NULL));
}

static char *
digest (Plan *self)
{
  g_autoptr (GError) error = NULL;
  char *text = bs_provision_digest (&self->node, "lab.yaml", self->folder, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (strlen (text), ==, 64);
  return text;
}

/* Each step must change the digest, or must not. */
static void
assert_changes (Plan *self, char **last, gboolean expected)
{
  g_autofree char *now = digest (self), *again = digest (self);

  g_assert_cmpstr (now, ==, again);
  g_assert_true ((strcmp (now, *last) != 0) == expected);
  g_free (*last);
  *last = g_steal_pointer (&now);
}

static void
test_what_is_baked_is_in_the_digest (Plan *self, gconstpointer data)
{
  g_autofree char *last = digest (self);
  BsTopologyPackage *entry = package_new (4, BS_PACKAGE_NAME, "a");
  BsTopologyFile *file = file_new (9, "/etc/x", "x", 0644);
  char *keys[] = { (char *) "k", NULL };

  g_ptr_array_add (self->node.packages, entry);
  assert_changes (self, &last, TRUE);
  entry->kind = BS_PACKAGE_FILE;
  write_here (self, "a", "one");
  assert_changes (self, &last, TRUE);
  write_here (self, "a", "two");
  assert_changes (self, &last, TRUE);
  entry->repository = (char *) "deb http://x/ a b";
  assert_changes (self, &last, TRUE);
  entry->key = (char *) "key";
  write_here (self, "key", "one");
  assert_changes (self, &last, TRUE);
  write_here (self, "key", "two");
  assert_changes (self, &last, TRUE);
  g_ptr_array_add (self->init.write_files, file);
  assert_changes (self, &last, TRUE);
  file->mode = 0600;
  assert_changes (self, &last, TRUE);
  file->content = (char *) "y";
  assert_changes (self, &last, TRUE);
  file->owner = (char *) "daemon";
  assert_changes (self, &last, TRUE);
  file->append = TRUE;
  assert_changes (self, &last, TRUE);
  self->init.user = (char *) "u";
  assert_changes (self, &last, TRUE);
  self->init.user = NULL;
  self->init.password = (char *) "u";
  assert_changes (self, &last, TRUE);
  self->init.ssh_authorized_keys = keys;
  assert_changes (self, &last, TRUE);
}

static void
test_what_comes_after_the_fork_is_not (Plan *self, gconstpointer data)
{
  g_autofree char *last = digest (self);
  char *env[] = { (char *) "A=b", NULL };

  self->node.env = env;
  self->init.hostname = (char *) "h";
  self->node.name = (char *) "other";
  self->node.at.line++;
  add_command (&self->init, "true");
  g_ptr_array_add (self->node.deploy, deploy_new (9, "x", "/y"));
  assert_changes (self, &last, FALSE);
  self->init.bake = TRUE; /* baked commands see variables, too */
  assert_changes (self, &last, TRUE);
  env[0] = (char *) "A=c";
  assert_changes (self, &last, TRUE);
}

static void
test_what_runs_together_is_told_apart (Plan *self, gconstpointer data)
{
  g_autofree char *first = NULL, *second = NULL;

  self->init.user = (char *) "ab";
  self->init.password = (char *) "c";
  first = digest (self);
  self->init.user = (char *) "a";
  self->init.password = (char *) "bc";
  second = digest (self);
  g_assert_cmpstr (first, !=, second);
}

static void
test_a_file_that_cannot_be_read (Plan *self, gconstpointer data)
{
  g_autofree char *message
      = g_strdup_printf ("lab.yaml:4:9: cannot read '%s/none.deb': No such file or directory", self->folder);
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (self->node.packages, package_new (4, BS_PACKAGE_FILE, "none.deb"));
  g_assert_null (bs_provision_digest (&self->node, "lab.yaml", self->folder, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_needs (Plan *self, gconstpointer data)
{
  BsTopologyNode bare = { 0 };

  g_assert_false (bs_provision_bakes (&bare) || bs_provision_finishes (&bare) || bs_provision_needs_outside (&bare));
  g_assert_false (bs_provision_bakes (&self->node) || bs_provision_finishes (&self->node));
  add_command (&self->init, "true");
  g_assert_false (bs_provision_bakes (&self->node) || bs_provision_needs_outside (&self->node));
  g_assert_true (bs_provision_finishes (&self->node));
  self->init.bake = TRUE;
  g_assert_true (bs_provision_bakes (&self->node) && bs_provision_needs_outside (&self->node));
  g_assert_false (bs_provision_finishes (&self->node));
  self->init.bake = FALSE;
  self->init.user = (char *) "u";
  g_assert_true (bs_provision_bakes (&self->node) && !bs_provision_needs_outside (&self->node));
  g_ptr_array_add (self->init.packages, package_new (4, BS_PACKAGE_NAME, "a"));
  g_assert_true (bs_provision_needs_outside (&self->node));
}

static void
assert_refused (Plan *self, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (bs_provision_check (&self->node, "lab.yaml", self->folder, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_packages_that_are_none (Plan *self, gconstpointer data)
{
  BsTopologyPackage *entry = package_new (4, BS_PACKAGE_NAME, "g++");

  g_ptr_array_add (self->node.packages, entry);
  g_assert_true (bs_provision_check (&self->node, "lab.yaml", self->folder, NULL));
  for (const char *const *name = (const char *const[]){ "-y", "a b", "vim-", "a;b", "$(x)", "", "a\nb", NULL };
       *name != NULL; name++)
    {
      g_autofree char *shown = g_strescape (*name, NULL);
      g_autofree char *message
          = g_strdup_printf ("lab.yaml:4:9: '%s' cannot be a package: a package's name consists of "
                             "letters, digits and + - . _ : ~ = / @, and begins with a letter or "
                             "digit",
                             shown);

      entry->name = (char *) *name;
      assert_refused (self, message);
    }
  entry->kind = BS_PACKAGE_URL;
  entry->name = (char *) "http://x/a b.deb";
  assert_refused (self,
                  "lab.yaml:4:9: 'http://x/a b.deb' cannot be a package's URL: it is no URL of printable characters");
  entry->kind = BS_PACKAGE_REPOSITORY;
  entry->name = NULL;
  entry->repository = (char *) "deb http://x/ a b\ndeb http://y/ c d";
  assert_refused (self, "lab.yaml:4:9: 'deb http://x/ a b\\ndeb http://y/ c d' is no repository: it contains a control "
                        "character, or one that is not ASCII");
}

static void
test_users_that_are_none (Plan *self, gconstpointer data)
{
  char *keys[] = { (char *) "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA x\nssh-rsa y", NULL };

  self->init.user = (char *) "root\nALL";
  assert_refused (self, "lab.yaml:7:5: 'root\\nALL' cannot be a user: a user's name consists of lower-case letters, "
                        "digits, _ and -, 32 at most");
  self->init.user = NULL;
  self->init.password = (char *) "secret\nroot:mine";
  assert_refused (self,
                  "lab.yaml:7:5: the password cannot be used: it contains a line break or another control character");
  self->init.password = NULL;
  self->init.hostname = (char *) "a b";
  assert_refused (self, "lab.yaml:7:5: 'a b' cannot be a host name: a host's name consists of letters, digits and "
                        "hyphens, with dots between its parts");
  self->init.hostname = NULL;
  self->init.ssh_authorized_keys = keys;
  assert_refused (self, "lab.yaml:7:5: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA x\\nssh-rsa y' cannot be a SSH key: it "
                        "contains a line break or another control character");
  keys[0] = (char *) "my key";
  assert_refused (self, "lab.yaml:7:5: 'my key' cannot be a SSH key: it is no public key such as 'ssh-ed25519 AAAA…'");
}

static void
test_files_and_variables_that_are_none (Plan *self, gconstpointer data)
{
  BsTopologyFile *file = file_new (9, "etc/x", "", 0644);
  char *env[] = { (char *) "A=one\ntwo", NULL };

  self->node.env = env;
  assert_refused (self, "lab.yaml:3:5: variable 'A' cannot be given to a node: its value contains a line break or "
                        "another control character");
  env[0] = (char *) "A B=c";
  assert_refused (self,
                  "lab.yaml:3:5: variable 'A B' cannot be given to a node: a name consists of letters, digits and _");
  env[0] = (char *) "A";
  assert_refused (self, "lab.yaml:3:5: variable 'A' cannot be given to a node: it has no value");
  self->node.env = NULL;
  g_ptr_array_add (self->init.write_files, file);
  assert_refused (self, "lab.yaml:9:9: 'etc/x' cannot be a file's path: it is not absolute");
  file->path = (char *) "/etc/x";
  file->owner = (char *) "-R root";
  assert_refused (self, "lab.yaml:9:9: '-R root' cannot be a file's owner: it is not of the form USER or USER:GROUP");
}

#define PLAN_TEST(path, function) g_test_add (path, Plan, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  PLAN_TEST ("/plan/digest/baked", test_what_is_baked_is_in_the_digest);
  PLAN_TEST ("/plan/digest/after", test_what_comes_after_the_fork_is_not);
  PLAN_TEST ("/plan/digest/apart", test_what_runs_together_is_told_apart);
  PLAN_TEST ("/plan/digest/unreadable", test_a_file_that_cannot_be_read);
  PLAN_TEST ("/plan/needs", test_needs);
  PLAN_TEST ("/plan/refused/packages", test_packages_that_are_none);
  PLAN_TEST ("/plan/refused/users", test_users_that_are_none);
  PLAN_TEST ("/plan/refused/files", test_files_and_variables_that_are_none);
  return g_test_run ();
}
