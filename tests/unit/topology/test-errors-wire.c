/* SPDX-License-Identifier: Apache-2.0 */
/* test-errors-wire.c — what wrong conditions, translators, IPv6 and pairs are told: position, message and hint */
#include "topology-test.h"

#define CONDITIONS(keys) NETWORK ("conditions: {" keys "}")
#define SCHEDULE(entries) CONDITIONS ("schedule: [" entries "]")
#define NETWORKS(list) "networks: [" list "]\n" ONE_NODE
/* Nodes a and b on lan, b and c on wan */
#define PAIR(keys)                                                                                                     \
  "conditions_between: [{" keys "}]\n"                                                                                 \
  "networks: [{name: lan}, {name: wan}]\n"                                                                             \
  "nodes:\n"                                                                                                           \
  "  - {name: a, image: tiny, interfaces: [{network: lan}]}\n"                                                         \
  "  - {name: b, image: tiny}\n"                                                                                       \
  "  - {name: c, image: tiny, interfaces: [{network: wan}]}\n"

/* clang-format off */
static const ErrorCase cases[] = {
  { "conditions/not-a-mapping",
    NETWORK ("conditions: slow"),
    AT ("1:23", "a mapping is needed here, not 'slow'") },
  { "conditions/latency-negative",
    CONDITIONS ("latency_ms: -1"),
    AT ("1:36", "'latency_ms' must be a number from 0 to 3600000, not '-1'") },
  { "conditions/latency-with-unit",
    CONDITIONS ("latency_ms: 5ms"),
    AT ("1:36", "'latency_ms' must be a number from 0 to 3600000, not '5ms'") },
  { "conditions/loss-nan",
    CONDITIONS ("packet_loss_percent: nan"),
    AT ("1:45", "'packet_loss_percent' must be a number from 0 to 100, not 'nan'") },
  { "conditions/bandwidth-infinite",
    CONDITIONS ("bandwidth_kbps: 1e999"),
    AT ("1:40", "'bandwidth_kbps' must be a number from 0 to 1000000000, not '1e999'") },
  { "conditions/distribution",
    CONDITIONS ("jitter_distribution: paretto"),
    AT ("1:45", "'jitter_distribution' must be one of uniform, normal, pareto, not 'paretto'")
    HINT ("did you mean 'pareto'?") },
  { "conditions/burst-and-loss",
    CONDITIONS ("packet_loss_percent: 0, loss_burst: {p: 1}"),
    AT ("1:48", "'loss_burst' and 'packet_loss_percent' exclude each other")
    HINT ("keep one of them: packets are lost in bursts, or one by one") },
  { "conditions/burst-without-p",
    CONDITIONS ("loss_burst: {r: 10}"),
    AT ("1:36", "'p' is missing") },
  { "conditions/burst-that-never-ends",
    CONDITIONS ("loss_burst: {p: 1, r: 0}"),
    AT ("1:46", "a burst must be able to end")
    HINT ("let 'r' be more than 0") },
  { "conditions/burst-of-all-that-never-ends",
    CONDITIONS ("loss_burst: {p: 100}"),
    AT ("1:40", "a burst must be able to end")
    HINT ("let 'r' be more than 0") },
  { "conditions/queue-without-a-rate",
    CONDITIONS ("bandwidth_kbps: 0, queue: {limit: 100ms}"),
    AT ("1:43", "'queue' has no use where 'bandwidth_kbps' is 0, which is unlimited")
    HINT ("remove 'queue', or give 'bandwidth_kbps' a rate") },
  { "conditions/queue-limit-word",
    CONDITIONS ("queue: {limit: lots}"),
    AT ("1:39", "'limit' must be bytes or a time, not 'lots'")
    HINT ("write 64KiB or 100ms; a bare number is bytes") },
  { "conditions/queue-limit-decimal-unit",
    CONDITIONS ("queue: {limit: 64KB}"),
    AT ("1:39", "'limit' must be bytes or a time, not '64KB'")
    HINT ("write 64KiB or 100ms; a bare number is bytes") },
  { "conditions/queue-limit-small",
    CONDITIONS ("queue: {limit: 63}"),
    AT ("1:39", "'limit' must be from 64 bytes to 1GiB, not '63'")
    HINT ("0 leaves it to be computed from rate and delay") },
  { "conditions/queue-limit-big",
    CONDITIONS ("queue: {limit: 18446744073709551615GiB}"),
    AT ("1:39", "'limit' must be from 64 bytes to 1GiB, not '18446744073709551615GiB'")
    HINT ("0 leaves it to be computed from rate and delay") },
  { "conditions/queue-limit-long",
    CONDITIONS ("queue: {limit: 61m}"),
    AT ("1:39", "'limit' must be at most 1h, not '61m'")
    HINT ("0 leaves it to be computed from rate and delay") },
  { "conditions/queue-discipline",
    CONDITIONS ("queue: {discipline: fq}"),
    AT ("1:44", "'discipline' must be one of droptail, codel, not 'fq'") },
  { "conditions/trace-a-folder",
    CONDITIONS ("trace: traces/"),
    AT ("1:31", "'trace' must be the path of a file, not 'traces/'") },
  { "preset/near",
    NETWORK ("preset: home_wan"),
    AT ("1:19", "there is no preset 'home_wan'")
    HINT ("did you mean 'home_lan'?") },
  { "preset/far",
    NODE ("network_conditions: {preset: tin_cans}"),
    AT ("3:59", "node 'one': there is no preset 'tin_cans'")
    HINT ("known presets: localhost, basement_lan, home_lan, campus, friend_wan, broadband, mobile_cell, cellular, "
          "satellite, deep_space, urban_congested, intermittent") },
  { "preset/twice",
    NETWORK ("preset: home_lan, conditions: {preset: campus}"),
    AT ("1:50", "'preset' is given twice")
    HINT ("keep the network's own, or that in its 'conditions'") },
  { "preset/twice-the-other-way",
    NETWORK ("conditions: {preset: campus}, preset: home_lan"),
    AT ("1:49", "'preset' is given twice")
    HINT ("keep the network's own, or that in its 'conditions'") },
  { "schedule/not-a-list",
    CONDITIONS ("schedule: {at: 1s, down: true}"),
    AT ("1:34", "'schedule' must be a list, not a mapping")
    HINT ("write it as [...], or as lines that begin with '- '") },
  { "schedule/without-at",
    SCHEDULE ("{down: true}"),
    AT ("1:35", "'at' is missing") },
  { "schedule/says-nothing",
    SCHEDULE ("{at: 1s, for: 1s}"),
    AT ("1:35", "each entry of 'schedule' must say one of 'down' and 'conditions'")
    HINT ("write {at: 10s, for: 2s, down: true} or {at: 10s, conditions: {…}}") },
  { "schedule/says-both",
    SCHEDULE ("{at: 1s, down: true, conditions: {}}"),
    AT ("1:35", "each entry of 'schedule' must say one of 'down' and 'conditions'")
    HINT ("write {at: 10s, for: 2s, down: true} or {at: 10s, conditions: {…}}") },
  { "schedule/not-down",
    SCHEDULE ("{at: 1s, down: false}"),
    AT ("1:50", "'down' must be true")
    HINT ("remove the entry: a wire is up when nothing is said") },
  { "schedule/in-a-schedule",
    SCHEDULE ("{at: 1s, conditions: {schedule: [{at: 1s, down: true}]}}"),
    AT ("1:57", "'schedule' cannot be within a schedule")
    HINT ("make it a further entry of the outer one") },
  { "schedule/overlap",
    SCHEDULE ("{at: 10s, for: 5s, down: true}, {at: 1s, for: 9.1s, down: true}"),
    AT ("1:67", "entries of 'schedule' overlap")
    HINT ("the one on line 1 takes some of that time") },
  { "schedule/overlap-of-a-long-one",
    SCHEDULE ("{at: 0s, for: 9s, down: true}, {at: 1s, for: 1s, down: true}, {at: 3s, for: 1s, down: true}"),
    AT ("1:66", "entries of 'schedule' overlap")
    HINT ("the one on line 1 takes some of that time")
    AT ("1:97", "entries of 'schedule' overlap")
    HINT ("the one on line 1 takes some of that time") },
  { "schedule/after-one-without-end",
    SCHEDULE ("{at: 1s, down: true}, {at: 1h, down: true}"),
    AT ("1:57", "entries of 'schedule' overlap")
    HINT ("the one on line 1 has no 'for' and lasts until the end") },
  { "seed/negative",
    NETWORK ("seed: -1"),
    AT ("1:17", "'seed' must be an integer from 0 to 9223372036854775807, not '-1'") },
  { "seed/too-big",
    NETWORK ("seed: 9223372036854775808"),
    AT ("1:17", "'seed' must be an integer from 0 to 9223372036854775807, not '9223372036854775808'") },
  { "subnet6/text",
    NETWORK ("subnet6: yes"),
    AT ("1:20", "'subnet6' must be an IPv6 subnet or auto, not 'yes'")
    HINT ("write it as fd00:10:10::/64") },
  { "subnet6/an-ipv4-one",
    NETWORK ("subnet6: 10.0.0.0/24"),
    AT ("1:20", "'subnet6' must be an IPv6 subnet or auto, not '10.0.0.0/24'")
    HINT ("write it as fd00:10:10::/64") },
  { "subnet6/prefix-0129",
    NETWORK ("subnet6: \"fd00::/064\""),
    AT ("1:20", "'subnet6' must be an IPv6 subnet or auto, not 'fd00::/064'")
    HINT ("write it as fd00:10:10::/64") },
  { "subnet6/prefix-127",
    NETWORK ("subnet6: \"fd00::/127\""),
    AT ("1:20", "'subnet6' must have a prefix from /16 to /126, not /127") },
  { "subnet6/prefix-8",
    NETWORK ("subnet6: \"fd00::/8\""),
    AT ("1:20", "'subnet6' must have a prefix from /16 to /126, not /8") },
  { "subnet6/host-bits",
    NETWORK ("subnet6: \"FD00:0:0:1::5/64\""),
    AT ("1:20", "'subnet6' has host bits set: 'FD00:0:0:1::5/64'")
    HINT ("write fd00:0:0:1::/64") },
  { "subnet6/link-local",
    NETWORK ("subnet6: \"fe80::/64\""),
    AT ("1:20", "'subnet6' cannot be 'fe80::/64': fe80::/10 is every network's own already")
    HINT ("use one of fd00::/8, such as fd00:10:10::/64") },
  { "subnet6/multicast",
    NETWORK ("subnet6: \"ff02::/64\""),
    AT ("1:20", "'subnet6' cannot be 'ff02::/64': ff00::/8 is multicast")
    HINT ("use one of fd00::/8, such as fd00:10:10::/64") },
  { "subnet6/mapped",
    NETWORK ("subnet6: \"::ffff:0:0/96\""),
    AT ("1:20", "'subnet6' cannot be '::ffff:0:0/96': ::/8 has the loopback and what stands for IPv4")
    HINT ("use one of fd00::/8, such as fd00:10:10::/64") },
  { "subnet6/overlap",
    NETWORKS ("{name: a, subnet6: \"fd00:1::/64\"}, {name: b, subnet6: \"fd00::/16\"}"),
    AT ("1:66", "network 'b': subnet fd00::/16 overlaps fd00:1::/64 of network 'a'")
    HINT ("give each network a subnet of its own") },
  { "subnet6/twice",
    NETWORKS ("{name: a, subnet6: \"fd00:1::/64\"}, {name: b, subnet6: \"fd00:0001::/64\"}"),
    AT ("1:66", "network 'b': subnet fd00:1::/64 overlaps fd00:1::/64 of network 'a'")
    HINT ("give each network a subnet of its own") },
  { "address6/text",
    INTERFACE ("address6: 10.0.0.5"),
    AT ("3:54", "node 'one': 'address6' must be an IPv6 address, not '10.0.0.5'")
    HINT ("write it as fd00:10:10::9") },
  { "address6/with-prefix",
    INTERFACE ("address6: \"fd00::9/64\""),
    AT ("3:54", "node 'one': 'address6' must be an IPv6 address, not 'fd00::9/64'")
    HINT ("leave the prefix out: the network's subnet6 says it") },
  { "address6/with-zone",
    INTERFACE ("address6: \"fe80::9%eth0\""),
    AT ("3:54", "node 'one': 'address6' must be an IPv6 address, not 'fe80::9%eth0'")
    HINT ("write it as fd00:10:10::9") },
  { "address6/network-without-ipv6",
    INTERFACE ("address6: \"fd00::9\""),
    AT ("3:54", "node 'one': address fd00::9: network 'lan' has no subnet6")
    HINT ("give the network a subnet6, or leave the address out") },
  { "address6/network-chooses",
    "network: {name: lan, subnet6: auto}\nnodes: [{name: one, image: tiny, interfaces: [{address6: \"fd00::9\"}]}]\n",
    AT ("2:58", "node 'one': address fd00::9: network 'lan' has 'subnet6: auto'")
    HINT ("write the subnet in its place, or leave the address out") },
  { "address6/outside-anycast-gateway",
    "network: {name: lan, subnet6: \"fd00:1::/64\"}\n"
      "nodes:\n"
      "  - {name: one, image: tiny, interfaces: [{address6: \"fd00:2::9\"}]}\n"
      "  - {name: two, image: tiny, interfaces: [{address6: \"fd00:1::\"}]}\n"
      "  - {name: three, image: tiny, interfaces: [{address6: \"fd00:1::1\"}]}\n"
      "  - {name: last, image: tiny, interfaces: [{address6: \"fd00:1::ffff:ffff:ffff:ffff\"}]}\n",
    AT ("3:54", "node 'one': address fd00:2::9 is outside network 'lan' (fd00:1::/64)")
    HINT ("use one from fd00:1::2 to fd00:1::ffff:ffff:ffff:ffff")
    AT ("4:54", "node 'two': address fd00:1:: is the routers' anycast address of network 'lan' (fd00:1::/64)")
    HINT ("use one from fd00:1::2 to fd00:1::ffff:ffff:ffff:ffff")
    AT ("5:56", "node 'three': address fd00:1::1 is the gateway's in network 'lan' (fd00:1::/64)")
    HINT ("use one from fd00:1::2 to fd00:1::ffff:ffff:ffff:ffff") },
  { "address6/twice-in-two-forms",
    "network: {name: lan, subnet6: \"fd00:1::/64\"}\n"
      "nodes:\n"
      "  - {name: one, image: tiny, interfaces: [{address6: \"fd00:1::9\"}]}\n"
      "  - {name: two, image: tiny, interfaces: [{address6: \"FD00:1:0::0009\"}]}\n",
    AT ("4:54", "node 'two': address fd00:1::9 is used twice")
    HINT ("it was used first on line 3") },
  { "nat/word",
    NETWORKS ("{name: a, nat: {uplink: b, mapping: any}}, {name: b}"),
    AT ("1:48", "network 'a': 'mapping' must be one of endpoint-independent, address-dependent, address-and-port-dependent, not 'any'") },
  { "nat/without-uplink",
    NETWORKS ("{name: a, nat: {hairpin: false}}, {name: b}"),
    AT ("1:27", "network 'a': 'uplink' is missing") },
  { "nat/of-the-one-network",
    NETWORK ("nat: {uplink: wan}"),
    AT ("1:11", "'nat' needs a second network that it leads to")
    HINT ("write 'networks' with both of them") },
  { "nat/unknown-uplink",
    NETWORKS ("{name: inner, nat: {uplink: oter}}, {name: outer}"),
    AT ("1:40", "there is no network 'oter'")
    HINT ("did you mean 'outer'?") },
  { "nat/itself",
    NETWORKS ("{name: a, nat: {uplink: a}}"),
    AT ("1:36", "network 'a' cannot be its own uplink")
    HINT ("name the outer network") },
  { "nat/cycle",
    NETWORKS ("{name: x, nat: {uplink: a}}, {name: a, nat: {uplink: b}}, {name: b, nat: {uplink: a}}"),
    AT ("1:94", "networks that translate to each other: a -> b -> a")
    HINT ("let one of them be without 'nat'") },
  { "nat/and-internet",
    NETWORKS ("{name: a, internet: true, nat: {uplink: b}}, {name: b}"),
    AT ("1:32", "network 'a' has one gateway: 'internet' and 'nat' exclude each other")
    HINT ("move 'internet' to the outer network") },
  { "nat/lifetime",
    NETWORKS ("{name: a, nat: {uplink: b, lifetime: 0}}, {name: b}"),
    AT ("1:49", "network 'a': 'lifetime' must be at least 1ms, not '0'") },
  { "pair/nothing",
    PAIR ("conditions: {}"),
    AT ("1:22", "a pair must name its nodes")
    HINT ("write 'nodes: [A, B]', or 'from: A' and 'to: B' for one direction") },
  { "pair/without-conditions",
    PAIR ("nodes: [a, b]"),
    AT ("1:22", "'conditions' is missing") },
  { "pair/from-without-to",
    PAIR ("from: a, conditions: {}"),
    AT ("1:23", "'from' needs 'to'")
    HINT ("add 'to: NODE', or write 'nodes: [A, B]' for both directions") },
  { "pair/to-without-from",
    PAIR ("to: a, conditions: {}"),
    AT ("1:23", "'to' needs 'from'")
    HINT ("add 'from: NODE', or write 'nodes: [A, B]' for both directions") },
  { "pair/nodes-and-from",
    PAIR ("nodes: [a, b], from: a, conditions: {}"),
    AT ("1:38", "'nodes' and 'from' exclude each other")
    HINT ("'nodes' means both directions, 'from' and 'to' mean one") },
  { "pair/nodes-and-to",
    PAIR ("nodes: [a, b], to: a, conditions: {}"),
    AT ("1:38", "'nodes' and 'to' exclude each other")
    HINT ("'nodes' means both directions, 'from' and 'to' mean one") },
  { "pair/one-node",
    PAIR ("nodes: [a], conditions: {}"),
    AT ("1:30", "a pair needs two nodes, not 1")
    HINT ("write 'nodes: [A, B]'") },
  { "pair/no-node",
    PAIR ("nodes: [], conditions: {}"),
    AT ("1:30", "a pair needs two nodes, not 0")
    HINT ("write 'nodes: [A, B]'") },
  { "pair/with-itself",
    PAIR ("nodes: [a, b, a], conditions: {}"),
    AT ("1:37", "node 'a' is named twice in one pair")
    HINT ("what a node sends to itself crosses no wire") },
  { "pair/from-to-itself",
    PAIR ("from: a, to: a, conditions: {}"),
    AT ("1:36", "'from' and 'to' are both 'a'")
    HINT ("what a node sends to itself crosses no wire") },
  { "pair/no-network-shared",
    PAIR ("nodes: [a, c], conditions: {}"),
    AT ("1:31", "node 'a' shares no network with the others of its pair")
    HINT ("give them interfaces on the same network") },
  { "pair/no-network-shared-one-way",
    PAIR ("from: a, to: c, conditions: {}"),
    AT ("1:29", "node 'a' shares no network with the receiver")
    HINT ("give them interfaces on the same network") },
  { "pair/not-on-the-network",
    PAIR ("nodes: [a, b], network: wan, conditions: {}"),
    AT ("1:31", "node 'a' is not on network 'wan'")
    HINT ("it is on lan") },
  { "pair/unknown-network",
    PAIR ("nodes: [a, b], network: wam, conditions: {}"),
    AT ("1:47", "there is no network 'wam'")
    HINT ("did you mean 'wan'?") },
  { "pair/node-not-a-name",
    PAIR ("nodes: [a, [b]], conditions: {}"),
    AT ("1:34", "'nodes' must be a single value, not a list") },
};
/* clang-format on */

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_error_cases (cases, G_N_ELEMENTS (cases));
  return g_test_run ();
}
