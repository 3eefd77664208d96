/* SPDX-License-Identifier: Apache-2.0 */
/* test-errors-scenario.c — what a wrong scenario is told: position, message and hint */
#include "topology-test.h"

/* clang-format off */
static const ErrorCase cases[] = {
  { "scenario/no-name",
    ONE_NODE "scenarios: [{steps: [{node: one, command: 'true'}]}]\n",
    AT ("2:13", "'name' is missing") },
  { "scenario/no-steps",
    ONE_NODE "scenarios: [{name: s}]\n",
    AT ("2:13", "scenario 's': 'steps' is missing") },
  { "scenario/empty-steps",
    ONE_NODE "scenarios: [{name: s, steps: []}]\n",
    AT ("2:30", "scenario 's': 'steps' is empty") },
  { "scenario/repeated",
    ONE_NODE "scenarios:\n"
      "  - {name: s, steps: [{node: one, command: 'true'}]}\n"
      "  - {name: s, steps: [{node: one, command: 'true'}]}\n",
    AT ("4:12", "scenario name 's' is used twice")
    HINT ("it was used first on line 3") },
  { "scenario/timeout",
    ONE_NODE "scenarios: [{name: s, timeout: 5 s, steps: [{node: one, command: 'true'}]}]\n",
    AT ("2:32", "scenario 's': 'timeout' must be a duration, not '5 s'")
    HINT ("write 500ms, 2s, 3m or 1h; a bare number is seconds") },
  { "step/nothing",
    STEP ("name: get"),
    AT ("3:23", "scenario 's', step 'get': a step must do one thing, not 0")
    HINT ("write one of command, wait, copy, fault, net and parallel") },
  { "step/misspelt",
    STEP ("node: one, comand: ls"),
    AT ("3:35", "scenario 's': unknown key 'comand'")
    HINT ("did you mean 'command'?") },
  { "scenario/alone",
    "scenarios: [{name: s, steps: [{node: one, command: ls}]}]\n",
    AT ("1:1", "these are scenarios, and no topology")
    HINT ("give it with --scenarios, beside its topology") },
  { "scenario/alone-one",
    "name: s\nsteps: [{node: one, command: ls}]\n",
    AT ("1:1", "these are scenarios, and no topology")
    HINT ("give it with --scenarios, beside its topology") },
  { "scenario/alone-list",
    "- {name: s, steps: [{node: one, command: ls}]}\n",
    AT ("1:1", "these are scenarios, and no topology")
    HINT ("give it with --scenarios, beside its topology") },
  { "step/two-things",
    STEP ("node: one, command: ls, wait: 1s"),
    AT ("3:23", "scenario 's': a step must do one thing, not 2")
    HINT ("write one of command, wait, copy, fault, net and parallel") },
  { "step/no-node",
    STEP ("command: ls"),
    AT ("3:23", "scenario 's': 'node' is missing")
    HINT ("add 'node: NAME'") },
  { "step/unknown-node",
    STEP ("name: get, node: ome, command: ls"),
    AT ("3:41", "there is no node 'ome'")
    HINT ("did you mean 'one'?") },
  { "step/unknown-node-in-parallel",
    STEP ("parallel: [{node: ome, command: ls}]"),
    AT ("3:42", "there is no node 'ome'")
    HINT ("did you mean 'one'?") },
  { "step/command-empty-text",
    STEP ("node: one, command: '  '"),
    AT ("3:44", "scenario 's': 'command' is empty")
    HINT ("write it as [program, argument], or as one line for sh") },
  { "step/command-empty-list",
    STEP ("node: one, command: []"),
    AT ("3:44", "scenario 's': 'command' is empty")
    HINT ("write it as [program, argument], or as one line for sh") },
  { "step/command-empty-word",
    STEP ("node: one, command: ['', a]"),
    AT ("3:44", "scenario 's': 'command' is empty")
    HINT ("write it as [program, argument], or as one line for sh") },
  { "step/command-mapping",
    STEP ("node: one, command: {a: b}"),
    AT ("3:44", "scenario 's': 'command' must be a text or a list of texts, not a mapping")
    HINT ("write it as [program, argument]") },
  { "step/command-of-lists",
    STEP ("node: one, command: [[ls]]"),
    AT ("3:45", "scenario 's': 'command' must be a text or a list of texts") },
  { "step/exit-code",
    STEP ("node: one, command: ls, expected_exit_code: 256"),
    AT ("3:68", "scenario 's': 'expected_exit_code' must be an integer from 0 to 255, not '256'") },
  { "step/exit-code-twice",
    STEP ("node: one, command: ls, expected_exit_code: 1, expect: {exit_code: 2}"),
    AT ("3:68", "scenario 's': 'expected_exit_code' and 'exit_code' in 'expect' say the same thing")
    HINT ("remove one of them") },
  { "step/regex",
    STEP ("node: one, command: ls, expect: {stdout: {matches: '(a'}}"),
    AT ("3:75", "scenario 's': 'matches' is not a regular expression: '(a': missing terminating )") },
  { "step/retry-without-for",
    STEP ("node: one, command: ls, retry: {every: 1s}"),
    AT ("3:55", "scenario 's': 'for' is missing") },
  { "step/unknown-in-expect",
    STEP ("node: one, command: ls, expect: {stdout: {contain: a}}"),
    AT ("3:66", "scenario 's': unknown key 'contain'")
    HINT ("did you mean 'contains'?") },
  { "step/stdout-a-text",
    STEP ("node: one, command: ls, expect: {stdout: a}"),
    AT ("3:65", "scenario 's': a mapping is needed here, not 'a'") },
  { "step/env-name",
    STEP ("node: one, command: ls, env: {a-b: c}"),
    AT ("3:54", "scenario 's': 'env' has a wrong name 'a-b'")
    HINT ("use letters, digits and '_', and no digit first") },
};
/* clang-format on */

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_error_cases (cases, G_N_ELEMENTS (cases));
  return g_test_run ();
}
