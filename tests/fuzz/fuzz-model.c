/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-model.c — any changes of a model: refused with a reason, or what was set can be read, checked and written */
#include "bs-error.h"

#include <benchscale/bs-model.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_refusal (const GError *error)
{
  g_assert_true (error != NULL && error->domain == BS_ERROR);
  g_assert_true (error->code == BS_ERROR_INVALID || error->code == BS_ERROR_NOT_FOUND);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

/* "PATH VALUE", "+PATH VALUE" or "-PATH" */
static void
change (BsModel *model, char *line)
{
  char *value = strchr (line, ' ');
  g_autoptr (GError) error = NULL;
  g_autofree char *got = NULL;
  gboolean done;

  if (value != NULL)
    *value++ = '\0';
  if (line[0] == '-')
    done = bs_model_remove (model, line + 1, &error);
  else if (line[0] == '+')
    done = bs_model_add_json (model, line + 1, value != NULL ? value : "", NULL, &error);
  else
    done = bs_model_set_json (model, line, value != NULL ? value : "", &error);
  if (!done)
    check_refusal (error);
  else if (line[0] != '-' && line[0] != '+')
    {
      /* What is set may be the name by which the path finds its place: "nodes[web].name". */
      got = bs_model_get_json (model, BS_MODEL_WRITTEN, line, &error);
      g_assert_true (got != NULL || (error->code == BS_ERROR_NOT_FOUND && strchr (line, '[') != NULL));
    }
}

static void
check_model (BsModel *model)
{
  g_autoptr (BsProblems) problems = bs_model_validate (model);
  g_autoptr (GError) error = NULL;
  g_autoptr (BsModel) again = NULL;
  g_autofree char *yaml = bs_model_to_yaml (model, BS_MODEL_WRITTEN, &error), *complete = NULL;

  g_assert_nonnull (yaml);
  complete = bs_model_to_json (model, BS_MODEL_COMPLETE, &error);
  g_assert_cmpint (complete == NULL, ==, bs_problems_has_errors (problems));
  if (complete == NULL)
    return;
  again = bs_model_parse ("fuzz.yaml", yaml, -1, NULL, NULL, &error);
  g_assert_no_error (error);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", 64);
  g_autoptr (BsModel) model = bs_model_new ("fuzz", NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    change (model, lines[i]);
  check_model (model);
  return 0;
}
