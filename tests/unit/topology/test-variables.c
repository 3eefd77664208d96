/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-decode.h"
#include "bs-variables.h"
#include "topology-test.h"

#include <glib/gstdio.h>

#define LIST(...)                                                                                                      \
  (const char *const[])                                                                                                \
  {                                                                                                                    \
    __VA_ARGS__, NULL                                                                                                  \
  }

/* What is said of @text with these variables, the process's environment left out. */
static BsTopology *
parse_with (const char *text, const char *const *variables, const char *const *environment, gboolean commands,
            char **said)
{
  static const char *const nothing[] = { NULL };
  BsTopologyLoadOptions options = { variables, environment != NULL ? environment : nothing, commands };
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  BsTopology *topology = bs_topology_parse_full ("t.yaml", text, strlen (text), &options, &diagnostics);

  *said = bs_diagnostics_format (diagnostics);
  return topology;
}

static BsTopology *
parse_fine (const char *text, const char *const *variables, const char *const *environment)
{
  g_autofree char *said = NULL;
  BsTopology *topology = parse_with (text, variables, environment, FALSE, &said);

  g_assert_cmpstr (said, ==, "");
  g_assert_nonnull (topology);
  return topology;
}

static const BsTopologyNode *
only_node (const BsTopology *topology)
{
  return g_ptr_array_index (topology->nodes, 0);
}

static void
assert_wrong (const char *text, const char *const *variables, const char *expected)
{
  g_autofree char *said = NULL;
  g_autoptr (BsTopology) topology = parse_with (text, variables, NULL, FALSE, &said);

  g_assert_null (topology);
  g_assert_cmpstr (said, ==, expected);
}

static void
test_values_are_replaced (void)
{
  g_autoptr (BsTopology) topology = parse_fine (
      "nodes:\n  - name: web-${STAGE}\n    image: tiny\n    memory_mb: ${MEM}\n    env: {A: \"${STAGE}.${STAGE}\"}\n",
      LIST ("MEM=64", "STAGE=x"), NULL);

  g_assert_cmpstr (only_node (topology)->name, ==, "web-x");
  g_assert_cmpuint (only_node (topology)->memory_mib, ==, 64);
  g_assert_cmpstr (only_node (topology)->env[0], ==, "A=x.x");
}

static void
test_set_wins_over_environment_and_the_last_over_the_first (void)
{
  g_autoptr (BsTopology) topology = parse_fine ("nodes: [{name: \"${A}-${B}\", image: tiny}]\n",
                                                LIST ("A=first", "A=second"), LIST ("A=environment", "B=environment"));

  g_assert_cmpstr (only_node (topology)->name, ==, "second-environment");
}

static void
test_without_options_the_process_is_asked (void)
{
  g_autoptr (BsTopology) topology = NULL;

  g_setenv ("BS_TEST_NAME", "asked", TRUE);
  topology = parse_good ("nodes: [{name: \"${BS_TEST_NAME}\", image: tiny}]\n");
  g_assert_cmpstr (only_node (topology)->name, ==, "asked");
}

static void
test_default_counts_when_unset_or_empty (void)
{
  g_autoptr (BsTopology) topology = parse_fine (
      "nodes: [{name: \"${A:-one}${B:-two}${C:-three}${D:-}\", image: tiny}]\n", LIST ("A=a", "B="), NULL);

  g_assert_cmpstr (only_node (topology)->name, ==, "atwothree");
}

/* In {…} a plain ${X} is no YAML, so quotes must not make a text of a number. */
static void
test_quoted_variable_can_be_a_number (void)
{
  g_autoptr (BsTopology) topology
      = parse_fine ("nodes: [{name: one, image: tiny, memory_mb: \"${MEM}\"}]\n", LIST ("MEM=96"), NULL);

  g_assert_cmpuint (only_node (topology)->memory_mib, ==, 96);
}

static void
test_escaped_and_lone_dollars_stay (void)
{
  g_autoptr (BsTopology) topology
      = parse_fine ("nodes: [{name: one, image: tiny, env: {A: \"$${X} $X $$ $\"}}]\n", NULL, NULL);

  g_assert_cmpstr (only_node (topology)->env[0], ==, "A=${X} $X $$ $");
}

static void
test_structure_cannot_be_smuggled (void)
{
  g_autoptr (BsTopology) topology
      = parse_fine ("metadata: {description: \"${X}\"}\nnodes: [{name: one, image: tiny}]\n",
                    LIST ("X=a: b\n- c\n}], nodes: [{"), NULL);

  g_assert_cmpuint (topology->nodes->len, ==, 1);
  g_assert_cmpstr (topology->description, ==, "a: b\n- c\n}], nodes: [{");
}

static void
test_what_was_put_in_is_not_looked_at_again (void)
{
  g_autoptr (BsTopology) topology
      = parse_fine ("nodes: [{name: one, image: tiny, env: {A: \"${X}\"}}]\n", LIST ("X=${X}${Y}"), NULL);

  g_assert_cmpstr (only_node (topology)->env[0], ==, "A=${X}${Y}");
}

static void
test_keys_stay (void)
{
  assert_wrong ("nodes:\n  - name: one\n    image: tiny\n    \"${X}\": 1\n", LIST ("X=vcpus"),
                "benchscale: t.yaml:4:5: node 'one': unknown key '${X}'\n");
}

static void
test_commands_stay_unless_asked_for (void)
{
  const char *text = "nodes: [{name: one, image: tiny}]\n"
                     "scenarios: [{name: s, steps: [{node: one, command: \"echo ${X}\", stdin: \"${X}\", "
                     "env: {command: \"${X}\"}}]}]\n";
  g_autoptr (BsTopology) plain = parse_fine (text, LIST ("X=x"), NULL);
  g_autofree char *said = NULL;
  g_autoptr (BsTopology) expanded = parse_with (text, LIST ("X=x"), NULL, TRUE, &said);
  const BsTopologyStep *step = ((BsTopologyScenario *) plain->scenarios->pdata[0])->steps->pdata[0];

  g_assert_cmpstr (step->command[2], ==, "echo ${X}");
  g_assert_cmpstr (step->standard_input, ==, "${X}");
  g_assert_cmpstr (step->env[0], ==, "command=x");
  step = ((BsTopologyScenario *) expanded->scenarios->pdata[0])->steps->pdata[0];
  g_assert_cmpstr (step->command[2], ==, "echo x");
  g_assert_cmpstr (step->standard_input, ==, "x");
}

static void
test_unset_is_pointed_at (void)
{
  assert_wrong ("nodes:\n  - name: one\n    image: a${STAGE}b\n", NULL,
                "benchscale: t.yaml:3:13: the variable 'STAGE' is not set\n"
                "hint: set it in the environment or by --set STAGE=VALUE, or write ${STAGE:-default}\n");
  assert_wrong ("nodes:\n  - name: one\n    image: 'a${STAGE}'\n", LIST ("STAG=1"),
                "benchscale: t.yaml:3:14: the variable 'STAGE' is not set\nhint: did you mean 'STAG'?\n");
}

/* The value itself is not judged when a variable in it is missing, all else is. */
static void
test_other_faults_are_reported_too (void)
{
  assert_wrong ("nodes:\n  - name: one\n    image: tiny\n    memory_mb: ${MEM}\n    vcpus: 0\n", NULL,
                "benchscale: t.yaml:4:16: the variable 'MEM' is not set\n"
                "hint: set it in the environment or by --set MEM=VALUE, or write ${MEM:-default}\n"
                "benchscale: t.yaml:5:12: node 'one': 'vcpus' must be an integer from 1 to 255, not '0'\n");
}

#define USE_HINT "hint: write ${NAME} or ${NAME:-default}, or $${ for a literal ${\n"

static void
test_malformed_uses_are_reported (void)
{
  static const struct
  {
    const char *value, *message;
  } cases[] = {
    { "${A", "'${' has no '}'" },
    { "${}", "'${' must be followed by a name of letters, digits and '_'" },
    { "${1A}", "'${' must be followed by a name of letters, digits and '_'" },
    { "${a b}", "'${' must be followed by a name of letters, digits and '_'" },
    { "${A:x}", "a variable's name must be followed by '}' or ':-'" },
    { "${A:-${B}}", "a variable's default cannot hold another variable" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("nodes:\n  - name: one\n    image: \"%s\"\n", cases[i].value);
      g_autofree char *expected = g_strdup_printf ("benchscale: t.yaml:3:13: %s\n" USE_HINT, cases[i].message);

      assert_wrong (text, NULL, expected);
    }
}

static void
test_values_that_no_file_can_hold (void)
{
  g_autofree char *filler = g_strnfill (BS_VARIABLE_VALUE_MAX + 1, 'x'), *big = g_strconcat ("X=", filler, NULL);

  assert_wrong ("nodes: [{name: one, image: \"${X}\"}]\n", LIST ("X=\377"),
                "benchscale: t.yaml:1:29: the value of variable 'X' is not valid UTF-8\n");
  assert_wrong ("nodes: [{name: one, image: \"${X}\"}]\n", LIST (big),
                "benchscale: t.yaml:1:29: the value of variable 'X' is longer than 128 KiB\n");
}

static void
test_file_cannot_grow_without_end (void)
{
  g_autofree char *filler = g_strnfill (100000, 'x'), *big = g_strconcat ("X=", filler, NULL), *said = NULL;
  g_autoptr (GString) text = g_string_new ("nodes:\n  - name: one\n    image: tiny\n    env:\n");
  g_autoptr (BsTopology) topology = NULL;

  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (text, "      A%u: ${X}\n", i);
  topology = parse_with (text->str, LIST (big), NULL, FALSE, &said);
  g_assert_null (topology);
  g_assert_cmpstr (said, ==,
                   "benchscale: t.yaml:172:13: the variables of this file make it too large\n"
                   "hint: use fewer or shorter variables\n");
}

static void
test_what_was_used_is_kept (void)
{
  g_autoptr (BsTopology) topology
      = parse_fine ("nodes: [{name: \"${A}${A}${C:-c}\", image: tiny}]\n", LIST ("A=1", "B=2"), NULL);

  g_assert_cmpstr (topology->variables[0], ==, "A=1");
  g_assert_null (topology->variables[1]);
}

static void
test_scenario_files_have_them_too (void)
{
  g_autoptr (BsTopology) topology = parse_fine (ONE_NODE, NULL, NULL);
  BsTopologyLoadOptions options = { .variables = LIST ("N=one") };
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autofree char *path = NULL;
  const BsTopologyStep *step;
  int fd = g_file_open_tmp ("scenario-XXXXXX", &path, NULL);

  g_close (fd, NULL);
  g_assert_true (g_file_set_contents (path, "name: s\nsteps: [{node: \"${N}\", command: \"echo ${N}\"}]\n", -1, NULL));
  g_assert_true (bs_topology_add_scenarios_full (topology, path, &options, &diagnostics));
  step = ((BsTopologyScenario *) topology->scenarios->pdata[0])->steps->pdata[0];
  g_assert_cmpstr (step->node, ==, "one");
  g_assert_cmpstr (step->command[2], ==, "echo ${N}");
  g_assert_cmpstr (topology->variables[0], ==, "N=one");
  g_unlink (path);
}

/* Every field that a shell or another program reads is known as one. */
static void
check_table (const BsField *fields, guint depth)
{
  static const char *const commands[] = { "command", "entrypoint", "runcmd", "test", "stdin", "content", NULL };

  for (; depth < 8 && fields != NULL && fields->key != NULL; fields++)
    {
      if (g_strv_contains (commands, fields->key) && !fields->command)
        g_error ("the field '%s' is not marked as a command", fields->key);
      check_table (fields->fields, depth + 1);
    }
}

static void
test_all_commands_are_marked (void)
{
  check_table (bs_fields_topology, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/variables/values-are-replaced", test_values_are_replaced);
  g_test_add_func ("/variables/set-wins-over-environment-and-the-last-over-the-first",
                   test_set_wins_over_environment_and_the_last_over_the_first);
  g_test_add_func ("/variables/without-options-the-process-is-asked", test_without_options_the_process_is_asked);
  g_test_add_func ("/variables/default-counts-when-unset-or-empty", test_default_counts_when_unset_or_empty);
  g_test_add_func ("/variables/quoted-variable-can-be-a-number", test_quoted_variable_can_be_a_number);
  g_test_add_func ("/variables/escaped-and-lone-dollars-stay", test_escaped_and_lone_dollars_stay);
  g_test_add_func ("/variables/structure-cannot-be-smuggled", test_structure_cannot_be_smuggled);
  g_test_add_func ("/variables/what-was-put-in-is-not-looked-at-again", test_what_was_put_in_is_not_looked_at_again);
  g_test_add_func ("/variables/keys-stay", test_keys_stay);
  g_test_add_func ("/variables/commands-stay-unless-asked-for", test_commands_stay_unless_asked_for);
  g_test_add_func ("/variables/unset-is-pointed-at", test_unset_is_pointed_at);
  g_test_add_func ("/variables/other-faults-are-reported-too", test_other_faults_are_reported_too);
  g_test_add_func ("/variables/malformed-uses-are-reported", test_malformed_uses_are_reported);
  g_test_add_func ("/variables/values-that-no-file-can-hold", test_values_that_no_file_can_hold);
  g_test_add_func ("/variables/file-cannot-grow-without-end", test_file_cannot_grow_without_end);
  g_test_add_func ("/variables/what-was-used-is-kept", test_what_was_used_is_kept);
  g_test_add_func ("/variables/scenario-files-have-them-too", test_scenario_files_have_them_too);
  g_test_add_func ("/variables/all-commands-are-marked", test_all_commands_are_marked);
  return g_test_run ();
}
