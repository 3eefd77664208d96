#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# templates-debian.bats — provisioning that fails, base images that are damaged or deleted under a template, chains of disks
#
# Heavy: boots Debian four times and builds its image twice.

bats_require_minimum_version 1.5.0
load helpers

# One cache for the file, other names of the shared one's image: what a test changes, it copies first.
prepare() {
  local shared=$BENCHSCALE_CACHE_DIR
  benchscale image build --quiet debian-12
  export BENCHSCALE_CACHE_DIR=$BATS_FILE_TMPDIR/cache
  [ -d "$BENCHSCALE_CACHE_DIR" ] && return
  mkdir -p "$BENCHSCALE_CACHE_DIR"
  cp -al "$shared/." "$BENCHSCALE_CACHE_DIR/" 2> /dev/null || cp -a "$shared/." "$BENCHSCALE_CACHE_DIR/"
  rm -rf "$BENCHSCALE_CACHE_DIR/templates" "$BENCHSCALE_CACHE_DIR/holds"
}

teardown_file() {
  rm -rf "$BATS_FILE_TMPDIR/cache"
}

# lab COMMAND — a shop whose template runs COMMAND
lab() {
  cat > shop.yaml << YAML
metadata: {name: shop}
nodes:
  - name: web
    image: debian-12
    memory_mb: 256
    cloud_init:
      bake: true
      write_files: [{path: /etc/shop, content: "sold out\n"}]
      runcmd: ["$1"]
YAML
}

on() {
  benchscale exec -n shop/web "$@"
}

image() {
  find "$BENCHSCALE_CACHE_DIR/images" -mindepth 1 -maxdepth 1 -name 'debian-12-*'
}

templates() {
  find "$BENCHSCALE_CACHE_DIR/templates" -mindepth 1 -maxdepth 1 -type d ! -name '.*'
}

# Each disk of cache and labs is sound, and stands on two others at most: image, template, node.
chains_are_sound() {
  local disk
  while read -r disk; do
    qemu-img check -q -U "$disk"
    [ "$(qemu-img info -U --backing-chain --output=json "$disk" | jq length)" -le 3 ]
  done < <(find "$BENCHSCALE_CACHE_DIR" "$BENCHSCALE_STATE_DIR" -name '*.qcow2')
}

flip() {
  local at=$(($(stat -c %s "$1") / 2)) byte
  byte=$(od -An -tu1 -j "$at" -N 1 "$1")
  printf "\\$(printf %o $((byte ^ 255)))" | dd of="$1" bs=1 seek="$at" conv=notrunc status=none
}

@test "a provisioning command that fails: its output is told, nothing is left" {
  lab 'echo the baker; echo is out of flour >&2; exit 3'
  run benchscale up shop.yaml
  echo "$output"
  [ "$status" -eq 4 ]
  [[ "$output" == *"cannot make a template for node 'web': shop.yaml:6:5: runcmd[0]: "*"exited with 3:"*"the baker"*"is out of flour"* ]]
  [ "$(templates | wc -l)" -eq 1 ]
  nothing_left
}

@test "--keep-failed keeps the machine of a template that failed, and down removes it" {
  lab 'touch /root/began; echo is out of flour >&2; exit 3'
  run benchscale up --keep-failed shop.yaml
  echo "$output"
  [ "$status" -eq 4 ]
  [[ "$output" == *"the failed lab 'shop' is kept"* ]]
  [[ "$output" == *"is out of flour"* ]]
  [ "$(benchscale list --json | jq -r '.[0].state')" = failed ]
  [ "$(benchscale image list --json | jq -r '[.[] | select(.state == "failed" or (.state == "in use" and .base)) | .image] | join(" ")')" = debian-12 ]
  [ "$(on hostname)" = web ]
  on test -e /root/began
  [ "$(on cat /etc/shop)" = "sold out" ]
  [ "$(benchscale ssh shop/web -- hostname)" = web ]
  benchscale logs shop/web > /dev/null
  chains_are_sound
  benchscale image prune > pruned 2>&1
  on true
  benchscale down --quiet shop
  [ "$(templates | wc -l)" -eq 1 ]
  [ -z "$(ls "$BENCHSCALE_CACHE_DIR/holds")" ]
  nothing_left
}

@test "a provisioning command that hangs is given up, and its machine can be looked at" {
  lab 'echo waiting for flour; exec sleep 1000'
  run env BENCHSCALE_TEMPLATE_TIMEOUT=5s benchscale up --keep-failed shop.yaml
  echo "$output"
  [ "$status" -eq 5 ]
  [[ "$output" == *"did not end within "*": waiting for flour"* ]]
  [ "$(on hostname)" = web ]
  benchscale down --quiet shop
  [ "$(templates | wc -l)" -eq 1 ]
  nothing_left
}

@test "an up that is killed while it keeps a machine leaves nothing that is not found" {
  lab 'exit 3'
  for point in template-freeze.after template-publish.after create-record.after start-node.after; do
    echo "# $point"
    run env BENCHSCALE_FAILPOINT=$point:kill benchscale up --keep-failed shop.yaml
    [ "$status" -eq 137 ]
    benchscale down --quiet shop || true
    benchscale gc
    benchscale image prune
    [ "$(templates | wc -l)" -eq 1 ]
    nothing_left
  done
}

@test "deriving killed at every step: the next up derives it, and nothing is left" {
  lab 'touch /root/deriving'
  sed '/cloud_init/,$d' shop.yaml > base.yaml
  benchscale up --quiet base.yaml
  benchscale down --quiet shop
  before=$(templates | wc -l)
  for point in $(benchscale failpoints | awk '$1 == "template" { print $2 }'); do
    echo "# $point"
    run env BENCHSCALE_FAILPOINT=$point:kill benchscale up shop.yaml
    [ "$status" -eq 137 ]
    [ "$(templates | wc -l)" -eq "$before" ] || [ "$point" = template-publish.after ]
    benchscale gc
    nothing_left
  done
  benchscale up --quiet shop.yaml
  on test -e /root/deriving
  chains_are_sound
  benchscale down --quiet shop
  benchscale image verify --quiet
}

# Types the password when it is asked for.
typed() { # PASSWORD
  local code=0 pid
  rm -f keys typescript
  mkfifo keys
  script -qfec "benchscale ssh -n --password -l shop shop/web id -un" typescript < keys > /dev/null 3>&- &
  pid=$!
  exec 4> keys
  until_true 30 grep -q 'password on' typescript
  echo "$1" >&4
  wait "$pid" || code=$?
  exec 4>&-
  cat typescript
  return $code
}

@test "who was given a password logs in with it, and it is nowhere to be seen" {
  echo 'nodes: [{name: web, image: debian-12, memory_mb: 256, cloud_init: {user: shop, password: hush-hush-4711}}]' > shop.yaml
  benchscale up --name shop shop.yaml > up.log 2>&1 || { cat up.log; return 1; }
  run -0 typed hush-hush-4711
  [[ "$output" == *"password on shop/web: "*"shop"* ]]
  [[ "$output" != *hush* ]]
  run typed another
  [[ "$output" == *"'shop/web' does not let 'shop' in: tried publickey, password"* ]]
  local lab=$BENCHSCALE_STATE_DIR/labs/shop
  refute grep -q hush-hush up.log
  refute grep -rq hush-hush "$lab/events.ndjson" "$lab/journal" "$lab/lab.json" "$lab/supervisor.log" "$lab/supervisor.json"
  refute grep -q hush-hush "$BENCHSCALE_CACHE_DIR"/templates/*/{manifest.json,console.log}
  refute grep -lsa '[h]ush-hush' /proc/[0-9]*/cmdline
  [[ "$(benchscale status shop --json)" != *hush* ]]
  [ "$(stat -c %a "$BENCHSCALE_CACHE_DIR/templates")" = 700 ]
  on sh -c 'sshd -T' | grep -qx 'permitrootlogin without-password'
}

@test "a damaged template that a lab's disk stands on is not replaced before the lab is gone" {
  lab 'touch /root/began'
  benchscale up --quiet shop.yaml
  sed 's/name: shop/name: other/' shop.yaml > other.yaml
  key=$(benchscale image list --json | jq -r '.[] | select(.origin == "template" and .state == "in use") | .key')
  echo "its file 'ram' is damaged" > "$BENCHSCALE_CACHE_DIR/templates/$key/damaged"
  run benchscale up other.yaml
  echo "$output"
  [ "$status" -ne 0 ]
  [[ "$output" == *"its file 'ram' is damaged"*"cannot be made again as long as disks of a lab stand on it"*"hint: "* ]]
  [ "$(on hostname)" = web ]
  benchscale down --quiet shop
  benchscale up other.yaml > again.log 2>&1
  grep -q "it is made again" again.log
  [ "$(benchscale exec -n other/web hostname)" = web ]
  benchscale image verify --quiet
}

@test "a fork with a disk, on a full disk, leaves nothing" {
  lab 'touch /root/began'
  benchscale up --quiet shop.yaml
  benchscale down --quiet shop
  mkdir small
  # Too small for the disk's overlay; then for what the machine writes to it.
  cat > in-namespace << 'EOF'
export BENCHSCALE_STATE_DIR=$PWD/small/state BENCHSCALE_IDENTIFY_TIMEOUT=5s
mount -t tmpfs -o size=64k none small
for kib in 64 120; do
  mount -o remount,size=${kib}k small
  benchscale up shop.yaml
  [ $? -eq 3 ] || exit 99
  [ -z "$(ls small/state/labs)" ] || exit 98
  [ -z "$(ls "$BENCHSCALE_CACHE_DIR/holds")" ] || exit 97
done
EOF
  run unshare -m bash in-namespace
  echo "$output"
  [ "$status" -eq 0 ]
  [[ "$output" == *"node 'web' stands still, since its disk cannot be written: No space left on device"* ]]
}

@test "--cold boots a machine that is provisioned all the same" {
  lab 'touch /root/booted'
  benchscale up --dry-run --cold shop.yaml | grep -q "cold: asked for with --cold, from the disk of a template"
  benchscale up --cold shop.yaml > up.log 2>&1 || { cat up.log; return 1; }
  grep -q "derives a template" up.log
  on test -e /root/booted
  [ "$(on cat /etc/shop)" = "sold out" ]
  [ "$(on hostname)" = web ]
  # It booted: its kernel has been running for no longer than its lab.
  refute grep -q -- -incoming "/proc/$(pid_of node:web)/cmdline"
  chains_are_sound
  benchscale down --quiet shop
  chains_are_sound
}

@test "a changed byte in each file of an image that was built: verify finds it" {
  folder=$(image)
  for file in kernel initrd rootfs.tar disk.qcow2; do
    mv "$folder/$file" aside
    cp -p aside "$folder/$file"
    chmod u+w "$folder/$file"
    flip "$folder/$file"
    run benchscale image verify debian-12
    echo "$output"
    [ "$status" -eq 1 ]
    [[ "$output" == *"image 'debian-12' ("*"): its file '$file' is damaged"* ]]
    [ "$(benchscale image list --json | jq -r '.[] | select(.name == "debian-12") | .state')" = damaged ]
    mv -f aside "$folder/$file"
  done
  benchscale image verify debian-12
  [ "$(benchscale image list --json | jq -r '.[] | select(.name == "debian-12") | .state')" = ready ]
}

@test "a damaged base image under a template: up says so and makes both again" {
  lab 'touch /root/began'
  benchscale up --quiet shop.yaml
  benchscale down --quiet shop
  folder=$(image)
  mv "$folder/disk.qcow2" aside
  cp -p aside "$folder/disk.qcow2"
  chmod u+w "$folder/disk.qcow2"
  flip "$folder/disk.qcow2"
  refute benchscale image verify --quiet debian-12
  benchscale up shop.yaml > up.log 2>&1 || { cat up.log; return 1; }
  cat up.log
  grep -q "debian-12: the cached one cannot be used: its file 'disk.qcow2' is damaged.*it is made anew" up.log
  grep -q "template '[0-9a-f]*': the image that it is of, .* was changed; it is made again" up.log
  [ "$(on cat /etc/shop)" = "sold out" ]
  chains_are_sound
  benchscale down --quiet shop
  benchscale image prune > /dev/null # templates of other tests stood on the former one, too
  benchscale image verify --quiet
}

@test "a base image that was deleted under a template: up says so and makes both again" {
  lab 'touch /root/began'
  benchscale up --quiet shop.yaml
  benchscale down --quiet shop
  rm -rf "$(image)"
  [ "$(benchscale image list --json | jq -r '[.[] | select(.origin == "template") | .state] | unique | join(" ")')" = damaged ]
  benchscale up shop.yaml > up.log 2>&1 || { cat up.log; return 1; }
  cat up.log
  grep -q "debian-12: " up.log
  grep -q "template '[0-9a-f]*': the image that it is of, .*; it is made again" up.log
  [ "$(on cat /etc/shop)" = "sold out" ]
  chains_are_sound
  benchscale down --quiet shop
  benchscale image prune > /dev/null # templates of other tests stood on the former one, too
  benchscale image verify --quiet
}
