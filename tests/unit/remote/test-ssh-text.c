/* SPDX-License-Identifier: Apache-2.0 */
/* test-ssh-text.c — keys, known hosts, and what comes before a command */
#include "../base/scratch.h"
#include "bs-error.h"
#include "bs-ssh-command.h"
#include "bs-ssh-keys.h"

#include <signal.h>
#include <string.h>

#define KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEdM9+tU3JNMchQ9YfHwGr5umnT6Y+Bz5xy/MK0KbyGl"

static char *
ssh_keygen (const char *option, const char *file)
{
  const char *argv[] = { "ssh-keygen", option, "-f", file, NULL };
  char *out = NULL;
  int status;

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL, &status, NULL));
  g_assert_true (g_spawn_check_wait_status (status, NULL));
  return out;
}

/* OpenSSH reads what we make, and says the same of it. */
static void
test_pair (void)
{
  g_auto (Scratch) scratch;
  g_autoptr (GError) error = NULL;
  g_autoptr (BsSshKeyPair) pair = bs_ssh_key_pair_new ("a comment", &error);
  g_autoptr (BsSshKeyPair) other = bs_ssh_key_pair_new (NULL, NULL);
  g_autofree char *path = NULL, *public_text = NULL, *fingerprint = NULL, *said = NULL;

  g_assert_no_error (error);
  scratch_init (&scratch);
  scratch_write (&scratch, "id", pair->private_text);
  path = g_build_filename (scratch.path, "id", NULL);
  public_text = ssh_keygen ("-y", path);
  g_assert_true (bs_ssh_public_key_equal (public_text, pair->public_text));
  g_assert_true (g_str_has_suffix (pair->public_text, " a comment"));
  g_assert_false (bs_ssh_public_key_equal (pair->public_text, other->public_text));
  fingerprint = bs_ssh_fingerprint (pair->public_text, NULL);
  said = ssh_keygen ("-l", path);
  g_assert_nonnull (strstr (said, fingerprint));
  g_assert_null (bs_ssh_key_pair_new ("two\nlines", &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
}

static void
test_bad_public_keys (void)
{
  static const char *const bad[] = { "",
                                     "ssh-ed25519",
                                     "ssh-ed25519 !!!!",
                                     "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIEdM9+tU3JNM",
                                     KEY "\nssh-ed25519 AAAA",
                                     "ssh-ed25519 AAAA",
                                     "a$b AAAA",
                                     NULL };

  for (guint i = 0; bad[i] != NULL || i == 0; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *type = NULL, *base64 = NULL;

      g_assert_false (bs_ssh_public_key_parse (bad[i], &type, &base64, &error));
      g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
      g_assert_nonnull (strstr (error->message, "not a public SSH key"));
    }
  g_assert_null (bs_ssh_fingerprint (NULL, NULL));
}

static void
test_known_hosts (void)
{
  static const char text[] = "# a comment\n"
                             "|1|aGFzaGVk|aGFzaGVk " KEY "\n"
                             "@revoked web " KEY "\n"
                             "web ssh-ed25519 broken\n"
                             "db,web,[127.0.0.1]:2222  " KEY " somebody\n";
  g_autofree char *found = bs_ssh_known_hosts_find (text, strlen (text), "web");
  g_autofree char *port = bs_ssh_known_hosts_find (text, strlen (text), "[127.0.0.1]:2222");
  g_autofree char *line = bs_ssh_known_hosts_line ("shop.web", KEY " x");

  g_assert_cmpstr (found, ==, KEY);
  g_assert_cmpstr (port, ==, KEY);
  g_assert_null (bs_ssh_known_hosts_find (text, strlen (text), "we"));
  g_assert_null (bs_ssh_known_hosts_find (text, 20, "web"));
  g_assert_cmpstr (line, ==, "shop.web " KEY "\n");
}

static void
take (BsSshReport *report, const char *piece, GString *output)
{
  const char *data = piece;
  gsize length = strlen (piece);

  bs_ssh_report_take (report, &data, &length);
  g_string_append_len (output, data, (gssize) length);
}

static BsSshReport
a_report (void)
{
  const char *argv[] = { "true", NULL };
  BsExecSpec spec = { .argv = argv };
  BsSshReport report;
  g_autofree char *line = bs_ssh_command_line (&spec, "root", &report, NULL);

  g_assert_nonnull (strstr (line, report.nonce));
  return report;
}

/* However the stream is cut, the same is taken out of it. */
static void
test_reports_in_pieces (void)
{
  for (gsize size = 1; size < 60; size++)
    {
      BsSshReport report = a_report ();
      g_autofree char *stream
          = g_strdup_printf ("noise\001\n\001%s:group 4711\n\001%.8s\nerr\001%s:program 0\r\nend\001%s", report.nonce,
                             report.nonce, report.nonce, report.nonce);
      g_autofree char *expected = g_strdup_printf ("noise\001\n\001%.8s\nerrend", report.nonce);
      g_autofree char *tail = g_strdup_printf ("\001%s", report.nonce);
      g_autoptr (GString) output = g_string_new (NULL);
      const char *data;
      gsize length;

      for (gsize at = 0; at < strlen (stream); at += size)
        {
          g_autofree char *piece = g_strndup (stream + at, size);

          take (&report, piece, output);
        }
      g_assert_cmpstr (output->str, ==, expected);
      g_assert_cmpuint (report.group, ==, 4711);
      g_assert_cmpstr (report.missing, ==, "program");
      bs_ssh_report_end (&report, &data, &length);
      g_assert_cmpmem (data, length, tail, strlen (tail));
      bs_ssh_report_clear (&report);
    }
}

static void
test_too_long_a_line (void)
{
  g_autofree char *word = g_strnfill (200000, 'x');
  const char *argv[] = { "echo", word, NULL };
  BsExecSpec spec = { .argv = argv };
  BsSshReport report;
  g_autoptr (GError) error = NULL;

  g_assert_null (bs_ssh_command_line (&spec, "root", &report, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, "the command 'echo' has too long arguments");
  bs_ssh_report_clear (&report);
}

static void
test_signals (void)
{
  g_assert_cmpint (bs_ssh_signal_number ("TERM"), ==, SIGTERM);
  g_assert_cmpint (bs_ssh_signal_number ("SEGV@openssh.com"), ==, 0);
  g_assert_cmpstr (bs_ssh_signal_name (SIGKILL), ==, "KILL");
  g_assert_null (bs_ssh_signal_name (SIGWINCH));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ssh/text/pair", test_pair);
  g_test_add_func ("/ssh/text/bad-public-keys", test_bad_public_keys);
  g_test_add_func ("/ssh/text/known-hosts", test_known_hosts);
  g_test_add_func ("/ssh/text/reports-in-pieces", test_reports_in_pieces);
  g_test_add_func ("/ssh/text/too-long-a-line", test_too_long_a_line);
  g_test_add_func ("/ssh/text/signals", test_signals);
  return g_test_run ();
}
