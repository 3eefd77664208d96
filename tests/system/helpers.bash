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
  export BENCHSCALE_CONFIG= # what this host's user likes is none of the tests' business
  mkdir -p "$BENCHSCALE_STATE_DIR" "$BENCHSCALE_CACHE_DIR"
  cd "$BATS_TEST_TMPDIR" || return 1
  declare -F prepare > /dev/null && prepare
  inventory > "$BATS_TEST_TMPDIR/before"
}

teardown() {
  benchscale down --all --quiet > /dev/null 2>&1 || true
  # What down could not take away, gc may: but then it says why.
  local unexpected=0
  benchscale gc > "$BATS_TEST_TMPDIR/gc.log" 2>&1 || unexpected=1
  if [ -z "${GC_MAY_FIND:-}" ] && [ -s "$BATS_TEST_TMPDIR/gc.log" ]; then unexpected=1; fi
  [ "$unexpected" -eq 0 ] || { echo "gc after the test:"; cat "$BATS_TEST_TMPDIR/gc.log"; return 1; }
  inventory > "$BATS_TEST_TMPDIR/after"
  diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
}

# Processes that bear a tag of ours, named unix sockets and listening TCP ports of ours, links, namespaces, mounts, files of
# the state folder, what bears our name where temporary files are, and what a broken build of an image left in the cache.
inventory() {
  echo "processes:"
  tagged ":" | cut -d' ' -f2-
  echo "sockets:"
  awk -v own="$BENCHSCALE_STATE_DIR" 'index($NF, own)' /proc/net/unix | awk '{ print $NF }' | sort
  # Listening ports that tests forward (28160–28191): whatever else listens on this host is not ours to judge.
  awk '$4 == "0A" && $2 ~ /:6E[01][0-9A-F]$/ { print $2 }' /proc/net/tcp /proc/net/tcp6 | sort
  echo "links:"
  ls /sys/class/net
  echo "namespaces:"
  ls /run/netns 2> /dev/null || true
  echo "mounts:"
  awk -v own="$BATS_TEST_TMPDIR/" 'index($5, own) == 1 || $5 ~ /benchscale/ { print $5 }' /proc/self/mountinfo | sort
  echo "files:"
  find /tmp /dev/shm -maxdepth 1 -user "$(id -u)" -iname '*benchscale*' ! -name 'benchscale-conformance-*' 2> /dev/null | sort
  find "$BENCHSCALE_CACHE_DIR" -mindepth 2 -maxdepth 2 -name '.*' 2> /dev/null | sort
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

# tagged PATTERN — "PID TAG" of each process whose tag is of this state folder and matches
tagged() {
  local id
  id=$(state_id)
  { grep -aHozE "^benchscale:$id:[^:]*:[^:]*:.*$" /proc/[0-9]*/cmdline 2> /dev/null || true; } | tr '\0' '\n' |
    sed -nE 's,^/proc/([0-9]+)/cmdline:(.*)$,\1 \2,p' | { grep -E -- "$1" || true; } | sort -k2
}

# pid_of ROLE — of the lab's process with this role in its tag ("supervisor", "switch", "node:alpha")
pid_of() {
  tagged ":$1\$" | head -1 | cut -d' ' -f1 | grep .
}

# refute COMMAND… — fails when it succeeds (a plain `!` does not end a test)
refute() {
  ! "$@"
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
