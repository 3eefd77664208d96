/* SPDX-License-Identifier: Apache-2.0 */
/* test-errors-action.c — what is told of copy, fault, net and parallel steps: position, message and hint */
#include "topology-test.h"

#define GROUP_STEP(keys)                                                                                               \
  "networks: [{name: lan}, {name: wan}]\nnodes:\n  - {name: web, image: tiny, count: 3}\n"                             \
  "  - {name: db, image: tiny, interfaces: [{network: lan}]}\nscenarios:\n  - {name: s, steps: [{" keys "}]}\n"

/* clang-format off */
static const ErrorCase cases[] = {
  { "wait-2",
    STEP ("wait: 0"),
    AT ("3:30", "scenario 's': 'wait' must be at least 1ms, not '0'") },
  { "wait-3",
    STEP ("wait: 1s, node: one, timeout: 3s"),
    AT ("3:34", "scenario 's': 'node' is not for a step that has 'wait'")
    HINT ("remove it")
    AT ("3:45", "scenario 's': 'timeout' is not for a step that has 'wait'")
    HINT ("remove it") },
  { "copy-3",
    STEP ("copy: {src: a, dest: b}"),
    AT ("3:30", "scenario 's': one of 'src' and 'dest' must be in a node")
    HINT ("write NODE:/PATH for the one that is in a node") },
  { "copy-4",
    STEP ("copy: {src: \"one:/a\", dest: \"one:/b\"}"),
    AT ("3:30", "scenario 's': only one of 'src' and 'dest' may be in a node")
    HINT ("write NODE:/PATH for the one that is in a node") },
  { "copy-5",
    STEP ("copy: {src: a, dest: \"one:b\"}"),
    AT ("3:45", "scenario 's': 'dest' must be a path or NODE:/PATH, the latter without '..', not 'one:b'")
    HINT ("write './' before it if the whole is a path of the host") },
  { "copy-6",
    STEP ("copy: {src: ./a:b, dest: \"one:/../b\"}"),
    AT ("3:49", "scenario 's': 'dest' must be a path or NODE:/PATH, the latter without '..', not 'one:/../b'")
    HINT ("write './' before it if the whole is a path of the host") },
  { "copy-7",
    STEP ("copy: {src: a, dest: \"ome:/b\"}"),
    AT ("3:45", "there is no node 'ome'")
    HINT ("did you mean 'one'?") },
  { "copy-8",
    STEP ("copy: {src: a}"),
    AT ("3:30", "scenario 's': 'dest' is missing") },
  { "copy-9",
    STEP ("copy: {src: -a, dest: \"one:/b\"}"),
    AT ("3:36", "scenario 's': 'src' must be a path that does not begin with '-', not '-a'")
    HINT ("write './' before it") },
  { "copy-10",
    STEP ("copy: a"),
    AT ("3:30", "scenario 's': a mapping is needed here, not 'a'") },
  { "copy-11",
    STEP ("copy: {src: a, dest: \"one:/b\"}, stdin: x, retry: {for: 1s}"),
    AT ("3:56", "scenario 's': 'stdin' is not for a step that has 'copy'")
    HINT ("remove it")
    AT ("3:66", "scenario 's': 'retry' is not for a step that has 'copy'")
    HINT ("remove it") },
  { "fault/down-1",
    STEP ("fault: {down: [one]}"),
    AT ("3:31", "scenario 's': 'for' is missing") },
  { "fault/net",
    STEP ("fault: {down: [one], network: lab, interface: eth0, for: 5s}, net: {down: [one], network: lab}"),
    AT ("3:23", "scenario 's': a step must do one thing, not 2")
    HINT ("write one of command, wait, copy, fault, net and parallel") },
  { "fault/for",
    STEP ("fault: {for: 5s}"),
    AT ("3:31", "scenario 's': 'fault' must do one thing, not 0")
    HINT ("write one of conditions, down, partition, crash, pause, freeze, cpu, memory, disk, clock") },
  { "fault/down-2",
    STEP ("fault: {down: [one], crash: [one], for: 5s}"),
    AT ("3:31", "scenario 's': 'fault' must do one thing, not 2")
    HINT ("write one of conditions, down, partition, crash, pause, freeze, cpu, memory, disk, clock") },
  { "fault/down-3",
    STEP ("fault: {down: [], for: 5s}"),
    AT ("3:38", "scenario 's': 'down' is empty")
    HINT ("write true for all") },
  { "fault/down-4",
    STEP ("fault: {down: one, for: 5s}"),
    AT ("3:38", "scenario 's': 'down' must be a list of nodes, not 'one'")
    HINT ("write it as [NODE, NODE], or true for all") },
  { "fault/down-6",
    STEP ("fault: {down: [ome], for: 5s}"),
    AT ("3:39", "there is no node 'ome'")
    HINT ("did you mean 'one'?") },
  { "fault/partition-1",
    STEP ("fault: {partition: [[one]], for: 5s}"),
    AT ("3:43", "scenario 's': 'partition' needs two groups")
    HINT ("write it as [[one], [two, three]]") },
  { "fault/partition-2",
    STEP ("fault: {partition: [one, one], for: 5s}"),
    AT ("3:44", "scenario 's': 'partition' must be a list of lists of nodes, not 'one'")
    HINT ("write it as [[one], [two, three]]")
    AT ("3:49", "scenario 's': 'partition' must be a list of lists of nodes, not 'one'")
    HINT ("write it as [[one], [two, three]]") },
  { "fault/cpu-2",
    STEP ("fault: {cpu: 2, network: lab, for: 5s}"),
    AT ("3:40", "scenario 's': 'network' is not for 'cpu'")
    HINT ("remove it") },
  { "fault/cpu-3",
    STEP ("fault: {cpu: 0, for: 5s}"),
    AT ("3:37", "scenario 's': 'cpu' must be an integer from 1 to 1024, not '0'") },
  { "fault/clock-2",
    STEP ("fault: {clock: 0, for: 5s}"),
    AT ("3:39", "scenario 's': 'clock' must be a duration, or '-' and a duration, not '0'")
    HINT ("write it as 1h, or -1h") },
  { "fault/clock-3",
    STEP ("fault: {clock: soon, for: 5s}"),
    AT ("3:39", "scenario 's': 'clock' must be a duration, or '-' and a duration, not 'soon'")
    HINT ("write it as 1h, or -1h") },
  { "fault/conditions-1",
    STEP ("fault: {conditions: {latency_ms: 1}, nodes: [one], network: lan, for: 5s}"),
    AT ("3:84", "there is no network 'lan'")
    HINT ("did you mean 'lab'?") },
  { "fault/conditions-3",
    STEP ("fault: {conditions: {latency: 1}, for: 5s}"),
    AT ("3:45", "scenario 's': unknown key 'latency'")
    HINT ("did you mean 'latency_ms'?") },
  { "fault/down-7",
    STEP ("fault: {down: [one], nodes: [one], for: 5s}"),
    AT ("3:45", "scenario 's': 'nodes' is not for 'down'")
    HINT ("name the nodes in its value") },
  { "fault/heal",
    STEP ("fault: {heal: true, for: 5s}"),
    AT ("3:32", "scenario 's': unknown key 'heal'") },
  { "net/heal-2",
    STEP ("net: {heal: false}"),
    AT ("3:36", "scenario 's': 'heal' must be true") },
  { "net/heal-3",
    STEP ("net: {heal: true, nodes: [one]}"),
    AT ("3:42", "scenario 's': 'nodes' is not for 'heal'")
    HINT ("remove it") },
  { "net/reset-1",
    STEP ("net: {reset: true, for: 5s}"),
    AT ("3:43", "scenario 's': unknown key 'for'")
    HINT ("known keys: conditions, ingress, down, partition, one_way, bridge, reset, heal, verify, nodes, network, interface") },
  { "net/reset-3",
    STEP ("net: {reset: [one], interface: eth7}"),
    AT ("3:55", "scenario 's': node 'one' has no interface 'eth7'") },
  { "net/reset-4",
    STEP ("net: {reset: true, interface: eth0}"),
    AT ("3:54", "scenario 's': 'interface' needs exactly one node")
    HINT ("name one node, or choose by 'network'") },
  { "net/partition",
    STEP ("net: {partition: [[one], [two]], one_way: true, bridge: one}"),
    AT ("3:50", "there is no node 'two'")
    HINT ("there are: one")
    AT ("3:57", "scenario 's': 'one_way' and 'bridge' exclude each other")
    HINT ("remove one of them")
    AT ("3:80", "scenario 's': node 'one' is in the partition twice")
    HINT ("a node is on one side only") },
  { "net",
    STEP ("net: [a]"),
    AT ("3:29", "scenario 's': a mapping is needed here, not a list") },
  { "parallel-1",
    STEP ("parallel: []"),
    AT ("3:34", "scenario 's': 'parallel' is empty") },
  { "parallel-2",
    STEP ("parallel: [{wait: 1s}, {parallel: [{wait: 1s}]}]"),
    AT ("3:48", "scenario 's': 'parallel' is within 'parallel'")
    HINT ("put its steps into the outer list") },
  { "parallel-3",
    STEP ("parallel: [{node: one, command: ls, name: x}], node: one"),
    AT ("3:71", "scenario 's': 'node' is not for a step that has 'parallel'")
    HINT ("remove it") },
  { "parallel-4",
    STEP ("parallel: [{fault: {down: [one], for: 1s}, name: n}, {name: m, fault: {partition: [[one],[one]], for: 1s}}]"),
    AT ("3:114", "scenario 's', step 'm': node 'one' is in the partition twice")
    HINT ("a node is on one side only") },
  { "group/node-1",
    GROUP_STEP ("node: web, command: ls"),
    AT ("6:30", "'web' is 3 nodes, and one is needed here")
    HINT ("write one of them: web-1 to web-3") },
  { "group/copy",
    GROUP_STEP ("copy: {src: a, dest: \"web:/b\"}"),
    AT ("6:45", "'web' is 3 nodes, and one is needed here")
    HINT ("write one of them: web-1 to web-3") },
  { "group/fault/partition-1",
    GROUP_STEP ("fault: {partition: [[web], [web-1]], for: 5s}"),
    AT ("6:52", "scenario 's': node 'web-1' is in the partition twice")
    HINT ("a node is on one side only") },
  { "group/fault/partition-2",
    GROUP_STEP ("fault: {partition: [[web-1], [web]], for: 5s}"),
    AT ("6:54", "scenario 's': node 'web' is in the partition twice")
    HINT ("a node is on one side only") },
  { "group/fault/partition-4",
    GROUP_STEP ("fault: {partition: [[web], [db]], bridge: db, for: 5s}"),
    AT ("6:66", "scenario 's': node 'db' is in the partition twice")
    HINT ("a node is on one side only") },
  { "group/fault/partition-5",
    GROUP_STEP ("fault: {partition: [[web-1], [db], [web-2]], one_way: true, for: 5s}"),
    AT ("6:69", "scenario 's': 'one_way' is between two groups, not 3") },
  { "group/fault/partition-6",
    GROUP_STEP ("fault: {partition: [[web-1], [db]], bridge: web, for: 5s}"),
    AT ("6:68", "'web' is 3 nodes, and one is needed here")
    HINT ("write one of them: web-1 to web-3")
    AT ("6:68", "scenario 's': node 'web' is in the partition twice")
    HINT ("a node is on one side only") },
  { "group/fault/down-1",
    GROUP_STEP ("fault: {down: [web, db], network: wan, for: 5s}"),
    AT ("6:44", "scenario 's': node 'db' is not on network 'wan'") },
  { "group/fault/down-2",
    GROUP_STEP ("fault: {down: [web], interface: eth0, for: 5s}"),
    AT ("6:56", "scenario 's': 'interface' needs exactly one node")
    HINT ("name one node, or choose by 'network'") },
  { "group/fault/down-3",
    GROUP_STEP ("fault: {down: [web-1], interface: eth0, network: wan, for: 5s}"),
    AT ("6:58", "scenario 's': interface 'eth0' is not on network 'wan'")
    HINT ("remove one of 'network' and 'interface'") },
};
/* clang-format on */

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_error_cases (cases, G_N_ELEMENTS (cases));
  return g_test_run ();
}
