#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# wire.bats — what forks send from their first moment on: never a template's address, never another's
#
# QEMU itself writes down each frame that a guest sends, beginning before the fork goes on.

load helpers

# A QEMU that does so, in nodes/NAME/wireN.pcap. In a place of its own, as a template depends on the QEMU it is for.
prepare() {
  local folder=$BENCHSCALE_CACHE_DIR/wire
  mkdir -p "$folder"
  cat > qemu << 'SCRIPT'
#!/bin/sh
previous=
for argument; do
  [ "$previous" != -name ] || name=${argument##*:}
  [ "$previous" != -netdev ] || case $argument in
    dgram,id=net*)
      number=${argument#dgram,id=net}
      number=${number%%,*}
      set -- "$@" -object "filter-dump,id=dump$number,netdev=net$number,queue=rx,file=nodes/$name/wire$number.pcap"
      ;;
  esac
  previous=$argument
done
exec qemu-system-x86_64 "$@"
SCRIPT
  chmod +x qemu
  cmp -s qemu "$folder/qemu" || mv qemu "$folder/qemu"
  export BENCHSCALE_QEMU=$folder/qemu BENCHSCALE_ACCEL=tcg
}

triple() {
  cat << YAML
metadata: {name: triple}
networks: [{name: lan, subnet: 10.79.0.0/24}]
nodes:
  - {name: n, count: 3, image: $1}
YAML
}

on() {
  benchscale exec -n "triple/$1" sh -c "$2"
}

# Each thing that must differ, of three forks.
all_differ() {
  local what
  for what in "$@"; do
    for node in n-1 n-2 n-3; do echo "$(on "$node" "$what")"; done > values
    [ "$(grep -c . values)" -ge 3 ] || { echo "nothing: $what"; return 1; }
    [ "$(sort values | uniq -d | grep -cvE '^ *$' || true)" -eq 0 ] || { echo "the same: $what"; cat values; return 1; }
  done
}

# Each asks for the others, so that all of them show their addresses.
talk() {
  on n-1 'ping -c1 -W5 n-2 && ping -c1 -W5 n-3'
  on n-2 'ping -c1 -W5 n-3'
}

check() {
  local lab=$BENCHSCALE_STATE_DIR/labs/triple
  for node in n-1 n-2 n-3; do cp "$lab/nodes/$node/wire0.pcap" "$node.pcap"; done
  cp "$lab/lab.json" .
  "$BATS_TEST_DIRNAME/check-wire" lab.json n-1=n-1.pcap n-2=n-2.pcap n-3=n-3.pcap
  # it would see it
  refute "$BATS_TEST_DIRNAME/check-wire" lab.json n-1=n-2.pcap n-2=n-1.pcap n-3=n-3.pcap
}

draws() {
  for node in n-1 n-2 n-3; do
    on "$node" 'dd if=/dev/urandom bs=16 count=1000 2>/dev/null | od -An -v -tx4 -w16'
  done > draws.log
  [ "$(wc -l < draws.log)" -eq 3000 ]
  [ "$(sort -u draws.log | wc -l)" -eq 3000 ]
}

@test "forks of a tiny machine send nothing but their own addresses, and are themselves" {
  triple tiny | sed 's/count: 3/count: 3, memory_mb: 96/' > triple.yaml
  benchscale up triple.yaml > up.log 2>&1 || { cat up.log; return 1; }
  [ "$(jq -r '[.nodes[].template] | unique | length' "$BENCHSCALE_STATE_DIR/labs/triple/lab.json")" -eq 1 ]
  talk
  check
  all_differ hostname 'cat /etc/machine-id' 'cat /sys/class/net/eth0/address' "ip addr show dev eth0 | grep -w inet" \
    'cat /proc/sys/kernel/random/uuid'
  draws
}

@test "forks of a Debian machine send nothing but their own addresses, and are themselves" {
  triple debian-12 > triple.yaml
  benchscale up triple.yaml > up.log 2>&1 || { cat up.log; return 1; }
  talk
  check
  all_differ hostname 'cat /etc/machine-id' 'cat /etc/ssh/ssh_host_ed25519_key.pub' 'cat /sys/class/net/eth0/address' \
    'ip -4 -o addr show dev eth0' 'ip -6 -o addr show dev eth0' 'cat /proc/sys/kernel/random/uuid'
  for node in 1 2 3; do
    [ "$(on n-$node 'cat /etc/machine-id')" = "$(jq -r ".nodes[$((node - 1))].machine_id" lab.json)" ]
  done
  draws
}
