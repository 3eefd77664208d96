#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# capture.bats — what passes on the wires of real machines is seen, kept, recorded, replayed and measured

load helpers

bats_require_minimum_version 1.5.0

# lossy [SEED] — two machines on a network whose decisions come from this seed
lossy() {
  cat > two.yaml << YAML
metadata: {name: two}
seed: ${1:-1}
networks:
  - {name: lan, subnet: 10.77.0.0/24}
nodes:
  - {name: alpha, image: tiny, memory_mb: 128, interfaces: [{network: lan, address: 10.77.0.10}]}
  - {name: beta, image: tiny, memory_mb: 128, interfaces: [{network: lan, address: 10.77.0.11}]}
YAML
}

# ping_beta COUNT — prints the numbers of the pings that came back
ping_beta() {
  benchscale exec two/alpha ping -c "$1" -i 0.05 -W 1 10.77.0.11 | sed -n 's/.* seq=\([0-9]*\) .*/\1/p'
}

frames() {
  tcpdump -nr "$1" "${@:2}" 2> /dev/null | wc -l
}

# What the lab's supervisor holds: "0" when no tap is left
taps() {
  tagged ':switch$' | cut -d' ' -f1 | while read -r pid; do
    find "/proc/$pid/fd" -lname '*benchscale-ring*' 2> /dev/null | wc -l
  done
}

no_taps() {
  [ "$(taps)" = 0 ]
}

@test "a capture shows each frame once, with nanoseconds; an interface shows both ways" {
  lossy
  benchscale up two.yaml --quiet
  benchscale net capture two -w all.pcap --quiet 3>&- &
  local all=$!
  benchscale net capture two --interface alpha/eth0 -w alpha.pcap --quiet 3>&- &
  local alpha=$!
  until_true 5 test -s all.pcap
  until_true 5 test -s alpha.pcap
  [ "$(ping_beta 5 | wc -l)" -eq 5 ]
  enough() { [ "$(frames all.pcap icmp)" -ge 10 ] && [ "$(frames alpha.pcap icmp)" -ge 10 ]; }
  until_true 5 enough
  kill -INT "$all" "$alpha"
  wait "$all"
  wait "$alpha"
  [ "$(frames all.pcap 'icmp[icmptype] = icmp-echo')" -eq 5 ]
  [ "$(frames all.pcap 'icmp[icmptype] = icmp-echoreply')" -eq 5 ]
  [ "$(frames alpha.pcap 'icmp[icmptype] = icmp-echoreply and src 10.77.0.11')" -eq 5 ]
  [ "$(head -c 4 all.pcap | od -An -tx4 | tr -d ' ')" = a1b23c4d ]
  # not all of them end in three zeros
  tcpdump --nano -nr all.pcap 2> /dev/null | cut -d' ' -f1 | grep -vq '000$'
  until_true 5 no_taps
}

@test "a capture ends by itself, and with its pipe, and by the death of its process" {
  lossy
  benchscale up two.yaml --quiet
  benchscale net capture two --pair alpha:beta -w three.pcap --count 3 2> said 3>&- &
  local counted=$!
  until_true 5 test -s three.pcap
  ping_beta 3 > /dev/null
  wait "$counted"
  [ "$(frames three.pcap)" -eq 3 ]
  [ "$(cat said)" = "3 frames" ]
  benchscale net capture two -w - --quiet 3>&- | head -c 24 > head.pcap
  [ "$(stat -c %s head.pcap)" -eq 24 ]
  benchscale net capture two -w killed.pcap --quiet 3>&- &
  local killed=$!
  until_true 5 test -s killed.pcap
  kill -KILL "$killed"
  until_true 5 no_taps
  run benchscale net capture two -w x.pcap --network nowhere
  [ "$status" -ne 0 ]
  [ "${lines[0]}" = "benchscale: the lab has no network 'nowhere'" ]
}

@test "what is dropped is captured, with its cause" {
  lossy
  benchscale up two.yaml --quiet
  [ "$(ping_beta 1)" = 0 ]
  benchscale net set two 'alpha>beta' packet_loss_percent=100 > /dev/null
  benchscale net capture two --drops -w lost.pcap 2> said 3>&- &
  local drops=$!
  until_true 5 test -s lost.pcap
  run ping_beta 4
  [ "$output" = "" ]
  four() { [ "$(frames lost.pcap 'icmp[icmptype] = icmp-echo')" -eq 4 ]; }
  until_true 5 four
  kill -INT "$drops"
  wait "$drops"
  [ "$(cat said)" = "$(frames lost.pcap) frames, loss $(frames lost.pcap)" ]
}

@test "the same packets are lost when a recording is replayed, whatever the seed" {
  lossy 1
  benchscale up two.yaml --quiet
  [ "$(ping_beta 1)" = 0 ]
  benchscale net record two -o first.log 2> said 3>&- &
  local recorder=$!
  until_true 5 grep -q recording said
  benchscale net set two lan packet_loss_percent=30 > /dev/null
  ping_beta 40 > first
  kill -INT "$recorder"
  wait "$recorder"
  [ "$(wc -l < first)" -gt 5 ]
  [ "$(wc -l < first)" -lt 35 ]
  benchscale down two --quiet
  lossy 2
  benchscale up two.yaml --quiet
  [ "$(ping_beta 1)" = 0 ]
  benchscale net set two lan packet_loss_percent=30 > /dev/null
  benchscale net replay two first.log --quiet
  ping_beta 40 > second
  diff first second
  benchscale net replay two --stop
  benchscale down two --quiet
  # without it, this seed loses others
  benchscale up two.yaml --quiet
  [ "$(ping_beta 1)" = 0 ]
  benchscale net set two lan packet_loss_percent=30 > /dev/null
  ping_beta 40 > third
  refute diff -q first third
}

@test "a broken log is refused and changes nothing" {
  lossy
  benchscale up two.yaml --quiet
  echo "no log" > broken
  run benchscale net replay two broken
  [ "$status" -ne 0 ]
  [ "${lines[0]}" = "benchscale: 'broken' is no log to replay: it is too short" ]
  [ "${#lines[@]}" -eq 2 ]
  run benchscale net replay two --stop
  [ "${lines[0]}" = "benchscale: lab 'two' follows no log" ]
}

@test "a kept ring outlives switch and supervisor, and is saved when a scenario fails" {
  lossy
  cat >> two.yaml << 'YAML'
scenarios:
  - name: fails
    steps: [{node: alpha, command: "false"}]
YAML
  benchscale up two.yaml --quiet
  benchscale net capture two --ring 1M
  run benchscale net capture two --ring 1M
  [ "${lines[0]}" = "benchscale: lab 'two' keeps a capture already" ]
  ping_beta 2 > /dev/null
  kill -KILL "$(pid_of switch)"
  until_true 5 grep -q switch-restarted "$BENCHSCALE_STATE_DIR/labs/two/events.ndjson"
  kill -KILL "$(pid_of supervisor)"
  ping_beta 2 > /dev/null
  run benchscale test two --report json=report.json --quiet
  [ "$status" -eq 1 ]
  [ "$(frames report.pcap 'icmp[icmptype] = icmp-echo')" -eq 4 ]
  benchscale net capture two --stop
  run benchscale net capture two --save x.pcap
  [ "${lines[0]}" = "benchscale: lab 'two' keeps no capture" ]
}

@test "verify measures what is declared, and says when it is not so" {
  lossy
  benchscale up two.yaml --quiet
  benchscale net set two lan latency_ms=10 packet_loss_percent=5 > /dev/null
  benchscale net verify two alpha beta --allow 10ms --json > result.json
  jq -e '.agrees and .round_trip.declared_ms == 20 and .round_trip.low > 19' result.json
  jq -e '.directions[0].loss | .declared_percent == 5 and .sent == 200 and .received < 200' result.json
  # the wire is as declared; what a guest adds is more than nothing
  run benchscale net verify two alpha beta --allow 0ms --count 50
  [ "$status" -eq 1 ]
  [[ $output == *DIFFERS* ]]
  benchscale net set two lan latency_ms=0 packet_loss_percent=0 bandwidth_kbps=2000 > /dev/null
  benchscale net verify two alpha beta --allow 10ms --json > rate.json
  jq -e '.directions | all(.rate.declared_kbps == 2000 and .rate.agrees)' rate.json
  run benchscale net verify two alpha alpha
  [ "$status" -eq 2 ]
}
