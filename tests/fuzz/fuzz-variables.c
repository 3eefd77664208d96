/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-variables — a value with any use of variables: bounded, and never more than the one scalar that it stands in */
#include "bs-variables.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* A quoted scalar with @text in it. */
static char *
make_document (const char *text)
{
  GString *yaml = g_string_new ("nodes:\n  - {name: one, image: tiny, env: {A: '");

  for (; *text != '\0'; text++)
    {
      if (*text == '\'')
        g_string_append_c (yaml, '\'');
      g_string_append_c (yaml, *text);
    }
  g_string_append (yaml, "', B: \"${X}\"}, vcpus: \"${N:-2}\"}\n");
  return g_string_free (yaml, FALSE);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *all = g_strndup ((const char *) data, size), *yaml = NULL, *x = NULL;
  char *split = strchr (all, '\n');
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsTopology) topology = NULL;
  static const char *const nothing[] = { NULL };
  BsTopologyLoadOptions options = { .environment = nothing };

  /* The first line is the use, the rest the variable's value. */
  x = g_strdup_printf ("X=%s", split != NULL ? split + 1 : "");
  if (split != NULL)
    *split = '\0';
  options.variables = (const char *const[]){ x, NULL };
  options.expand_commands = size % 2;
  yaml = make_document (all);
  topology = bs_topology_parse_full ("fuzz.yaml", yaml, strlen (yaml), &options, &diagnostics);
  g_assert_cmpint (topology == NULL, ==, bs_diagnostics_has_errors (diagnostics));
  if (topology != NULL)
    {
      const BsTopologyNode *node = g_ptr_array_index (topology->nodes, 0);

      g_assert_cmpuint (topology->nodes->len, ==, 1);
      g_assert_cmpuint (node->vcpus, ==, 2);
      g_assert_cmpuint (g_strv_length (node->env), ==, 2);
      g_assert_cmpstr (node->env[1] + 2, ==, x + 2);
      /* YAML folds other line ends. */
      if (strstr (all, "${") == NULL && g_str_is_ascii (all) && strchr (all, '\r') == NULL)
        g_assert_cmpstr (node->env[0] + 2, ==, all);
    }
  return 0;
}
