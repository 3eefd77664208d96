/* SPDX-License-Identifier: Apache-2.0 */
/* test-lab-net.c — which wires a text means, and how numbers are told; the rest is in tests/system/net.bats */
#include "bs-error.h"
#include "bs-lab-net-private.h"
#include "lab-fixture.h"

#include <string.h>

#define LAB                                                                                                            \
  "{\"format\":1,\"name\":\"shop\",\"uuid\":\"" UUID_A "\",\"state\":\"running\",\"boot_id\":\"\","                    \
  "\"topology\":\"shop.yaml\",\"networks\":[{\"name\":\"lan\",\"subnet\":\"10.1.0.0/24\"},"                            \
  "{\"name\":\"wan\",\"subnet\":\"10.2.0.0/24\"},{\"name\":\"both\",\"subnet\":\"10.3.0.0/24\"}],"                     \
  "\"nodes\":[{\"name\":\"web\",\"interfaces\":[{\"name\":\"eth0\",\"network\":\"lan\"},"                              \
  "{\"name\":\"up\",\"network\":\"wan\"}]},"                                                                           \
  "{\"name\":\"db\",\"interfaces\":[{\"name\":\"eth0\",\"network\":\"lan\"}]},"                                        \
  "{\"name\":\"client\",\"interfaces\":[{\"name\":\"eth0\",\"network\":\"wan\"}]},"                                    \
  "{\"name\":\"both\",\"interfaces\":[{\"name\":\"eth0\",\"network\":\"lan\"}]},"                                      \
  "{\"name\":\"w-1\",\"interfaces\":[]},{\"name\":\"w-12\",\"interfaces\":[]},{\"name\":\"w-x\",\"interfaces\":[]}],"  \
  "\"variables\":[]}"

static BsLab *
open_lab (void)
{
  g_autoptr (GError) error = NULL;
  BsLab *lab;

  fixture_make_lab_with ("shop", LAB);
  lab = bs_lab_open ("shop", &error);
  g_assert_no_error (error);
  return lab;
}

static void
test_texts_that_mean_wires (Fixture *self, gconstpointer unused)
{
  static const struct
  {
    const char *text, *direction, *targets; /* with ' in place of " */
  } cases[] = {
    { "wan", "out", "[{'network':1,'direction':'out'}]" },
    { "web", "in", "[{'node':'web','direction':'in'}]" },
    { "web/up", "both", "[{'node':'web','interface':1,'direction':'both'}]" },
    { "web:db", "out", "[{'node':'web','to':'db'},{'node':'db','to':'web'}]" },
    { "web>client", "out", "[{'node':'web','to':'client'}]" },
    { "web/up:client/eth0", "both",
      "[{'node':'web','interface':1,'to':'client','to_interface':0},"
      "{'node':'client','interface':0,'to':'web','to_interface':1}]" },
    { "w", "out", "[{'node':'w-1','direction':'out'},{'node':'w-12','direction':'out'}]" },
    { "both/eth0", "out", "[{'node':'both','interface':0,'direction':'out'}]" },
  };
  g_autoptr (BsLab) lab = open_lab ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (json_t) targets = bs_lab_net_targets (lab, cases[i].text, cases[i].direction, &error);
      g_autofree char *said = NULL;

      g_assert_no_error (error);
      said = g_strdelimit (bs_json_dump (targets), "\"", '\'');
      g_assert_cmpstr (said, ==, cases[i].targets);
    }
}

static void
test_texts_that_mean_none (Fixture *self, gconstpointer unused)
{
  static const struct
  {
    const char *text, *direction;
    int code;
    const char *message, *hint;
  } cases[] = {
    { "lane", "out", BS_ERROR_NOT_FOUND, "lab 'shop' has no node and no network 'lane'", "did you mean 'lan'?" },
    { "zzzzzz", "out", BS_ERROR_NOT_FOUND, "lab 'shop' has no node and no network 'zzzzzz'",
      "write NETWORK, NODE, NODE/INTERFACE, A:B (both ways) or 'A>B'" },
    { "both", "out", BS_ERROR_INVALID, "'both' is a network and a node",
      "name the node's interfaces instead, as NODE/INTERFACE" },
    { "web/eth9", "out", BS_ERROR_NOT_FOUND, "node 'web' has no interface 'eth9'", "its interfaces: eth0 up" },
    { "web:", "out", BS_ERROR_NOT_FOUND, "lab 'shop' has no node ''", "its nodes: web db client both w-1 w-12 w-x" },
    { ">web", "out", BS_ERROR_NOT_FOUND, "lab 'shop' has no node ''", "its nodes: web db client both w-1 w-12 w-x" },
    { "web:web", "out", BS_ERROR_INVALID, "'web:web': a pair is of two nodes", NULL },
    { "db:client", "out", BS_ERROR_INVALID, "'db:client': they share no network", NULL },
    { "web/up:db", "out", BS_ERROR_INVALID, "'web/up:db': they share no network", NULL },
    { "web:db", "in", BS_ERROR_INVALID, "'web:db': what a node receives has no conditions for each sender",
      "name the receiving node or interface alone" },
  };
  g_autoptr (BsLab) lab = open_lab ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (bs_lab_net_targets (lab, cases[i].text, cases[i].direction, &error));
      g_assert_error (error, BS_ERROR, cases[i].code);
      g_assert_cmpstr (error->message, ==, cases[i].message);
      g_assert_cmpstr (bs_error_hint (error), ==, cases[i].hint);
    }
}

/* All of these are told before anybody is asked: no supervisor runs. */
static void
test_partitions_that_cannot_be (Fixture *self, gconstpointer unused)
{
  const struct
  {
    BsLabNetPartition partition;
    const char *message;
  } cases[] = {
    { { .groups = (const char *const[]){ "web", NULL } }, "a partition is of two groups or more" },
    { { .groups = NULL }, "a partition is of two groups or more" },
    { { .groups = (const char *const[]){ "web,db", "db", NULL } }, "'db' is in the partition twice" },
    { { .groups = (const char *const[]){ "web", "web/up", NULL } }, "'web/up' is in the partition twice" },
    { { .groups = (const char *const[]){ "web/up", "web", NULL } }, "'web' is in the partition twice" },
    { { .groups = (const char *const[]){ "web", "db", "client", NULL }, .one_way = TRUE },
      "one way is between two groups, not 3" },
    { { .groups = (const char *const[]){ "web", "db", NULL }, .one_way = TRUE, .bridge = "client" },
      "one way and bridge exclude each other" },
    { { .groups = (const char *const[]){ "web", "db", NULL }, .bridge = "web" }, "'web' is in the partition twice" },
    { { .groups = (const char *const[]){ "web", "db", NULL }, .majority = TRUE }, "a majority is of one group" },
    { { .groups = (const char *const[]){ "web,db", NULL }, .majority = TRUE }, "a majority needs at least 3 nodes" },
    { { .groups = (const char *const[]){ "w", "w-12", NULL } }, "'w-12' is in the partition twice" },
    { { .groups = (const char *const[]){ "web", "nobody", NULL } }, "lab 'shop' has no node 'nobody'" },
  };
  g_autoptr (BsLab) lab = open_lab ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_cmpuint (bs_lab_net_partition (lab, &cases[i].partition, NULL, &error), ==, 0);
      g_assert_nonnull (error);
      g_assert_cmpstr (error->message, ==, cases[i].message);
    }
}

static void
test_a_lab_that_does_not_run (Fixture *self, gconstpointer unused)
{
  g_autoptr (BsLab) lab = open_lab ();
  g_autoptr (GError) error = NULL;

  g_assert_false (bs_lab_net_heal (lab, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_DIED);
  g_assert_null (bs_lab_net_show (lab, NULL, NULL));
}

/* @values and @expected: JSON with ' in place of " */
static void
check_conditions (const char *values, const char *expected)
{
  g_autofree char *json = g_strdelimit (g_strdup (values), "'", '"'), *said = NULL;
  g_autoptr (json_t) object = bs_json_load (json, strlen (json), NULL), conditions = bs_lab_net_conditions (object);

  said = g_strdelimit (bs_json_dump (conditions), "\"", '\'');
  g_assert_cmpstr (said, ==, expected);
}

/* 0.5 % is no multiple of 1/2^32, and 0.5 % comes out again. */
static void
test_numbers_come_out_as_they_went_in (Fixture *self, gconstpointer unused)
{
  check_conditions ("{}", "{}");
  check_conditions ("{'delay_nsec': 40000000, 'loss': 21474836}", "{'latency_ms':40,'packet_loss_percent':0.5}");
  check_conditions ("{'jitter_nsec': 250000, 'jitter_kind': 3}", "{'jitter_ms':0.25,'jitter_distribution':'pareto'}");
  check_conditions ("{'delay_nsec': 0, 'loss': 0, 'down': true}", "{'down':true}");
  check_conditions ("{'rate': 8000000, 'delay_nsec': 100000000}",
                    "{'latency_ms':100,'bandwidth_kbps':8000,'queue':{'limit_bytes':100000,'discipline':'droptail'}}");
  check_conditions ("{'burst': [42949673, 4294967296, 0, 4294967296]}", "{'loss_burst':{'p':1,'r':100,'h':0,'k':100}}");
}

int
main (int argc, char **argv)
{
  fixture_begin (&argc, &argv);
  FIXTURE_TEST ("/lab-net/targets", test_texts_that_mean_wires);
  FIXTURE_TEST ("/lab-net/no-targets", test_texts_that_mean_none);
  FIXTURE_TEST ("/lab-net/partitions", test_partitions_that_cannot_be);
  FIXTURE_TEST ("/lab-net/not-running", test_a_lab_that_does_not_run);
  FIXTURE_TEST ("/lab-net/numbers", test_numbers_come_out_as_they_went_in);
  return fixture_run ();
}
