#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# errors.bats — bad input and bad luck: one clear error, a hint, the right exit code, nothing left

load helpers

# A QEMU that does as the real one, but with something wrong. wrap_qemu NAME 'script'; "$@" are QEMU's arguments.
wrap_qemu() {
  printf '#!/bin/sh\n%s\n' "$1" > qemu
  chmod +x qemu
  export BENCHSCALE_QEMU=$PWD/qemu
}

@test "every error of a topology is told at once, with position and hint" {
  cat > bad.yaml << 'EOF'
metadata: {name: bad}
networks:
  - {name: lan, subnet: 10.300.0.0/24}
nodes:
  - {name: alpha, image: tiny, memry_mb: 128}
  - {name: alpha, image: tiny, depends_on: [nobody]}
EOF
  run benchscale up bad.yaml
  [ "$status" -eq 2 ]
  [[ "$output" == *"benchscale: bad.yaml:3:"* ]]
  [[ "$output" == *"benchscale: bad.yaml:5:"* ]]
  [[ "$output" == *"benchscale: bad.yaml:6:"* ]]
  [[ "$output" == *"memory_mb"* ]]
  [[ "$output" == *"hint: "* ]]
  nothing_left
}

@test "a field that nothing acts on yet is refused with its position" {
  one_node
  sed -i 's/memory_mb: 128/memory_mb: 128, tpm: true/' one.yaml
  run benchscale up one.yaml
  [ "$status" -eq 2 ]
  [[ "$output" == *"one.yaml:3:"*"tpm"*"not supported yet"* ]]
  nothing_left
}

@test "no topology file" {
  run benchscale up nowhere.yaml
  [ "$status" -eq 2 ]
  [[ "$output" == *"nowhere.yaml"* ]]
  run benchscale up .
  [ "$status" -eq 2 ]
}

@test "no QEMU" {
  one_node
  BENCHSCALE_QEMU=/nonexistent/qemu run benchscale up one.yaml
  [ "$status" -eq 3 ]
  [[ "$output" == *"hint: "*"install"* ]]
  nothing_left
}

@test "a QEMU that is too old" {
  one_node
  wrap_qemu 'echo "QEMU emulator version 6.2.0"'
  run benchscale up one.yaml
  [ "$status" -eq 3 ]
  [[ "$output" == *"6.2"*"7.2"* ]]
  nothing_left
}

@test "not enough memory on the host" {
  one_node
  sed -i 's/memory_mb: 128/memory_mb: 1000000/' one.yaml
  run benchscale up one.yaml
  [ "$status" -eq 3 ]
  [[ "$output" == *"one.yaml:3:"*"memory"* ]]
  [[ "$output" == *"hint: "* ]]
  nothing_left
}

@test "machines that fit one by one, but not together: booted, and even as forks" {
  local free
  free=$(awk '/MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)
  printf 'metadata: {name: big}\nnodes: [{name: n, image: tiny, count: 3, memory_mb: %s}]\n' $((free / 2)) > big.yaml
  run benchscale up --cold big.yaml
  [ "$status" -eq 3 ]
  [[ "$output" == *"the lab needs $((free / 2 * 3)) MiB of memory to start, "*" MiB are free"* ]]
  printf 'network: {name: lan, subnet: 10.64.0.0/12}\nnodes: [{name: n, image: tiny, count: %s, memory_mb: 64}]\n' $((free / 64 + 64)) > many.yaml
  run benchscale up many.yaml
  [ "$status" -eq 3 ]
  [[ "$output" == *"the lab needs "*" forks with 64 MiB each), "*" MiB are free"* ]]
  nothing_left
}

@test "no disk space" {
  [ "$(id -u)" -eq 0 ] || skip "needs root to make a small file system"
  one_node
  mkdir full
  mount -t tmpfs -o size=64k tmpfs full
  head -c 1M /dev/zero > full/ballast 2> /dev/null || true
  run env BENCHSCALE_STATE_DIR="$PWD/full/state" benchscale up one.yaml
  umount full
  [ "$status" -eq 3 ]
  [[ "$output" == *"No space left"* ]]
  [[ "$output" == *"hint: "* ]]
}

@test "the disk fills while the lab runs: down works" {
  [ "$(id -u)" -eq 0 ] || skip "needs root to make a small file system"
  one_node
  mkdir small
  mount -t tmpfs -o size=8m tmpfs small
  export BENCHSCALE_STATE_DIR=$PWD/small/state
  benchscale up --quiet one.yaml
  head -c 16M /dev/zero > small/ballast 2> /dev/null || true
  benchscale down --quiet one
  [ ! -e small/state/labs/one ]
  umount small
}

@test "a machine that never says hello" {
  cat > mute.yaml << 'EOF'
metadata: {name: mute}
nodes:
  - {name: alpha, image: tiny, memory_mb: 128, ready: [{agent: true, within: 2s}]}
EOF
  wrap_qemu 'case "$*" in *-version*) exec qemu-system-x86_64 "$@" ;; *) exec qemu-system-x86_64 "$@" -S ;; esac'
  run benchscale up --cold mute.yaml
  [ "$status" -eq 5 ]
  [[ "$output" == *"alpha"* ]]
  [[ "$output" == *"hint: "* ]]
  nothing_left
}

@test "--keep-failed leaves the failed lab to look at, and down removes it" {
  cat > mute.yaml << 'EOF'
metadata: {name: mute}
nodes:
  - {name: alpha, image: tiny, memory_mb: 128, ready: [{file: /never, within: 1s}]}
EOF
  run benchscale up --cold --keep-failed mute.yaml
  [ "$status" -eq 5 ]
  [[ "$output" == *"mute.yaml:3:"*"/never"* ]]
  [ "$(benchscale list --json | jq -r '.[0].state')" = failed ]
  [ "$(benchscale exec mute/alpha hostname)" = alpha ]
  benchscale logs mute/alpha | grep -q "Linux version"
  benchscale down --quiet mute
  nothing_left
}

@test "a guest that panics at boot" {
  one_node
  wrap_qemu 'case "$*" in *-version*) exec qemu-system-x86_64 "$@" ;; esac
    for argument; do
      shift
      [ "$last" != -append ] || argument="$argument rdinit=/nowhere root=/dev/nowhere"
      last=$argument
      set -- "$@" "$argument"
    done
    exec qemu-system-x86_64 "$@"'
  run benchscale up one.yaml
  [ "$status" -eq 4 ]
  [[ "$output" == *"kernel panic"* ]]
  nothing_left
}

@test "a QEMU that ends at once: its own words are in the error" {
  one_node
  wrap_qemu 'case "$*" in *-version*) exec qemu-system-x86_64 "$@" ;; *) echo "qemu: the frobnicator is broken" >&2; exit 1 ;; esac'
  run benchscale up one.yaml
  [ "$status" -eq 4 ]
  [[ "$output" == *"the frobnicator is broken"* ]]
  nothing_left
}

@test "a forwarded port that is taken" {
  cat > ports.yaml << 'EOF'
metadata: {name: ports}
nodes:
  - {name: alpha, image: tiny, memory_mb: 128, ports: ["127.0.0.1:0:80"]}
EOF
  sed -i 's/"127.0.0.1:0:80"/"28173:80"/' ports.yaml
  socat TCP-LISTEN:28173,bind=127.0.0.1,reuseaddr PIPE 3>&- &
  listener=$!
  listening() { grep -q ':6E0D .* 0A ' /proc/net/tcp; }
  until_true 5 listening
  run benchscale up ports.yaml
  kill $listener
  [ "$status" -eq 2 ] || [ "$status" -eq 4 ]
  [[ "$output" == *"28173"* ]]
  [[ "$output" == *"hint: "* ]]
  nothing_left
}

@test "a forwarded port reaches the node, and the node cannot reach the host by it" {
  cat > ports.yaml << 'EOF'
metadata: {name: ports}
nodes:
  - {name: alpha, image: tiny, memory_mb: 128, ports: ["28174:80"]}
EOF
  benchscale up --quiet ports.yaml
  benchscale exec -n ports/alpha sh -c 'mkdir /tmp/www; echo served > /tmp/www/index.html; httpd -p 80 -h /tmp/www'
  page() { [ "$(exec 8<> /dev/tcp/127.0.0.1/28174 && printf 'GET / HTTP/1.0\r\n\r\n' >&8 && cat <&8 | tail -1)" = served ]; }
  until_true 10 page
  socat TCP-LISTEN:28175,bind=127.0.0.1,reuseaddr,fork EXEC:'echo reached' 3>&- &
  listener=$!
  run benchscale exec ports/alpha sh -c 'echo | nc -w 3 10.0.2.2 28175'
  kill $listener
  [[ "$output" != *"reached"* ]]
  run benchscale exec ports/alpha ip route
  [[ "$output" != *"default"* ]]
}

@test "wrong use of the command: exit code 2 and a hint" {
  for words in "" "nonsense" "up --nonsense" "down" "exec one" "exec nonode true" "cp" "status" "status ../x" "up --timeout soon x.yaml" "test x.yaml --report pdf=x"; do
    # shellcheck disable=SC2086
    run benchscale $words
    echo "$words: $status $output"
    [ "$status" -eq 2 ] || [ "$status" -eq 125 ]
    [ -n "$output" ]
  done
}

@test "a record of a newer format is refused and kept" {
  one_node
  benchscale up --quiet one.yaml
  sed -i 's/"format":1/"format":2/' "$BENCHSCALE_STATE_DIR/labs/one/lab.json"
  run benchscale exec one/alpha true
  [[ "$output" == *"format 2"* ]]
  run benchscale down one
  [ "$status" -eq 2 ]
  [ -e "$BENCHSCALE_STATE_DIR/labs/one" ]
  sed -i 's/"format":2/"format":1/' "$BENCHSCALE_STATE_DIR/labs/one/lab.json"
}

@test "a state or cache folder that cannot be used: exit code 3 and a hint" {
  one_node
  touch file
  for words in "up one.yaml" list gc "down --all" "down one" "status one"; do
    # shellcheck disable=SC2086
    run env BENCHSCALE_STATE_DIR="$PWD/file" benchscale $words
    echo "$words: $status $output"
    [ "$status" -eq 3 ]
    [[ "$output" == *"hint: "*"BENCHSCALE_STATE_DIR"* ]]
  done
  run env BENCHSCALE_CACHE_DIR="$PWD/file" benchscale up one.yaml
  [ "$status" -eq 3 ]
  [[ "$output" == *"hint: "*"BENCHSCALE_CACHE_DIR"* ]]
}

@test "a read-only state or cache folder" {
  [ "$(id -u)" -eq 0 ] || skip "needs root to mount"
  one_node
  mkdir fixed
  mount -t tmpfs -o ro tmpfs fixed
  run env BENCHSCALE_STATE_DIR="$PWD/fixed" benchscale up one.yaml
  state=$status:$output
  run env BENCHSCALE_CACHE_DIR="$PWD/fixed" benchscale up one.yaml
  umount fixed
  [[ "$state" == 3:*"hint: "*"BENCHSCALE_STATE_DIR"* ]]
  [ "$status" -eq 3 ]
  [[ "$output" == *"hint: "*"BENCHSCALE_CACHE_DIR"* ]]
}

@test "companion programs that are missing" {
  one_node
  mkdir libexec
  run env BENCHSCALE_LIBEXEC_DIR="$PWD/libexec" benchscale up one.yaml
  [ "$status" -eq 3 ]
  [[ "$output" == *"benchscale-lab"*"hint: "*"BENCHSCALE_LIBEXEC_DIR"* ]]
  ln -s "$BUILD/benchscale-lab" "$BUILD/benchscale-switch" libexec
  run env BENCHSCALE_LIBEXEC_DIR="$PWD/libexec" benchscale up one.yaml
  [ "$status" -eq 3 ]
  [[ "$output" == *"benchscale-guest"*"hint: "*"BENCHSCALE_LIBEXEC_DIR"* ]]
  nothing_left
}

@test "a topology from a pipe" {
  one_node
  run bash -c 'benchscale up <(cat one.yaml)'
  [ "$status" -eq 2 ]
  [[ "$output" == *"hint: "*"save "*"file"* ]]
}

@test "positions in a recorded topology name its file" {
  cat > gone.yaml << 'EOF'
metadata: {name: gone}
nodes:
  - {name: alpha, image: tiny, memory_mb: 128}
EOF
  benchscale up --quiet gone.yaml
  echo 'nonsense: 1' >> "$BENCHSCALE_STATE_DIR/labs/gone/topology.yaml"
  run benchscale test gone
  [ "$status" -eq 2 ]
  [[ "$output" == *"gone.yaml:4:1"* ]]
  [[ "$output" != *"/proc/self"* ]]
}
