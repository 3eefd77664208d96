/* SPDX-License-Identifier: Apache-2.0 */
/* The journal: what was about to be done is on disk, whatever died. */
#include "bs-error.h"
#include "bs-journal.h"
#include "namespace.h"
#include "scratch.h"

#include <signal.h>

static char *
content (Scratch *scratch)
{
  return bs_file_read (scratch->fd, "journal", 1 << 20, NULL, NULL);
}

static BsJournal *
open_journal (Scratch *scratch)
{
  g_autoptr (GError) error = NULL;
  BsJournal *journal = bs_journal_open (scratch->fd, "journal", &error);

  g_assert_no_error (error);
  return journal;
}

static void
test_lines_are_written_in_order (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autoptr (BsJournal) journal = NULL;
  g_autoptr (json_t) data = json_pack ("{s:i}", "pid", 7);
  g_autofree char *text = NULL;

  scratch_init (&scratch);
  journal = open_journal (&scratch);
  g_assert_true (bs_journal_begin (journal, "start-node", "web-1", NULL, NULL));
  g_assert_true (bs_journal_done (journal, "start-node", "web-1", data, NULL));
  g_assert_true (bs_journal_undone (journal, "start-node", "web-1", NULL));
  text = content (&scratch);
  g_assert_cmpstr (text, ==,
                   "{\"step\":\"start-node\",\"object\":\"web-1\",\"state\":\"begin\"}\n"
                   "{\"step\":\"start-node\",\"object\":\"web-1\",\"state\":\"done\",\"data\":{\"pid\":7}}\n"
                   "{\"step\":\"start-node\",\"object\":\"web-1\",\"state\":\"undone\"}\n");
}

static void
test_a_new_journal_is_private (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autoptr (BsJournal) journal = NULL;
  struct stat st;

  scratch_init (&scratch);
  journal = open_journal (&scratch);
  g_assert_cmpint (fstatat (scratch.fd, "journal", &st, 0), ==, 0);
  g_assert_cmpint (st.st_mode & 07777, ==, 0600);
}

static void
test_opening_again_appends (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autoptr (json_t) lines = NULL;

  scratch_init (&scratch);
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (BsJournal) journal = open_journal (&scratch);

      g_assert_true (bs_journal_begin (journal, "s", "o", NULL, NULL));
    }
  lines = bs_journal_read (scratch.fd, "journal", NULL);
  g_assert_cmpuint (json_array_size (lines), ==, 2);
}

static void
test_a_torn_line_is_cut_off_before_appending (void)
{
  static const char *const torn[] = { "{\"step\":\"to", "{\"step\":\"torn\"}", "x" };

  for (guint i = 0; i < G_N_ELEMENTS (torn); i++)
    {
      g_auto (Scratch) scratch = { 0 };
      g_autoptr (BsJournal) journal = NULL;
      g_autofree char *before = g_strconcat ("{\"step\":\"a\"}\n", torn[i], NULL), *text = NULL;

      scratch_init (&scratch);
      scratch_write (&scratch, "journal", before);
      journal = open_journal (&scratch);
      g_assert_true (bs_journal_begin (journal, "b", "o", NULL, NULL));
      text = content (&scratch);
      g_assert_cmpstr (text, ==,
                       "{\"step\":\"a\"}\n"
                       "{\"step\":\"b\",\"object\":\"o\",\"state\":\"begin\"}\n");
    }
}

static void
test_a_long_torn_line_is_cut_off (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autoptr (BsJournal) journal = NULL;
  g_autofree char *tail = g_strnfill (20000, 'x'), *before = g_strconcat ("{}\n", tail, NULL), *text = NULL;

  scratch_init (&scratch);
  scratch_write (&scratch, "journal", before);
  journal = open_journal (&scratch);
  text = content (&scratch);
  g_assert_cmpstr (text, ==, "{}\n");
}

static void
test_a_journal_of_one_torn_line_becomes_empty (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autoptr (BsJournal) journal = NULL;
  g_autofree char *text = NULL;

  scratch_init (&scratch);
  scratch_write (&scratch, "journal", "{\"st");
  journal = open_journal (&scratch);
  text = content (&scratch);
  g_assert_cmpstr (text, ==, "");
}

static void
test_reading_ignores_a_torn_last_line (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autoptr (json_t) lines = NULL;

  scratch_init (&scratch);
  scratch_write (&scratch, "journal", "{\"a\":1}\n{\"b\":2}\n{\"c\":3}");
  lines = bs_journal_read (scratch.fd, "journal", NULL);
  g_assert_cmpuint (json_array_size (lines), ==, 2);
  g_assert_cmpint (bs_json_int (json_array_get (lines, 1), "b", 0), ==, 2);
}

static void
test_reading_refuses_any_other_bad_line (void)
{
  static const struct
  {
    const char *text, *message;
  } cases[] = {
    { "{}\n{\"a\n{}\n", "line 2 of 'journal': bad JSON at line 1 column " },
    { "{}\n{}\ngarbage\n", "line 3 of 'journal': bad JSON at line 1 column " },
    { "{}\n[1]\n", "line 2 of 'journal': not an object" },
    { "\n{}\n", "line 1 of 'journal': bad JSON" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Scratch) scratch = { 0 };
      g_autoptr (GError) error = NULL;

      scratch_init (&scratch);
      scratch_write (&scratch, "journal", cases[i].text);
      g_assert_null (bs_journal_read (scratch.fd, "journal", &error));
      g_assert_error (error, BS_ERROR, BS_ERROR_PROTOCOL);
      g_test_message ("%s", error->message);
      g_assert_true (g_str_has_prefix (error->message, cases[i].message));
    }
}

static void
test_a_missing_journal_is_empty (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autoptr (json_t) lines = NULL;

  scratch_init (&scratch);
  lines = bs_journal_read (scratch.fd, "journal", NULL);
  g_assert_true (json_is_array (lines));
  g_assert_cmpuint (json_array_size (lines), ==, 0);
}

static void
test_a_fifo_is_refused_at_once (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autoptr (GError) opening = NULL, reading = NULL;

  scratch_init (&scratch);
  g_assert_cmpint (mkfifoat (scratch.fd, "journal", 0600), ==, 0);
  g_assert_null (bs_journal_open (scratch.fd, "journal", &opening));
  g_assert_error (opening, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (opening->message, ==, "'journal' is not a regular file");
  g_assert_null (bs_journal_read (scratch.fd, "journal", &reading));
  g_assert_error (reading, BS_ERROR, BS_ERROR_INVALID);
}

static void
test_a_link_is_not_followed (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autoptr (GError) error = NULL;

  scratch_init (&scratch);
  scratch_write (&scratch, "target", "keep");
  g_assert_cmpint (symlinkat ("target", scratch.fd, "journal"), ==, 0);
  g_assert_null (bs_journal_open (scratch.fd, "journal", &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_true (g_str_has_prefix (error->message, "cannot open 'journal': "));
}

static void
test_names_that_are_no_text_are_refused (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autoptr (BsJournal) journal = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  scratch_init (&scratch);
  journal = open_journal (&scratch);
  g_assert_false (bs_journal_begin (journal, "step", "\xff", NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, "step 'step' of the journal cannot be written as JSON");
  text = content (&scratch);
  g_assert_cmpstr (text, ==, "");
}

static void
fill_disk_with_journal (const char *path)
{
  g_autoptr (BsJournal) journal = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) lines = NULL, data = NULL;
  g_autofree char *big = g_strnfill (5000, 'x'), *text = NULL, *name = g_build_filename (path, "journal", NULL);
  guint n = 0;

  g_assert_cmpint (mount ("tmpfs", path, "tmpfs", 0, "size=64k"), ==, 0);
  data = json_pack ("{s:s}", "big", big);
  journal = bs_journal_open (AT_FDCWD, name, NULL);
  while (bs_journal_begin (journal, "s", "o", data, &error))
    n++;
  g_assert_error (error, BS_ERROR, BS_ERROR_EXHAUSTED);
  g_assert_cmpstr (error->message, ==, "cannot write the journal: No space left on device");
  g_assert_cmpuint (n, ==, 12);
  /* Nothing torn is left, and a shorter line still finds room. */
  g_assert_true (bs_journal_undone (journal, "s", "o", NULL));
  lines = bs_journal_read (AT_FDCWD, name, NULL);
  g_assert_cmpuint (json_array_size (lines), ==, n + 1);
}

static void
test_full_disk_leaves_no_torn_line (void)
{
  g_auto (Scratch) scratch = { 0 };

  scratch_init (&scratch);
  namespace_run (fill_disk_with_journal, scratch.path);
}

static void
pass_step (Scratch *scratch)
{
  g_autoptr (BsJournal) journal = open_journal (scratch);
  g_autoptr (GError) error = NULL;

  if (!bs_journal_begin (journal, "step", "o", NULL, &error) || !bs_journal_done (journal, "step", "o", NULL, &error))
    _exit (g_error_matches (error, BS_ERROR, BS_ERROR_FAILED) ? 10 : 11);
}

/* What a process leaves that passes "step" with the failpoint @variable. */
static json_t *
run_step (Scratch *scratch, const char *variable, int *status)
{
  pid_t pid = fork ();

  if (pid == 0)
    {
      g_setenv ("BENCHSCALE_FAILPOINT", variable, TRUE);
      pass_step (scratch);
      _exit (0);
    }
  g_assert_cmpint (waitpid (pid, status, 0), ==, pid);
  return bs_journal_read (scratch->fd, "journal", NULL);
}

static void
test_each_step_is_a_failpoint_before_and_after (void)
{
  static const char *const cases[] = { "step.before:kill", "step.after:kill", "step.before:error", "step.after:error" };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Scratch) scratch = { 0 };
      g_autoptr (json_t) lines = NULL;
      int status;

      scratch_init (&scratch);
      lines = run_step (&scratch, cases[i], &status);
      g_assert_true (i < 2 ? WIFSIGNALED (status) : WEXITSTATUS (status) == 10);
      /* Begun and not done, in each case: whoever finds this must look for the object. */
      g_assert_cmpuint (json_array_size (lines), ==, 1);
      g_assert_cmpstr (bs_json_string (json_array_get (lines, 0), "state", NULL), ==, "begin");
    }
}

static gpointer
write_hundred (gpointer journal)
{
  for (int i = 0; i < 100; i++)
    g_assert_true (bs_journal_begin (journal, "step", "an-object-with-a-long-name", NULL, NULL));
  return NULL;
}

static void
test_threads_do_not_mix_their_lines (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autoptr (BsJournal) journal = NULL;
  g_autoptr (json_t) lines = NULL;
  GThread *threads[4];

  scratch_init (&scratch);
  journal = open_journal (&scratch);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("writer", write_hundred, journal);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  lines = bs_journal_read (scratch.fd, "journal", NULL);
  g_assert_cmpuint (json_array_size (lines), ==, 400);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/journal/lines-are-written-in-order", test_lines_are_written_in_order);
  g_test_add_func ("/journal/new-journal-is-private", test_a_new_journal_is_private);
  g_test_add_func ("/journal/opening-again-appends", test_opening_again_appends);
  g_test_add_func ("/journal/torn-line-is-cut-off", test_a_torn_line_is_cut_off_before_appending);
  g_test_add_func ("/journal/long-torn-line-is-cut-off", test_a_long_torn_line_is_cut_off);
  g_test_add_func ("/journal/one-torn-line-becomes-empty", test_a_journal_of_one_torn_line_becomes_empty);
  g_test_add_func ("/journal/reading-ignores-a-torn-last-line", test_reading_ignores_a_torn_last_line);
  g_test_add_func ("/journal/reading-refuses-other-bad-lines", test_reading_refuses_any_other_bad_line);
  g_test_add_func ("/journal/missing-journal-is-empty", test_a_missing_journal_is_empty);
  g_test_add_func ("/journal/fifo-is-refused-at-once", test_a_fifo_is_refused_at_once);
  g_test_add_func ("/journal/link-is-not-followed", test_a_link_is_not_followed);
  g_test_add_func ("/journal/names-that-are-no-text", test_names_that_are_no_text_are_refused);
  g_test_add_func ("/journal/full-disk-leaves-no-torn-line", test_full_disk_leaves_no_torn_line);
  g_test_add_func ("/journal/each-step-is-a-failpoint", test_each_step_is_a_failpoint_before_and_after);
  g_test_add_func ("/journal/threads-do-not-mix-their-lines", test_threads_do_not_mix_their_lines);
  return g_test_run ();
}
