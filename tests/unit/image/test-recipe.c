/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-file.h"
#include "bs-recipe-key.h"
#include "bs-recipe-progress.h"
#include "bs-recipe-run.h"
#include "bs-recipe-state.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void
unknown_name_is_told (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (bs_recipe_find ("debain-12", &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "there is no recipe for image 'debain-12'");
  g_assert_cmpstr (bs_error_hint (error), ==, "did you mean 'debian-12'?");
}

static void
names_are_those_of_recipes (void)
{
  for (const char *const *name = bs_recipe_names (); *name != NULL; name++)
    g_assert_nonnull (bs_recipe_find (*name, NULL));
}

static void
packages_are_listed (void)
{
  g_auto (GStrv) packages = bs_recipe_packages ();

  g_assert_true (g_strv_contains ((const char *const *) packages, "linux-image-cloud-amd64"));
  g_assert_true (g_strv_contains ((const char *const *) packages, "openssh-server"));
  for (guint i = 0; packages[i] != NULL; i++)
    g_assert_cmpuint (strspn (packages[i], "abcdefghijklmnopqrstuvwxyz0123456789.+-"), ==, strlen (packages[i]));
}

static int
compare (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return strcmp (a, b);
}

static GTree *
inputs_of (const char *sources, const char *way)
{
  GTree *inputs = g_tree_new_full (compare, NULL, NULL, (GDestroyNotify) (void (*) (void)) g_bytes_unref);

  g_tree_insert (inputs, (gpointer) BS_RECIPE_SOURCES, g_bytes_new (sources, strlen (sources)));
  g_tree_insert (inputs, (gpointer) BS_RECIPE_WAY, g_bytes_new (way, strlen (way)));
  return inputs;
}

static char *
digest_of (const char *sources, const char *way, const char *state)
{
  g_autoptr (GTree) inputs = inputs_of (sources, way);

  return bs_recipe_digest (inputs, state);
}

static void
key_changes_with_inputs_and_state (void)
{
  g_autofree char *key = digest_of ("a", "", "s"), *same = digest_of ("a", "", "s"), *source = digest_of ("b", "", "s");
  g_autofree char *state = digest_of ("a", "", "t"), *proxy = digest_of ("a", "proxy", "s");

  g_assert_cmpuint (strlen (key), ==, 64);
  g_assert_cmpstr (key, ==, same);
  g_assert_cmpstr (key, !=, source);
  g_assert_cmpstr (key, !=, state);
  g_assert_cmpstr (key, ==, proxy); /* where we are is no part of it */
}

static void
versions_are_parsed (void)
{
  g_autofree char *versions = bs_recipe_parse_versions ("NOTE: this is a simulation\n"
                                                        "Inst libc6 (2.36-9 Debian:12.11/oldstable [amd64])\n"
                                                        "Inst apt (2.6.1 Debian:12.11/oldstable [amd64]) []\n"
                                                        "Conf libc6 (2.36-9 Debian:12.11/oldstable [amd64])\n"
                                                        "Inst broken\n");

  g_assert_cmpstr (versions, ==, "apt 2.6.1\nlibc6 2.36-9");
  g_assert_null (bs_recipe_parse_versions ("E: Unable to locate package x\n"));
}

static void
progress_counts_packages (void)
{
  BsRecipeProgress progress = { 0 };
  g_autofree char *stage = bs_recipe_progress_line (&progress, "stage: making the disk");
  g_autofree char *last = NULL;

  g_assert_cmpstr (stage, ==, "making the disk");
  g_assert_null (bs_recipe_progress_line (&progress, "0 upgraded, 7 newly installed, 0 to remove and 0 not upgraded."));
  g_assert_null (bs_recipe_progress_line (&progress, "Get:1 http://m.test bookworm InRelease [151 kB]"));
  for (guint i = 0; i < 6; i++)
    {
      g_autofree char *what = bs_recipe_progress_line (&progress, "Setting up libc6:amd64 (2.36-9) ...");

      g_assert_cmpstr (what, ==, i == 4 ? "installing packages (5 of 7)" : NULL);
    }
  last = bs_recipe_progress_line (&progress, "Setting up x (1) ...");
  g_assert_cmpstr (last, ==, "installing packages (7 of 7)");
}

/* A host where nobody may be root of namespaces (some containers) cannot build images either. */
static gboolean
lacks_namespaces (void)
{
  g_autoptr (GError) error = NULL;

  if (bs_recipe_check_root (NULL, &error))
    return FALSE;
  g_assert_error (error, BS_ERROR, BS_ERROR_HOST);
  g_assert_nonnull (bs_error_hint (error));
  g_test_skip (error->message);
  return TRUE;
}

static gboolean
run_script (const char *script, gboolean as_root, GCancellable *cancellable, GError **error)
{
  const char *argv[] = { "sh", "-c", script, NULL };

  return bs_recipe_run ("/", argv, NULL, as_root, NULL, NULL, cancellable, error);
}

static void
failed_tool_says_why (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (run_script ("for i in 1 2 3 4 5 6 7 8; do echo line $i; done; exit 3", FALSE, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "'sh' failed: line 3\nline 4\nline 5\nline 6\nline 7\nline 8");
}

static void
full_disk_is_told (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (
      run_script ("echo 'tar: write error: No space left on device' >&2; echo after; exit 2", FALSE, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_EXHAUSTED);
}

static void
missing_tool_is_the_hosts_fault (void)
{
  const char *argv[] = { "no-such-tool", NULL };
  g_autoptr (GError) error = NULL;

  g_assert_false (bs_recipe_run ("/", argv, NULL, FALSE, NULL, NULL, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_HOST);
  g_assert_true (g_str_has_prefix (error->message, "cannot run 'no-such-tool': "));
}

static void
umask_is_not_inherited (void)
{
  g_autoptr (GError) error = NULL;
  mode_t before = umask (077);

  g_assert_true (run_script ("test $(umask) = 0022", FALSE, NULL, &error));
  g_assert_no_error (error);
  umask (before);
}

static void
mounts_are_private (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *mounts = NULL;

  if (lacks_namespaces ())
    return;
  g_assert_true (
      run_script ("mount -t tmpfs bs-recipe-test /mnt && test $$ = 1 && test $(id -u) = 0", TRUE, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents ("/proc/self/mounts", &mounts, NULL, NULL));
  g_assert_null (strstr (mounts, "bs-recipe-test"));
}

static gpointer
cancel_when_written (gpointer data)
{
  char *path = ((gpointer *) data)[0];

  while (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_usleep (1000);
  g_cancellable_cancel (((gpointer *) data)[1]);
  return NULL;
}

/* Also processes that the tool left in the background are gone when the call returns: the pipe's end tells. */
static void
cancelling_kills_all (void)
{
  g_autofree char *folder = g_dir_make_tmp ("bs-recipe-XXXXXX", NULL), *path = g_build_filename (folder, "begun", NULL);
  g_autofree char *script
      = g_strdup_printf ("(trap '' TERM INT HUP; while :; do sleep 1; done) & echo > %s; wait", path);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gpointer data[] = { path, cancellable };
  GThread *thread;

  if (!lacks_namespaces ())
    {
      thread = g_thread_new ("cancel", cancel_when_written, data);
      g_assert_false (run_script (script, TRUE, cancellable, &error));
      g_thread_join (thread);
      g_assert_error (error, BS_ERROR, BS_ERROR_CANCELLED);
    }
  g_assert_true (bs_file_remove_tree (AT_FDCWD, folder, NULL));
}

/* This program runs a tool and is killed; when the last of the tool's processes is gone, so is the last writer of the
 * pipe. */
static void
killed_caller_takes_all_along (void)
{
  g_autofree char *folder = g_dir_make_tmp ("bs-recipe-XXXXXX", NULL), *path = g_build_filename (folder, "pipe", NULL);
  g_autofree char *script
      = g_strdup_printf ("(exec 3> %s; echo x >&3; trap '' TERM INT HUP; while :; do sleep 1; done) & wait", path);
  char *argv[] = { (char *) "/proc/self/exe", (char *) "--run", script, NULL };
  struct pollfd item = { .events = POLLIN };
  char byte;
  GPid pid;

  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  if (!lacks_namespaces ())
    {
      g_assert_true (g_spawn_async (NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, NULL));
      item.fd = open (path, O_RDONLY | O_CLOEXEC);
      g_assert_cmpint (read (item.fd, &byte, 1), ==, 1);
      kill (pid, SIGKILL);
      g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
      while (poll (&item, 1, 10000) == 1 && (item.revents & POLLIN) != 0)
        g_assert_cmpint (read (item.fd, &byte, 1), >=, 0);
      g_assert_cmpint (item.revents, ==, POLLHUP);
      close (item.fd);
    }
  g_assert_true (bs_file_remove_tree (AT_FDCWD, folder, NULL));
}

int
main (int argc, char **argv)
{
  if (argc == 3 && strcmp (argv[1], "--run") == 0)
    return !run_script (argv[2], TRUE, NULL, NULL);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recipe/unknown-name-is-told", unknown_name_is_told);
  g_test_add_func ("/recipe/names-are-those-of-recipes", names_are_those_of_recipes);
  g_test_add_func ("/recipe/packages-are-listed", packages_are_listed);
  g_test_add_func ("/recipe/key-changes-with-inputs-and-state", key_changes_with_inputs_and_state);
  g_test_add_func ("/recipe/versions-are-parsed", versions_are_parsed);
  g_test_add_func ("/recipe/progress-counts-packages", progress_counts_packages);
  g_test_add_func ("/recipe-run/failed-tool-says-why", failed_tool_says_why);
  g_test_add_func ("/recipe-run/full-disk-is-told", full_disk_is_told);
  g_test_add_func ("/recipe-run/missing-tool-is-the-hosts-fault", missing_tool_is_the_hosts_fault);
  g_test_add_func ("/recipe-run/umask-is-not-inherited", umask_is_not_inherited);
  g_test_add_func ("/recipe-run/mounts-are-private", mounts_are_private);
  g_test_add_func ("/recipe-run/cancelling-kills-all", cancelling_kills_all);
  g_test_add_func ("/recipe-run/killed-caller-takes-all-along", killed_caller_takes_all_along);
  return g_test_run ();
}
