/* SPDX-License-Identifier: Apache-2.0 */
/* test-teardown.c — a lab is wholly gone afterwards, and others are not */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-journal.h"
#include "bs-registry.h"
#include "bs-tag.h"
#include "bs-teardown.h"
#include "bs-time.h"
#include "lab-fixture.h"

#include <benchscale/bs-lab.h>
#include <string.h>
#include <sys/stat.h>

#define PATIENCE (20 * BS_USEC_PER_SEC)

static gboolean
tear_down (const char *name, const char *uuid, int lab_dir, GError **error)
{
  g_autoptr (BsEvents) events = bs_events_new (name, NULL);
  g_autoptr (json_t) record = bs_record_read (lab_dir, NULL);

  return bs_teardown (&(BsTeardown){ .name = name,
                                     .state_id = fixture_state_id (),
                                     .uuid = uuid,
                                     .lab_dir = lab_dir,
                                     .record = record,
                                     .deadline_usec = bs_time_now_usec () + PATIENCE,
                                     .events = events },
                      error);
}

static void
test_all_of_it_goes_and_again (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  pid_t pids[] = { fixture_start_tagged (self, "lab", UUID_A, "supervisor", NULL),
                   fixture_start_tagged (self, "lab", UUID_A, "switch", NULL),
                   fixture_start_tagged (self, "lab", UUID_A, "node", "n0"),
                   fixture_start_tagged (self, "lab", UUID_B, "node", "n1") };
  pid_t neighbour = fixture_start_tagged (self, "lab2", UUID_A, "node", "n0");
  bs_autofd int lab_dir = -1;

  fixture_make_lab ("lab", UUID_A, "running", 2);
  lab_dir = bs_registry_open_lab ("lab", BS_LOCK_EXCLUSIVE, NULL);
  for (int i = 0; i < 2; i++)
    {
      g_assert_true (tear_down ("lab", NULL, lab_dir, &error));
      g_assert_no_error (error);
      g_assert_false (fixture_has_lab ("lab"));
      for (guint k = 0; k < G_N_ELEMENTS (pids); k++)
        g_assert_false (fixture_lives (pids[k]));
    }
  g_assert_true (fixture_lives (neighbour));
}

/* An up that failed takes down its own, not what an earlier lab of that name left. */
static void
test_uuid_limits_it (Fixture *self, gconstpointer unused)
{
  pid_t ours = fixture_start_tagged (self, "lab", UUID_A, "node", "n0");
  pid_t older = fixture_start_tagged (self, "lab", UUID_B, "node", "n0");
  bs_autofd int lab_dir = -1;

  fixture_make_lab ("lab", UUID_A, "starting", 1);
  lab_dir = bs_registry_open_lab ("lab", BS_LOCK_EXCLUSIVE, NULL);
  g_assert_true (tear_down ("lab", UUID_A, lab_dir, NULL));
  g_assert_false (fixture_lives (ours));
  g_assert_true (fixture_lives (older));
}

static void
test_without_record (Fixture *self, gconstpointer unused)
{
  pid_t node = fixture_start_tagged (self, "lab", UUID_A, "node", "n0");
  bs_autofd int lab_dir = bs_registry_create ("lab", UUID_A, NULL);

  g_assert_true (tear_down ("lab", NULL, lab_dir, NULL));
  g_assert_false (fixture_lives (node));
  g_assert_false (fixture_has_lab ("lab"));
}

/* The journal is no file: down does without. */
static void
test_without_journal (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  bs_autofd int lab_dir = bs_registry_create ("lab", UUID_A, NULL);

  g_assert_cmpint (mkdirat (lab_dir, BS_JOURNAL_FILE, 0700), ==, 0);
  g_assert_true (tear_down ("lab", NULL, lab_dir, &error));
  g_assert_no_error (error);
  g_assert_false (fixture_has_lab ("lab"));
}

static void
test_failure_keeps_the_folder (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) journal = NULL;
  bs_autofd int lab_dir = -1;

  fixture_make_lab ("lab", UUID_A, "running", 1);
  lab_dir = bs_registry_open_lab ("lab", BS_LOCK_EXCLUSIVE, NULL);
  g_setenv ("BENCHSCALE_FAILPOINT", "remove-objects.after:error", TRUE);
  g_assert_false (tear_down ("lab", NULL, lab_dir, &error));
  g_unsetenv ("BENCHSCALE_FAILPOINT");
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_true (g_str_has_prefix (error->message, "lab 'lab' is not wholly removed: "));
  g_assert_true (fixture_has_lab ("lab"));
  journal = bs_journal_read (lab_dir, BS_JOURNAL_FILE, NULL);
  g_assert_cmpuint (json_array_size (journal), ==, 1);
  g_assert_cmpstr (bs_json_string (json_array_get (journal, 0), "step", ""), ==, "remove-objects");
  g_assert_cmpstr (bs_json_string (json_array_get (journal, 0), "state", ""), ==, "begin");
  g_assert_true (tear_down ("lab", NULL, lab_dir, NULL));
  g_assert_false (fixture_has_lab ("lab"));
}

static void
test_down_of_a_lab (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  pid_t node = fixture_start_tagged (self, "lab", UUID_A, "node", "n0");

  fixture_make_lab ("lab", UUID_A, "running", 1);
  g_assert_true (bs_lab_down ("lab", NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (fixture_lives (node));
  g_assert_false (fixture_has_lab ("lab"));
  g_assert_false (bs_lab_down ("lab", NULL, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "there is no lab 'lab'");
}

static void
test_down_of_tags_alone (Fixture *self, gconstpointer unused)
{
  pid_t node = fixture_start_tagged (self, "lab", UUID_A, "node", "n0");

  g_assert_true (bs_lab_down ("lab", NULL, NULL, NULL));
  g_assert_false (fixture_lives (node));
  g_assert_false (fixture_has_lab ("lab"));
}

static void
test_down_of_a_damaged_record (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  fixture_make_lab_with ("lab", "nonsense");
  g_assert_true (bs_lab_down ("lab", NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (fixture_has_lab ("lab"));
}

static void
test_down_of_a_foreign_folder (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = fixture_lab_path ("photos"), *file = g_build_filename (folder, "lab.json", NULL);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "{}", 2, NULL));
  g_assert_false (bs_lab_down ("photos", NULL, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "the folder 'photos' is not a lab");
  g_assert_nonnull (strstr (bs_error_hint (error), folder));
  g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
}

static void
test_down_of_a_newer_format (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  pid_t node = fixture_start_tagged (self, "lab", UUID_A, "node", "n0");

  fixture_make_lab_with ("lab", "{\"format\":2}");
  g_assert_false (bs_lab_down ("lab", NULL, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_UNSUPPORTED);
  g_assert_true (fixture_lives (node));
  g_assert_true (fixture_has_lab ("lab"));
}

static void
test_down_of_a_busy_lab (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  pid_t node = fixture_start_tagged (self, "lab", UUID_A, "node", "n0");
  bs_autofd int held = -1;

  fixture_make_lab ("lab", UUID_A, "running", 1);
  held = bs_registry_open_lab ("lab", BS_LOCK_SHARED, NULL);
  g_assert_false (bs_lab_down ("lab", NULL, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_BUSY);
  g_assert_true (fixture_lives (node));
  g_assert_true (fixture_has_lab ("lab"));
}

int
main (int argc, char **argv)
{
  fixture_begin (&argc, &argv);
  FIXTURE_TEST ("/teardown/down-of-a-foreign-folder", test_down_of_a_foreign_folder);
  FIXTURE_TEST ("/teardown/all-of-it-goes-and-again", test_all_of_it_goes_and_again);
  FIXTURE_TEST ("/teardown/uuid-limits-it", test_uuid_limits_it);
  FIXTURE_TEST ("/teardown/without-record", test_without_record);
  FIXTURE_TEST ("/teardown/without-journal", test_without_journal);
  FIXTURE_TEST ("/teardown/failure-keeps-the-folder", test_failure_keeps_the_folder);
  FIXTURE_TEST ("/teardown/down-of-a-lab", test_down_of_a_lab);
  FIXTURE_TEST ("/teardown/down-of-tags-alone", test_down_of_tags_alone);
  FIXTURE_TEST ("/teardown/down-of-a-damaged-record", test_down_of_a_damaged_record);
  FIXTURE_TEST ("/teardown/down-of-a-newer-format", test_down_of_a_newer_format);
  FIXTURE_TEST ("/teardown/down-of-a-busy-lab", test_down_of_a_busy_lab);
  return fixture_run ();
}
