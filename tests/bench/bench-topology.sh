#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# bench-topology.sh BUILD — how long topology files take, each beside libyaml alone with the same bytes
#
# parse           10,000 nodes (3.3 MB) from file to checked model
# parse-memory    the greatest size of a process that does only that
# parse-linear    100,000 nodes, over ten times the time of 10,000
# parse-distinct  100,000 nodes with no two values alike, over ten times the time of 10,000 of these
# parse-conditions  10,000 nodes with conditions on all levels (5.3 MB), over libyaml alone: as 120 ms are over its 37
# parse-errors    10,000 nodes, 100 of them wrong, over the time of those without an error
set -euo pipefail

BUILD=$(cd "$1" && pwd)
HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/lib.sh"
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
RUNS=${BENCHSCALE_BENCH_RUNS:-9}

# nodes COUNT WRONG — a topology of so many nodes, of which so many have an error
nodes() {
  awk -v n="$1" -v wrong="$2" 'BEGIN {
    every = wrong ? n / wrong : n
    print "metadata: {name: big}\nnetworks:\n  - {name: lan, subnet: 10.0.0.0/8}\nnodes:"
    for (i = 0; i < n; i++) {
      printf "  - name: node-%d\n    image: tiny\n    memory_mb: %s\n    vcpus: 1\n", i, (wrong && i % every == 1 ? "lots" : "128")
      printf "    env: {ROLE: worker, INDEX: \"%d\"}\n    interfaces:\n      - network: lan\n", i
      printf "        address: 10.%d.%d.%d\n", 1 + int(i / 50000), int(i / 200) % 250, i % 200 + 2
      printf "        mac: \"52:54:00:%02x:%02x:%02x\"\n        name: lan0\n", int(i / 65536), int(i / 256) % 256, i % 256
      printf "    depends_on: [%s]\n", i % 10 ? "node-" (i - 1) : ""
      print "    ready:\n      - {port: 80, within: 20s}\n      - {command: [test, -e, /run/ready]}"
    }
  }'
}

# distinct COUNT — the same, with no two values alike that need not be
distinct() {
  awk -v n="$1" 'BEGIN {
    print "metadata: {name: big}\nnetworks:\n  - {name: lan, subnet: 10.0.0.0/8}\nnodes:"
    for (i = 0; i < n; i++) {
      printf "  - name: node-%d\n    image: image-of-%d\n    memory_mb: %d\n    vcpus: %d\n", i, i, 128 + i, 1 + i % 255
      printf "    env: {ROLE_%d: worker %d, INDEX: \"%d\"}\n    interfaces:\n      - network: lan\n", i, i, i
      printf "        address: 10.%d.%d.%d\n", 1 + int(i / 50000), int(i / 200) % 250, i % 200 + 2
      printf "        mac: \"52:54:00:%02x:%02x:%02x\"\n        name: lan%d\n", int(i / 65536), int(i / 256) % 256, i % 256, i
      printf "    depends_on: [%s]\n", i % 10 ? "node-" (i - 1) : ""
      printf "    ready:\n      - {port: %d, within: %dms}\n      - {command: [test, -e, /run/ready-%d]}\n", 1 + i % 65535, 1000 + i, i
    }
  }'
}

# conditions COUNT — a topology of wires: all levels of each node say something, and so do pairs of neighbours
conditions() {
  awk -v n="$1" 'BEGIN {
    print "metadata: {name: wires}\nnetworks:\n  - {name: lan, subnet: 10.0.0.0/8, preset: campus, conditions: {latency_ms: 5}}\nnodes:"
    for (i = 0; i < n; i++) {
      printf "  - name: node-%d\n    image: tiny\n    network_conditions: {preset: home_lan, latency_ms: %d.5, jitter_ms: 2, jitter_distribution: pareto}\n", i, i % 1000
      printf "    interfaces:\n      - network: lan\n        conditions: {latency_ms: %d, packet_loss_percent: 0.%d, bandwidth_kbps: %d, queue: {limit: 64KiB, discipline: codel}}\n", i % 900, i % 100, 1000 + i
      printf "        ingress: {loss_burst: {p: 1, r: %d}, schedule: [{at: 10s, for: 5s, down: true}, {at: 60s, conditions: {latency_ms: 100}}]}\n", 1 + i % 99
    }
    print "conditions_between:"
    for (i = 1; i < n; i++)
      printf "  - {from: node-%d, to: node-%d, conditions: {latency_ms: %d, duplicate_percent: 1}}\n", i - 1, i, i % 500
  }'
}

nodes 10000 0 > "$WORK/good.yaml"
nodes 10000 100 > "$WORK/wrong.yaml"
nodes 100000 0 > "$WORK/many.yaml"
distinct 10000 > "$WORK/distinct.yaml"
distinct 100000 > "$WORK/all-distinct.yaml"
conditions 10000 > "$WORK/wires.yaml"

# In turns, so that what else the host does falls on all alike. Microseconds.
good=() wrong=() floor=() many=() distinct=() all_distinct=() wires=() floor_wires=()
for ((run = 0; run < RUNS; run++)); do
  floor+=("$("$BUILD/tests/bench/floors/floor-yaml" 3 "$WORK/good.yaml")")
  good+=("$("$BUILD/tests/bench/bench-topology" good 3 "$WORK/good.yaml")")
  wrong+=("$("$BUILD/tests/bench/bench-topology" wrong 3 "$WORK/wrong.yaml")")
  floor_wires+=("$("$BUILD/tests/bench/floors/floor-yaml" 3 "$WORK/wires.yaml")")
  wires+=("$("$BUILD/tests/bench/bench-topology" good 3 "$WORK/wires.yaml")")
  distinct+=("$("$BUILD/tests/bench/bench-topology" good 3 "$WORK/distinct.yaml")")
  [ $((run % 3)) -eq 0 ] || continue
  many+=("$("$BUILD/tests/bench/bench-topology" good 1 "$WORK/many.yaml")")
  all_distinct+=("$("$BUILD/tests/bench/bench-topology" good 1 "$WORK/all-distinct.yaml")")
done
good=$(median "${good[@]}") wrong=$(median "${wrong[@]}") floor=$(median "${floor[@]}") many=$(median "${many[@]}")
distinct=$(median "${distinct[@]}") all_distinct=$(median "${all_distinct[@]}")
wires=$(median "${wires[@]}") floor_wires=$(median "${floor_wires[@]}")
memory=$("$BUILD/tests/bench/bench-topology" memory 1 "$WORK/good.yaml")

info libyaml "$(calc "$floor / 1000")" ms
figure parse "$(calc "$good / 1000")" ms '<=' 120
figure parse-memory "$(calc "$memory / 1024")" MiB '<=' 100
info 'ten times 10000 nodes' "$(calc "$good / 100")" ms
figure parse-linear "$(calc "$many / (10 * $good)")" ratio '<=' 1.5
info '10000 distinct nodes' "$(calc "$distinct / 1000")" ms
figure parse-distinct "$(calc "$all_distinct / (10 * $distinct)")" ratio '<=' 1.5
info '10000 nodes of conditions' "$(calc "$wires / 1000")" ms
figure parse-conditions "$(calc "$wires / $floor_wires")" ratio '<=' 3.25
figure parse-errors "$(calc "$wrong / $good")" ratio '<=' 1.5
