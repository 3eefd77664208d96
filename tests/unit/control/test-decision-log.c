/* SPDX-License-Identifier: Apache-2.0 */
/* Logs of decisions: what is written is read again; what is broken is refused, and says why. */
#include "bs-decision-log.h"
#include "bs-error.h"
#include "bs-fd.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static BsSwitchDecision
decision (guint64 sender, guint64 index, guint8 verdict)
{
  return (BsSwitchDecision){ .sender = sender, .receiver = 9, .index = index, .verdict = verdict };
}

static void
add (BsDecisionLog *log, guint64 sender, guint64 index, guint8 verdict)
{
  BsSwitchDecision what = decision (sender, index, verdict);

  bs_decision_log_add (log, &what);
}

/* Of three decisions, in a folder of its own. */
static char *
write_log (void)
{
  g_autofree char *dir = g_dir_make_tmp ("bs-log-XXXXXX", NULL);
  char *path = g_build_filename (dir, "log", NULL);
  g_autoptr (BsDecisionLog) log = bs_decision_log_new ();
  g_autoptr (GError) error = NULL;

  add (log, 2, 0, 1);
  add (log, 1, 1, 2);
  add (log, 1, 0, 4);
  add (log, 1, 1, 8); /* the same packet again */
  log->lost = 5;
  bs_decision_log_write (log, path, &error);
  g_assert_no_error (error);
  return path;
}

static void
drop_log (char *path)
{
  g_autofree char *dir = g_path_get_dirname (path);

  g_unlink (path);
  g_assert_cmpint (g_rmdir (dir), ==, 0); /* no temporary file is left */
  g_free (path);
}

static void
test_reads_what_it_wrote (void)
{
  char *path = write_log ();
  g_autoptr (GError) error = NULL;
  g_autoptr (BsDecisionLog) log = bs_decision_log_read (path, &error);
  const BsSwitchDecision expected[] = { decision (1, 0, 4), decision (1, 1, 2), decision (2, 0, 1) };
  bs_autofd int memory = -1;
  struct stat st;

  g_assert_no_error (error);
  g_assert_cmpmem (log->decisions->data, log->decisions->len * sizeof *expected, expected, sizeof expected);
  g_assert_cmpuint (log->lost, ==, 6);
  memory = bs_decision_log_memory (log, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fstat (memory, &st), ==, 0);
  g_assert_cmpint (st.st_size, ==, sizeof expected);
  g_assert_cmpint (write (memory, "x", 1), ==, -1);
  drop_log (path);
}

static void
check_broken (const guint8 *bytes, gsize length, int code, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (bs_decision_log_parse (bytes, length, "some.log", &error));
  g_assert_error (error, BS_ERROR, code);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_refuses_broken_files (void)
{
  char *path = write_log ();
  g_autofree char *text = NULL;
  guint8 *bytes;
  gsize length;

  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  bytes = (guint8 *) text;
  check_broken (bytes, 0, BS_ERROR_INVALID, "'some.log' is no log to replay: it is too short");
  check_broken (bytes, length - 1, BS_ERROR_INVALID,
                "'some.log' is no log to replay: it is not as long as its head says");
  bytes[length - 1] ^= 1;
  check_broken (bytes, length, BS_ERROR_INVALID,
                "'some.log' is no log to replay: its digest does not fit what it holds");
  bytes[12] = 9;
  check_broken (bytes, length, BS_ERROR_UNSUPPORTED, "'some.log' is a log of version 9, newer than 1");
  memcpy (bytes + 8, "\1\2\3\4", 4);
  check_broken (bytes, length, BS_ERROR_INVALID,
                "'some.log' is no log to replay: it was written on a host of another byte order");
  bytes[0] = 'x';
  check_broken (bytes, length, BS_ERROR_INVALID, "'some.log' is no log to replay: it does not begin like one");
  drop_log (path);
}

/* A digest that fits says nothing of the sense of what it covers. */
static void
test_refuses_decisions_out_of_order (void)
{
  BsSwitchDecision turned[] = { decision (2, 0, 0), decision (1, 0, 0) };
  BsDecisionLogHead head = { .byte_order = BS_DECISION_LOG_BYTE_ORDER,
                             .version = BS_DECISION_LOG_VERSION,
                             .head_size = sizeof head,
                             .item_size = sizeof *turned,
                             .count = 2 };
  guint8 bytes[sizeof head + sizeof turned];
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = sizeof head.digest;

  memcpy (head.magic, BS_DECISION_LOG_MAGIC, sizeof head.magic);
  g_checksum_update (checksum, (guint8 *) turned, sizeof turned);
  g_checksum_get_digest (checksum, head.digest, &size);
  memcpy (bytes, &head, sizeof head);
  memcpy (bytes + sizeof head, turned, sizeof turned);
  check_broken (bytes, sizeof bytes, BS_ERROR_INVALID,
                "'some.log' is no log to replay: its decisions are not in order or out of range");
}

static void
test_a_missing_file_is_named (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (bs_decision_log_read ("/nonexistent/log", &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "/nonexistent/log"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/decision-log/reads-what-it-wrote", test_reads_what_it_wrote);
  g_test_add_func ("/decision-log/refuses-broken-files", test_refuses_broken_files);
  g_test_add_func ("/decision-log/refuses-decisions-out-of-order", test_refuses_decisions_out_of_order);
  g_test_add_func ("/decision-log/a-missing-file-is-named", test_a_missing_file_is_named);
  return g_test_run ();
}
