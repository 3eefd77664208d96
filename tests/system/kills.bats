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

# A ping in alpha that outlives the session that started it.
start_ping() {
  benchscale exec two/alpha sh -c 'setsid ping -i 0.1 beta > /tmp/ping 2>&1 < /dev/null & echo $! > /tmp/ping.pid'
  until_true 20 ping_got 5
}

# ping_got N — at least N answers came so far
ping_got() {
  [ "$(benchscale exec two/alpha sh -c 'grep -c "bytes from" /tmp/ping; true')" -ge "$1" ]
}

# Ends it; sets $transmitted and $received.
end_ping() {
  local summary
  benchscale exec two/alpha sh -c 'kill -INT $(pidof ping)'
  until_true 10 benchscale exec two/alpha grep -q received /tmp/ping
  summary=$(benchscale exec two/alpha grep received /tmp/ping)
  transmitted=$(sed -E 's/^([0-9]+) packets transmitted.*/\1/' <<< "$summary")
  received=$(sed -E 's/.* ([0-9]+) (packets )?received.*/\1/' <<< "$summary")
  echo "# $summary"
}

@test "kill -9 of the supervisor: machines and wires go on, the next command takes over" {
  two_nodes
  benchscale up --quiet two.yaml
  alpha=$(pid_of node:alpha)
  start_ping
  supervisor=$(pid_of supervisor)
  kill -9 "$supervisor"
  until_true 5 gone "$supervisor"
  kill -0 "$alpha"

  [ "$(benchscale exec two/alpha hostname)" = alpha ]
  [ "$(pid_of supervisor)" != "$supervisor" ]
  [ "$(pid_of node:alpha)" = "$alpha" ]
  has_event supervisor-took-over
  before=$(benchscale exec two/alpha sh -c 'grep -c "bytes from" /tmp/ping')
  until_true 20 ping_got $((before + 5))
  end_ping
  [ "$received" -gt 10 ]
  [ "$transmitted" -eq "$received" ]
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
  start_ping
  before=$(benchscale status two --json | jq '.nodes[0].interfaces[0].counters.rx_packets')
  switch=$(pid_of switch)
  kill -9 "$switch"
  until_true 5 has_event switch-restarted
  [ "$(pid_of switch)" != "$switch" ]
  benchscale exec two/alpha ping -c2 -w5 beta
  after=$(benchscale status two --json | jq '.nodes[0].interfaces[0].counters.rx_packets')
  [ "$after" -gt "$before" ]
  has_event switch-died
  got=$(benchscale exec two/alpha sh -c 'grep -c "bytes from" /tmp/ping')
  until_true 20 ping_got $((got + 5))
  end_ping
  [ $((transmitted - received)) -le 5 ]
}

@test "kill -9 of switch and supervisor together: the next command mends both" {
  two_nodes
  benchscale up --quiet two.yaml
  kill -9 "$(pid_of supervisor)" "$(pid_of switch)"
  benchscale exec two/alpha ping -c2 -w5 beta
  benchscale exec two/beta ping -c2 -w5 alpha
}

@test "kill -9 of up and its supervisor at once: down leaves nothing" {
  two_nodes
  for point in start-switch.after create-node.after start-node.after; do
    BENCHSCALE_FAILPOINT=$point:kill benchscale up two.yaml > up.log 2>&1 && { echo "$point was never passed"; false; }
    kill -9 "$(pid_of supervisor)"
    benchscale down --quiet two
    nothing_left
  done
}

@test "a takeover with a damaged record: wires, guests and counters are as before" {
  two_nodes
  benchscale up --quiet two.yaml
  start_ping
  supervisor=$(pid_of supervisor)
  kill -9 "$supervisor"
  until_true 5 gone "$supervisor"
  echo '{"format":' > "$BENCHSCALE_STATE_DIR/labs/two/supervisor.json"
  benchscale exec two/beta ping -c2 -w5 alpha
  has_event record-lost
  [ "$(benchscale status two --json | jq -r .state)" = running ]
  got=$(benchscale exec two/alpha sh -c 'grep -c "bytes from" /tmp/ping')
  until_true 20 ping_got $((got + 5))
  end_ping
  [ "$transmitted" -eq "$received" ]
}

@test "a takeover on a full disk works" {
  [ "$(id -u)" -eq 0 ] || skip "needs root for a tmpfs"
  two_nodes
  # outside of the folder that is listed for leftovers
  disk=$(mktemp -d)
  mount -t tmpfs -o size=64m tmpfs "$disk"
  export BENCHSCALE_STATE_DIR=$disk/state
  mkdir "$disk/state"
  # from here to the unmounting nothing may end the test
  code=0
  benchscale up --quiet two.yaml || code=$?
  supervisor=$(pid_of supervisor) || code=$?
  switch=$(pid_of switch) || code=$?
  kill -9 "$supervisor" || code=$?
  until_true 5 gone "$supervisor" || code=$?
  cat /dev/zero > "$disk/filler" 2> /dev/null || true
  benchscale exec two/alpha ping -c2 -w5 beta || code=$?
  benchscale exec two/beta ping -c2 -w5 alpha || code=$?
  successor=$(pid_of supervisor) || code=$?
  replaced=$(pid_of switch) || code=$?
  benchscale down --quiet two || code=$?
  left=$(tagged ":")
  rm -f "$disk/filler"
  umount -l "$disk"
  rmdir "$disk"
  [ "$code" -eq 0 ]
  [ "$successor" != "$supervisor" ]
  [ "$replaced" != "$switch" ]
  [ -z "$left" ]
}

@test "down does not wait long for a supervisor that is stopped" {
  two_nodes
  benchscale up --quiet two.yaml
  kill -STOP "$(pid_of supervisor)"
  begin=$(date +%s%N)
  benchscale down --quiet two
  [ $((($(date +%s%N) - begin) / 1000000)) -lt 4000 ]
  nothing_left
}

@test "kill -9 of a machine: noticed at once, told, the rest works, down removes all" {
  two_nodes
  benchscale up --quiet --cold two.yaml
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
