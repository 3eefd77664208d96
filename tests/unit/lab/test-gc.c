/* SPDX-License-Identifier: Apache-2.0 */
/* test-gc.c — leftovers are found and removed, and nothing else is */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-gc.h"
#include "bs-registry.h"
#include "bs-tag.h"
#include "lab-fixture.h"

/* What is found, as lines "kind lab processes[: problem]". */
static char *
run (gboolean dry_run)
{
  static const char *const kinds[] = { "orphan", "dead", "broken", "foreign", "template" };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) items = bs_gc_run (dry_run, &error);
  GString *text = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < items->len; i++)
    {
      const BsGcItem *item = g_ptr_array_index (items, i);

      g_string_append_printf (text, "%s %s %u%s%s\n", kinds[item->kind], item->lab, item->processes,
                              item->problem != NULL ? ": " : "", item->problem != NULL ? item->problem : "");
    }
  return g_string_free (text, FALSE);
}

/* The same is found by looking only, then removed, and then nothing is. */
static void
assert_found_and_removed (const char *expected)
{
  g_autofree char *looked = run (TRUE);
  g_autofree char *looked_again = run (TRUE);
  g_autofree char *removed = run (FALSE);
  g_autofree char *after = run (FALSE);

  g_assert_cmpstr (looked, ==, expected);
  g_assert_cmpstr (looked_again, ==, expected);
  g_assert_cmpstr (removed, ==, expected);
  g_assert_cmpstr (after, ==, "");
}

static void
assert_nothing_found (void)
{
  g_autofree char *found = run (FALSE);

  g_assert_cmpstr (found, ==, "");
}

static void
test_nothing_at_all (Fixture *self, gconstpointer unused)
{
  assert_nothing_found ();
}

static void
test_orphans (Fixture *self, gconstpointer unused)
{
  pid_t supervisor = fixture_start_tagged (self, "gone", UUID_A, "supervisor", NULL);
  pid_t node = fixture_start_tagged (self, "gone", UUID_A, "node", "n0");
  pid_t older = fixture_start_tagged (self, "gone", UUID_B, "node", "n0");
  pid_t other = fixture_start_tagged (self, "also", UUID_A, "switch", NULL);

  assert_found_and_removed ("orphan also 1\norphan gone 3\n");
  g_assert_false (fixture_lives (supervisor) || fixture_lives (node) || fixture_lives (older) || fixture_lives (other));
  g_assert_false (fixture_has_lab ("gone") || fixture_has_lab ("also"));
}

static void
test_dead_lab (Fixture *self, gconstpointer unused)
{
  fixture_make_lab ("dead", UUID_A, "running", 2);
  fixture_make_lab ("failed", UUID_B, "failed", 1);
  assert_found_and_removed ("dead dead 0\ndead failed 0\n");
  g_assert_false (fixture_has_lab ("dead") || fixture_has_lab ("failed"));
}

static void
test_living_labs_stay (Fixture *self, gconstpointer unused)
{
  pid_t whole = fixture_start_tagged (self, "whole", UUID_A, "node", "n0");
  pid_t headless = fixture_start_tagged (self, "failed", UUID_B, "supervisor", NULL);

  fixture_make_lab ("whole", UUID_A, "running", 1);
  fixture_make_lab ("failed", UUID_B, "failed", 1);
  assert_nothing_found ();
  g_assert_true (fixture_lives (whole) && fixture_lives (headless));
  g_assert_true (fixture_has_lab ("whole") && fixture_has_lab ("failed"));
}

/* The folder of the state was emptied, and the same lab brought up again: the first one's machines are still there. */
static void
test_leftovers_under_the_name_of_a_living_lab (Fixture *self, gconstpointer unused)
{
  pid_t older = fixture_start_tagged (self, "lab", UUID_A, "node", "n0");
  pid_t living = fixture_start_tagged (self, "lab", UUID_B, "node", "n0");

  fixture_make_lab ("lab", UUID_B, "running", 1);
  assert_found_and_removed ("orphan lab 1\n");
  g_assert_false (fixture_lives (older));
  g_assert_true (fixture_lives (living));
  g_assert_true (fixture_has_lab ("lab"));
}

static void
test_dead_lab_with_leftovers_under_its_name (Fixture *self, gconstpointer unused)
{
  pid_t older = fixture_start_tagged (self, "lab", UUID_A, "node", "n0");

  fixture_make_lab ("lab", UUID_B, "running", 1);
  assert_found_and_removed ("dead lab 1\n");
  g_assert_false (fixture_lives (older));
}

static void
test_broken_folders (Fixture *self, gconstpointer unused)
{
  pid_t node = fixture_start_tagged (self, "half", UUID_A, "node", "n0");
  bs_autofd int empty = bs_registry_create ("empty", UUID_A, NULL);

  bs_fd_clear (&empty);
  fixture_make_lab ("half", UUID_A, "starting", 1);
  fixture_make_lab_with ("damaged", "{\"format\":1,");
  assert_found_and_removed ("broken damaged 0\nbroken empty 0\nbroken half 1\n");
  g_assert_false (fixture_lives (node));
  g_assert_false (fixture_has_lab ("empty") || fixture_has_lab ("half") || fixture_has_lab ("damaged"));
}

/* Somebody else's, of a later day. */
static void
test_newer_format_is_left_alone (Fixture *self, gconstpointer unused)
{
  pid_t node = fixture_start_tagged (self, "newer", UUID_A, "node", "n0");

  fixture_make_lab_with ("newer", "{\"format\":2}");
  assert_nothing_found ();
  g_assert_true (fixture_lives (node));
  g_assert_true (fixture_has_lab ("newer"));
}

/* Another command works on it: whatever it looks like now is not for us to judge. */
static void
test_locked_lab_is_left_alone (Fixture *self, gconstpointer lock)
{
  pid_t node = fixture_start_tagged (self, "busy", UUID_A, "node", "n0");
  bs_autofd int held = -1;

  fixture_make_lab ("busy", UUID_A, "starting", 1);
  held = bs_registry_open_lab ("busy", (BsLock) GPOINTER_TO_INT (lock), NULL);
  g_assert_cmpint (held, >=, 0);
  assert_nothing_found ();
  g_assert_true (fixture_lives (node));
  g_assert_true (fixture_has_lab ("busy"));
}

static gpointer
look_all_the_time (gpointer stop)
{
  while (!g_atomic_int_get ((int *) stop))
    g_free (run (TRUE));
  return NULL;
}

/* Whoever only looks makes no other command fail. */
static void
test_a_dry_run_disturbs_nobody (Fixture *self, gconstpointer unused)
{
  g_autoptr (GThread) thread = NULL;
  int stop = FALSE;

  fixture_make_lab ("lab", UUID_A, "running", 1);
  fixture_start_tagged (self, "lab", UUID_A, "node", "n0");
  thread = g_thread_new ("looker", look_all_the_time, &stop);
  for (guint i = 0; i < 300; i++)
    {
      g_autoptr (GError) error = NULL;
      bs_autofd int fd = bs_registry_open_lab ("lab", i % 2 == 0 ? BS_LOCK_EXCLUSIVE : BS_LOCK_SHARED, &error);

      g_assert_no_error (error);
      g_assert_cmpint (fd, >=, 0);
    }
  g_atomic_int_set (&stop, TRUE);
  g_thread_join (g_steal_pointer (&thread));
}

static void
test_other_state_folders_are_never_touched (Fixture *self, gconstpointer unused)
{
  g_autofree char *foreign = bs_tag_format ("0123456789ab", "lab", UUID_A, "node", "n0");
  pid_t other = fixture_start (self, "qemu", "-nodefaults", "-name", foreign, NULL);
  pid_t orphan = fixture_start_tagged (self, "lab", UUID_A, "node", "n0");

  assert_found_and_removed ("orphan lab 1\n");
  g_assert_true (fixture_lives (other));
  g_assert_false (fixture_lives (orphan));
}

/* Who only speaks of a tag does not bear it. */
static void
test_a_tag_is_a_whole_argument (Fixture *self, gconstpointer unused)
{
  g_autofree char *tag = bs_tag_format (fixture_state_id (), "lab", UUID_A, "node", "n0");
  g_autofree char *within = g_strconcat ("grep ", tag, NULL);
  g_autofree char *no_role = g_strdup_printf ("benchscale:%s:lab:" UUID_A, fixture_state_id ());
  pid_t one = fixture_start (self, "benchscale-lab", within, NULL);
  pid_t two = fixture_start (self, "benchscale-lab", no_role, NULL);

  assert_nothing_found ();
  g_assert_true (fixture_lives (one) && fixture_lives (two));
}

/* Nor does who has it elsewhere than a supervisor, a switch or a machine. */
static void
test_a_tag_has_its_place (Fixture *self, gconstpointer unused)
{
  g_autofree char *node = bs_tag_format (fixture_state_id (), "lab", UUID_A, "node", "n0");
  g_autofree char *switch_tag = bs_tag_format (fixture_state_id (), "lab", UUID_A, "switch", NULL);
  pid_t pids[]
      = { fixture_start (self, "sh", "-c", "exec mydebug", "mydebug", node, NULL),
          fixture_start (self, "strace", "-p", "1", switch_tag, NULL), fixture_start (self, "watch", switch_tag, NULL),
          fixture_start (self, "benchscale-switch", "--verbose", switch_tag, NULL),
          fixture_start (self, "find", "/", "-name", node, NULL) };

  assert_nothing_found ();
  for (guint i = 0; i < G_N_ELEMENTS (pids); i++)
    g_assert_true (fixture_lives (pids[i]));
}

/* A machine whose QEMU is a script is the script's interpreter, for a moment or longer. */
static void
test_a_wrapped_machine_is_found (Fixture *self, gconstpointer unused)
{
  g_autofree char *tag = bs_tag_format (fixture_state_id (), "lab", UUID_A, "node", "n0");
  pid_t pid = fixture_start (self, "/bin/sh", "/opt/qemu", "-nodefaults", "-name", tag, NULL);

  assert_found_and_removed ("orphan lab 1\n");
  g_assert_false (fixture_lives (pid));
}

static void
test_foreign_folders_are_left_alone (Fixture *self, gconstpointer unused)
{
  g_autofree char *folder = fixture_lab_path ("photos"), *file = g_build_filename (folder, "2026.jpg", NULL);
  pid_t node = fixture_start_tagged (self, "photos", UUID_A, "node", "n0");
  g_autofree char *found = NULL, *again = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  found = run (FALSE);
  again = run (FALSE);
  g_assert_cmpstr (found, ==, "orphan photos 1\nforeign photos 0\n");
  g_assert_cmpstr (again, ==, "foreign photos 0\n");
  g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
  g_assert_false (fixture_lives (node));
}

/* An up that was killed before it could mark its folder. */
static void
test_an_empty_folder_is_ours (Fixture *self, gconstpointer unused)
{
  g_autofree char *folder = fixture_lab_path ("empty");

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  assert_found_and_removed ("broken empty 0\n");
  g_assert_false (fixture_has_lab ("empty"));
}

static void
test_kinds_have_words (void)
{
  g_assert_cmpstr (bs_gc_kind_text (BS_GC_ORPHAN), ==, "objects without a lab");
  g_assert_cmpstr (bs_gc_kind_text (BS_GC_DEAD), ==, "a lab of which nothing runs");
  g_assert_cmpstr (bs_gc_kind_text (BS_GC_BROKEN), ==, "a lab that was never finished");
  g_assert_cmpstr (bs_gc_kind_text (BS_GC_FOREIGN), ==, "not a lab, left alone");
  g_assert_cmpstr (bs_gc_kind_text (BS_GC_TEMPLATE), ==, "a template that was never finished");
}

int
main (int argc, char **argv)
{
  fixture_begin (&argc, &argv);
  FIXTURE_TEST ("/gc/nothing-at-all", test_nothing_at_all);
  FIXTURE_TEST ("/gc/orphans", test_orphans);
  FIXTURE_TEST ("/gc/dead-lab", test_dead_lab);
  FIXTURE_TEST ("/gc/living-labs-stay", test_living_labs_stay);
  FIXTURE_TEST ("/gc/leftovers-under-the-name-of-a-living-lab", test_leftovers_under_the_name_of_a_living_lab);
  FIXTURE_TEST ("/gc/dead-lab-with-leftovers-under-its-name", test_dead_lab_with_leftovers_under_its_name);
  FIXTURE_TEST ("/gc/broken-folders", test_broken_folders);
  FIXTURE_TEST ("/gc/newer-format-is-left-alone", test_newer_format_is_left_alone);
  g_test_add ("/gc/locked-lab-is-left-alone/exclusive", Fixture, GINT_TO_POINTER (BS_LOCK_EXCLUSIVE), fixture_set_up,
              test_locked_lab_is_left_alone, fixture_tear_down);
  g_test_add ("/gc/locked-lab-is-left-alone/shared", Fixture, GINT_TO_POINTER (BS_LOCK_SHARED), fixture_set_up,
              test_locked_lab_is_left_alone, fixture_tear_down);
  FIXTURE_TEST ("/gc/other-state-folders-are-never-touched", test_other_state_folders_are_never_touched);
  FIXTURE_TEST ("/gc/a-tag-is-a-whole-argument", test_a_tag_is_a_whole_argument);
  FIXTURE_TEST ("/gc/a-dry-run-disturbs-nobody", test_a_dry_run_disturbs_nobody);
  FIXTURE_TEST ("/gc/a-tag-has-its-place", test_a_tag_has_its_place);
  FIXTURE_TEST ("/gc/a-wrapped-machine-is-found", test_a_wrapped_machine_is_found);
  FIXTURE_TEST ("/gc/foreign-folders-are-left-alone", test_foreign_folders_are_left_alone);
  FIXTURE_TEST ("/gc/an-empty-folder-is-ours", test_an_empty_folder_is_ours);
  g_test_add_func ("/gc/kinds-have-words", test_kinds_have_words);
  return fixture_run ();
}
