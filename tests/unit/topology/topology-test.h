/* SPDX-License-Identifier: Apache-2.0 */
/* topology-test.h — texts that are wrong in one thing, and what is said of them */
#pragma once

#include "bs-topology.h"

#include <stdio.h>
#include <string.h>

#define ONE_NODE "nodes: [{name: one, image: tiny}]\n"
#define NETWORK(keys) "network: {" keys "}\n" ONE_NODE
#define NODE(keys)                                                                                                     \
  "network: {name: lan, subnet: 10.10.0.0/24}\nnodes:\n  - {name: one, image: tiny, " keys                             \
  "}\n  - {name: two, image: tiny}\n"
#define INTERFACE(keys) NODE ("interfaces: [{" keys "}]")
#define STEP(keys) ONE_NODE "scenarios:\n  - {name: s, steps: [{" keys "}]}\n"

#define AT(position, message) "benchscale: t.yaml:" position ": " message "\n"
#define HINT(hint) "hint: " hint "\n"

typedef struct
{
  const char *name, *text, *expected;
} ErrorCase;

static inline BsTopology *
parse_good (const char *text)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  BsTopology *topology = bs_topology_parse ("t.yaml", text, strlen (text), &diagnostics);
  g_autofree char *said = bs_diagnostics_format (diagnostics);

  g_assert_cmpstr (said, ==, "");
  g_assert_nonnull (topology);
  return topology;
}

/* All that is said of @text, which must be refused. */
static inline char *
parse_bad (const char *text, gsize length)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsTopology) topology = bs_topology_parse ("t.yaml", text, length, &diagnostics);

  g_assert_null (topology);
  g_assert_true (bs_diagnostics_has_errors (diagnostics));
  return bs_diagnostics_format (diagnostics);
}

static inline void
check_error_case (gconstpointer data)
{
  const ErrorCase *wrong = data;
  g_autofree char *said = parse_bad (wrong->text, strlen (wrong->text));

  g_assert_cmpstr (said, ==, wrong->expected);
}

/* With ERROR_CASES in the environment the texts are written there, name and text each ended by NUL: test-schema.py
 * holds them against the JSON Schema. */
static inline void
add_error_cases (const ErrorCase *cases, gsize n_cases)
{
  const char *cases_path = g_getenv ("ERROR_CASES");
  FILE *file = cases_path != NULL ? fopen (cases_path, "a") : NULL;

  for (gsize i = 0; file != NULL && i < n_cases; i++)
    fprintf (file, "%s%c%s%c", cases[i].name, 0, cases[i].text, 0);
  if (file != NULL)
    fclose (file);
  for (gsize i = 0; i < n_cases; i++)
    {
      g_autofree char *path = g_strconcat ("/topology/errors/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], check_error_case);
    }
}
