# SPDX-License-Identifier: Apache-2.0
# helpers.bash — what the system tests share: a private state folder, and an inventory of the host
#
# Every test works in a state folder of its own. Before and after each, what the host holds of benchScale is listed; the two
# lists must be equal: nothing is left behind. Images are built once into a cache that all tests share.

BUILD=${BENCHSCALE_BUILD:-$BATS_TEST_DIRNAME/../../build}
BUILD=$(cd "$BUILD" && pwd)
PATH=$BUILD:$PATH

setup() {
  export BENCHSCALE_STATE_DIR=$BATS_TEST_TMPDIR/state
  export BENCHSCALE_CACHE_DIR=${BENCHSCALE_TEST_CACHE:-$BUILD/test-cache}
  mkdir -p "$BENCHSCALE_STATE_DIR" "$BENCHSCALE_CACHE_DIR"
  cd "$BATS_TEST_TMPDIR" || return 1
  declare -F prepare > /dev/null && prepare
  inventory > "$BATS_TEST_TMPDIR/before"
}

teardown() {
  benchscale down --all --quiet > /dev/null 2>&1 || true
  benchscale gc > /dev/null 2>&1 || true
  inventory > "$BATS_TEST_TMPDIR/after"
  diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
}

# Processes that bear a tag of ours, named unix sockets and listening TCP ports of ours, links, namespaces, mounts, and files of
# the state folder.
inventory() {
  echo "processes:"
  grep -lza "^benchscale:.*:.*:" /proc/[0-9]*/cmdline 2> /dev/null | sed 's,/proc/\(.*\)/cmdline,\1,' | while read -r pid; do
    tr '\0' ' ' < "/proc/$pid/cmdline" 2> /dev/null | grep -F "$(state_id)" | cut -c1-200
  done | sort
  echo "sockets:"
  grep -F "$BENCHSCALE_STATE_DIR" /proc/net/unix | awk '{print $NF}' | sort
  echo "links:"
  ls /sys/class/net
  echo "namespaces:"
  ls /run/netns 2> /dev/null
  echo "mounts:"
  awk '{print $5}' /proc/self/mountinfo | sort
  echo "files:"
  (cd "$BENCHSCALE_STATE_DIR" 2> /dev/null && find . -mindepth 1 ! -path ./labs | sort)
  true
}

state_id() {
  printf %s "$(realpath "$BENCHSCALE_STATE_DIR")" | sha256sum | cut -c1-12
}

# Fails unless nothing of ours is left, now.
nothing_left() {
  inventory > "$BATS_TEST_TMPDIR/now"
  diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/now"
}

# pid_of ROLE — of the lab's process with this role in its tag ("supervisor", "switch", "node:alpha")
pid_of() {
  local file
  for file in /proc/[0-9]*/cmdline; do
    if tr '\0' '\n' < "$file" 2> /dev/null | grep -qx "benchscale:$(state_id):[^:]*:[^:]*:$1"; then
      basename "$(dirname "$file")"
      return 0
    fi
  done
  return 1
}

# until_true SECONDS COMMAND… — waits for a condition, 50 ms between tries
until_true() {
  local deadline=$(($(date +%s%N) + $1 * 1000000000))
  shift
  until "$@"; do
    [ "$(date +%s%N)" -lt "$deadline" ] || return 1
    read -rt 0.05 <> <(:) || true
  done
}

# one_node [NAME] — a topology of one tiny machine
one_node() {
  cat > one.yaml << EOF
metadata: {name: ${1:-one}}
nodes:
  - {name: alpha, image: tiny, memory_mb: 128}
EOF
}

two_nodes() {
  cat > two.yaml << EOF
metadata: {name: two}
networks:
  - {name: lan, subnet: 10.77.0.0/24}
nodes:
  - {name: alpha, image: tiny, memory_mb: 128, interfaces: [{network: lan, address: 10.77.0.10}]}
  - {name: beta, image: tiny, memory_mb: 128, interfaces: [{network: lan, address: 10.77.0.11}]}
EOF
}
