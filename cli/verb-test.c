/* SPDX-License-Identifier: Apache-2.0 */
/* verb-test.c — run scenarios, in a lab that is up or in one brought up for it */
#include "cli.h"
#include "cli-output.h"
#include "cli-report.h"
#include "bs-lab-capture.h"
#include "cli-topology.h"
#include "bs-error.h"
#include "bs-test.h"
#include "bs-text.h"
#include "bs-time.h"

#include <stdio.h>
#include <string.h>

#define ERR_SHOWN 400

static char *name, *timeout;
static char **reports;
static gboolean json, keep, keep_failed, quiet;

static const GOptionEntry options[] = {
  { "name", 'n', 0, G_OPTION_ARG_STRING, &name, "the lab's name instead of the topology's", "NAME" },
  { "report", 'r', 0, G_OPTION_ARG_STRING_ARRAY, &reports,
    "write reports; kinds are tap, junit, json; FILE - is standard output", "KIND=FILE[,KIND=FILE…]" },
  { "keep", 0, 0, G_OPTION_ARG_NONE, &keep, "leave the lab up after the run", NULL },
  { "keep-failed", 0, 0, G_OPTION_ARG_NONE, &keep_failed, "leave the lab up when something failed", NULL },
  { "timeout", 't', 0, G_OPTION_ARG_STRING, &timeout,
    "bringing up gives up after this long (default: setting up.timeout, 5m)", "DURATION" },
  CLI_TOPOLOGY_OPTIONS,
  { "quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "no progress", NULL },
  { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print events, then the report, as JSON lines", NULL },
  { NULL },
};

static const struct
{
  const char *kind;
  char *(*make) (const BsRunReport *report);
} kinds[] = { { "tap", bs_report_tap }, { "junit", bs_report_junit }, { "json", bs_report_json } };

typedef struct
{
  char *(*make) (const BsRunReport *report);
  char *file;
} Target;

static GArray *targets; /* of Target */

static gboolean
add_target (const char *item, GError **error)
{
  const char *file = strchr (item, '=');
  Target target = { NULL, NULL };

  for (guint k = 0; file != NULL && k < G_N_ELEMENTS (kinds); k++)
    if (strlen (kinds[k].kind) == (gsize) (file - item) && g_str_has_prefix (item, kinds[k].kind))
      target.make = kinds[k].make;
  if (target.make == NULL || file[1] == '\0')
    {
      bs_set_error (error, BS_ERROR_INVALID, "write it as --report junit=FILE,tap=FILE,json=FILE", "'%s' is no report",
                    item);
      return FALSE;
    }
  target.file = g_strdup (file + 1);
  g_array_append_val (targets, target);
  return cli_report_check (target.file, error);
}

/* Before any work is begun: FALSE when a report is not to be had, or its file not to be written. */
static gboolean
read_targets (GError **error)
{
  targets = g_array_new (FALSE, FALSE, sizeof (Target));
  for (char **list = reports; list != NULL && *list != NULL; list++)
    {
      g_auto (GStrv) items = g_strsplit (*list, ",", -1);

      for (char **item = items; *item != NULL; item++)
        if (!add_target (*item, error))
          return FALSE;
    }
  return TRUE;
}

static gboolean
uses_stdout (void)
{
  for (guint i = 0; i < targets->len; i++)
    if (strcmp (g_array_index (targets, Target, i).file, "-") == 0)
      return TRUE;
  return FALSE;
}

/* All that can be written are. Returns: the exit code of the first that was not. */
static int
write_reports (const BsRunReport *report)
{
  int code = 0;

  for (guint i = 0; i < targets->len; i++)
    {
      const Target *target = &g_array_index (targets, Target, i);
      g_autofree char *text = target->make (report);
      GError *error = NULL;

      if (strcmp (target->file, "-") == 0)
        fputs (text, stdout);
      else if (!cli_output_write (target->file, text, &error))
        {
          cli_fail (error);
          code = 4;
        }
    }
  return code;
}

/* Shortens @text to @bytes at most, at the boundary of a character. */
static void
cut (char *text, gsize bytes)
{
  if (strlen (text) > bytes)
    *g_utf8_find_prev_char (text, text + bytes + 1) = '\0';
}

static void
print_step (const BsStepReport *step)
{
  static const char *const words[] = { "ok", "FAILED", "ERROR", "skipped" };
  g_autofree char *took = bs_time_format_duration (step->duration_usec);

  printf ("  %-8s %s (%s%s%s)\n", words[step->outcome], step->name, step->node, *step->node != '\0' ? ": " : "", took);
  if (step->message != NULL && step->outcome != BS_OUTCOME_SKIPPED)
    {
      g_autofree char *safe = bs_text_printable (step->message, strlen (step->message));

      printf ("           %s\n", safe);
    }
  if (step->outcome == BS_OUTCOME_FAILED && step->err != NULL && step->err[0] != '\0')
    {
      g_autofree char *safe = bs_text_printable (step->err, strlen (step->err));

      cut (safe, ERR_SHOWN);
      printf ("           standard error: %s\n", safe);
    }
}

static void
print_report (const BsRunReport *report)
{
  for (guint i = 0; i < report->scenarios->len; i++)
    {
      const BsScenarioReport *scenario = g_ptr_array_index (report->scenarios, i);

      printf ("scenario %s\n", scenario->name);
      for (guint k = 0; k < scenario->steps->len; k++)
        print_step (g_ptr_array_index (scenario->steps, k));
    }
  printf ("%u passed, %u failed\n", report->passed, report->failed);
}

/* Each phase has a progress of its own, ended before anything else is printed. */
static void
begin_progress (BsLabOptions *lab_options)
{
  lab_options->event = cli_progress_event;
  lab_options->event_data = cli_progress_new (json, quiet);
}

static void
end_progress (BsLabOptions *lab_options)
{
  g_clear_pointer ((CliProgress **) &lab_options->event_data, cli_progress_free);
  lab_options->event = NULL;
}

/* "report.pcap" beside the first report that is a file, else "LAB.pcap" here; (transfer full) */
static char *
capture_name (const char *lab)
{
  for (guint i = 0; i < targets->len; i++)
    {
      const char *file = g_array_index (targets, Target, i).file, *dot = strrchr (file, '.');

      if (strcmp (file, "-") != 0)
        return g_strdup_printf (
            "%.*s.pcap", dot != NULL && strchr (dot, '/') == NULL ? (int) (dot - file) : (int) strlen (file), file);
    }
  return g_strdup_printf ("%s.pcap", lab);
}

/* What the lab's wires carried before something failed, if it keeps that (net capture --ring). */
static void
save_ring (BsLab *lab)
{
  g_autofree char *path = capture_name (bs_lab_name (lab));
  GError *error = NULL;

  if (bs_lab_ring_save (lab, path, NULL, NULL, &error))
    fprintf (stderr, "what the wires carried is in '%s'\n", path);
  else if (g_error_matches (error, BS_ERROR, BS_ERROR_NOT_FOUND))
    g_error_free (error);
  else
    cli_fail (error);
}

/* Returns: the exit code of the run. */
static int
run_in (BsLab *lab, const BsTopology *topology, const char *const *names, BsLabOptions *lab_options)
{
  GError *error = NULL;
  g_autoptr (BsRunReport) report = NULL;
  g_autofree char *text = NULL;
  int code;

  begin_progress (lab_options);
  report = bs_test_lab (lab, topology, names, lab_options, cli_interruptible (), &error);
  end_progress (lab_options);
  if (report == NULL)
    return cli_fail (error);
  code = write_reports (report);
  if (report->failed > 0)
    save_ring (lab);
  if (json)
    printf ("%s\n", text = bs_report_json (report));
  else if (!uses_stdout ())
    print_report (report);
  fflush (stdout);
  if (g_cancellable_is_cancelled (cli_interruptible ()))
    return 130;
  return report->failed > 0 ? 1 : code;
}

static int
take_down (const char *lab, BsLabOptions *lab_options)
{
  GError *error = NULL;
  gboolean ok;

  begin_progress (lab_options);
  lab_options->timeout_usec = 0;
  ok = bs_lab_down (lab, lab_options, NULL, &error);
  end_progress (lab_options);
  return ok ? 0 : cli_fail (error);
}

static int
test_topology (const char *path, const char *const *names, BsLabOptions *lab_options)
{
  g_autoptr (BsTopology) scenarios = NULL;
  g_autoptr (BsLab) lab = NULL;
  GError *error = NULL;
  BsTopology *topology;
  BsPlan *plan;
  int code = 0, down = 0;

  topology = cli_load_topology (path, &code);
  scenarios = topology != NULL ? cli_load_topology (path, &code) : NULL;
  if (scenarios == NULL)
    {
      bs_topology_free (topology);
      return code;
    }
  if (!cli_refuse_inert (topology))
    {
      bs_topology_free (topology);
      return 2;
    }
  plan = bs_plan_make (topology, name, &error);
  begin_progress (lab_options);
  lab = plan != NULL ? bs_lab_up_plan (plan, lab_options, cli_interruptible (), &error) : NULL;
  end_progress (lab_options);
  if (lab == NULL)
    return cli_fail (error);
  code = run_in (lab, scenarios, names, lab_options);
  if (keep || (keep_failed && code != 0 && code != 130))
    fprintf (stderr, "the lab '%s' stays up; `benchscale down %s` removes it\n", bs_lab_name (lab), bs_lab_name (lab));
  else
    down = take_down (bs_lab_name (lab), lab_options);
  return code != 0 ? code : down;
}

static int
test_lab (const char *lab_name, const char *const *names, BsLabOptions *lab_options)
{
  GError *error = NULL;
  g_autoptr (BsLab) lab = bs_lab_open (lab_name, &error);

  return lab != NULL ? run_in (lab, NULL, names, lab_options) : cli_fail (error);
}

static gboolean
looks_like_file (const char *text)
{
  return strchr (text, '/') != NULL || g_str_has_suffix (text, ".yaml") || g_str_has_suffix (text, ".yml");
}

static int
run (int argc, char **argv)
{
  BsLabOptions lab_options = BS_LAB_OPTIONS_INIT;
  const char *const *names = argc > 1 ? (const char *const *) argv + 1 : NULL;
  GError *error = NULL;

  cli_interruptible ();
  if (!cli_duration ("--timeout", timeout, &lab_options.timeout_usec, &error) || !read_targets (&error))
    return cli_fail (error);
  lab_options.keep_failed = keep_failed;
  return looks_like_file (argv[0]) ? test_topology (argv[0], names, &lab_options)
                                   : test_lab (argv[0], names, &lab_options);
}

const CliVerb cli_test = {
  .name = "test",
  .arguments = "LAB|TOPOLOGY [SCENARIO…]",
  .summary = "run scenarios, bringing a lab up and down for it if need be",
  .description = "Runs the scenarios whose names match one of the SCENARIO globs, or all. An argument with a slash or "
                 "ending in .yaml or .yml "
                 "is a topology file: its lab is brought up first and taken down after. Returns 0 when all passed, 1 "
                 "when one did not.",
  .examples = "benchscale test examples/hello.yaml — up, run, down\n"
              "benchscale test hello 'all*' — in a lab that is up\n"
              "benchscale test shop.yaml --report junit=out.xml,tap=- — for CI\n",
  .options = options,
  .min = 1,
  .max = G_MAXUINT,
  .run = run,
};
