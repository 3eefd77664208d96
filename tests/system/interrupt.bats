#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# interrupt.bats — Ctrl-C undoes what was begun
#
# Machines boot here: a fork is up before anybody can interrupt it.

load helpers

machine_runs() {
  pid_of node:alpha > /dev/null
}

@test "SIGINT during up: exit code 130 and nothing left" {
  two_nodes
  benchscale up --cold two.yaml > log 2>&1 3>&- &
  pid=$!
  until_true 10 machine_runs
  kill -INT $pid
  wait $pid || code=$?
  [ "$code" -eq 130 ]
  nothing_left
}

@test "SIGTERM during up does the same" {
  two_nodes
  benchscale up --cold two.yaml > log 2>&1 3>&- &
  pid=$!
  until_true 10 machine_runs
  kill -TERM $pid
  wait $pid || code=$?
  [ "$code" -eq 130 ]
  nothing_left
}

@test "SIGINT during a test run: the rest is skipped, the lab is gone" {
  cat > slow.yaml << 'EOF'
metadata: {name: slow}
nodes:
  - {name: alpha, image: tiny, memory_mb: 128}
scenarios:
  - name: long
    steps:
      - {name: begin, node: alpha, command: [touch, /tmp/begun]}
      - {name: wait, node: alpha, command: [sleep, "600"]}
      - {name: never, node: alpha, command: ["true"]}
EOF
  benchscale test slow.yaml > log 2>&1 3>&- &
  pid=$!
  begun() { benchscale exec -n slow/alpha test -e /tmp/begun 2> /dev/null; }
  until_true 30 begun
  kill -INT $pid
  wait $pid || code=$?
  cat log
  [ "$code" -eq 130 ]
  nothing_left
}

@test "down while an up is at work is refused, and the up goes on" {
  two_nodes
  benchscale up --cold two.yaml > log 2>&1 3>&- &
  pid=$!
  until_true 10 machine_runs
  run benchscale down two
  [ "$status" -eq 4 ]
  [[ "$output" == *"in use by another command"* ]]
  wait $pid
  benchscale exec two/alpha true
}

@test "up gives up after --timeout and undoes what it began" {
  two_nodes
  run benchscale up --cold --timeout 300ms two.yaml
  [ "$status" -eq 5 ]
  nothing_left
}
