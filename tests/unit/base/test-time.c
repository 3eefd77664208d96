/* SPDX-License-Identifier: Apache-2.0 */
/* Durations as people write them, and deadlines. */
#include "bs-time.h"

static void
test_durations_are_read (void)
{
  static const struct
  {
    const char *text;
    gint64 usec;
  } cases[] = {
    { "500ms", 500000 }, { "2s", 2000000 },  { "3m", 180000000 }, { "1h", 3600000000 },
    { "50us", 50 },      { "2", 2000000 },   { "0.5s", 500000 },  { "0", 0 },
    { "007s", 7000000 }, { "1.5", 1500000 }, { "0.1ms", 100 },    { "0.0000001s", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gint64 usec = -1;

      g_test_message ("'%s'", cases[i].text);
      g_assert_true (bs_time_parse_duration (cases[i].text, &usec));
      g_assert_cmpint (usec, ==, cases[i].usec);
    }
}

static void
test_what_is_no_duration_is_refused (void)
{
  static const char *const cases[]
      = { "",     "1.2.3", "5 s", " 5s", "5s ", "-1",  "+1",  "s",  ".5s",   "5.",  "5.s",     "1e3",
          "0x10", "1d",    "5S",  "inf", "nan", "1,5", "5ss", "ms", "1m30s", "1\n", "\xd9\xa1" };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gint64 usec = 77;

      g_test_message ("'%s'", cases[i]);
      g_assert_false (bs_time_parse_duration (cases[i], &usec));
      g_assert_cmpint (usec, ==, 77);
    }
}

static void
test_durations_end_at_ten_years (void)
{
  gint64 usec = 77;

  g_assert_true (bs_time_parse_duration ("87840h", &usec));
  g_assert_cmpint (usec, ==, (gint64) 3660 * 24 * 3600 * BS_USEC_PER_SEC);
  g_assert_false (bs_time_parse_duration ("87841h", &usec));
  g_assert_false (bs_time_parse_duration ("99999999999999999999h", &usec));
  g_assert_false (bs_time_parse_duration ("999999999999999999999999999999", &usec));
}

static void
test_durations_are_written (void)
{
  static const struct
  {
    gint64 usec;
    const char *text;
  } cases[] = { { 0, "0ms" },          { 450000, "450ms" },   { 999999, "999ms" },
                { 12345678, "12.3s" }, { 59999999, "59.9s" }, { 125 * BS_USEC_PER_SEC, "2m05s" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = bs_time_format_duration (cases[i].usec);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_now_is_rfc3339_with_microseconds (void)
{
  g_autofree char *text = bs_time_format_now ();

  g_assert_true (g_regex_match_simple ("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z$", text, 0, 0));
}

static void
test_what_is_left_is_never_negative (void)
{
  gint64 now_usec = bs_time_now_usec (), left_usec = bs_time_left_usec (now_usec + 60 * BS_USEC_PER_SEC);

  g_assert_cmpint (left_usec, >, 0);
  g_assert_cmpint (left_usec, <=, 60 * BS_USEC_PER_SEC);
  g_assert_cmpint (bs_time_left_usec (now_usec), ==, 0);
  g_assert_cmpint (bs_time_left_usec (-1), ==, 0);
  g_assert_cmpint (bs_time_left_usec (G_MININT64), ==, 0);
  g_assert_cmpint (bs_time_left_usec (G_MAXINT64), >, 0);
  /* A deadline that passes while it is asked for. */
  for (guint i = 0; i < 100000; i++)
    g_assert_cmpint (bs_time_left_usec (bs_time_now_usec () + 1), >=, 0);
}

static void
test_the_sooner_of_two_times (void)
{
  gint64 before_usec = bs_time_now_usec (), then_usec = bs_time_sooner_usec (BS_USEC_PER_SEC, G_MAXINT64);

  g_assert_cmpint (then_usec, >=, before_usec + BS_USEC_PER_SEC);
  g_assert_cmpint (then_usec, <=, bs_time_now_usec () + BS_USEC_PER_SEC);
  g_assert_cmpint (bs_time_sooner_usec (BS_USEC_PER_SEC, before_usec), ==, before_usec);
}

static void
test_poll_timeout_rounds_up (void)
{
  int left = bs_time_poll_timeout (bs_time_now_usec () + 100500);

  g_assert_cmpint (left, >, 0);
  g_assert_cmpint (left, <=, 101);
}

static void
test_poll_timeout_of_the_past_and_of_never (void)
{
  g_assert_cmpint (bs_time_poll_timeout (0), ==, 0);
  g_assert_cmpint (bs_time_poll_timeout (bs_time_now_usec () - 1), ==, 0);
  g_assert_cmpint (bs_time_poll_timeout (-1), ==, -1);
  g_assert_cmpint (bs_time_poll_timeout (G_MAXINT64), ==, G_MAXINT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/time/durations-are-read", test_durations_are_read);
  g_test_add_func ("/time/what-is-no-duration-is-refused", test_what_is_no_duration_is_refused);
  g_test_add_func ("/time/durations-end-at-ten-years", test_durations_end_at_ten_years);
  g_test_add_func ("/time/durations-are-written", test_durations_are_written);
  g_test_add_func ("/time/now-is-rfc3339-with-microseconds", test_now_is_rfc3339_with_microseconds);
  g_test_add_func ("/time/what-is-left-is-never-negative", test_what_is_left_is_never_negative);
  g_test_add_func ("/time/the-sooner-of-two-times", test_the_sooner_of_two_times);
  g_test_add_func ("/time/poll-timeout-rounds-up", test_poll_timeout_rounds_up);
  g_test_add_func ("/time/poll-timeout-of-past-and-never", test_poll_timeout_of_the_past_and_of_never);
  return g_test_run ();
}
