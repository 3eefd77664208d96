/* SPDX-License-Identifier: Apache-2.0 */
/* build-topology.c — a topology built in memory: checked, printed, and with the argument "up" brought up
 *
 * cc build-topology.c $(pkg-config --cflags --libs benchscale) -o build-topology && ./build-topology > pair.yaml
 */
#include <benchscale/benchscale.h>
#include <stdio.h>
#include <string.h>

#define CLIENTS 2

static gboolean
build (BsModel *model, GError **error)
{
  if (!bs_model_set_json (model, "networks", "[{\"name\": \"lan\", \"subnet\": \"10.10.0.0/24\"}]", error)
      || !bs_model_set_text (model, "nodes[0].name", "web", error)
      || !bs_model_set_text (model, "nodes[web].image", "tiny", error)
      || !bs_model_set_integer (model, "nodes[web].memory_mb", 128, error)
      || !bs_model_set_text (model, "nodes[web].interfaces[0].network", "lan", error)
      || !bs_model_set_text (model, "nodes[web].interfaces[0].address", "10.10.0.10", error))
    return FALSE;
  for (guint i = 1; i <= CLIENTS; i++)
    {
      g_autofree char *node = g_strdup_printf (
          "{\"name\": \"client%u\", \"image\": \"tiny\", \"memory_mb\": 128, \"depends_on\": [\"web\"]}", i);

      if (!bs_model_add_json (model, "nodes", node, NULL, error))
        return FALSE;
    }
  return TRUE;
}

/* All that is wrong, as a compiler would say it. */
static gboolean
check (BsModel *model)
{
  g_autoptr (BsProblems) problems = bs_model_validate (model);

  for (guint i = 0; i < bs_problems_count (problems); i++)
    {
      const BsProblem *problem = bs_problems_nth (problems, i);

      fprintf (stderr, "%s:%u:%u: %s\n", problem->file, problem->line, problem->column, problem->message);
    }
  return !bs_problems_has_errors (problems);
}

static int
fail (GError *error)
{
  int code = bs_error_exit_code (error);

  fprintf (stderr, "%s\n", error->message);
  if (bs_error_hint (error) != NULL)
    fprintf (stderr, "hint: %s\n", bs_error_hint (error));
  g_error_free (error);
  return code;
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  g_autoptr (BsModel) model = bs_model_new ("pair", &error);
  g_autoptr (BsLab) lab = NULL;
  g_autofree char *yaml = NULL;
  gint64 memory_mb;

  if (model == NULL || !build (model, &error))
    return fail (error);
  if (!check (model))
    return 2;
  if (!bs_model_get_integer (model, BS_MODEL_COMPLETE, "nodes[client1].memory_mb", &memory_mb, &error))
    return fail (error);
  fprintf (stderr, "each client has %d MiB\n", (int) memory_mb);
  yaml = bs_model_to_yaml (model, BS_MODEL_WRITTEN, &error);
  if (yaml == NULL)
    return fail (error);
  fputs (yaml, stdout);
  if (argc < 2 || strcmp (argv[1], "up") != 0)
    return 0;
  lab = bs_lab_up_model (model, NULL, NULL, &error);
  return lab != NULL ? 0 : fail (error);
}
