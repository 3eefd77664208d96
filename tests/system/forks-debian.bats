#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# forks-debian.bats — two forks of a Debian machine are two machines

load helpers

prepare() {
  cat > pair.yaml << 'YAML'
metadata: {name: pair}
networks: [{name: lan, subnet: 10.76.0.0/24}]
nodes:
  - {name: a, image: debian-12}
  - {name: b, image: debian-12}
YAML
}

on() {
  benchscale exec -n "pair/$1" sh -c "$2"
}

differ() {
  [ -n "$(on a "$1")" ]
  [ "$(on a "$1")" != "$(on b "$1")" ]
}

# Least distance of a node's clock from ours, in milliseconds: it must lie between two looks at ours, and the closest pair of
# looks tells most.
clock_error() {
  local before guest after least=1000000 off
  for _ in 1 2 3 4 5 6; do
    before=$(date +%s%N)
    guest=$(on "$1" 'date +%s%N')
    after=$(date +%s%N)
    off=0
    [ "$guest" -ge "$before" ] || off=$(((before - guest) / 1000000))
    [ "$guest" -le "$after" ] || off=$(((guest - after) / 1000000))
    [ "$off" -ge "$least" ] || least=$off
  done
  echo "$least"
}

@test "forks differ in name, machine-id, addresses and random numbers; their clocks are right" {
  benchscale up pair.yaml > first.log 2>&1 || { cat first.log; return 1; }
  differ hostname
  differ 'cat /etc/machine-id'
  differ 'cat /sys/class/net/eth0/address'
  differ 'ip -4 -o addr show dev eth0'
  differ 'ip -6 -o addr show dev eth0'
  [ "$(clock_error a)" -le 50 ]
  [ "$(clock_error b)" -le 50 ]
  for node in a b; do
    on "$node" 'od -An -v -tx8 -w16 -N16000 /dev/urandom' > "$node.random"
  done
  [ "$(sort -u a.random b.random | wc -l)" -eq 2000 ]
  # the way out that provisioning has is not there
  [ -z "$(on a 'ip route show default')" ]
  on a 'ping -c1 -W5 b'
}

@test "disks of forks are whole and no deeper than image, template, node" {
  benchscale up --quiet pair.yaml > /dev/null
  on a 'dd if=/dev/urandom of=/root/file bs=1M count=8 2>/dev/null; sync'
  disk=$BENCHSCALE_STATE_DIR/labs/pair/nodes/a/disk.qcow2
  [ "$(qemu-img info -U --backing-chain --output=json "$disk" | jq length)" -eq 3 ]
  cp "$disk" copy.qcow2
  for image in $(qemu-img info -U --backing-chain --output=json "$disk" | jq -r '.[1:][] | select(.format == "qcow2") | .filename'); do
    qemu-img check -U "$image"
  done
}
