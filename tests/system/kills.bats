#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# kills.bats — kill -9 of each part of a running lab

load helpers

events() {
  cat "$BENCHSCALE_STATE_DIR/labs/two/events.ndjson"
}

gone() {
  ! kill -0 "$1" 2> /dev/null
}

has_event() {
  events | jq -es --arg kind "$1" 'any(.[]; .kind == $kind)' > /dev/null
}

@test "kill -9 of the supervisor: machines and wires go on, the next command takes over" {
  two_nodes
  benchscale up --quiet two.yaml
  alpha=$(pid_of node:alpha)
  benchscale exec two/alpha sh -c 'ping -c 1000000 -i 0.2 beta > /tmp/ping 2>&1 &'
  supervisor=$(pid_of supervisor)
  kill -9 "$supervisor"
  until_true 5 gone "$supervisor"
  kill -0 "$alpha"

  [ "$(benchscale exec two/alpha hostname)" = alpha ]
  [ "$(pid_of supervisor)" != "$supervisor" ]
  [ "$(pid_of node:alpha)" = "$alpha" ]
  benchscale exec two/beta ping -c1 -w5 alpha
  has_event supervisor-took-over
  # The ping that ran all the time belonged to an ended session: it was ended with it, or its wires went on.
  benchscale down --quiet two
  nothing_left
}

@test "kill -9 of the supervisor: down works at once" {
  two_nodes
  benchscale up --quiet two.yaml
  kill -9 "$(pid_of supervisor)"
  benchscale down --quiet two
  nothing_left
}

@test "kill -9 of the switch: restarted, the wires work again, the machines never noticed" {
  two_nodes
  benchscale up --quiet two.yaml
  benchscale exec two/alpha ping -c1 -w5 beta
  before=$(benchscale status two --json | jq '.nodes[0].interfaces[0].counters.rx_packets')
  switch=$(pid_of switch)
  kill -9 "$switch"
  until_true 5 has_event switch-restarted
  [ "$(pid_of switch)" != "$switch" ]
  benchscale exec two/alpha ping -c2 -w5 beta
  after=$(benchscale status two --json | jq '.nodes[0].interfaces[0].counters.rx_packets')
  [ "$after" -gt "$before" ]
  has_event switch-died
}

@test "kill -9 of switch and supervisor together: the next command mends both" {
  two_nodes
  benchscale up --quiet two.yaml
  kill -9 "$(pid_of supervisor)" "$(pid_of switch)"
  benchscale exec two/alpha ping -c2 -w5 beta
  benchscale exec two/beta ping -c2 -w5 alpha
}

@test "kill -9 of a machine: noticed at once, told, the rest works, down removes all" {
  two_nodes
  benchscale up --quiet two.yaml
  kill -9 "$(pid_of node:beta)"
  until_true 5 has_event machine-died
  events | jq -es 'map(select(.kind == "machine-died")) | .[0] | .node == "beta" and .data.signal == 9 and (.data.console | length > 0)'
  [ "$(benchscale status two --json | jq -r .state)" = degraded ]
  run benchscale exec two/beta true
  [ "$status" -eq 125 ]
  [[ "$output" == *"beta"* ]]
  benchscale exec two/alpha true
  benchscale logs two/beta | grep -q "Linux version"
}

@test "an exec that runs when its machine dies ends with an error" {
  two_nodes
  benchscale up --quiet two.yaml
  benchscale exec -n two/beta sh -c 'echo up; sleep 1000' > out 2> err 3>&- &
  pid=$!
  until_true 10 grep -q up out
  kill -9 "$(pid_of node:beta)"
  wait $pid || code=$?
  [ "$code" -eq 125 ]
  grep -q beta err || grep -qi "died\|gone\|ended" err
}

@test "a guest that panics is told with the reason" {
  one_node
  benchscale up --quiet one.yaml
  benchscale exec one/alpha sh -c 'echo 1 > /proc/sys/kernel/sysrq; (sleep 0.2; echo c > /proc/sysrq-trigger) > /dev/null 2>&1 &'
  died() { jq -es 'any(.[]; .kind == "machine-died")' "$BENCHSCALE_STATE_DIR/labs/one/events.ndjson" > /dev/null; }
  until_true 20 died
  jq -es 'map(select(.kind == "machine-died")) | .[0].data.cause == "kernel panic"' "$BENCHSCALE_STATE_DIR/labs/one/events.ndjson"
}

@test "gc removes what a lost host has left, and touches no running lab" {
  two_nodes
  one_node
  benchscale up --quiet two.yaml
  benchscale up --quiet one.yaml
  kill -9 "$(pid_of supervisor)" || true
  rm -rf "$BENCHSCALE_STATE_DIR/labs/two"
  benchscale gc --dry-run | grep -q "would remove two"
  benchscale gc | grep -q "removed two"
  [ "$(benchscale exec one/alpha hostname)" = alpha ]
  run benchscale gc
  [ -z "$output" ]
}
