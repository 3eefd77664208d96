#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# bench-lab.sh BUILD — the figures of a lab of tiny machines, each beside its floor
#
# cold-up-N   benchscale up until all are ready, over a shell script that starts the same QEMU command lines in parallel
#             and waits for the same hello (their links go to unix sockets, since a shell cannot make socket pairs)
# down-4      benchscale down, less killing four such processes and waiting until they are gone
# exec-held   `true` over a held connection, less posix_spawn and wait of the same program inside the guest
# exec-command  the command `benchscale exec`, less `benchscale --version` and the same `true` over a held connection at the same
#             pace (a guest that was left alone for some milliseconds is slower than one asked again at once)
# cp-in       256 MiB into a guest, over the rate of virtio-serial by dd
# version     benchscale --version
# supervisor-memory, supervisor-wakeups   with ten machines
# frames      TCP between two machines through the switch, over two QEMUs back to back on one socket pair
set -euo pipefail

BUILD=$(cd "$1" && pwd)
HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/lib.sh"
FLOORS=$BUILD/tests/bench/floors
WORK=$(mktemp -d)
export BENCHSCALE_STATE_DIR=$WORK/state BENCHSCALE_CACHE_DIR=${BENCHSCALE_TEST_CACHE:-$BUILD/test-cache}
PATH=$BUILD:$PATH
RUNS=${BENCHSCALE_BENCH_RUNS:-5} # more where one takes little time
ONLY=${BENCHSCALE_BENCH_ONLY:-}

cleanup() {
  benchscale down --all --quiet > /dev/null 2>&1 || true
  [ ! -f "$WORK/pids" ] || xargs -r kill -9 < "$WORK/pids" 2> /dev/null || true
  rm -rf "$WORK"
}
trap cleanup EXIT
cd "$WORK"
mkdir -p "$BENCHSCALE_CACHE_DIR"

wanted() { [ -z "$ONLY" ] || [ "$ONLY" = "$1" ]; }

# Cold: what these figures are compared with boots its machines too; bench-warm.sh measures forks.
up() { benchscale up --quiet --cold "$1.yaml" > /dev/null; }
down() { benchscale down --quiet "$1" > /dev/null; }

# The QEMU command lines of a running lab, one script a machine, each with folders of its own and links to nobody.
floor_scripts() { # LAB
  rm -rf floor && mkdir floor
  for node in "$BENCHSCALE_STATE_DIR/labs/$1"/nodes/*; do
    name=$(basename "$node")
    mkdir -p "floor/nodes/$name"
    for cmdline in /proc/[0-9]*/cmdline; do
      if tr '\0' '\n' < "$cmdline" 2> /dev/null | grep -qx "benchscale:.*:node:$name"; then
        {
          echo '#!/bin/sh'
          printf 'exec'
          tr '\0' '\n' < "$cmdline" | sed -E "s/^benchscale:.*:node:/floor:/; s/,local\.type=fd,local\.str=[0-9]+/,local.type=unix,local.path=$name.a,remote.type=unix,remote.path=$name.b/; s/'/'\\\\''/g; s/^(.*)$/ '\1'/" | tr -d '\n'
          echo ' < /dev/null > nodes/'"$name"'/qemu.log 2>&1'
        } > "floor/$name.sh"
        break
      fi
    done
  done
}

# Starts them all, waits for their hellos; prints milliseconds and leaves the pids in the file pids.
floor_up() {
  (
    cd floor
    rm -f nodes/*/*.sock ./*.a ../pids
    sockets=()
    for script in *.sh; do
      sockets+=("nodes/${script%.sh}/guest.sock")
    done
    begin=$(now_ms)
    for script in *.sh; do
      sh "$script" > /dev/null 2>&1 &
      echo $! >> ../pids
    done
    "$FLOORS/floor-hello" "${sockets[@]}"
    end=$(now_ms)
    echo $((end - begin))
  )
}

# Kills them and waits until none is left (a zombie is gone: its memory is).
floor_down() {
  begin=$(now_ms)
  xargs kill -9 < pids
  for pid in $(cat pids); do
    while state=$(awk '/^State/ { print $2 }' "/proc/$pid/status" 2> /dev/null) && [ -n "$state" ] && [ "$state" != Z ]; do :; done
  done
  end=$(now_ms)
  rm -f pids
  echo $((end - begin))
}

bench_cold_up() { # COUNT
  labs_topology "cold$1" "$1" 128 > "cold$1.yaml"
  up "cold$1"
  floor_scripts "cold$1"
  down "cold$1"
  ours=() floors=() downs=() kills=()
  for _ in $(seq "$RUNS"); do
    floors+=("$(floor_up)")
    kills+=("$(floor_down)")
    begin=$(now_ms)
    up "cold$1"
    end=$(now_ms)
    ours+=($((end - begin)))
    begin=$(now_ms)
    down "cold$1"
    end=$(now_ms)
    downs+=($((end - begin)))
  done
  info "cold-up-$1-shell" "$(median "${floors[@]}")" ms
  info "cold-up-$1-ours" "$(median "${ours[@]}")" ms
  figure "cold-up-$1" "$(calc "$(median "${ours[@]}") / $(median "${floors[@]}")")" ratio "<=" 1.10
  [ "$1" = 4 ] || return 0
  info down-4-kill "$(median "${kills[@]}")" ms
  figure down-4 "$(calc "$(median "${downs[@]}") - $(median "${kills[@]}")")" ms "<=" 200
}

# Median milliseconds of 40 runs of a command on this host.
time_command() {
  calc "$("$FLOORS/floor-spawn" 40 "$@" 2> /dev/null | tail -1) / 1000"
}

bench_exec() {
  labs_topology exec 1 128 > exec.yaml
  up exec
  benchscale cp "$FLOORS/floor-spawn" exec/n1:/tmp/floor-spawn
  spawn=() held=() paced=() version=() command=() forks=()
  for _ in $(seq "$RUNS"); do
    spawn+=("$(benchscale exec -n exec/n1 /tmp/floor-spawn 100 true)")
    held+=("$("$BUILD/tests/bench/bench-exec" 100 "" exec n1 true)")
    forks+=("$(time_command /bin/true)")
    version+=("$(time_command "$BUILD/benchscale" --version)")
    paced+=("$("$BUILD/tests/bench/bench-exec" 40 "$BUILD/benchscale" exec n1 true)")
    command+=("$(time_command "$BUILD/benchscale" exec -n exec/n1 true)")
  done
  spawn_ms=$(calc "$(median "${spawn[@]}") / 1000")
  held_ms=$(calc "$(median "${held[@]}") / 1000")
  paced_ms=$(calc "$(median "${paced[@]}") / 1000")
  version_ms=$(median "${version[@]}")
  command_ms=$(median "${command[@]}")
  info exec-spawn-in-guest "$spawn_ms" ms
  info exec-held-ours "$held_ms" ms
  figure exec-held "$(calc "$held_ms - $spawn_ms")" ms "<=" 2
  info start-of-/bin/true "$(median "${forks[@]}")" ms
  figure version "$version_ms" ms "<=" 5
  info exec-command-ours "$command_ms" ms
  info exec-held-at-a-command\'s-pace "$paced_ms" ms
  info exec-command-over-held-back-to-back "$(calc "$command_ms - $held_ms - $version_ms")" ms
  figure exec-command "$(calc "$command_ms - $paced_ms - $version_ms")" ms "<=" 1
  down exec
}

# A QEMU with one more virtio-serial port, for dd.
bench_cp() {
  labs_topology copy 1 768 > copy.yaml
  cat > qemu << 'EOF'
#!/bin/sh
case "$*" in *-version*) exec qemu-system-x86_64 "$@" ;; esac
exec qemu-system-x86_64 "$@" -chardev socket,id=floor,path=floor.sock,server=on,wait=off -device virtserialport,chardev=floor,name=floor
EOF
  chmod +x qemu
  BENCHSCALE_QEMU=$PWD/qemu up copy
  truncate -s 0 big
  head -c 268435456 /dev/urandom > big
  port=$(benchscale exec -n copy/n1 sh -c 'grep -l floor /sys/class/virtio-ports/*/name' | cut -d/ -f5)
  floors=() into_file=() ours=()
  for _ in $(seq "$RUNS"); do
    benchscale exec -n copy/n1 dd if="/dev/$port" of=/dev/null bs=65536 iflag=fullblock count=4096 2> /dev/null &
    reader=$!
    begin=$(now_ms)
    "$FLOORS/floor-pump" "$BENCHSCALE_STATE_DIR/labs/copy/floor.sock" 256
    wait $reader
    end=$(now_ms)
    floors+=("$(calc "256000 / ($end - $begin)")")
    benchscale exec -n copy/n1 dd if="/dev/$port" of=/tmp/big bs=65536 iflag=fullblock count=4096 2> /dev/null &
    reader=$!
    begin=$(now_ms)
    "$FLOORS/floor-pump" "$BENCHSCALE_STATE_DIR/labs/copy/floor.sock" 256
    wait $reader
    end=$(now_ms)
    into_file+=("$(calc "256000 / ($end - $begin)")")
    benchscale exec -n copy/n1 rm /tmp/big
    begin=$(now_ms)
    benchscale cp big copy/n1:/tmp/big
    end=$(now_ms)
    ours+=("$(calc "256000 / ($end - $begin)")")
    benchscale exec -n copy/n1 rm /tmp/big
  done
  info cp-dd "$(median "${floors[@]}")" MiB/s
  info cp-dd-into-a-file "$(median "${into_file[@]}")" MiB/s
  info cp-ours "$(median "${ours[@]}")" MiB/s
  figure cp-in "$(calc "$(median "${ours[@]}") / $(median "${floors[@]}")")" ratio ">=" 0.8
  down copy
}

pid_of_role() {
  for cmdline in /proc/[0-9]*/cmdline; do
    if tr '\0' '\n' < "$cmdline" 2> /dev/null | grep -qx "benchscale:.*:$1:.*:$2"; then
      basename "$(dirname "$cmdline")"
      return
    fi
  done
}

switches() {
  awk '/ctxt_switches/ { n += $2 } END { print n }' /proc/"$1"/task/*/status
}

bench_supervisor() {
  labs_topology ten 10 128 > ten.yaml
  up ten
  supervisor=$(pid_of_role ten supervisor)
  switch=$(pid_of_role ten switch)
  figure supervisor-memory "$(awk '/^Private/ { kb += $2 } END { printf "%.2f", kb / 1024 }' "/proc/$supervisor/smaps_rollup")" MiB "<=" 6
  # A lab at rest, for ten seconds: guests may still speak to each other after boot (neighbour discovery).
  sleep 15
  before=$(switches "$supervisor") before_switch=$(switches "$switch")
  sleep 10
  figure supervisor-wakeups $(($(switches "$supervisor") - before)) wakeups/10s "<=" 0
  info switch-wakeups $(($(switches "$switch") - before_switch)) wakeups/10s
  down ten
}

# The same two machines, once with the switch between, once with one socket pair.
bench_frames() {
  cat > frames.yaml << 'EOF'
metadata: {name: frames}
networks:
  - {name: lan, subnet: 10.99.0.0/24}
nodes:
  - {name: n1, image: tiny, memory_mb: 256, interfaces: [{network: lan, address: 10.99.0.10}]}
  - {name: n2, image: tiny, memory_mb: 256, interfaces: [{network: lan, address: 10.99.0.11}]}
EOF
  direct=() switched=()
  for _ in $(seq "$RUNS"); do
    BENCHSCALE_QEMU=$FLOORS/floor-back-to-back up frames
    direct+=("$(stream_rate)")
    down frames
    up frames
    switched+=("$(stream_rate)")
    down frames
  done
  info frames-back-to-back "$(median "${direct[@]}")" Mbit/s
  info frames-ours "$(median "${switched[@]}")" Mbit/s
  figure frames "$(calc "$(median "${switched[@]}") / $(median "${direct[@]}")")" ratio ">=" 0.85
}

stream_rate() {
  for node in n1 n2; do
    benchscale cp "$FLOORS/floor-stream" frames/$node:/tmp/floor-stream
  done
  benchscale exec -n frames/n2 /tmp/floor-stream receive 5001 > received &
  receiver=$!
  benchscale exec -n frames/n1 sh -c 'until grep -q :1389 /proc/net/tcp /proc/net/tcp6 2> /dev/null || [ $((i += 1)) -gt 3 ]; do sleep 0.2; done; /tmp/floor-stream send 10.99.0.11 5001 5' > /dev/null
  wait $receiver
  calc "$(cat received) * 8 / 1000000"
}

if wanted cold-up; then bench_cold_up 1; bench_cold_up 4; fi
if wanted exec; then bench_exec; fi
if wanted cp; then bench_cp; fi
if wanted supervisor; then bench_supervisor; fi
if wanted frames; then bench_frames; fi
