/* SPDX-License-Identifier: Apache-2.0 */
/* verb-net-verify.c — declared against measured */
#include "cli-net.h"
#include "bs-lab-verify.h"

#include <stdio.h>

static int count;
static char *interval, *allowance;
static gboolean json;

static const GOptionEntry options[] = {
  { "count", 'c', 0, G_OPTION_ARG_INT, &count, "send so many datagrams (200)", "N" },
  { "interval", 'i', 0, G_OPTION_ARG_STRING, &interval, "one in so long (10ms)", "DURATION" },
  { "allow", 0, 0, G_OPTION_ARG_STRING, &allowance, "what the nodes may add to a delay, each way (1ms)", "DURATION" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print the result as JSON", NULL },
  { NULL },
};

static double
number (const json_t *object, const char *key)
{
  return json_number_value (json_object_get (object, key));
}

static const char *
verdict (const json_t *object)
{
  return json_object_get (object, "agrees") == NULL          ? "not known: the sender cannot send as much"
         : json_is_true (json_object_get (object, "agrees")) ? "agrees"
                                                             : "DIFFERS";
}

static void
print_delay (const char *name, const json_t *delay)
{
  if (delay != NULL)
    printf ("  %-10s declared %9.3f ms   measured %9.3f ms  (%.3f to %.3f)  %s\n", name, number (delay, "declared_ms"),
            number (delay, "median_ms"), number (delay, "low"), number (delay, "high"), verdict (delay));
}

static void
print_direction (const json_t *direction)
{
  const json_t *loss = json_object_get (direction, "loss"), *rate = json_object_get (direction, "rate");

  printf ("%s to %s\n", bs_json_string (direction, "from", ""), bs_json_string (direction, "to", ""));
  print_delay ("delay", json_object_get (direction, "delay"));
  printf ("  %-10s declared %9.3f %%    measured %9.3f %%   (%.3f to %.3f)  %s\n", "loss",
          number (loss, "declared_percent"), number (loss, "percent"), number (loss, "low"), number (loss, "high"),
          verdict (loss));
  if (rate != NULL)
    printf ("  %-10s declared %9.0f kbit/s measured %8.0f kbit/s (%.0f to %.0f)  %s\n", "rate",
            number (rate, "declared_kbps"), number (rate, "kbps"), number (rate, "low"), number (rate, "high"),
            verdict (rate));
}

static void
print (const json_t *result)
{
  const json_t *directions = json_object_get (result, "directions"), *first = json_array_get (directions, 0);

  for (size_t i = 0; i < json_array_size (directions); i++)
    print_direction (json_array_get (directions, i));
  puts ("there and back");
  if (json_object_get (result, "round_trip") == NULL)
    puts ("  nothing came back");
  print_delay ("delay", json_object_get (result, "round_trip"));
  if (json_object_get (first, "delay") != NULL)
    printf ("The nodes' clocks were compared to within %.3f ms, which is in the bounds of each direction's delay.\n",
            number (result, "clock_error_ms"));
  else
    printf ("One direction's delay was not measured: the nodes' clocks compare to within %.3f ms only.\n",
            number (result, "clock_error_ms"));
}

static int
run (int argc, char **argv)
{
  BsLabVerifySpec spec = { .allowance_usec = -1 };
  g_autoptr (json_t) result = NULL;
  g_autoptr (BsLab) lab = NULL;
  g_autofree char *text = NULL;
  GError *error = NULL;

  if (count < 0)
    return cli_usage ("net verify", "--count is from 1 on");
  spec.count = (guint) count;
  cli_interruptible ();
  if (!cli_duration ("--interval", interval, &spec.interval_usec, &error)
      || (allowance != NULL && !cli_duration ("--allow", allowance, &spec.allowance_usec, &error))
      || (lab = bs_lab_open (argv[0], &error)) == NULL
      || (result = bs_lab_verify (lab, argv[1], argv[2], &spec, cli_interruptible (), &error)) == NULL)
    return cli_fail (error);
  if (json)
    printf ("%s\n", text = bs_json_dump (result));
  else
    print (result);
  return json_is_true (json_object_get (result, "agrees")) ? 0 : 1;
}

const CliVerb cli_net_verify = {
  .name = "net verify",
  .arguments = "LAB A B",
  .summary = "measure a path and compare it with what is declared",
  .description
  = "Sends numbered datagrams from node A (or NODE/INTERFACE) to B and back, and prints what is declared of the path, "
    "as `net show` has it now, beside what was measured, with bounds of 95 %: loss of each direction (Wilson's score "
    "interval), the median delay (order statistics), and where a rate is declared the rate, measured by sending half "
    "as much again for two seconds. Returns 1 when something declared lies outside of its bounds.\n\n"
    "The delay of one direction takes two clocks. They are compared over the control channel before; when that is not "
    "tight enough, only the round trip is printed. Nodes themselves add to a delay: --allow says how much is fine.\n\n"
    "The probes are a flow of their own (UDP, port 28199), so they change nothing of what happens to others.",
  .examples = "benchscale net verify shop web db — does the wire do what the file says?\n"
              "benchscale net verify shop web db --count 2000 --json — tighter bounds, for a script\n",
  .options = options,
  .min = 3,
  .max = 3,
  .run = run,
};
