/* SPDX-License-Identifier: Apache-2.0 */
/* test-errors-network.c — what a wrong topology, network or interface is told: position, message and hint */
#include "topology-test.h"

/* clang-format off */
static const ErrorCase cases[] = {
  { "root/root-is-a-list",
    "- a\n",
    AT ("1:1", "a mapping is needed here, not a list") },
  { "root/root-is-text",
    "hello\n",
    AT ("1:1", "a mapping is needed here, not 'hello'") },
  { "root/no-nodes",
    "metadata: {name: x}\n",
    AT ("1:1", "'nodes' is missing") },
  { "root/empty-nodes",
    "nodes: []\n",
    AT ("1:8", "'nodes' is empty")
    HINT ("add a node: - {name: one, image: tiny}") },
  { "root/nodes-not-a-list",
    "nodes: {name: one}\n",
    AT ("1:8", "'nodes' must be a list, not a mapping")
    HINT ("write it as [...], or as lines that begin with '- '") },
  { "root/node-not-a-mapping",
    "nodes: [one]\n",
    AT ("1:9", "a mapping is needed here, not 'one'") },
  { "root/unknown-key-near",
    "nodez: []\n" ONE_NODE,
    AT ("1:1", "unknown key 'nodez'")
    HINT ("did you mean 'nodes'?") },
  { "root/unknown-key-far",
    "zebra: 1\n" ONE_NODE,
    AT ("1:1", "unknown key 'zebra'")
    HINT ("known keys: metadata, backend, network, networks, nodes, conditions_between, scenarios, seed") },
  { "root/key-without-value",
    "backend:\n" ONE_NODE,
    AT ("1:1", "'backend' has no value")
    HINT ("write a value, or remove the key") },
  { "root/network-and-networks",
    "network: {}\n"
      "networks: [{name: a}]\n" ONE_NODE,
    AT ("1:1", "'network' and 'networks' exclude each other")
    HINT ("put it into the list") },
  { "root/backend",
    "backend: qemo\n" ONE_NODE,
    AT ("1:10", "'backend' must be one of qemu, libvirt, docker, podman, lxd, auto, not 'qemo'")
    HINT ("did you mean 'qemu'?") },
  { "root/seed-a-float",
    "seed: 1.5\n" ONE_NODE,
    AT ("1:7", "'seed' must be an integer from 0 to 9223372036854775807, not '1.5'") },
  { "metadata/name-path",
    "metadata: {name: ../x}\n" ONE_NODE,
    AT ("1:18", "'name' must be a name (letters, digits, '_', '.' and '-', at most 63, first a letter or digit), not '../x'")
    HINT ("write 'x'") },
  { "metadata/name-option",
    "metadata: {name: --help}\n" ONE_NODE,
    AT ("1:18", "'name' must be a name (letters, digits, '_', '.' and '-', at most 63, first a letter or digit), not '--help'")
    HINT ("write 'help'") },
  { "metadata/name-space",
    "metadata: {name: a b}\n" ONE_NODE,
    AT ("1:18", "'name' must be a name (letters, digits, '_', '.' and '-', at most 63, first a letter or digit), not 'a b'")
    HINT ("write 'a-b'") },
  { "metadata/name-long",
    "metadata: {name: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}\n" ONE_NODE,
    AT ("1:18", "'name' must be a name (letters, digits, '_', '.' and '-', at most 63, first a letter or digit), not 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'")
    HINT ("write 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'") },
  { "metadata/name-newline",
    "metadata: {name: \"a\\nb\"}\n" ONE_NODE,
    AT ("1:18", "'name' must be a name (letters, digits, '_', '.' and '-', at most 63, first a letter or digit), not 'a?b'")
    HINT ("write 'a-b'") },
  { "metadata/name-list",
    "metadata: {name: [a]}\n" ONE_NODE,
    AT ("1:18", "'name' must be a single value, not a list") },
  { "metadata/version-empty",
    "metadata: {version: \"\"}\n" ONE_NODE,
    AT ("1:21", "'version' must not be empty") },
  { "metadata/tags-a-text",
    "metadata: {tags: demo}\n" ONE_NODE,
    AT ("1:18", "'tags' must be a list, not 'demo'")
    HINT ("write it as [...], or as lines that begin with '- '") },
  { "metadata/tags-of-lists",
    "metadata: {tags: [[a]]}\n" ONE_NODE,
    AT ("1:19", "'tags' must be a list of texts, not a list") },
  { "network/networks-empty",
    "networks: []\n" ONE_NODE,
    AT ("1:11", "'networks' is empty")
    HINT ("remove the key: one network is made then") },
  { "network/without-name",
    "networks: [{mtu: 1500}]\n" ONE_NODE,
    AT ("1:12", "'name' is missing") },
  { "network/name",
    NETWORK ("name: a/b"),
    AT ("1:17", "network 'a/b': 'name' must be a name (letters, digits, '_', '.' and '-', at most 63, first a letter or digit), not 'a/b'")
    HINT ("write 'a-b'") },
  { "network/repeated",
    "networks: [{name: a}, {name: a}]\n" ONE_NODE,
    AT ("1:30", "network name 'a' is used twice")
    HINT ("it was used first on line 1") },
  { "network/subnet-text",
    NETWORK ("subnet: lan"),
    AT ("1:19", "'subnet' must be an IPv4 subnet, not 'lan'")
    HINT ("write it as 10.10.0.0/24") },
  { "network/subnet-300",
    NETWORK ("subnet: 10.300.0.0/24"),
    AT ("1:19", "'subnet' must be an IPv4 subnet, not '10.300.0.0/24'")
    HINT ("write it as 10.10.0.0/24") },
  { "network/subnet-leading-zero",
    NETWORK ("subnet: 10.010.0.0/24"),
    AT ("1:19", "'subnet' must be an IPv4 subnet, not '10.010.0.0/24'")
    HINT ("write it as 10.10.0.0/24") },
  { "network/subnet-no-prefix",
    NETWORK ("subnet: 10.1.0.0"),
    AT ("1:19", "'subnet' must be an IPv4 subnet, not '10.1.0.0'")
    HINT ("write it as 10.10.0.0/24") },
  { "network/subnet-prefix-7",
    NETWORK ("subnet: 10.0.0.0/7"),
    AT ("1:19", "'subnet' must have a prefix from /8 to /30, not /7") },
  { "network/subnet-prefix-31",
    NETWORK ("subnet: 10.0.0.0/31"),
    AT ("1:19", "'subnet' must have a prefix from /8 to /30, not /31") },
  { "network/subnet-host-bits",
    NETWORK ("subnet: 10.1.0.5/24"),
    AT ("1:19", "'subnet' has host bits set: '10.1.0.5/24'")
    HINT ("write 10.1.0.0/24") },
  { "network/subnet-loopback",
    NETWORK ("subnet: 127.0.1.0/24"),
    AT ("1:19", "'subnet' cannot be '127.0.1.0/24': 127.0.0.0/8 is the loopback")
    HINT ("use one of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16") },
  { "network/subnet-multicast",
    NETWORK ("subnet: 224.0.0.0/8"),
    AT ("1:19", "'subnet' cannot be '224.0.0.0/8': 224.0.0.0 and above is multicast or reserved")
    HINT ("use one of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16") },
  { "network/subnet-zero",
    NETWORK ("subnet: 0.0.0.0/8"),
    AT ("1:19", "'subnet' cannot be '0.0.0.0/8': 0.0.0.0/8 is not for networks")
    HINT ("use one of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16") },
  { "network/subnets-overlap",
    "networks:\n"
      "  - {name: a, subnet: 10.1.2.0/24}\n"
      "  - {name: b, subnet: 10.1.0.0/16}\n" ONE_NODE,
    AT ("3:23", "network 'b': subnet 10.1.0.0/16 overlaps 10.1.2.0/24 of network 'a'")
    HINT ("give each network a subnet of its own") },
  { "network/subnets-equal",
    "networks:\n"
      "  - {name: a, subnet: 10.1.2.0/24}\n"
      "  - {name: b, subnet: 10.1.2.0/24}\n" ONE_NODE,
    AT ("3:23", "network 'b': subnet 10.1.2.0/24 overlaps 10.1.2.0/24 of network 'a'")
    HINT ("give each network a subnet of its own") },
  { "network/mtu-too-small-for-ipv6",
    "networks:\n"
      "  - {name: a, subnet6: auto, mtu: 1279}\n"
      "  - {name: b, subnet6: auto, mtu: 1280}\n"
      "nodes: [{name: one, image: tiny, interfaces: [{network: b, mtu: 600}]}]\n",
    AT ("2:24", "network 'a': IPv6 needs an mtu of at least 1280, not 1279")
    HINT ("raise 'mtu', or remove 'subnet6' from the network")
    AT ("4:47", "node 'one': network 'b': IPv6 needs an mtu of at least 1280, not 600")
    HINT ("raise 'mtu', or remove 'subnet6' from the network") },
  { "network/mtu-small",
    NETWORK ("mtu: 575"),
    AT ("1:16", "'mtu' must be an integer from 576 to 65521, not '575'") },
  { "network/mtu-large",
    NETWORK ("mtu: 65522"),
    AT ("1:16", "'mtu' must be an integer from 576 to 65521, not '65522'") },
  { "network/loss-over-100",
    NETWORK ("conditions: {packet_loss_percent: 101}"),
    AT ("1:45", "'packet_loss_percent' must be a number from 0 to 100, not '101'") },
  { "network/latency-hex",
    NETWORK ("conditions: {latency_ms: 0x10}"),
    AT ("1:36", "'latency_ms' must be a number from 0 to 3600000, not '0x10'") },
  { "network/latency-quoted",
    NETWORK ("conditions: {latency_ms: \"10\"}"),
    AT ("1:36", "'latency_ms' must be a number without quotes, not '10'")
    HINT ("remove the quotes") },
  { "network/internet-yes",
    NETWORK ("internet: yes"),
    AT ("1:21", "'internet' must be true or false, not 'yes'") },
  { "network/internet-quoted",
    NETWORK ("internet: \"true\""),
    AT ("1:21", "'internet' must be true or false without quotes, not 'true'")
    HINT ("remove the quotes") },
  { "interface/empty",
    NODE ("interfaces: []"),
    AT ("3:42", "node 'one': 'interfaces' is empty")
    HINT ("remove the key: a node is on all networks then") },
  { "interface/unknown-network",
    INTERFACE ("network: lam"),
    AT ("3:53", "there is no network 'lam'")
    HINT ("did you mean 'lan'?") },
  { "interface/network-missing",
    "networks: [{name: a}, {name: b}]\n"
      "nodes: [{name: one, image: tiny, interfaces: [{mtu: 1500}]}]\n",
    AT ("2:47", "node 'one': 'network' is missing")
    HINT ("add 'network: NAME', for there are several networks") },
  { "interface/address-text",
    INTERFACE ("address: here"),
    AT ("3:53", "node 'one': 'address' must be an IPv4 address, not 'here'")
    HINT ("write it as 10.10.0.9") },
  { "interface/address-prefix",
    INTERFACE ("address: 10.10.0.9/24"),
    AT ("3:53", "node 'one': 'address' must be an IPv4 address, not '10.10.0.9/24'")
    HINT ("leave the prefix out: the network's subnet says it") },
  { "interface/address-outside",
    INTERFACE ("address: 10.10.1.9"),
    AT ("3:53", "node 'one': address 10.10.1.9 is outside network 'lan' (10.10.0.0/24)")
    HINT ("use one from 10.10.0.2 to 10.10.0.254") },
  { "interface/address-network",
    INTERFACE ("address: 10.10.0.0"),
    AT ("3:53", "node 'one': address 10.10.0.0 is the network address of network 'lan' (10.10.0.0/24)")
    HINT ("use one from 10.10.0.2 to 10.10.0.254") },
  { "interface/address-broadcast",
    INTERFACE ("address: 10.10.0.255"),
    AT ("3:53", "node 'one': address 10.10.0.255 is the broadcast address of network 'lan' (10.10.0.0/24)")
    HINT ("use one from 10.10.0.2 to 10.10.0.254") },
  { "interface/address-gateway",
    INTERFACE ("address: 10.10.0.1"),
    AT ("3:53", "node 'one': address 10.10.0.1 is the gateway's in network 'lan' (10.10.0.0/24)")
    HINT ("use one from 10.10.0.2 to 10.10.0.254") },
  { "interface/address-twice",
    "network: {name: lan, subnet: 10.10.0.0/24}\n"
      "nodes:\n"
      "  - {name: one, image: tiny, interfaces: [{address: 10.10.0.9}]}\n"
      "  - {name: two, image: tiny, interfaces: [{address: 10.10.0.9}]}\n",
    AT ("4:53", "node 'two': address 10.10.0.9 is used twice")
    HINT ("it was used first on line 3") },
  { "interface/address-without-subnet",
    "nodes: [{name: one, image: tiny, interfaces: [{address: 10.10.0.9}]}]\n",
    AT ("1:57", "node 'one': address 10.10.0.9: network 'lab' has no subnet")
    HINT ("give the network a subnet, or leave the address out") },
  { "interface/mac-text",
    INTERFACE ("mac: 52-54"),
    AT ("3:49", "node 'one': 'mac' must be a MAC address, not '52-54'")
    HINT ("write it as 52:54:00:12:34:56") },
  { "interface/mac-multicast",
    INTERFACE ("mac: 53:54:00:00:00:01"),
    AT ("3:49", "node 'one': 'mac' must be a unicast address, not '53:54:00:00:00:01'")
    HINT ("let its first byte be even, such as 52") },
  { "interface/mac-zero",
    INTERFACE ("mac: 00:00:00:00:00:00"),
    AT ("3:49", "node 'one': 'mac' must be a unicast address, not '00:00:00:00:00:00'")
    HINT ("let its first byte be even, such as 52") },
  { "interface/mac-twice",
    NODE ("interfaces: [{mac: 52:54:00:00:00:0A}, {mac: 52-54-00-00-00-0a}]"),
    AT ("3:75", "node 'one': MAC address 52:54:00:00:00:0a is used twice")
    HINT ("it was used first on line 3") },
  { "interface/name-long",
    INTERFACE ("name: abcdefghijklmnop"),
    AT ("3:50", "node 'one': 'name' must be an interface name (letters, digits, '_', '.' and '-', at most 15, first a letter or digit, not 'lo'), not 'abcdefghijklmnop'")
    HINT ("write 'abcdefghijklmno'") },
  { "interface/name-lo",
    INTERFACE ("name: lo"),
    AT ("3:50", "node 'one': 'name' must be an interface name (letters, digits, '_', '.' and '-', at most 15, first a letter or digit, not 'lo'), not 'lo'") },
  { "interface/name-slash",
    INTERFACE ("name: a/b"),
    AT ("3:50", "node 'one': 'name' must be an interface name (letters, digits, '_', '.' and '-', at most 15, first a letter or digit, not 'lo'), not 'a/b'")
    HINT ("write 'a-b'") },
  { "interface/name-twice",
    NODE ("interfaces: [{name: x}, {name: x}]"),
    AT ("3:61", "node 'one': two interfaces are named 'x'")
    HINT ("an interface without a name is eth0, eth1, … by its place in the list") },
  { "interface/name-of-another",
    NODE ("interfaces: [{name: eth1}, {}]"),
    AT ("3:57", "node 'one': two interfaces are named 'eth1'")
    HINT ("an interface without a name is eth0, eth1, … by its place in the list") },
  { "pair/unknown-node",
    "conditions_between: [{nodes: [one, tow], conditions: {}}]\n"
      "nodes: [{name: one, image: tiny}, {name: two, image: tiny}]\n",
    AT ("1:36", "there is no node 'tow'")
    HINT ("did you mean 'two'?") },
  { "all/at-once",
    "backend: qemo\n"
      "nodes:\n"
      "  - {name: one, image: tiny, vcpus: 0, depends_on: [tow]}\n"
      "  - {name: two, imag: tiny}\n",
    AT ("1:10", "'backend' must be one of qemu, libvirt, docker, podman, lxd, auto, not 'qemo'")
    HINT ("did you mean 'qemu'?")
    AT ("3:37", "node 'one': 'vcpus' must be an integer from 1 to 255, not '0'")
    AT ("3:53", "there is no node 'tow'")
    HINT ("did you mean 'two'?")
    AT ("4:5", "node 'two': 'image' is missing")
    HINT ("add 'image: tiny'")
    AT ("4:17", "node 'two': unknown key 'imag'")
    HINT ("did you mean 'image'?") },
  { "network/no-room",
    "network: {name: lan, subnet: 10.0.0.0/30}\nnodes:\n  - {name: web, image: tiny, count: 100}\n  - {name: db, image: tiny}\n",
    AT ("1:30", "network 'lan': subnet '10.0.0.0/30' has room for 1 node, and 101 are on it")
    HINT ("write one of /25 or wider") },
};
/* clang-format on */

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_error_cases (cases, G_N_ELEMENTS (cases));
  return g_test_run ();
}
