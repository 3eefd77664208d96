/* SPDX-License-Identifier: Apache-2.0 */
/* verb-net-set.c — change what wires do */
#include "cli-net.h"
#include "bs-conditions-words.h"
#include "bs-error.h"

static gboolean ingress, down, json;
static char *preset, *duration;

static const GOptionEntry options[] = {
  { "ingress", 'i', 0, G_OPTION_ARG_NONE, &ingress, "act on what the target receives, not on what it sends", NULL },
  { "preset", 'p', 0, G_OPTION_ARG_STRING, &preset, "named conditions, which the other keys override", "NAME" },
  { "down", 0, 0, G_OPTION_ARG_NONE, &down, "let it carry nothing, either way", NULL },
  { "for", 'f', 0, G_OPTION_ARG_STRING, &duration, "undo it after this long, whatever happens meanwhile", "DURATION" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print the fault's number as JSON", NULL },
  { NULL },
};

/* FALSE with the reason. @conditions: (out) (transfer full): NULL with --down */
static gboolean
read_conditions (char **words, int n_words, BsConditions **conditions, GError **error)
{
  if (!down)
    {
      *conditions = bs_conditions_parse_words ((const char *const *) words, preset, error);
      return *conditions != NULL;
    }
  *conditions = NULL;
  if (n_words == 0 && preset == NULL && !ingress)
    return TRUE;
  bs_set_error (error, BS_ERROR_INVALID, "leave the others out", "a wire that is down has no other conditions");
  return FALSE;
}

static int
run (int argc, char **argv)
{
  g_autoptr (BsConditions) conditions = NULL;
  g_autoptr (BsLab) lab = NULL;
  BsLabNetChange change = { .what = "net set" };
  GError *error = NULL;
  guint64 fault = 0;

  if (cli_duration ("--for", duration, &change.for_usec, &error)
      && read_conditions (argv + 2, argc - 2, &conditions, &error) && (lab = bs_lab_open (argv[0], &error)) != NULL)
    {
      change.conditions = conditions;
      change.ingress = ingress;
      change.down = down;
      fault = bs_lab_net_set (lab, argv[1], &change, NULL, &error);
    }
  if (fault == 0)
    return cli_fail (error);
  cli_net_print_fault (fault, change.for_usec, json, "reset", argv[0]);
  return 0;
}

const CliVerb cli_net_set = {
  .name = "net set",
  .arguments = "LAB TARGET [KEY=VALUE…]",
  .summary = "change what wires do",
  .description
  = "Changes conditions of a running lab, over what its wires do now, key by key; 0 switches a key off. The keys are "
    "those of `conditions` in a topology file: latency_ms, jitter_ms, jitter_distribution, packet_loss_percent, "
    "loss_burst, duplicate_percent, reorder_percent, corrupt_percent, bandwidth_kbps, queue.limit, queue.discipline, "
    "trace.\n\n"
    "TARGET is a network (all of its wires), a node (what it sends), NODE/INTERFACE, A:B for both directions between "
    "two nodes, or 'A>B' for one of them. With --ingress, it is what the network's interfaces, the node or its "
    "interface receive.\n\n"
    "With --for, the lab's supervisor undoes it when the time is over, also when nothing else is left running. "
    "Packets under way keep their time.",
  .examples = "benchscale net set shop wan latency_ms=200 packet_loss_percent=1 — the whole network\n"
              "benchscale net set shop 'web>client' bandwidth_kbps=500 --for 30s — one direction, for a time\n"
              "benchscale net set shop web/eth0 --down --for 5s — pull the plug\n",
  .options = options,
  .min = 2,
  .max = G_MAXUINT,
  .run = run,
};
