/* SPDX-License-Identifier: Apache-2.0 */
/* verb-net-show.c — what wires do, and what became of their packets */
#include "cli-net.h"

#include <stdio.h>
#include <string.h>

static gboolean json;

static const GOptionEntry options[] = {
  { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print the whole as JSON", NULL },
  { NULL },
};

static gboolean
says_something (const json_t *wire)
{
  return json_object_size (json_object_get (wire, "declared")) > 0
         || json_object_size (json_object_get (wire, "effective")) > 0
         || json_object_get (wire, "schedule_entries") != NULL;
}

/* "  sends     latency_ms 200, for another 8.2s; declared: latency_ms 40" */
static void
print_wire (const char *label, const json_t *wire)
{
  g_autofree char *declared = cli_net_conditions (json_object_get (wire, "declared"));
  g_autofree char *effective = cli_net_conditions (json_object_get (wire, "effective"));
  g_autofree char *left = cli_net_left (wire);

  printf ("  %-9s %s", label, effective);
  if (left != NULL)
    printf (", for another %s", left);
  if (strcmp (declared, effective) != 0)
    printf ("; declared: %s", declared);
  printf ("\n");
}

static void
print_drops (const json_t *counters)
{
  static const char prefix[] = "dropped_";
  gboolean any = FALSE;
  const char *key;
  json_t *value;

  json_object_foreach ((json_t *) counters, key,
                       value) if (g_str_has_prefix (key, prefix) && json_integer_value (value) > 0)
  {
    printf ("%s %" G_GINT64_FORMAT " %s", any ? "," : "; dropped", (gint64) json_integer_value (value),
            key + strlen (prefix));
    any = TRUE;
  }
}

static void
print_counters (const json_t *counters)
{
  static const char *const kinds[] = { "duplicated", "reordered", "corrupted" };

  printf ("  frames    sent %" G_GINT64_FORMAT " (%" G_GINT64_FORMAT " bytes), received %" G_GINT64_FORMAT
          " (%" G_GINT64_FORMAT " bytes)",
          bs_json_int (counters, "rx_packets", 0), bs_json_int (counters, "rx_bytes", 0),
          bs_json_int (counters, "tx_packets", 0), bs_json_int (counters, "tx_bytes", 0));
  print_drops (counters);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (bs_json_int (counters, kinds[i], 0) > 0)
      printf ("; %s %" G_GINT64_FORMAT, kinds[i], bs_json_int (counters, kinds[i], 0));
  if (bs_json_int (counters, "queued_packets", 0) > 0)
    printf ("; waiting %" G_GINT64_FORMAT " (%" G_GINT64_FORMAT " bytes)", bs_json_int (counters, "queued_packets", 0),
            bs_json_int (counters, "queued_bytes", 0));
  printf ("\n");
}

static void
print_interface (const json_t *interface)
{
  printf ("%s/%s on %s\n", bs_json_string (interface, "node", ""), bs_json_string (interface, "interface", ""),
          bs_json_string (interface, "network", ""));
  print_wire ("sends", json_object_get (interface, "sends"));
  if (says_something (json_object_get (interface, "receives")))
    print_wire ("receives", json_object_get (interface, "receives"));
  print_counters (json_object_get (interface, "counters"));
}

static void
append_end (GString *text, const json_t *end)
{
  const char *interface = bs_json_string (end, "interface", NULL);

  g_string_append_printf (text, "%s%s%s", bs_json_string (end, "node", ""), interface != NULL ? "/" : "",
                          interface != NULL ? interface : "");
}

/* "web, db | client" */
static char *
format_groups (const json_t *fault)
{
  GString *text = g_string_new (NULL);
  json_t *group, *member;
  size_t i, k;

  json_array_foreach (json_object_get (fault, "groups"), i, group)
  {
    g_string_append (text, i == 0 ? "" : bs_json_bool (fault, "one_way", FALSE) ? " does not reach " : " | ");
    json_array_foreach (group, k, member)
    {
      g_string_append (text, k > 0 ? ", " : "");
      append_end (text, member);
    }
  }
  return g_string_free (text, FALSE);
}

static void
print_fault (const json_t *fault)
{
  gboolean partition = strcmp (bs_json_string (fault, "kind", ""), "partition") == 0;
  g_autofree char *text
      = partition ? format_groups (fault) : cli_net_conditions (json_object_get (fault, "conditions"));
  g_autofree char *left = cli_net_left (fault);
  const char *what = bs_json_string (fault, "what", NULL);

  printf ("fault %" G_GINT64_FORMAT ": %s %s", bs_json_int (fault, "id", 0), bs_json_string (fault, "kind", ""), text);
  if (left != NULL)
    printf (", for another %s", left);
  if (what != NULL)
    printf (" (%s)", what);
  printf ("\n");
}

static void
print_all (const json_t *show)
{
  json_t *item;
  size_t i;

  json_array_foreach (json_object_get (show, "interfaces"), i, item) print_interface (item);
  json_array_foreach (json_object_get (show, "pairs"), i, item)
  {
    printf ("%s > %s on %s\n", bs_json_string (item, "from", ""), bs_json_string (item, "to", ""),
            bs_json_string (item, "network", ""));
    print_wire ("carries", item);
  }
  json_array_foreach (json_object_get (show, "faults"), i, item) print_fault (item);
}

static int
run (int argc, char **argv)
{
  GError *error = NULL;
  g_autoptr (BsLab) lab = bs_lab_open (argv[0], &error);
  g_autoptr (json_t) show = lab != NULL ? bs_lab_net_show (lab, NULL, &error) : NULL;
  g_autofree char *text = NULL;

  if (show == NULL)
    return cli_fail (error);
  if (json)
    {
      text = bs_json_dump (show);
      printf ("%s\n", text);
    }
  else
    print_all (show);
  return 0;
}

const CliVerb cli_net_show = {
  .name = "net show",
  .arguments = "LAB",
  .summary = "show what wires do, and what became of their packets",
  .description
  = "For each interface, and each pair that has conditions of its own: what holds now, for how long, and what the "
    "topology declares; how many frames the machine has sent and received, which were dropped and why, and how many "
    "wait. After them, the faults that hold: changed conditions and partitions.\n\n"
    "Causes of drops: *loss* (as declared), *queue* and *codel* (before a limited rate), *down*, *cut* (a partition), "
    "*full* and *gone* (the receiver does not read, or has closed), *memory* (the budget of all queues is spent), "
    "*runt*, *oversize*, *source*, *reserved* and *offload* (no frames that can be carried).",
  .examples = "benchscale net show shop --json — for scripts\n",
  .options = options,
  .min = 1,
  .max = 1,
  .run = run,
};
