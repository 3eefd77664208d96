/* SPDX-License-Identifier: Apache-2.0 */
/* Removing trees: all of it, nothing else, whoever else is at work there. */
#include "bs-error.h"
#include "namespace.h"
#include "scratch.h"

#include <signal.h>

static void
make_tree (Scratch *scratch, const char *name)
{
  g_autofree char *deep = g_strdup_printf ("%s/%s/a/b", scratch->path, name);
  g_autofree char *file = g_strdup_printf ("%s/f", name), *fifo = g_strdup_printf ("%s/a/fifo", name);

  g_assert_true (bs_file_make_dirs (deep, 0700, NULL));
  scratch_write (scratch, file, "x");
  g_assert_cmpint (mkfifoat (scratch->fd, fifo, 0600), ==, 0);
}

static void
test_a_tree_goes_whole (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autoptr (GError) error = NULL;

  scratch_init (&scratch);
  make_tree (&scratch, "tree");
  bs_file_remove_tree (scratch.fd, "tree", &error);
  g_assert_no_error (error);
  g_assert_false (scratch_has (&scratch, "tree"));
}

static void
test_a_missing_one_is_success (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autoptr (GError) error = NULL;

  scratch_init (&scratch);
  g_assert_true (bs_file_remove_tree (scratch.fd, "no", &error));
  g_assert_true (bs_file_remove_tree (scratch.fd, "no/deeper", &error));
  g_assert_no_error (error);
}

static void
test_links_go_and_their_targets_stay (void)
{
  g_auto (Scratch) scratch = { 0 };

  scratch_init (&scratch);
  make_tree (&scratch, "outside");
  make_tree (&scratch, "tree");
  g_assert_cmpint (symlinkat ("../outside", scratch.fd, "tree/to-folder"), ==, 0);
  g_assert_cmpint (symlinkat ("../outside/f", scratch.fd, "tree/to-file"), ==, 0);
  g_assert_cmpint (symlinkat ("nowhere", scratch.fd, "tree/dangling"), ==, 0);
  g_assert_true (bs_file_remove_tree (scratch.fd, "tree", NULL));
  g_assert_false (scratch_has (&scratch, "tree"));
  g_assert_true (scratch_has (&scratch, "outside/f"));
  g_assert_true (scratch_has (&scratch, "outside/a/b"));
}

static void
test_a_link_itself_is_not_followed (void)
{
  g_auto (Scratch) scratch = { 0 };

  scratch_init (&scratch);
  make_tree (&scratch, "outside");
  g_assert_cmpint (symlinkat ("outside", scratch.fd, "link"), ==, 0);
  g_assert_true (bs_file_remove_tree (scratch.fd, "link/", NULL));
  g_assert_false (scratch_has (&scratch, "link"));
  g_assert_true (scratch_has (&scratch, "outside/f"));
}

/* Swaps "tree/swap" between a folder and a link to "outside", for ever. */
static void G_GNUC_NORETURN
swap_for_ever (Scratch *scratch)
{
  for (;;)
    {
      mkdirat (scratch->fd, "tree", 0700);
      if (mkdirat (scratch->fd, "tree/folder", 0700) == 0 && symlinkat ("../outside", scratch->fd, "tree/link") == 0)
        for (int i = 0; i < 10; i++)
          renameat2 (scratch->fd, "tree/folder", scratch->fd, "tree/link", RENAME_EXCHANGE);
    }
}

static void
test_swapping_a_folder_for_a_link_removes_nothing_outside (void)
{
  g_auto (Scratch) scratch = { 0 };
  pid_t pid;

  scratch_init (&scratch);
  make_tree (&scratch, "outside");
  pid = fork ();
  if (pid == 0)
    swap_for_ever (&scratch);
  for (int i = 0; i < 2000; i++)
    bs_file_remove_tree (scratch.fd, "tree", NULL);
  kill (pid, SIGKILL);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
  g_assert_true (scratch_has (&scratch, "outside/f"));
  g_assert_true (scratch_has (&scratch, "outside/a/b"));
  g_assert_true (bs_file_remove_tree (scratch.fd, "tree", NULL));
  g_assert_false (scratch_has (&scratch, "tree"));
}

static void
test_two_may_remove_at_once (void)
{
  g_auto (Scratch) scratch = { 0 };

  scratch_init (&scratch);
  for (int round = 0; round < 20; round++)
    {
      g_autoptr (GError) error = NULL;
      pid_t pid;
      int status;

      for (int i = 0; i < 10; i++)
        {
          g_autofree char *name = g_strdup_printf ("tree/%d", i);

          make_tree (&scratch, name);
        }
      pid = fork ();
      if (pid == 0)
        _exit (bs_file_remove_tree (scratch.fd, "tree", NULL) ? 0 : 1);
      bs_file_remove_tree (scratch.fd, "tree", &error);
      g_assert_no_error (error);
      g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
      g_assert_cmpint (status, ==, 0);
      g_assert_false (scratch_has (&scratch, "tree"));
    }
}

static void
remove_closed_tree (Scratch *scratch)
{
  g_autoptr (GError) error = NULL;

  bs_file_remove_tree (scratch->fd, "tree", &error);
  g_assert_no_error (error);
  g_assert_false (scratch_has (scratch, "tree"));
}

static void
test_folders_without_permissions_go (void)
{
  g_auto (Scratch) scratch = { 0 };
  pid_t pid;
  int status;

  scratch_init (&scratch);
  make_tree (&scratch, "tree");
  g_assert_cmpint (fchmodat (scratch.fd, "tree/a/b", 0000, 0), ==, 0);
  g_assert_cmpint (fchmodat (scratch.fd, "tree/a", 0500, 0), ==, 0);
  g_assert_cmpint (fchmodat (scratch.fd, "tree", 0000, 0), ==, 0);
  if (geteuid () != 0)
    {
      remove_closed_tree (&scratch);
      return;
    }
  /* Permissions mean nothing to root: as nobody, then, in a folder of its own. */
  for (guint i = 0; i < 4; i++)
    {
      static const char *const names[] = { ".", "tree", "tree/a", "tree/a/b" };

      g_assert_cmpint (fchownat (scratch.fd, names[i], 65534, 65534, 0), ==, 0);
    }
  pid = fork ();
  if (pid == 0)
    {
      g_assert_cmpint (setresuid (65534, 65534, 65534), ==, 0);
      remove_closed_tree (&scratch);
      _exit (0);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
}

static void
meet_mounts (const char *path)
{
  g_autofree char *outside = g_build_filename (path, "outside", NULL), *kept = g_build_filename (outside, "f", NULL);
  g_autofree char *tree = g_build_filename (path, "tree", NULL), *point = g_build_filename (tree, "a/b", NULL);
  g_autofree char *text = g_strdup_printf ("cannot remove '%s': Invalid cross-device link", point);
  static const char *const kinds[] = { "bind", "tmpfs" };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GError) error = NULL;

      if (i == 0)
        g_assert_cmpint (mount (outside, point, NULL, MS_BIND, NULL), ==, 0);
      else
        g_assert_cmpint (mount ("tmpfs", point, "tmpfs", 0, NULL), ==, 0);
      g_assert_false (bs_file_remove_tree (AT_FDCWD, tree, &error));
      g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
      g_assert_cmpstr (error->message, ==, text);
      g_assert_cmpint (access (kept, F_OK), ==, 0);
      g_assert_cmpint (umount (point), ==, 0);
    }
  g_assert_true (bs_file_remove_tree (AT_FDCWD, tree, NULL));
}

static void
test_mounts_are_not_entered (void)
{
  g_auto (Scratch) scratch = { 0 };

  scratch_init (&scratch);
  make_tree (&scratch, "outside");
  make_tree (&scratch, "tree");
  namespace_run (meet_mounts, scratch.path);
}

static void
test_endless_depth_is_refused (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autoptr (GError) error = NULL;
  bs_autofd int at = -1;
  int depth;

  scratch_init (&scratch);
  at = dup (scratch.fd);
  for (depth = 0; depth < 600; depth++)
    {
      int next;

      g_assert_cmpint (mkdirat (at, "d", 0700), ==, 0);
      next = openat (at, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      g_assert_cmpint (next, >=, 0);
      bs_fd_clear (&at);
      at = next;
    }
  g_assert_false (bs_file_remove_tree (scratch.fd, "d", &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_true (g_str_has_suffix (error->message, ": File name too long"));
  /* Half of it can be taken away from below, so that this test leaves nothing. */
  while (depth-- > 300)
    {
      g_assert_true (unlinkat (at, "d", AT_REMOVEDIR) == 0 || errno == ENOENT);
      at = openat (bs_fd_steal (&at), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/file-remove/tree-goes-whole", test_a_tree_goes_whole);
  g_test_add_func ("/file-remove/missing-one-is-success", test_a_missing_one_is_success);
  g_test_add_func ("/file-remove/links-go-and-their-targets-stay", test_links_go_and_their_targets_stay);
  g_test_add_func ("/file-remove/link-itself-is-not-followed", test_a_link_itself_is_not_followed);
  g_test_add_func ("/file-remove/swapping-removes-nothing-outside",
                   test_swapping_a_folder_for_a_link_removes_nothing_outside);
  g_test_add_func ("/file-remove/two-may-remove-at-once", test_two_may_remove_at_once);
  g_test_add_func ("/file-remove/folders-without-permissions-go", test_folders_without_permissions_go);
  g_test_add_func ("/file-remove/mounts-are-not-entered", test_mounts_are_not_entered);
  g_test_add_func ("/file-remove/endless-depth-is-refused", test_endless_depth_is_refused);
  return g_test_run ();
}
