#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# templates.bats — machines are frozen once and forked; whoever is killed at it leaves nothing that is ever used

load helpers

# A cache of its own with the shared one's images, so that templates are ours to make and to break.
prepare() {
  local shared=$BENCHSCALE_CACHE_DIR
  export BENCHSCALE_CACHE_DIR=$BATS_TEST_TMPDIR/cache
  mkdir -p "$BENCHSCALE_CACHE_DIR"
  # Other names of the same files: copies would not be what their manifests say.
  cp -al "$shared/." "$BENCHSCALE_CACHE_DIR/" 2> /dev/null || cp -a "$shared/." "$BENCHSCALE_CACHE_DIR/"
  rm -rf "$BENCHSCALE_CACHE_DIR/templates"
  cat > one.yaml << 'YAML'
metadata: {name: one}
nodes: [{name: a, image: tiny, memory_mb: 96}]
YAML
}

points() {
  benchscale failpoints | awk '$1 == "template" { print $2 }'
}

templates() {
  find "$BENCHSCALE_CACHE_DIR/templates" -mindepth 1 -maxdepth 1 -type d ! -name '.*'
}

# Processes of this cache's hidden labs.
makers() {
  local id
  id=$(printf %s "$(realpath "$BENCHSCALE_CACHE_DIR")/templates" | sha256sum | cut -c1-12)
  { grep -alzE "^benchscale:$id:template-" /proc/[0-9]*/cmdline 2> /dev/null || true; } | wc -l
}

killed_at() {
  BENCHSCALE_FAILPOINT=$1:kill benchscale up one.yaml > killed.log 2>&1 && { echo "$1 was never passed"; return 1; }
  [ $? -ne 137 ] || return 0
  cat killed.log
  return 1
}

@test "the second up boots nothing" {
  benchscale up one.yaml > first.log 2>&1
  grep -q "boots a template: tiny, 96 MiB, 1 vCPU, 1 interface" first.log
  benchscale down --quiet one
  benchscale up one.yaml > second.log 2>&1
  refute grep -q template second.log
  [ "$(benchscale exec one/a -- hostname)" = a ]
}

planned() {
  benchscale up --dry-run "$@" one.yaml
}

@test "a dry run tells what is there and what has to be made" {
  benchscale image build --quiet tiny
  planned | grep -Eq '^    fork of template [0-9a-f]{8} \(will be made: its machine boots\)$'
  benchscale up --quiet one.yaml
  benchscale down --quiet one
  key=$(basename "$(templates)")
  planned | grep -qx "    fork of template ${key:0:8} (cached)"
  refute grep -q 'will be' <(planned)
  [ "$(planned --json | jq -r '.nodes[0].start')" = "fork of template ${key:0:8} (cached)" ]
  planned --cold | grep -qx '    cold: asked for with --cold'
  truncate -s 4096 "$(templates)/ram"
  planned | grep -qx "    fork of template ${key:0:8} (damaged, will be made again)"
  rm -rf "$BENCHSCALE_CACHE_DIR"/images/tiny-*
  planned | grep -qx '  image tiny will be built'
  [ "$(planned --json | jq -c .missing)" = '["image tiny will be built"]' ]
  [ -z "$(find "$BENCHSCALE_CACHE_DIR/images" -name 'tiny-*')" ]
}

@test "a fork's log begins with its template's boot, and says where its own begins" {
  benchscale up --quiet one.yaml
  benchscale exec -n one/a sh -c 'echo said by the fork > /dev/console'
  until_true 5 grep -q 'said by the fork' "$BENCHSCALE_STATE_DIR/labs/one/nodes/a/console.log"
  benchscale logs one/a > log
  awk '/Linux version/ { print "boot" } /^--- forked here/ { print "mark" } /said by the fork/ { print "own" }' log > order
  [ "$(paste -sd ' ' order)" = "boot mark own" ]
  refute grep -q "Linux version" "$BENCHSCALE_STATE_DIR/labs/one/nodes/a/console.log"
  benchscale logs --engine one/a > engine
  refute grep -q "forked here" engine
  benchscale down --quiet one
  benchscale up --quiet --cold one.yaml
  benchscale logs one/a > cold
  refute grep -q "forked here" cold
}

@test "a template that is frozen in the middle of a session: its forks know nothing of it" {
  local tool=$BUILD/tests/system/guest-tool
  benchscale up one.yaml > up.log 2>&1 3>&- &
  local up=$!
  until_true 20 compgen -G "$BENCHSCALE_CACHE_DIR/templates/.building-*/control.sock"
  # its output comes still, and its end never
  "$tool" lab "$BENCHSCALE_CACHE_DIR"/templates/.building-* template sh -c 'echo begun; sleep 5432; echo over' > session.log 2>&1 3>&- &
  local session=$!
  wait "$up" || { cat up.log; return 1; }
  wait "$session" && return 1
  grep -q '^begun$' session.log
  refute grep -q over session.log
  grep -q 'boots a template' up.log
  [ "$(benchscale exec one/a -- echo yes)" = yes ]
  [ "$(echo heard | benchscale exec one/a -- cat)" = heard ]
  benchscale exec -n one/a ps > processes
  refute grep -q 5432 processes
}

@test "making killed at every step: the next up makes it, and nothing is left" {
  for point in $(points); do
    echo "# $point"
    rm -rf "$BENCHSCALE_CACHE_DIR/templates"
    killed_at "$point"
    benchscale up --quiet one.yaml
    [ "$(benchscale exec one/a -- echo yes)" = yes ]
    benchscale down --quiet one
    [ "$(templates | wc -l)" -eq 1 ]
    [ "$(makers)" -eq 0 ]
    nothing_left
  done
}

@test "making killed at every step: gc removes what is left" {
  for point in $(points); do
    echo "# $point"
    rm -rf "$BENCHSCALE_CACHE_DIR/templates"
    killed_at "$point"
    run benchscale gc
    [ "$status" -eq 0 ]
    [ "$(makers)" -eq 0 ]
    nothing_left
  done
}

@test "making that fails at any step undoes itself" {
  for point in $(points); do
    echo "# $point"
    rm -rf "$BENCHSCALE_CACHE_DIR/templates"
    run env BENCHSCALE_FAILPOINT=$point:error benchscale up one.yaml
    [ "$status" -eq 4 ]
    [[ "$output" == *"failpoint '$point'"* ]]
    [ "$(makers)" -eq 0 ]
    nothing_left
  done
}

@test "making a template is not counted as the lab's time" {
  BENCHSCALE_FAILPOINT=template-boot.after:delay benchscale up --timeout 3s one.yaml > up.log 2>&1 || { cat up.log; return 1; }
  grep -q "boots a template" up.log
  [ "$(benchscale exec one/a -- echo yes)" = yes ]
}

@test "a terminal shows where the time went, in lines that it does not wrap" {
  rm -rf "$BENCHSCALE_CACHE_DIR/images"
  BENCHSCALE_FAILPOINT=template-boot.after:delay script -qfec "stty rows 24 cols 60; benchscale up one.yaml" typescript > /dev/null
  sed 's/\x1b\[[0-9;]*[A-Za-z]//g' typescript | tr -d '\r' > seen
  grep -Eq '^  a +boots a template: tiny, 96 MiB, 1 vCPU, 1 interface: [0-9.]+s$' seen
  grep -Eq '^  tiny +ready after [0-9.]+m?s +[0-9.]+m?s$' seen
  # what the block draws again fits; what stays above it may not
  [ "$(grep -E '^  (a|tiny) .* +[0-9.]+m?s$' seen | grep -Ev ': [0-9.]+m?s$' | wc -L)" -le 60 ]
}

memory_of() { # LAB MEMBER, in KiB
  benchscale status "$1" --json | jq ".nodes[0].$2"
}

@test "status shows what memory is a fork's own; another fork of its template changes nothing of that" {
  sed 's/name: one/name: two/' one.yaml > two.yaml
  benchscale up --quiet one.yaml
  before=$(memory_of one own_memory_kib)
  benchscale up --quiet two.yaml
  after=$(memory_of one own_memory_kib)
  echo "$before $after, shared $(memory_of one shared_memory_kib)"
  [ "$before" -gt 1024 ]
  [ "$after" -gt $((before - 2048)) ]
  [ "$(memory_of one shared_memory_kib)" -gt 10240 ]
  benchscale status one | grep -Eq '^    memory   [0-9.]+ MiB its own, [0-9.]+ MiB shared$'
}

@test "two labs share one template's making" {
  sed 's/name: one/name: two/' one.yaml > two.yaml
  benchscale up one.yaml > one.log 2>&1 &
  local first=$!
  benchscale up two.yaml > two.log 2>&1
  wait "$first"
  [ "$(cat one.log two.log | grep -c "boots a template")" -eq 1 ]
  [ "$(templates | wc -l)" -eq 1 ]
  benchscale down --quiet one
  benchscale down --quiet two
}

@test "a damaged template is refused and made again" {
  benchscale up --quiet one.yaml
  benchscale down --quiet one
  truncate -s 4096 "$(templates)/ram"
  benchscale up one.yaml > again.log 2>&1
  grep -q "its file 'ram' was changed; it is made again" again.log
  grep -q "boots a template" again.log
  [ "$(benchscale exec one/a -- echo yes)" = yes ]
}

@test "a killed fork leaves nothing" {
  benchscale up --quiet one.yaml
  benchscale down --quiet one
  for point in load-fork.before load-fork.after; do
    killed_at "$point"
    benchscale down --quiet one
    nothing_left
  done
}

@test "a disk that is full while one is made leaves nothing, and with room it is made" {
  [ "$(id -u)" -eq 0 ] || skip "needs root to mount"
  mkdir small
  # In mounts of its own, which end with it.
  unshare -m bash -euo pipefail << 'SCRIPT'
mount -t tmpfs -o size=1g none small
tar -C "$BENCHSCALE_CACHE_DIR" --exclude=./templates --exclude='./images/debian-*' -c . | tar -C small -x
export BENCHSCALE_CACHE_DIR=$PWD/small
benchscale up --quiet --cold one.yaml # makes the image of this cache
benchscale down --quiet one
kib=$(du -sk small | cut -f1)
mount -o remount,size=$((kib + 16384))k small
status=0
benchscale up one.yaml > full.log 2>&1 || status=$?
cat full.log
[ "$status" -eq 3 ]
grep -q "cannot save the machine's memory: cannot write: No space left on device" full.log
[ -z "$(find small/templates -mindepth 1 ! -name 'lock-*')" ]
mount -o remount,size=$((kib + 262144))k small
benchscale up --quiet one.yaml
[ "$(benchscale exec one/a -- echo yes)" = yes ]
benchscale down --quiet one
SCRIPT
}

@test "a template whose image was deleted is made again" {
  benchscale up --quiet one.yaml
  benchscale down --quiet one
  rm -rf "$BENCHSCALE_CACHE_DIR/images"
  benchscale up --quiet one.yaml
  [ "$(benchscale exec one/a -- hostname)" = a ]
}
