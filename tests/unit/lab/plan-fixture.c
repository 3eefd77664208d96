/* SPDX-License-Identifier: Apache-2.0 */
#include "plan-fixture.h"
#include "bs-error.h"

#include <string.h>

BsPlan *
plan_try (const char *text, const char *name, GError **error)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  BsTopology *topology = bs_topology_parse ("t.yaml", text, strlen (text), &diagnostics);
  g_autofree char *said = bs_diagnostics_format (diagnostics);

  g_assert_cmpstr (said, ==, "");
  return bs_plan_make (topology, name, error);
}

BsPlan *
plan_good (const char *text)
{
  g_autoptr (GError) error = NULL;
  BsPlan *plan = plan_try (text, NULL, &error);

  g_assert_no_error (error);
  return plan;
}

char *
plan_refused (const char *text, int code, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (plan_try (text, NULL, &error));
  g_assert_error (error, BS_ERROR, code);
  g_assert_cmpstr (error->message, ==, message);
  return g_strdup (bs_error_hint (error));
}

const BsPlanNode *
plan_node (const BsPlan *plan, guint index)
{
  return g_ptr_array_index (plan->nodes, index);
}

const char *
plan_subnet (const BsPlan *plan, guint index)
{
  return ((const BsPlannedNetwork *) g_ptr_array_index (plan->addresses->networks, index))->subnet;
}
