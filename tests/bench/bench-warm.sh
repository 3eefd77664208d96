#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# bench-warm.sh BUILD — forks of Debian machines, each figure beside its floor
#
# The floor is a shell script that forks the same template with the same QEMU command lines: qemu-img for the overlay, plain
# QMP, and one shell command for identity (name, addresses, keys), nothing hot-plugged. The image has no stock guest agent, so the
# command goes through the guest channel, which is quicker than that agent's first command (0.27 s under TCG): the floor is a hard one.
#
# warm-ssh-N    benchscale up of N machines until every SSH server has shown the key that its machine was given, over the script
# warm-exec-N   the same up until `exec … true` has ended in each, over the script's one time: until SSH answers
# clone-own-memory, clones-memory   with eight: pages of guest RAM that one has alone when ready; PSS of all, over a cold one's
# derived       a template with one package more, over installing the package file in a running machine
set -euo pipefail

BUILD=$(cd "$1" && pwd)
HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/lib.sh"
FLOORS=$BUILD/tests/bench/floors
WORK=$(mktemp -d)
export BENCHSCALE_STATE_DIR=$WORK/state BENCHSCALE_CACHE_DIR=${BENCHSCALE_TEST_CACHE:-$BUILD/test-cache}
PATH=$BUILD:$PATH
RUNS=${BENCHSCALE_BENCH_RUNS:-3}
ONLY=${BENCHSCALE_BENCH_ONLY:-}
COUNTS=${BENCHSCALE_BENCH_COUNTS:-1 2 4 8}
IMAGE=${BENCHSCALE_BENCH_IMAGE:-debian-12}
FIRST_PORT=28170

cleanup() {
  benchscale down --all --quiet > /dev/null 2>&1 || true
  [ ! -f "$WORK/pids" ] || xargs -r kill -9 < "$WORK/pids" 2> /dev/null || true
  rm -rf "$WORK"
}
trap cleanup EXIT
cd "$WORK"
mkdir -p "$BENCHSCALE_CACHE_DIR"
ssh-keygen -q -t ed25519 -N '' -C '' -f floor-key

wanted() { [ -z "$ONLY" ] || [ "$ONLY" = "$1" ]; }

topology() { # NAME COUNT [MORE]
  echo "metadata: {name: $1}"
  echo "nodes:"
  for i in $(seq "$2"); do
    echo "  - {name: n$i, image: $IMAGE, memory_mb: 512, ports: ['$((FIRST_PORT + i)):22']${3:+, $3}}"
  done
}

up() { benchscale up --quiet "${@:2}" "$1.yaml" > /dev/null; }
down() { benchscale down --quiet "$1" > /dev/null; }

# pid of a machine of a lab
pid_of() { # LAB NODE
  for cmdline in /proc/[0-9]*/cmdline; do
    if cat "$cmdline" 2> /dev/null | tr '\0' '\n' | grep -qx "benchscale:.*:$1:.*:node:$2"; then
      basename "$(dirname "$cmdline")"
      return
    fi
  done
  return 1
}

# The QEMU command lines of a running lab, one script a machine. The sandbox goes: plain QMP reads the state by `cat`.
floor_scripts() { # LAB COUNT
  rm -rf floor && mkdir floor
  for i in $(seq "$2"); do
    local pid
    pid=$(pid_of "$1" "n$i")
    mkdir -p "floor/nodes/n$i"
    template=$(dirname "$(tr '\0' '\n' < "/proc/$pid/cmdline" | sed -nE 's/.*mem-path=([^,]*)\/ram,.*/\1\/ram/p')")
    {
      echo '#!/bin/sh'
      printf 'exec'
      tr '\0' '\n' < "/proc/$pid/cmdline" | sed -E "/^-sandbox$/,+1d; s/^benchscale:.*:node:/floor:/; s/,local\.type=fd,local\.str=[0-9]+/,local.type=unix,local.path=n$i.a,remote.type=unix,remote.path=n$i.b/; s/'/'\\\\''/g; s/^(.*)$/ '\1'/" | tr -d '\n'
      echo ' < /dev/null > nodes/n'"$i"'/qemu.log 2>&1'
    } > "floor/n$i.sh"
    echo "hostname n$i; echo n$i > /etc/hostname; ip link set eth0 address 52:54:00:aa:00:0$i; ip addr add 10.9.9.$i/24 dev eth0; ip link set eth0 up; umask 077; printf '%b' '$(sed ':a;N;$!ba;s/\n/\\n/g' floor-key)\\n' > /etc/ssh/ssh_host_ed25519_key; echo FLOOR-''READY" > "floor/nodes/n$i/identity"
  done
}

# Waits until each of the forwarded servers has shown a key.
ssh_answers() { # COUNT
  local waiting=()
  for i in $(seq "$1"); do
    (until ssh-keyscan -T 20 -t ed25519 -p $((FIRST_PORT + i)) 127.0.0.1 2> /dev/null | grep -q ssh-ed25519; do :; done) &
    waiting+=($!)
  done
  wait "${waiting[@]}"
}

# "milliseconds until ready, until SSH answers"
floor_up() { # COUNT
  local begin ready
  rm -f floor/nodes/*/*.sock floor/nodes/*/disk.qcow2 floor/*.a pids
  begin=$(now_ms)
  for i in $(seq "$1"); do
    (
      cd floor
      qemu-img create -q -f qcow2 -F qcow2 -b "$template/disk.qcow2" "nodes/n$i/disk.qcow2"
      exec sh "n$i.sh"
    ) > /dev/null 2>&1 &
    echo $! >> pids
  done
  (cd floor && "$FLOORS/floor-fork" "$template/state" $(seq -f 'nodes/n%.0f' "$1"))
  ready=$(now_ms)
  ssh_answers "$1"
  echo $((ready - begin)) $(($(now_ms) - begin))
}

floor_down() {
  xargs kill -9 < pids
  for pid in $(cat pids); do
    while state=$(awk '/^State/ { print $2 }' "/proc/$pid/status" 2> /dev/null) && [ -n "$state" ] && [ "$state" != Z ]; do :; done
  done
  rm -f pids
}

ours_up() { # COUNT
  local begin ready waiting=()
  begin=$(now_ms)
  up "warm$1"
  for i in $(seq "$1"); do
    benchscale exec -n "warm$1/n$i" true &
    waiting+=($!)
  done
  wait "${waiting[@]}"
  ready=$(now_ms)
  ssh_answers "$1"
  echo $((ready - begin)) $(($(now_ms) - begin))
}

bench_warm() { # COUNT
  local both ours_ready=() ours_ssh=() floor_ready=() floor_ssh=()
  topology "warm$1" "$1" > "warm$1.yaml"
  up "warm$1"
  floor_scripts "warm$1" "$1"
  down "warm$1"
  for _ in $(seq "$RUNS"); do
    both=$(floor_up "$1")
    floor_down
    floor_ready+=("${both% *}") floor_ssh+=("${both#* }")
    both=$(ours_up "$1")
    down "warm$1"
    ours_ready+=("${both% *}") ours_ssh+=("${both#* }")
  done
  info "warm-exec-$1-script" "$(median "${floor_ready[@]}")" ms
  info "warm-exec-$1-ours" "$(median "${ours_ready[@]}")" ms
  info "warm-ssh-$1-script" "$(median "${floor_ssh[@]}")" ms
  figure "warm-exec-$1" "$(calc "$(median "${ours_ready[@]}") / $(median "${floor_ssh[@]}")")" ratio "<=" 0.4
  info "warm-ssh-$1-ours" "$(median "${ours_ssh[@]}")" ms
  figure "warm-ssh-$1" "$(calc "$(median "${ours_ssh[@]}") / $(median "${floor_ssh[@]}")")" ratio "<=" 0.8
}

pss_kib() { awk '/^Pss:/ { print $2 }' "/proc/$1/smaps_rollup"; }

# Pages of the guest's RAM that are the clone's alone.
own_ram_kib() { awk '/\/ram$/ { in_it = 1 } in_it && /^Private_(Clean|Dirty):/ { sum += $2 } in_it && /^VmFlags/ { in_it = 0 } END { print sum }' "/proc/$1/smaps"; }

bench_memory() {
  local own=() sum=0 pid cold
  topology memory 8 > memory.yaml
  topology cold 1 > cold.yaml
  up memory
  for i in $(seq 8); do
    pid=$(pid_of memory "n$i")
    own+=("$(own_ram_kib "$pid")")
    sum=$((sum + $(pss_kib "$pid")))
  done
  down memory
  up cold --cold
  cold=$(pss_kib "$(pid_of cold n1)")
  down cold
  info cold-machine-memory "$(calc "$cold / 1024")" MiB
  figure clone-own-memory "$(calc "$(printf '%s\n' "${own[@]}" | sort -g | tail -1) / 1024")" MiB "<=" 16
  figure clones-memory "$(calc "$sum / $cold")" ratio "<=" 0.75
}

bench_derived() {
  local begin install=() derive=() package
  apt-get download tree > /dev/null 2>&1
  package=$(ls tree_*.deb)
  topology plain 1 > plain.yaml
  for run in $(seq "$RUNS"); do
    up plain
    benchscale cp "$package" plain/n1:/tmp/
    begin=$(now_ms)
    benchscale exec -n plain/n1 dpkg -i "/tmp/$package" > /dev/null
    install+=($(($(now_ms) - begin)))
    down plain
    # A file beside it makes each one another template.
    topology derived 1 "packages: [./$package], cloud_init: {write_files: [{path: /run-$run-$$, content: x}]}" > derived.yaml
    begin=$(now_ms)
    up derived
    derive+=($(($(now_ms) - begin)))
    down derived
  done
  info derived-install "$(median "${install[@]}")" ms
  info derived-ours "$(median "${derive[@]}")" ms
  figure derived "$(calc "$(median "${derive[@]}") / $(median "${install[@]}")")" ratio "<=" 2
}

for count in $COUNTS; do
  wanted warm && bench_warm "$count"
done
wanted memory && bench_memory
wanted derived && bench_derived
exit 0
