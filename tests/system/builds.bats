#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# builds.bats — debian-12 through the command line: killed at every step and in between, and on a full disk
#
# mmdebstrap runs once. After that a stand-in unpacks what it made, since the steps that are tested here are ours;
# recipe.bats has the real one each time.

load helpers

prepare() {
  [ "$(id -u)" -eq 0 ] || skip "needs root to mount"
  export BENCHSCALE_CACHE_DIR=$BATS_TEST_TMPDIR/cache
  mkdir -p "$BENCHSCALE_CACHE_DIR" "$BATS_FILE_TMPDIR/bin"
  cat > "$BATS_FILE_TMPDIR/bin/mmdebstrap" << EOF2
#!/bin/sh
made=$BATS_FILE_TMPDIR/made.tar
[ "\$#" -gt 3 ] || exec /usr/bin/mmdebstrap "\$@" # asked for its version
[ -z "\$TEST_FILL" ] || fallocate -l "\$TEST_FILL" "\$BENCHSCALE_CACHE_DIR/filler"
eval "folder=\\\${\$((\$# - 1))}"
if [ -f "\$made" ]; then
  exec tar --numeric-owner --xattrs --xattrs-include='*' -xpf "\$made" -C "\$folder"
fi
/usr/bin/mmdebstrap "\$@" || exit
tar --numeric-owner --xattrs --xattrs-include='*' -cf "\$made.tmp" -C "\$folder" .
mv "\$made.tmp" "\$made"
EOF2
  chmod +x "$BATS_FILE_TMPDIR/bin/mmdebstrap"
}

teardown_file() {
  rm -rf "$BATS_FILE_TMPDIR/made.tar" "$BATS_FILE_TMPDIR/bin"
}

# Runs "$@" where the stand-in is found first, in mounts of its own.
standing_in() {
  unshare -m sh -c 'mount --bind "$0/bin" /usr/local/sbin && exec "$@"' "$BATS_FILE_TMPDIR" "$@"
}

points() {
  benchscale failpoints | awk '$1 == "build" { print $2 }'
}

state() {
  benchscale image list --json | jq -r '[.[] | select(.name == "debian-12") | .state] | join(" ")'
}

cache_is_clean() {
  local left
  left=$(find "$BENCHSCALE_CACHE_DIR" -mindepth 1 -name '.*')
  [ -z "$left" ] || { echo "left: $left"; return 1; }
  [ "$(ls "$BENCHSCALE_CACHE_DIR/work/debian-12")" = lock ]
}

works_in() { readlink /proc/[0-9]*/cwd 2> /dev/null | grep -q "^$1/"; }
rests() { ! works_in "$1"; }

@test "build killed at every step: nothing half is used, the next build works, nothing is left" {
  for point in $(points); do
    echo "# $point"
    code=0
    BENCHSCALE_FAILPOINT=$point:kill standing_in benchscale image build debian-12 > killed.log 2>&1 || code=$?
    [ "$code" -eq 137 ] || { echo "$code"; cat killed.log; return 1; }
    until_true 10 rests "$BENCHSCALE_CACHE_DIR"
    if [ "$point" = publish-image.after ]; then
      [ "$(state)" = ready ]
    else
      [ "$(state)" = available ]
      [ -z "$(ls "$BENCHSCALE_CACHE_DIR/images")" ]
    fi
    benchscale image verify --quiet
  done
  # The last one was killed after its image had its place.
  standing_in benchscale image build debian-12 > next.log 2>&1
  refute grep -q 'making the disk' next.log
  cache_is_clean
  rm -rf "$BENCHSCALE_CACHE_DIR/images"
  standing_in benchscale image build debian-12 > next.log 2>&1
  grep -q 'making the disk' next.log
  [ "$(state)" = ready ]
  benchscale image verify --quiet
  qemu-img check -q "$BENCHSCALE_CACHE_DIR"/images/debian-12-*/disk.qcow2
  [ "$(qemu-img info --backing-chain --output=json "$BENCHSCALE_CACHE_DIR"/images/debian-12-*/disk.qcow2 | jq length)" -eq 1 ]
  cache_is_clean
}

@test "build killed in the middle of its work leaves no process, and what it left goes with the next" {
  # Not by the function: the number must be that of benchscale, which takes the place of these two.
  unshare -m sh -c 'mount --bind "$0/bin" /usr/local/sbin && exec benchscale image build debian-12' "$BATS_FILE_TMPDIR" \
    > killed.log 2>&1 3>&- &
  pid=$!
  until_true 120 grep -q 'packing the root file system' killed.log
  kill -9 $pid
  wait $pid || true
  until_true 10 rests "$BENCHSCALE_CACHE_DIR"
  [ "$(state)" = available ]
  refute grep -q "$BENCHSCALE_CACHE_DIR" /proc/self/mountinfo
  benchscale image prune > pruned
  grep -q '^removed unfinished debian-12' pruned
  [ -z "$(ls "$BENCHSCALE_CACHE_DIR/work")" ]
}

@test "two builds at once share one result, and the second says whom it waits for" {
  standing_in benchscale image build debian-12 > first.log 2>&1 3>&- &
  first=$!
  until_true 30 grep -q 'debian-12: ' first.log
  standing_in benchscale image build debian-12 > second.log 2>&1 || { cat second.log; return 1; }
  wait "$first" || { cat first.log; return 1; }
  [ "$(cat first.log second.log | grep -c 'making the disk')" -eq 1 ]
  grep -Eq "debian-12: waiting for process [0-9]+, which makes it" second.log || { cat second.log; return 1; }
  [ "$(ls "$BENCHSCALE_CACHE_DIR/images" | grep -c '^debian-12-')" -eq 1 ]
  cache_is_clean
}

@test "build on a disk without room is refused before it begins; on one that fills up it fails, and nothing of it is used" {
  mkdir -p small
  cat > in-namespace << 'EOF2'
set -eu
mount --bind "$1/bin" /usr/local/sbin
mount -t tmpfs -o size=64m tmpfs small
export BENCHSCALE_CACHE_DIR=$PWD/small
code=0
benchscale image build debian-12 > refused.log 2>&1 || code=$?
[ "$code" -eq 3 ]
[ -z "$(ls small/images 2> /dev/null)" ]
mount -o remount,size=1800m small
code=0
TEST_FILL=1600M benchscale image build debian-12 > full.log 2>&1 || code=$?
[ "$code" -eq 3 ]
[ -z "$(ls small/images 2> /dev/null)" ]
[ -z "$(find small -mindepth 1 -name '.*')" ]
rm small/filler
benchscale image build debian-12 > next.log 2>&1
benchscale image verify --quiet
EOF2
  unshare -m bash in-namespace "$BATS_FILE_TMPDIR" || { tail -n 20 refused.log full.log next.log; return 1; }
  cat refused.log full.log
  grep -q "building an image needs 1536 MiB in" refused.log
  grep -q "hint: " refused.log
  grep -q "cannot build image 'debian-12': .*No space left on device" full.log
  grep -q "hint: " full.log
}
