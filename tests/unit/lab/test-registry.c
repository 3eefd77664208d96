/* SPDX-License-Identifier: Apache-2.0 */
/* test-registry.c — names, folders, locks */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-registry.h"
#include "lab-fixture.h"

#include <string.h>
#include <sys/stat.h>

#define LONGEST "a23456789012345678901234567890123456789012345678901234567890123"

static void
test_names_that_are_allowed (void)
{
  static const char *const names[] = { "a", "7", "Lab", "lab_1.x-y", "0-", LONGEST };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (bs_registry_check_name (names[i], &error));
      g_assert_no_error (error);
    }
}

static void
test_names_that_are_refused (void)
{
  static const char *const names[]
      = { "", ".", "..", ".hidden", "-x", "_x", "a/b", "a:b", "a b", "a\n", "ä", LONGEST "4" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = g_strdup_printf ("'%s' is no name for a lab", names[i]);

      g_assert_false (bs_registry_check_name (names[i], &error));
      g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
      g_assert_cmpstr (error->message, ==, text);
      g_assert_cmpstr (bs_error_hint (error), ==,
                       "begin with a letter or digit, then up to 62 of letters, digits, '_', '.', '-'");
      g_clear_error (&error);
      g_assert_cmpint (bs_registry_create (names[i], UUID_A, &error), ==, -1);
      g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
      g_clear_error (&error);
      g_assert_cmpint (bs_registry_open_lab (names[i], BS_LOCK_NONE, &error), ==, -1);
      g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
    }
}

static void
test_a_lab_is_a_folder_of_its_owner (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  bs_autofd int lab_dir = bs_registry_create ("one", UUID_A, &error);
  g_autofree char *labs = fixture_lab_path (NULL), *path = fixture_lab_path ("one");
  struct stat st;

  g_assert_no_error (error);
  g_assert_cmpint (stat (path, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 07777, ==, 0700);
  g_assert_cmpint (stat (labs, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 07777, ==, 0700);
  g_assert_true (bs_registry_remove ("one", lab_dir, &error));
  g_assert_no_error (error);
  g_assert_false (fixture_has_lab ("one"));
}

static void
test_a_new_lab_is_marked (Fixture *self, gconstpointer unused)
{
  bs_autofd int lab_dir = bs_registry_create ("one", UUID_A, NULL);
  g_autofree char *marker = bs_file_read (lab_dir, BS_MARKER_FILE, 100, NULL, NULL);

  g_assert_cmpstr (marker, ==, UUID_A);
  g_assert_cmpint (unlinkat (lab_dir, BS_MARKER_FILE, 0), ==, 0);
  g_assert_true (bs_registry_check_ours ("one", lab_dir, NULL));
  g_assert_true (bs_file_write_atomic (lab_dir, "file", "x", 1, 0600, NULL));
  g_assert_false (bs_registry_remove ("one", lab_dir, NULL));
  g_assert_true (fixture_has_lab ("one"));
}

static void
test_a_name_is_taken_once (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  fixture_make_lab_with ("one", "{}");
  g_assert_cmpint (bs_registry_create ("one", UUID_A, &error), ==, -1);
  g_assert_error (error, BS_ERROR, BS_ERROR_EXISTS);
  g_assert_cmpstr (error->message, ==, "lab 'one' exists already");
  g_assert_cmpstr (bs_error_hint (error), ==,
                   "take it down first with `benchscale down`, or use another name with --name");
}

static void
test_no_such_lab (Fixture *self, gconstpointer unused)
{
  g_autofree char *labs = fixture_lab_path (NULL);

  /* With a folder of labs, and without. */
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (bs_registry_open_lab ("none", BS_LOCK_SHARED, &error), ==, -1);
      g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
      g_assert_cmpstr (error->message, ==, "there is no lab 'none'");
      g_assert_cmpstr (bs_error_hint (error), ==, "`benchscale list` shows the labs there are");
      g_assert_true (bs_file_make_dirs (labs, 0700, NULL));
    }
}

static void
test_list_is_sorted_and_of_folders_only (Fixture *self, gconstpointer unused)
{
  g_autoptr (GPtrArray) none = bs_registry_list ();
  g_autoptr (GPtrArray) names = NULL;
  g_autofree char *file = fixture_lab_path ("file"), *link = fixture_lab_path ("link"),
                  *dot = fixture_lab_path (".new");

  g_assert_cmpuint (none->len, ==, 0);
  fixture_make_lab_with ("b", "{}");
  fixture_make_lab_with ("a", "{}");
  fixture_make_lab_with ("C", "{}");
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  g_assert_cmpint (symlink ("a", link), ==, 0);
  g_assert_cmpint (mkdir (dot, 0700), ==, 0);
  names = bs_registry_list ();
  g_assert_cmpuint (names->len, ==, 3);
  g_assert_cmpstr (names->pdata[0], ==, "C");
  g_assert_cmpstr (names->pdata[1], ==, "a");
  g_assert_cmpstr (names->pdata[2], ==, "b");
}

static void
test_locks_exclude_each_other (Fixture *self, gconstpointer unused)
{
  static const struct
  {
    BsLock held, wanted;
    gboolean free;
  } pairs[] = {
    { BS_LOCK_NONE, BS_LOCK_EXCLUSIVE, TRUE },       { BS_LOCK_SHARED, BS_LOCK_SHARED, TRUE },
    { BS_LOCK_SHARED, BS_LOCK_NONE, TRUE },          { BS_LOCK_EXCLUSIVE, BS_LOCK_NONE, TRUE },
    { BS_LOCK_SHARED, BS_LOCK_EXCLUSIVE, FALSE },    { BS_LOCK_EXCLUSIVE, BS_LOCK_SHARED, FALSE },
    { BS_LOCK_EXCLUSIVE, BS_LOCK_EXCLUSIVE, FALSE },
  };

  fixture_make_lab_with ("one", "{}");
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autoptr (GError) error = NULL;
      bs_autofd int held = bs_registry_open_lab ("one", pairs[i].held, NULL);
      bs_autofd int wanted = bs_registry_open_lab ("one", pairs[i].wanted, &error);

      g_assert_cmpint (held, >=, 0);
      if (pairs[i].free)
        g_assert_no_error (error);
      else
        {
          g_assert_error (error, BS_ERROR, BS_ERROR_BUSY);
          g_assert_cmpstr (error->message, ==, "lab 'one' is in use by another command");
          g_assert_cmpstr (bs_error_hint (error), ==, "wait until the other command has ended, or stop it");
        }
      g_assert_cmpint (wanted >= 0, ==, pairs[i].free);
    }
}

static void
test_a_new_lab_is_locked_until_closed (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  int lab_dir = bs_registry_create ("one", UUID_A, NULL);
  bs_autofd int later = -1;

  g_assert_cmpint (bs_registry_open_lab ("one", BS_LOCK_SHARED, &error), ==, -1);
  g_assert_error (error, BS_ERROR, BS_ERROR_BUSY);
  close (lab_dir);
  later = bs_registry_open_lab ("one", BS_LOCK_SHARED, NULL);
  g_assert_cmpint (later, >=, 0);
}

/* Somebody who looks at a new folder in its first moment, as gc does, is no obstacle to who made it. */
static gpointer
look_and_let_go (gpointer stop)
{
  while (!g_atomic_int_get ((int *) stop))
    {
      int fd = bs_registry_open_lab ("one", BS_LOCK_EXCLUSIVE, NULL);

      if (fd >= 0)
        bs_registry_remove ("one", fd, NULL);
      if (fd >= 0)
        close (fd);
    }
  return NULL;
}

static void
test_making_a_lab_while_others_look (Fixture *self, gconstpointer unused)
{
  int stop = FALSE;
  GThread *thread = g_thread_new ("looker", look_and_let_go, &stop);

  for (guint i = 0; i < 500; i++)
    {
      g_autoptr (GError) error = NULL;
      bs_autofd int fd = bs_registry_create ("one", UUID_A, &error);

      g_assert_no_error (error);
      g_assert_true (bs_registry_remove ("one", fd, &error));
      g_assert_no_error (error);
    }
  g_atomic_int_set (&stop, TRUE);
  g_thread_join (thread);
}

static void
rename_lab (const char *from, const char *to)
{
  g_autofree char *old = fixture_lab_path (from), *new = fixture_lab_path (to);

  g_assert_cmpint (rename (old, new), ==, 0);
}

/* Who holds a folder that the name no longer leads to holds nothing. */
static void
test_a_lock_is_good_only_while_the_name_leads_there (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  bs_autofd int lab_dir = bs_registry_create ("one", UUID_A, NULL);

  rename_lab ("one", "moved");
  fixture_make_lab_with ("one", "{}");
  g_assert_false (bs_registry_remove ("one", lab_dir, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "lab 'one' was just removed");
  g_assert_true (fixture_has_lab ("one"));
  g_assert_true (fixture_has_lab ("moved"));
}

static void
test_removal_needs_the_lock (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  bs_autofd int shared = -1, other = -1, path_only = -1;
  g_autofree char *path = fixture_lab_path ("one");

  fixture_make_lab_with ("one", "{}");
  shared = bs_registry_open_lab ("one", BS_LOCK_SHARED, NULL);
  other = bs_registry_open_lab ("one", BS_LOCK_NONE, NULL);
  g_assert_false (bs_registry_remove ("one", other, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_BUSY);
  g_clear_error (&error);
  /* What cannot be locked at all is not "in use". */
  path_only = open (path, O_PATH | O_CLOEXEC);
  g_assert_false (bs_registry_remove ("one", path_only, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "cannot lock lab 'one': Bad file descriptor");
  g_assert_true (fixture_has_lab ("one"));
}

static void
test_links_are_never_followed (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *outside = g_build_filename (fixture_folder (), "outside", NULL);
  g_autofree char *kept = g_build_filename (outside, "kept", NULL), *link = fixture_lab_path ("link");
  bs_autofd int lab_dir = bs_registry_create ("one", UUID_A, NULL);

  g_assert_true (bs_file_make_dirs (outside, 0700, NULL));
  g_assert_true (g_file_set_contents (kept, "x", 1, NULL));
  g_assert_cmpint (symlinkat (outside, lab_dir, "nodes"), ==, 0);
  g_assert_cmpint (symlink (outside, link), ==, 0);
  g_assert_cmpint (bs_registry_open_lab ("link", BS_LOCK_EXCLUSIVE, &error), ==, -1);
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_true (g_str_has_prefix (error->message, "cannot open lab 'link': "));
  g_assert_true (bs_registry_remove ("one", lab_dir, NULL));
  g_assert_false (fixture_has_lab ("one"));
  g_assert_true (g_file_test (kept, G_FILE_TEST_EXISTS));
  g_assert_true (bs_file_remove_tree (AT_FDCWD, outside, NULL));
}

int
main (int argc, char **argv)
{
  fixture_begin (&argc, &argv);
  g_test_add_func ("/registry/names-that-are-allowed", test_names_that_are_allowed);
  g_test_add_func ("/registry/names-that-are-refused", test_names_that_are_refused);
  FIXTURE_TEST ("/registry/a-lab-is-a-folder-of-its-owner", test_a_lab_is_a_folder_of_its_owner);
  FIXTURE_TEST ("/registry/a-new-lab-is-marked", test_a_new_lab_is_marked);
  FIXTURE_TEST ("/registry/a-name-is-taken-once", test_a_name_is_taken_once);
  FIXTURE_TEST ("/registry/no-such-lab", test_no_such_lab);
  FIXTURE_TEST ("/registry/list-is-sorted-and-of-folders-only", test_list_is_sorted_and_of_folders_only);
  FIXTURE_TEST ("/registry/locks-exclude-each-other", test_locks_exclude_each_other);
  FIXTURE_TEST ("/registry/a-new-lab-is-locked-until-closed", test_a_new_lab_is_locked_until_closed);
  FIXTURE_TEST ("/registry/making-a-lab-while-others-look", test_making_a_lab_while_others_look);
  FIXTURE_TEST ("/registry/a-lock-is-good-only-while-the-name-leads-there",
                test_a_lock_is_good_only_while_the_name_leads_there);
  FIXTURE_TEST ("/registry/removal-needs-the-lock", test_removal_needs_the_lock);
  FIXTURE_TEST ("/registry/links-are-never-followed", test_links_are_never_followed);
  return fixture_run ();
}
