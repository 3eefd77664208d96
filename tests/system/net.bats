#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# net.bats — what wires do between real machines: declared, changed, cut, ended; whoever dies meanwhile

load helpers
bats_require_minimum_version 1.5.0

# three_nodes [CONDITIONS [MORE]] — of the network, and what else the topology says
three_nodes() {
  local conditions=
  if [ -n "${1:-}" ]; then conditions=", conditions: {$1}"; fi
  cat > net.yaml << YAML
metadata: {name: net}
networks:
  - {name: lan, subnet: 10.78.0.0/24, seed: 7$conditions}
nodes:
  - {name: a, image: tiny, memory_mb: 128, interfaces: [{network: lan, address: 10.78.0.10}]}
  - {name: b, image: tiny, memory_mb: 128, interfaces: [{network: lan, address: 10.78.0.11}]}
  - {name: c, image: tiny, memory_mb: 128, interfaces: [{network: lan, address: 10.78.0.12}]}
${2:-}
YAML
  benchscale up --quiet net.yaml
  # neighbours are known from here on: the first ping of two pays for that, too
  reaches a b
  reaches a c
}

# reaches FROM TO — some of three pings are answered
reaches() {
  benchscale exec "net/$1" -- ping -c 3 -i 0.1 -W 1 "$2" > /dev/null
}

cut_off() {
  refute reaches "$1" "$2"
}

# rtt FROM TO — median round trip of 9 pings, whole milliseconds
rtt() {
  benchscale exec "net/$1" -- ping -c 9 -i 0.1 -W 2 "$2" | sed -nE 's/.*time=([0-9]+).*/\1/p' | sort -n | sed -n 5p
}

# between LOW HIGH NUMBER
between() {
  echo "# $3 in $1 to $2" >&2
  [ "$3" -ge "$1" ] && [ "$3" -le "$2" ]
}

# drops NODE CAUSE
drops() {
  benchscale net show net --json |
    jq -e --arg node "$1" --arg cause "dropped_$2" '.interfaces[] | select(.node == $node) | .counters[$cause]'
}

faults() {
  benchscale net show net --json | jq '.faults | length'
}

no_faults() {
  [ "$(faults)" -eq 0 ]
}

one_fault() {
  [ "$(faults)" -eq 1 ]
}

gone() {
  ! kill -0 "$1" 2> /dev/null
}

switch_pid() {
  benchscale status net --json | jq -e .switch.pid
}

@test "declared conditions hold from the first packet, net show tells them" {
  three_nodes "latency_ms: 30" "conditions_between: [{from: a, to: c, conditions: {latency_ms: 90}}]"
  between 60 90 "$(rtt a b)"
  between 120 150 "$(rtt a c)"
  run -0 benchscale net show net
  [[ $output == *"a/eth0 on lan"*"sends     latency_ms 30"* ]]
  [[ $output == *"a/eth0 > c/eth0 on lan"*"carries   latency_ms 90"* ]]
}

@test "net set changes wires and --for ends it; reset undoes; packets that are lost are counted" {
  three_nodes
  run -0 benchscale net set net a latency_ms=40
  [[ $output == *"until \`benchscale net reset net\`"* ]]
  between 40 70 "$(rtt a b)"
  run -0 benchscale net set net 'a>b' latency_ms=150 --for 3s
  [[ $output == *"ends by itself after 3.0s"* ]]
  between 150 190 "$(rtt a b)"
  between 40 70 "$(rtt a c)"
  until_true 6 one_fault
  between 40 70 "$(rtt a b)"
  benchscale net reset net
  between 0 20 "$(rtt a b)"
  benchscale net set net b/eth0 packet_loss_percent=100
  cut_off a b
  [ "$(drops b loss)" -ge 3 ]
  benchscale net reset net b
  reaches a b
  benchscale net set net b packet_loss_percent=100 --ingress
  before=$(drops b loss)
  cut_off a b
  [ "$(drops b loss)" -gt "$before" ]
}

@test "partitions cut and heal: groups, one way, bridge, majority; commands go through all the same" {
  three_nodes
  benchscale net partition net a,c b
  cut_off a b
  reaches a c
  [ "$(benchscale exec net/b -- hostname)" = b ]
  [ "$(drops a cut)" -ge 3 ]
  benchscale net heal net
  reaches a b
  benchscale net partition net a b --one-way
  cut_off a b
  benchscale net heal net
  benchscale net partition net a b --bridge c
  cut_off a b
  reaches a c
  reaches b c
  benchscale net heal net
  benchscale net partition net --majority --for 2s
  reaches a b
  cut_off a c
  until_true 5 no_faults
  reaches a c
  benchscale net partition net a/eth0 b c
  for node in a b c; do [ "$(benchscale exec net/$node -- hostname)" = $node ]; done
  run -0 benchscale net show net
  [[ $output == *"partition a/eth0 | b | c (net partition)"* ]]
}

@test "a wire that is down carries nothing, either way, and comes up by itself" {
  three_nodes
  benchscale net set net a/eth0 --down --for 2s
  cut_off a b
  cut_off c a
  reaches b c
  [ "$(drops a down)" -ge 1 ]
  until_true 5 no_faults
  reaches a b
}

@test "kill -9 of the switch: conditions, partitions and deadlines hold, and it is back at once" {
  three_nodes "latency_ms: 20"
  benchscale net partition net a b --for 60s
  benchscale net set net c latency_ms=80
  old=$(switch_pid)
  kill -9 "$old"
  until_true 5 gone "$old"
  cut_off a b
  between 100 130 "$(rtt a c)"
  [ "$(switch_pid)" != "$old" ]
  died=$(jq -r 'select(.kind == "switch-died") | .time' "$BENCHSCALE_STATE_DIR/labs/net/events.ndjson" | tail -1)
  back=$(jq -r 'select(.kind == "switch-restarted") | .time' "$BENCHSCALE_STATE_DIR/labs/net/events.ndjson" | tail -1)
  between 0 100 $((($(date -d "$back" +%s%N) - $(date -d "$died" +%s%N)) / 1000000))
  left=$(benchscale net show net --json | jq '[.faults[] | select(.kind == "partition") | .left_ms] | .[0] | floor')
  between 1 60000 "$left"
}

@test "kill -9 of the supervisor: its successor keeps conditions, partitions and what is left of their time" {
  three_nodes "latency_ms: 20"
  benchscale net partition net a b --for 6s
  benchscale net set net c latency_ms=80
  old=$(pid_of supervisor)
  kill -9 "$old"
  until_true 5 gone "$old"
  cut_off a b
  [ "$(faults)" -eq 2 ]
  between 100 130 "$(rtt a c)"
  until_true 8 reaches a b
  [ "$(faults)" -eq 1 ]
}

@test "a deadline is kept when everything but the supervisor was killed" {
  three_nodes
  benchscale net set net lan latency_ms=50 --for 3s
  for node in a b c; do kill -9 "$(pid_of node:$node)"; done
  kill -9 "$(switch_pid)"
  until_true 6 no_faults
  grep -q '"kind":"fault-ended"' "$BENCHSCALE_STATE_DIR/labs/net/events.ndjson"
  benchscale down --quiet net
  nothing_left
}

@test "schedules count from when the lab is ready" {
  three_nodes "schedule: [{at: 3s, for: 4s, down: true}]"
  until_true 10 cut_off a b
  until_true 15 reaches a b
  until_true 5 reaches a c
}

@test "a trace limits the rate, and one that is none is refused with its place" {
  printf '100\n' > slow.trace # 1504 bytes each 100 ms
  three_nodes "trace: slow.trace"
  # fifteen large packets within a fraction of a second: the last one waits long for its turn
  slowest=$(benchscale exec net/a -- ping -c 15 -i 0.01 -s 1400 -W 5 b | sed -nE 's/.*time=([0-9]+).*/\1/p' | sort -n | tail -1)
  between 500 4000 "$slowest"
  [ -d "$BENCHSCALE_STATE_DIR/labs/net/traces" ]
  printf '5\nx\n' > slow.trace
  run -2 benchscale up --name other net.yaml
  [[ $output == *"net.yaml:3:"*"'trace': slow.trace:2:1: 'x' is no time of a trace"* ]]
  run -2 benchscale net set net a trace=slow.trace
  [[ $output == *"slow.trace:2:1: 'x' is no time of a trace"*"hint: one number a line"* ]]
}

@test "scenario steps change wires, and their faults end with the scenario" {
  three_nodes "" "
scenarios:
  - name: cut and back
    steps:
      - {name: cut, fault: {partition: [[a], [b, c]], for: 60s}}
      - {name: gone, node: a, command: [ping, -c1, -W1, b], expected_exit_code: 1}
  - name: slow
    steps:
      - {name: reached, node: a, command: [ping, -c1, -W2, b], retry: {every: 100ms, for: 10s}}
      - {name: down, fault: {down: [c], for: 1s}}
      - {name: away, node: a, command: [ping, -c1, -W1, c], expected_exit_code: 1}
      - {name: again, node: a, command: [ping, -c1, -W1, c], retry: {every: 100ms, for: 10s}}
      - {name: lossy, net: {conditions: {packet_loss_percent: 100}, nodes: [b]}}
      - {name: lost, node: a, command: [ping, -c1, -W1, b], expected_exit_code: 1}
      - {name: reset, net: {reset: [b]}}
      - {name: fine, node: a, command: [ping, -c1, -W1, b]}"
  run -0 benchscale test net
  [[ $output == *"2 passed, 0 failed"* ]]
  no_faults
}

@test "what cannot be set is refused with the word, and changes nothing" {
  three_nodes
  run -2 benchscale net set net a latency=5
  [[ $output == *"latency=5: unknown key 'latency'"*"did you mean 'latency_ms'?"* ]]
  run -2 benchscale net set net a packet_loss_percent=120
  [[ $output == *"must be a number from 0 to 100, not '120'"* ]]
  run benchscale net set net nobody latency_ms=5
  [ "$status" -ne 0 ]
  [[ $output == *"lab 'net' has no node and no network 'nobody'"* ]]
  run -2 benchscale net set net 'a>b' latency_ms=5 --ingress
  [[ $output == *"what a node receives has no conditions for each sender"* ]]
  run -2 benchscale net partition net a
  [[ $output == *"a partition is of two groups or more"* ]]
  run -2 benchscale net partition net a,b b
  [[ $output == *"'b' is in the partition twice"* ]]
  no_faults
}
