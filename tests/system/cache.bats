#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cache.bats — what is in the cache is listed, verified, limited; labs keep what they stand on; what is damaged is made again

load helpers

# A cache of its own: files of the shared one are copied where a test changes their bytes.
prepare() {
  local shared=$BENCHSCALE_CACHE_DIR
  export BENCHSCALE_CACHE_DIR=$BATS_TEST_TMPDIR/cache
  mkdir -p "$BENCHSCALE_CACHE_DIR"
  cp "$shared"/*.json "$BENCHSCALE_CACHE_DIR/" 2> /dev/null || true
  cp -a "$shared/kernels" "$BENCHSCALE_CACHE_DIR/" 2> /dev/null || true
  lab one 96
  lab other 80
}

lab() {
  printf 'metadata: {name: %s}\nnodes: [{name: a, image: tiny, memory_mb: %s}]\n' "$1" "$2" > "$1.yaml"
}

templates() {
  find "$BENCHSCALE_CACHE_DIR/templates" -mindepth 1 -maxdepth 1 -type d ! -name '.*'
}

images() {
  find "$BENCHSCALE_CACHE_DIR/images" -mindepth 1 -maxdepth 1 -name "$1-*"
}

# aged — everything in the cache was used long ago
aged() {
  touch -d '2 days ago' "$BENCHSCALE_CACHE_DIR"/images/*-* "$BENCHSCALE_CACHE_DIR"/templates/[0-9a-f]*
}

# flip FILE — one byte of it is another; size, inode and time are as they were
flip() {
  local at=$(($(stat -c %s "$1") / 2)) byte
  touch -r "$1" as-it-was
  chmod u+w "$1"
  byte=$(od -An -tu1 -j "$at" -N 1 "$1")
  printf "\\$(printf %o $((byte ^ 255)))" | dd of="$1" bs=1 seek="$at" conv=notrunc status=none
  touch -r as-it-was "$1"
}

of_template() {
  benchscale image list --json | jq -r ".[] | select(.origin == \"template\") | $1"
}

gone() { ! kill -0 "$1" 2> /dev/null; }

@test "templates are listed with size, last use and what they derive from; verify and prune know them" {
  benchscale up --quiet one.yaml
  [ "$(of_template .state)" = "in use" ]
  benchscale down --quiet one
  [ "$(of_template .state)" = ready ]
  [ "$(of_template .image)" = tiny ]
  [ "$(of_template .description)" = "tiny, 96 MiB, 1 vCPU, 1 interface" ]
  [ "$(of_template .bytes)" -gt 1000000 ]
  [[ "$(of_template .used)" == "$(date -u +%Y)-"*Z ]]
  name=$(of_template .name)
  [ "$name" = "template-$(basename "$(templates)" | cut -c1-8)" ]
  benchscale image list > list
  grep -qE "^$name +template +ready +[0-9.]+.{1,2}MiB +20.*Z +tiny +tiny, 96 MiB" list
  benchscale image verify "$name" | grep -qx "$name: sound"
  benchscale image verify | grep -qx "$name: sound"
  run benchscale image verify template-00000000
  [ "$status" -eq 2 ]
  benchscale image prune --older-than 1h > pruned
  [ ! -s pruned ]
  aged
  benchscale image prune --older-than 1h --dry-run | grep -q "^would remove $name (.*): it was not used for that long"
  benchscale image prune --all > pruned
  grep -q "^removed $name (.*): all are to go" pruned
  grep -q "^removed tiny-" pruned
  [ -z "$(find "$BENCHSCALE_CACHE_DIR/templates" -mindepth 1)" ]
  benchscale up --quiet one.yaml
  [ "$(benchscale exec one/a -- hostname)" = a ]
}

@test "the limit takes what was not used for long, never what a lab stands on" {
  benchscale up --quiet one.yaml
  first=$(templates)
  aged
  BENCHSCALE_CACHE_LIMIT=1 benchscale up other.yaml > other.log 2>&1
  refute grep -q removed other.log
  [ -d "$first" ]
  [ "$(templates | wc -l)" -eq 2 ]
  benchscale down --quiet one
  benchscale down --quiet other
  [ -z "$(ls "$BENCHSCALE_CACHE_DIR/holds")" ]
  # A third one is made: the two others were used long ago.
  aged
  lab third 112
  BENCHSCALE_CACHE_LIMIT=1 benchscale up third.yaml > third.log 2>&1
  cat third.log
  grep -q "template-$(basename "$first" | cut -c1-8): removed: the cache is larger than cache.limit" third.log
  [ "$(templates | wc -l)" -eq 1 ]
  [ "$(benchscale exec third/a -- hostname)" = a ]
  # Nothing is removed as long as there is room, or none is asked for.
  aged
  BENCHSCALE_CACHE_LIMIT=10G benchscale up --quiet one.yaml
  benchscale down --quiet one
  aged
  BENCHSCALE_CACHE_LIMIT=0 benchscale up --quiet other.yaml
  [ "$(templates | wc -l)" -eq 3 ]
}

@test "prune spares what a recorded lab stands on, running or not; a lab that is gone holds nothing" {
  benchscale up --quiet one.yaml
  run benchscale image prune --all
  [ "$status" -eq 0 ]
  [[ "$output" == *"kept template-"*": a lab was forked from it"* ]]
  [[ "$output" == *"kept tiny-"*": a lab stands on it"* ]]
  # Its machine and its supervisor are gone, its record is not.
  machine=$(pid_of node:a)
  kill -9 "$(pid_of supervisor)" "$machine"
  until_true 5 gone "$machine"
  benchscale image prune --all > /dev/null 2>&1
  BENCHSCALE_CACHE_LIMIT=1 benchscale image build --quiet tiny
  [ "$(templates | wc -l)" -eq 1 ]
  [ -n "$(images tiny)" ]
  kill -9 $(tagged : | cut -d' ' -f1)
  rm -rf "$BENCHSCALE_STATE_DIR/labs/one"
  benchscale image prune --all
  [ "$(templates | wc -l)" -eq 0 ]
  [ -z "$(images tiny)" ]
  [ -z "$(ls "$BENCHSCALE_CACHE_DIR/holds")" ]
}

@test "a lab of another state folder counts as well" {
  benchscale up --quiet one.yaml
  mkdir elsewhere
  BENCHSCALE_STATE_DIR=$PWD/elsewhere run benchscale image prune --all
  [[ "$output" == *"kept template-"*": a lab was forked from it"* ]]
  [ "$(templates | wc -l)" -eq 1 ]
}

@test "prune spares what a lab is about to stand on while the rest of it is made" {
  one_node
  benchscale up --quiet one.yaml
  benchscale down --quiet one
  sed 's/name: one/name: more/' one.yaml > more.yaml
  echo '  - {name: beta, image: tiny, memory_mb: 100}' >> more.yaml
  BENCHSCALE_FAILPOINT=template-boot.after:delay benchscale up more.yaml > more.log 2>&1 3>&- &
  up=$!
  until_true 20 grep -q 'boots a template' more.log
  benchscale image prune --all > pruned 2>&1
  wait "$up" || { cat pruned more.log; return 1; }
  [ "$(benchscale exec more/alpha -- hostname)" = alpha ]
  benchscale down --quiet more
  # one that fails before there is a lab holds nothing
  rm -rf "$BENCHSCALE_CACHE_DIR/templates"
  BENCHSCALE_FAILPOINT=template-boot.after:error run benchscale up one.yaml
  [ "$status" -eq 4 ]
  [ -z "$(ls "$BENCHSCALE_CACHE_DIR/holds")" ]
  # nor does one that was killed there
  BENCHSCALE_FAILPOINT=template-boot.after:kill run benchscale up one.yaml
  [ "$status" -eq 137 ]
  benchscale gc
  benchscale image prune
  [ -z "$(ls "$BENCHSCALE_CACHE_DIR/holds")" ]
}

@test "an up that is killed holds nothing" {
  for point in create-record.after create-node.after start-node.after; do
    BENCHSCALE_FAILPOINT=$point:kill benchscale up one.yaml > killed.log 2>&1 && { echo "$point was never passed"; false; }
    benchscale down --quiet one
    [ -z "$(ls "$BENCHSCALE_CACHE_DIR/holds")" ]
    nothing_left
  done
}

# found_and_made_again FILE NAME PROBLEM TOLD — verify finds the changed byte, up refuses what has it and makes it again
found_and_made_again() {
  flip "$1"
  run benchscale image verify
  echo "$output"
  [ "$status" -eq 1 ]
  [[ "$output" == *"$2"*"$3"* ]]
  benchscale up one.yaml > again.log 2>&1 || { cat again.log; return 1; }
  cat again.log
  grep -q "$4" again.log
  [ "$(benchscale exec one/a -- echo yes)" = yes ]
  benchscale down --quiet one
  benchscale image verify --quiet
}

@test "a changed byte in a template's memory or state: verify finds it, up makes the template again" {
  benchscale up --quiet one.yaml
  benchscale down --quiet one
  for file in ram state; do
    found_and_made_again "$(templates)/$file" "template 'template-" "its file '$file' is damaged" "it is made again"
  done
}

@test "an image whose manifest is lost is listed as what it was" {
  benchscale image build --quiet tiny
  rm "$BENCHSCALE_CACHE_DIR"/images/tiny-*/manifest.json
  [ "$(benchscale image list --json | jq -r '[.[] | select(.name == "tiny") | .origin] | unique | join(" ")')" = tiny ]
}

@test "a changed byte in the tiny image: verify finds it, up makes it again" {
  benchscale up --quiet one.yaml
  benchscale down --quiet one
  for file in initrd kernel; do
    found_and_made_again "$(images tiny)/$file" "image 'tiny'" "its file '$file' is damaged" "the cached one is damaged"
  done
}

@test "a changed byte that verify has not seen yet, but the time tells" {
  benchscale up --quiet one.yaml
  benchscale down --quiet one
  flip "$(images tiny)/initrd"
  touch "$(images tiny)/initrd"
  flip "$(templates)/ram"
  touch "$(templates)/ram"
  [ "$(of_template .state)" = damaged ]
  benchscale up one.yaml > again.log 2>&1
  grep -q "tiny: the cached one is damaged" again.log
  grep -q "its file 'ram' was changed; it is made again" again.log
  benchscale image verify --quiet
}

@test "a changed byte in an imported image: verify finds it, up refuses it until it is imported again" {
  qemu-img create -q -f qcow2 mine.qcow2 16M
  qemu-io -f qcow2 -c 'write -P 7 0 4M' mine.qcow2 > /dev/null
  benchscale image import --quiet mine.qcow2 --name mine
  flip "$(images mine)/disk.qcow2"
  run benchscale image verify mine
  [ "$status" -eq 1 ]
  printf 'metadata: {name: m}\nnodes: [{name: a, image: mine, memory_mb: 96}]\n' > m.yaml
  run benchscale up m.yaml
  echo "$output"
  [ "$status" -eq 2 ]
  [[ "$output" == *"the imported image 'mine' cannot be used: its file 'disk.qcow2' is damaged"*"hint: import it again"* ]]
  benchscale image import --quiet mine.qcow2 --name mine
  benchscale image verify mine
  qemu-img check -q "$(images mine)/disk.qcow2"
  nothing_left
}

@test "a fork on a full disk is told, and leaves nothing, however far it came" {
  [ "$(id -u)" -eq 0 ] || skip "needs root to mount"
  benchscale up --quiet one.yaml
  benchscale down --quiet one
  mkdir small
  cat > in-namespace << 'EOF'
set -eu
mount -t tmpfs -o size=4k none small
export BENCHSCALE_STATE_DIR=$PWD/small/state
failures=0
for kib in 4 8 12 16 20 24 28 32 40 48 64 96 128 256 1024 8192; do
  mount -o remount,size=${kib}k small
  status=0
  benchscale up one.yaml > "up-$kib.log" 2>&1 || status=$?
  echo "$kib KiB: $status: $(grep ^benchscale: "up-$kib.log" || true)"
  if [ "$status" -eq 0 ]; then
    [ "$(benchscale exec one/a -- hostname)" = a ]
    benchscale down --quiet one
    break
  fi
  failures=$((failures + 1))
  [ "$status" -eq 3 ]
  grep -q "No space left on device" "up-$kib.log"
  [ -z "$(ls small/state/labs 2> /dev/null)" ]
  [ -z "$(ls "$BENCHSCALE_CACHE_DIR/holds")" ]
  ! grep -alz "^benchscale:$(printf %s "$BENCHSCALE_STATE_DIR" | sha256sum | cut -c1-12):" /proc/[0-9]*/cmdline
done
[ "$status" -eq 0 ]
[ "$failures" -gt 2 ]
EOF
  run unshare -m bash in-namespace
  echo "$output"
  [ "$status" -eq 0 ]
}

@test "making tiny killed at every step: nothing half is used, the next up makes it, nothing is left" {
  for point in $(benchscale failpoints | awk '$1 == "tiny" { print $2 }'); do
    echo "# $point"
    rm -rf "$BENCHSCALE_CACHE_DIR/images"
    code=0
    BENCHSCALE_FAILPOINT=$point:kill benchscale image build tiny > killed.log 2>&1 || code=$?
    [ "$code" -eq 137 ] || { echo "$code"; cat killed.log; return 1; }
    [ "$point" = tiny-publish.after ] || [ -z "$(images tiny)" ]
    benchscale image verify --quiet
    benchscale image build --quiet tiny
    benchscale image verify --quiet
    [ -z "$(find "$BENCHSCALE_CACHE_DIR" -mindepth 2 -name '.*')" ]
  done
  benchscale up --quiet one.yaml
  [ "$(benchscale exec one/a -- hostname)" = a ]
}

@test "making tiny that fails at any step says which, and leaves nothing" {
  for point in $(benchscale failpoints | awk '$1 == "tiny" { print $2 }'); do
    rm -rf "$BENCHSCALE_CACHE_DIR/images"
    run env BENCHSCALE_FAILPOINT="$point:error" benchscale image build tiny
    echo "$output"
    [ "$status" -eq 4 ]
    [[ "$output" == *"cannot build image 'tiny': failpoint '$point'"* ]]
    [ -z "$(find "$BENCHSCALE_CACHE_DIR" -mindepth 2 -name '.*')" ]
  done
}

@test "making tiny on a full disk is told, nothing of it is used, and with room it is made" {
  [ "$(id -u)" -eq 0 ] || skip "needs root to mount"
  mkdir -p small
  # In mounts of its own, which end with it.
  unshare -m bash -euo pipefail << 'SCRIPT'
mount -t tmpfs -o size=1g none small
cp -a "$BENCHSCALE_CACHE_DIR/." small/
export BENCHSCALE_CACHE_DIR=$PWD/small
mount -o remount,size=$(($(du -sk small | cut -f1) + 256))k small
status=0
benchscale image build tiny > full.log 2>&1 || status=$?
cat full.log
[ "$status" -eq 3 ]
grep -q "No space left on device" full.log
grep -q "hint: " full.log
[ -z "$(find small/images -mindepth 1 -maxdepth 1 -name '*tiny*')" ]
[ -z "$(find small -mindepth 2 -name '.*')" ]
mount -o remount,size=1g small
benchscale image build --quiet tiny
benchscale image verify --quiet
SCRIPT
}
