/* SPDX-License-Identifier: Apache-2.0 */
/* What is declared of a direction: the sender's wire, or the pair's, and the receiver's ingress, as one figure each. */
#include "bs-lab-path.h"
#include "bs-measure.h"

#include <math.h>
#include <string.h>

static const BsLabEnd web = { (char *) "web", (char *) "eth0", NULL }, db = { (char *) "db", (char *) "eth1", NULL };

/* @text: as of `net show`, with ' in place of " */
static BsLabPath
read_path (const char *text)
{
  g_autofree char *json = g_strdelimit (g_strdup (text), "'", '"');
  g_autoptr (json_t) show = bs_json_load (json, strlen (json), NULL);
  BsLabPath path;

  g_assert_nonnull (show);
  bs_lab_path_read (show, &web, &db, &path);
  return path;
}

#define assert_near(a, b) g_assert_cmpfloat (fabs ((a) - (b)), <, 1e-9)
#define INTERFACES(sends, receives)                                                                                    \
  "'interfaces': [{'node': 'db', 'interface': 'eth0', 'receives': {'effective': {'latency_ms': 99}}}, "                \
  "{'node': 'web', 'interface': 'eth0', 'sends': {'effective': {" sends                                                \
  "}}}, {'node': 'db', 'interface': 'eth1', 'receives': {'effective': {" receives "}}}]"

static void
test_nothing_is_nothing (void)
{
  BsLabPath path = read_path ("{" INTERFACES ("", "") "}");

  assert_near (path.delay_ms, 0);
  assert_near (path.loss, 0);
  assert_near (path.rate_kbps, 0);
  assert_near (path.burst_share, 1);
  g_assert_false (path.is_unknown);
}

static void
test_both_wires_add_up (void)
{
  BsLabPath path
      = read_path ("{" INTERFACES ("'latency_ms': 10, 'packet_loss_percent': 10, 'bandwidth_kbps': 500",
                                   "'latency_ms': 2.5, 'packet_loss_percent': 50, 'bandwidth_kbps': 800") "}");

  assert_near (path.delay_ms, 12.5);
  assert_near (path.loss, 0.55);
  assert_near (path.rate_kbps, 500);
}

static void
test_a_pair_takes_the_place_of_its_sender (void)
{
  BsLabPath path = read_path ("{'pairs': [{'from': 'db/eth1', 'to': 'web/eth0', 'effective': {'latency_ms': 77}}, "
                              "{'from': 'web/eth0', 'to': 'db/eth1', 'effective': {'latency_ms': 3}}], " INTERFACES (
                                  "'latency_ms': 10", "'latency_ms': 1") "}");

  assert_near (path.delay_ms, 4);
}

static void
test_bursts_lose_in_their_mean (void)
{
  BsLabPath path = read_path ("{" INTERFACES ("'loss_burst': {'p': 1, 'r': 19, 'h': 0, 'k': 100}", "") "}");

  assert_near (path.loss, 0.05);
  assert_near (path.burst_share, bs_measure_burst_share (0.01, 0.19));
}

static void
test_down_carries_nothing_and_what_changes_is_not_known (void)
{
  assert_near (read_path ("{" INTERFACES ("'down': true", "") "}").loss, 1);
  g_assert_true (read_path ("{" INTERFACES ("'trace': 'x'", "") "}").is_unknown);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lab/path/nothing-is-nothing", test_nothing_is_nothing);
  g_test_add_func ("/lab/path/both-wires-add-up", test_both_wires_add_up);
  g_test_add_func ("/lab/path/a-pair-takes-the-place-of-its-sender", test_a_pair_takes_the_place_of_its_sender);
  g_test_add_func ("/lab/path/bursts-lose-in-their-mean", test_bursts_lose_in_their_mean);
  g_test_add_func ("/lab/path/down-and-unknown", test_down_carries_nothing_and_what_changes_is_not_known);
  return g_test_run ();
}
