/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-steps.h"

const BsStep bs_steps[] = {
  { BS_STEP_CREATE_RECORD, "up" },
  { BS_STEP_START_SUPERVISOR, "up" },
  { BS_STEP_START_SWITCH, "up" },
  { BS_STEP_CREATE_NODE, "up" },
  { BS_STEP_START_NODE, "up" },
  { BS_STEP_IDENTIFY_NODE, "up" },
  { BS_STEP_LOAD_FORK, "up" },
  { BS_STEP_PROVISION_NODE, "provision" },
  { BS_STEP_FINISH_UP, "up" },
  { BS_STEP_STOP_NODE, "down" },
  { BS_STEP_STOP_SUPERVISOR, "down" },
  { BS_STEP_REMOVE_OBJECTS, "down" },
  { BS_STEP_REMOVE_RECORD, "down" },
  { BS_STEP_TEMPLATE_BEGIN, "template" },
  { BS_STEP_TEMPLATE_SUPERVISOR, "template" },
  { BS_STEP_TEMPLATE_START, "template" },
  { BS_STEP_TEMPLATE_BOOT, "template" },
  { BS_STEP_TEMPLATE_PROVISION, "template" },
  { BS_STEP_TEMPLATE_FREEZE, "template" },
  { BS_STEP_TEMPLATE_PUBLISH, "template" },
  { NULL, NULL },
};

char **
bs_steps_failpoints (void)
{
  GPtrArray *names = g_ptr_array_new ();

  for (const BsStep *step = bs_steps; step->name != NULL; step++)
    {
      g_ptr_array_add (names, g_strconcat (step->name, ".before", NULL));
      g_ptr_array_add (names, g_strconcat (step->name, ".after", NULL));
    }
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}
