#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# bench-topology.sh BUILD — how long topology files take, each beside libyaml alone with the same bytes
#
# parse           10,000 nodes (3.3 MB) from file to checked model
# parse-memory    the greatest size of a process that does only that
# parse-linear    100,000 nodes, over ten times the time of 10,000
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

nodes 10000 0 > "$WORK/good.yaml"
nodes 10000 100 > "$WORK/wrong.yaml"
nodes 100000 0 > "$WORK/many.yaml"

# In turns, so that what else the host does falls on all alike. Microseconds.
good=() wrong=() floor=() many=()
for ((run = 0; run < RUNS; run++)); do
  floor+=("$("$BUILD/tests/bench/floors/floor-yaml" 3 "$WORK/good.yaml")")
  good+=("$("$BUILD/tests/bench/bench-topology" good 3 "$WORK/good.yaml")")
  wrong+=("$("$BUILD/tests/bench/bench-topology" wrong 3 "$WORK/wrong.yaml")")
  [ $((run % 3)) -ne 0 ] || many+=("$("$BUILD/tests/bench/bench-topology" good 1 "$WORK/many.yaml")")
done
good=$(median "${good[@]}") wrong=$(median "${wrong[@]}") floor=$(median "${floor[@]}") many=$(median "${many[@]}")
memory=$("$BUILD/tests/bench/bench-topology" memory 1 "$WORK/good.yaml")

info libyaml "$(calc "$floor / 1000")" ms
figure parse "$(calc "$good / 1000")" ms '<=' 120
figure parse-memory "$(calc "$memory / 1024")" MiB '<=' 100
info 'ten times 10000 nodes' "$(calc "$good / 100")" ms
figure parse-linear "$(calc "$many / (10 * $good)")" ratio '<=' 1.5
figure parse-errors "$(calc "$wrong / $good")" ratio '<=' 1.5
