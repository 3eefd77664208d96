/* SPDX-License-Identifier: Apache-2.0 */
/* verb-net-partition.c — keep groups of nodes from each other */
#include "cli-net.h"

static gboolean one_way, majority, json;
static char *bridge, *duration;

static const GOptionEntry options[] = {
  { "one-way", '1', 0, G_OPTION_ARG_NONE, &one_way, "only what the first of two groups sends is lost", NULL },
  { "majority", 'm', 0, G_OPTION_ARG_NONE, &majority, "the larger half of the one group against its others", NULL },
  { "bridge", 'b', 0, G_OPTION_ARG_STRING, &bridge, "this node reaches all groups", "NODE" },
  { "for", 'f', 0, G_OPTION_ARG_STRING, &duration, "heal it after this long, whatever happens meanwhile", "DURATION" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print the fault's number as JSON", NULL },
  { NULL },
};

static int
run (int argc, char **argv)
{
  GError *error = NULL;
  g_autoptr (BsLab) lab = NULL;
  BsLabNetPartition partition = { .groups = (const char *const *) argv + 1,
                                  .one_way = one_way,
                                  .majority = majority,
                                  .bridge = bridge,
                                  .what = "net partition" };
  guint64 fault = 0;

  if (cli_duration ("--for", duration, &partition.for_usec, &error) && (lab = bs_lab_open (argv[0], &error)) != NULL)
    fault = bs_lab_net_partition (lab, &partition, NULL, &error);
  if (fault == 0)
    return cli_fail (error);
  cli_net_print_fault (fault, partition.for_usec, json, "heal", argv[0]);
  return 0;
}

const CliVerb cli_net_partition = {
  .name = "net partition",
  .arguments = "LAB [GROUP…]",
  .summary = "keep groups of nodes from each other",
  .description
  = "No packet passes from one group to another. A GROUP is nodes, or single interfaces as NODE/INTERFACE, with commas "
    "between them. Nodes in no group reach all. Several partitions may hold at once, with 64 cuts in all: two groups "
    "take 2, k groups 2 log2 k, one way 1.\n\n"
    "With --majority, one group (all nodes, if none is given) is split: the first more than half of it against the "
    "others. With --bridge, the named node, which is in no group, is what still connects them.\n\n"
    "Only the lab's networks are cut: `exec`, `logs` and `down` go another way.",
  .examples = "benchscale net partition shop web,db client --for 10s — client alone, for ten seconds\n"
              "benchscale net partition shop web client --one-way — client does not hear web\n"
              "benchscale net partition shop --majority — the larger half against the rest\n",
  .options = options,
  .min = 1,
  .max = G_MAXUINT,
  .run = run,
};
