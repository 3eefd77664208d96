/* SPDX-License-Identifier: Apache-2.0 */
/* test-trace.c — files of delivery opportunities */
#include "bs-trace.h"
#include "bs-error.h"

#include <string.h>

static void
check_times (const char *text, const guint32 *times, gsize n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BsTrace) trace = bs_trace_parse ("t", text, strlen (text), &error);
  gsize length;
  const void *data;

  g_assert_no_error (error);
  data = g_bytes_get_data (trace->times, &length);
  g_assert_cmpmem (data, length, times, n * sizeof (guint32));
}

static void
test_lines_are_times (void)
{
  const guint32 three[] = { 0, 0, 5 };

  check_times ("0\n0\n5\n", three, 3);
  check_times ("0\n0\n5", three, 3);
  check_times ("0\r\n0 \r\n5\t\n", three, 3);
  check_times ("4294967295", (const guint32[]){ G_MAXUINT32 }, 1);
}

static void
test_rate_is_that_of_its_packets (void)
{
  g_autoptr (BsTrace) trace = bs_trace_parse ("t", "1\n", 2, NULL);

  g_assert_cmpuint (trace->rate, ==, 1504 * 8 * 1000);
}

static void
test_what_is_no_trace_is_refused_with_its_line (void)
{
  static const struct
  {
    const char *text, *message;
  } cases[] = {
    { "", "t: a trace needs at least one line" },
    { "0\n0\n", "t: the last time of a trace is more than 0 ms: it starts over then" },
    { "1\n\n2\n", "t:2:1: '' is no time of a trace" },
    { "1\n2.5\n", "t:2:1: '2.5' is no time of a trace" },
    { "1\n-2\n", "t:2:1: '-2' is no time of a trace" },
    { "4294967296\n", "t:1:1: '4294967296' is no time of a trace" },
    { "99999999999\n", "t:1:1: '99999999999' is no time of a trace" },
    { "3\n2\n", "t:2:1: 2 ms is before the 3 ms of the line above" },
    { "# a comment\n", "t:1:1: '# a comment' is no time of a trace" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (bs_trace_parse ("t", cases[i].text, strlen (cases[i].text), &error));
      g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
      g_assert_cmpstr (error->message, ==, cases[i].message);
    }
}

static void
test_bytes_of_any_kind_are_shown_safely (void)
{
  static const char bytes[] = "1\n\x1b[2J\0\xff\n";
  g_autoptr (GError) error = NULL;

  g_assert_null (bs_trace_parse ("t", bytes, sizeof bytes - 1, &error));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_null (strchr (error->message, '\x1b'));
}

static void
test_a_file_that_is_not_there (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (bs_trace_load ("/nonexistent", "line.trace", &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "/nonexistent/line.trace"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trace/lines", test_lines_are_times);
  g_test_add_func ("/trace/rate", test_rate_is_that_of_its_packets);
  g_test_add_func ("/trace/refused", test_what_is_no_trace_is_refused_with_its_line);
  g_test_add_func ("/trace/bytes", test_bytes_of_any_kind_are_shown_safely);
  g_test_add_func ("/trace/missing", test_a_file_that_is_not_there);
  return g_test_run ();
}
