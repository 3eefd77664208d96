/* SPDX-License-Identifier: Apache-2.0 */
/* Each packet of a log is found by what names it, and no other. */
#include "bs-decision-order.h"
#include "bs-replay.h"

#include <glib.h>

static const BsSwitchDecision some[] = {
  { .sender = 1, .receiver = 2, .protocol = 0, .port = 0, .index = 0, .verdict = 1 },
  { .sender = 1, .receiver = 2, .protocol = 6, .port = 80, .index = 0, .verdict = 2 },
  { .sender = 1, .receiver = 2, .protocol = 6, .port = 80, .index = 7, .verdict = 3 },
  { .sender = 1, .receiver = 2, .protocol = 6, .port = 443, .index = 3, .verdict = 4 },
  { .sender = 1, .receiver = 2, .protocol = 17, .port = 7, .index = 0, .verdict = 5 },
  { .sender = 1, .receiver = 3, .protocol = 6, .port = 80, .index = 0, .verdict = 6 },
  { .sender = G_MAXUINT64, .receiver = 1, .protocol = 255, .port = 0, .index = G_MAXUINT64, .verdict = 7 },
};

static void
test_finds_each_and_no_other (void)
{
  const BsReplay replay = { some, G_N_ELEMENTS (some), -1 };
  BsSwitchDecision wanted;

  g_assert_true (bs_decisions_are_valid (some, G_N_ELEMENTS (some)));
  for (guint i = 0; i < G_N_ELEMENTS (some); i++)
    {
      wanted = some[i];
      wanted.verdict = 0; /* does not name a packet */
      g_assert_true (bs_replay_find (&replay, &wanted) == &some[i]);
      wanted.index += 100;
      g_assert_null (bs_replay_find (&replay, &wanted));
    }
  wanted = some[1];
  wanted.port = 81;
  g_assert_null (bs_replay_find (&replay, &wanted));
  wanted = some[1];
  wanted.protocol = 17;
  g_assert_null (bs_replay_find (&replay, &wanted));
}

static void
test_no_log_has_no_packet (void)
{
  const BsReplay none = { 0 };

  g_assert_null (bs_replay_find (&none, &some[0]));
}

static void
test_out_of_order_is_not_valid (void)
{
  const BsSwitchDecision turned[] = { some[1], some[0] };

  g_assert_false (bs_decisions_are_valid (turned, 2));
  g_assert_true (bs_decisions_are_valid (turned, 1));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/switch/replay/finds-each-and-no-other", test_finds_each_and_no_other);
  g_test_add_func ("/switch/replay/no-log-has-no-packet", test_no_log_has_no_packet);
  g_test_add_func ("/switch/replay/out-of-order-is-not-valid", test_out_of_order_is_not_valid);
  return g_test_run ();
}
