#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# images.bats — pull, import, verify, prune: with a web server on loopback, killed at every step

load helpers

prepare() {
  export BENCHSCALE_CACHE_DIR=$BATS_TEST_TMPDIR/cache BENCHSCALE_CATALOGUE=$BATS_TEST_TMPDIR/catalogue.yaml
  export BENCHSCALE_DOWNLOAD_STALL=2s
  mkdir -p www
  mkfifo hold
  "$BUILD/tests/http/http-server" www requests port <> hold 3>&- &
  SERVER=$!
  until_true 10 test -s port
  PORT=$(cat port)
  qemu-img create -q -f qcow2 www/disk.qcow2 16M
  qemu-io -f qcow2 -c 'write -P 7 0 4M' www/disk.qcow2 > /dev/null
  publish
  catalogue disk.qcow2
}

eval "$(declare -f teardown | sed '1s/teardown/compare_host/')"
teardown() {
  kill "$SERVER" 2> /dev/null && wait "$SERVER" || true
  compare_host
}

publish() {
  (cd www && sha512sum -b ./*.qcow2 > SHA512SUMS)
}

# catalogue PATH — the image "net" is at PATH of our server
catalogue() {
  cat > catalogue.yaml << EOF
images:
  - name: net
    aliases: [network]
    url: http://127.0.0.1:$PORT/$1
    checksums: http://127.0.0.1:$PORT/SHA512SUMS
    checksums_format: sha512sums
    user: admin
EOF
}

requests_for() {
  grep -c "^$1 " requests || true
}

state_of() {
  benchscale image list --json | jq -r --arg name "$1" '[.[] | select(.name == $name) | .state] | join(" ")'
}

# No folder that was being filled or emptied.
cache_is_clean() {
  local left
  left=$(find "$BENCHSCALE_CACHE_DIR" -mindepth 1 -name '.*')
  [ -z "$left" ] || { echo "left: $left"; return 1; }
}

points() {
  benchscale failpoints | awk -v verb="$1" '$1 == verb { print $2 }'
}

killed_at() {
  local point=$1 code=0
  shift
  BENCHSCALE_FAILPOINT=$point:kill "$@" > killed.log 2>&1 || code=$?
  [ "$code" -eq 137 ] || { echo "$point: $code"; cat killed.log; return 1; }
}

# never_half NAME STATE POINT — an image of a killed maker counts only when it was published
never_half() {
  case $(state_of "$1") in
    "$2") ;;
    ready) [ "$3" = publish-image.after ] ;;
    *) return 1 ;;
  esac
  benchscale image verify --quiet
}

@test "pull downloads once, list and verify know it, prune takes it away" {
  [ "$(state_of net)" = available ]
  run benchscale image pull network
  echo "$output"
  [ "$status" -eq 0 ]
  [[ "$output" == *"net: downloading net"* ]]
  [ "$(state_of net)" = ready ]
  benchscale image pull --quiet net
  [ "$(requests_for disk.qcow2)" -eq 1 ]
  [ "$(benchscale image verify)" = "$(basename "$BENCHSCALE_CACHE_DIR"/images/net-*): sound" ]
  qemu-img check -q "$BENCHSCALE_CACHE_DIR"/images/net-*/disk.qcow2
  benchscale image prune --all
  [ "$(state_of net)" = available ]
  [ -z "$(ls "$BENCHSCALE_CACHE_DIR/images")" ]
  [ -z "$(ls "$BENCHSCALE_CACHE_DIR/work")" ]
}

@test "an up that downloads tells how far it is, but not ten times a second" {
  catalogue trickle=3000000/disk.qcow2
  echo 'nodes: [{name: web, image: net, memory_mb: 64, ready: [{agent: true, within: 1s}]}]' > far.yaml
  benchscale up --name far far.yaml > up.log 2>&1 || true
  cat up.log
  grep -q 'net: downloading net, [0-9]* of [0-9]* MiB' up.log
  sed -nE 's/^ *[0-9.]+s +(net: downloading net.*)/\1/p' up.log > told
  [ "$(wc -l < told)" -le 25 ]
  grep -Eq '^ *[0-9.]+s +net: ready after [0-9.]+s$' up.log
}

@test "tiny is listed, built, verified" {
  export BENCHSCALE_CACHE_DIR=${BENCHSCALE_TEST_CACHE:-$BUILD/test-cache}
  benchscale image build --quiet tiny
  [[ "$(state_of tiny)" == ready* ]]
  benchscale image verify tiny | grep -q '^tiny-.*: sound$'
}

@test "verify finds a changed byte that size and time do not show" {
  benchscale image pull --quiet net
  disk=$(echo "$BENCHSCALE_CACHE_DIR"/images/net-*/disk.qcow2)
  touch -r "$disk" as-it-was
  chmod u+w "$disk"
  printf '\377' | dd of="$disk" bs=1 seek=400000 conv=notrunc status=none
  touch -r as-it-was "$disk"
  run benchscale image verify net
  echo "$output"
  [ "$status" -eq 1 ]
  [[ "$output" == *"image 'net' (net-"*"): its file 'disk.qcow2' is damaged: SHA-256 is "* ]]
  run benchscale image verify --json net
  [ "$status" -eq 1 ]
  [ "$(jq -r '.[0].sound' <<< "$output")" = false ]
}

@test "pull killed at every step: nothing half is used, the next pull works, nothing is left" {
  for point in $(points pull); do
    echo "# $point"
    rm -rf "$BENCHSCALE_CACHE_DIR"
    killed_at "$point" benchscale image pull net
    never_half net available "$point"
    benchscale image pull --quiet net
    [ "$(state_of net)" = ready ]
    benchscale image verify --quiet
    cache_is_clean
    [ "$(ls "$BENCHSCALE_CACHE_DIR/work/net")" = lock ]
  done
}

@test "a pull killed after its download does not download again" {
  killed_at check-image.before benchscale image pull net
  benchscale image pull --quiet net
  [ "$(requests_for disk.qcow2)" -eq 1 ]
}

@test "import killed at every step: nothing half is used, the next import works, nothing is left" {
  for point in $(points import); do
    echo "# $point"
    rm -rf "$BENCHSCALE_CACHE_DIR"
    killed_at "$point" benchscale image import www/disk.qcow2 --name mine
    never_half mine "" "$point"
    benchscale image import --quiet www/disk.qcow2 --name mine
    [ "$(state_of mine)" = ready ]
    benchscale image verify --quiet mine
    cache_is_clean
  done
}

@test "a step that fails says which, and leaves nothing" {
  for point in $(points pull); do
    rm -rf "$BENCHSCALE_CACHE_DIR"
    run env BENCHSCALE_FAILPOINT="$point:error" benchscale image pull net
    echo "$output"
    [ "$status" -eq 4 ]
    [[ "$output" == *"cannot pull image 'net': failpoint '$point'"* ]]
    cache_is_clean
  done
}

@test "kill -9 in the middle of a download takes the fetching process along; the next goes on from there" {
  catalogue hold=3000000/disk.qcow2
  BENCHSCALE_DOWNLOAD_STALL=60s benchscale image pull net 3>&- &
  pid=$!
  has_some() { [ "$(stat -c %s "$BENCHSCALE_CACHE_DIR"/work/net/*.part 2> /dev/null || echo 0)" -ge 3000000 ]; }
  until_true 20 has_some
  fetch=$(pgrep -P $pid)
  kill -9 $pid
  wait $pid || true
  gone() { refute kill -0 "$1" 2> /dev/null; }
  until_true 5 gone "$fetch"
  [ "$(state_of net)" = available ]
  benchscale image pull --quiet net
  grep -qx 'hold=3000000/disk.qcow2 bytes=3000000-' requests
  [ "$(state_of net)" = ready ]
}

@test "SIGTERM ends a pull with 130, and what came is kept for the next" {
  catalogue hold=3000000/disk.qcow2
  BENCHSCALE_DOWNLOAD_STALL=60s benchscale image pull net 3>&- &
  pid=$!
  until_true 20 grep -q '^hold=3000000/disk.qcow2' requests
  kill -TERM $pid
  wait $pid && code=0 || code=$?
  [ "$code" -eq 130 ]
  cache_is_clean
  benchscale image pull --quiet net
}

@test "two pulls at once share one download, and the second says whom it waits for" {
  catalogue hold=3000000/disk.qcow2
  benchscale image pull net > first.log 2>&1 3>&- &
  first=$!
  until_true 20 grep -q '^hold=3000000/disk.qcow2' requests
  benchscale image pull net > second.log 2>&1 3>&- &
  second=$!
  wait $first
  wait $second
  cat second.log
  grep -q "net: waiting for process $first, which makes it" second.log
  # The first request was held, and given up after two seconds of silence; the second one went on.
  [ "$(requests_for hold=3000000/disk.qcow2)" -eq 2 ]
}

@test "what the publisher's server does wrong is told, and nothing of it is used" {
  catalogue status=404/disk.qcow2
  run benchscale image pull net
  [ "$status" -eq 2 ]
  [[ "$output" == *"the server answers 404 Not Found"*"hint: "* ]]
  catalogue other.qcow2
  run benchscale image pull net
  [ "$status" -eq 2 ]
  [[ "$output" == *"the checksum file does not name 'other.qcow2'"* ]]
  catalogue to=disk.qcow2/disk.qcow2
  run benchscale image pull net
  [ "$status" -eq 4 ]
  [[ "$output" == *"redirects in a ring"* ]]
  catalogue disk.qcow2
  echo more >> www/disk.qcow2
  run benchscale image pull net
  [ "$status" -eq 2 ]
  [[ "$output" == *"has the wrong checksum"* ]]
  [ -z "$(ls "$BENCHSCALE_CACHE_DIR/images")" ]
  cache_is_clean
}

@test "an image that needs another file, or is damaged, is refused" {
  echo secret > secret.txt
  qemu-img create -q -f qcow2 -b "$PWD/secret.txt" -F raw www/disk.qcow2 1M
  publish
  run benchscale image pull net
  [ "$status" -eq 2 ]
  [[ "$output" == *"it has a backing file"* ]]
  qemu-img create -q -f qcow2 -o data_file="$PWD/data.raw" www/disk.qcow2 1M
  publish
  run benchscale image pull net
  [ "$status" -eq 2 ]
  [[ "$output" == *"its data are in another file"* ]]
  qemu-img create -q -f qcow2 www/disk.qcow2 16M
  qemu-io -f qcow2 -c 'write 0 1M' www/disk.qcow2 > /dev/null
  # A refcount of the first refcount block: QEMU's own tool has to notice.
  printf '\0\0' | dd of=www/disk.qcow2 bs=1 seek=$((2 * 65536 + 10)) conv=notrunc status=none
  publish
  run benchscale image pull net
  echo "$output"
  [ "$status" -eq 2 ]
  [[ "$output" == *"is no sound disk image"* ]]
  [ -z "$(ls "$BENCHSCALE_CACHE_DIR/images")" ]
}

@test "a full disk is told, nothing of it is used, and the pull goes on when there is room" {
  [ "$(id -u)" -eq 0 ] || skip "needs root"
  qemu-io -f qcow2 -c 'write -P 9 4M 12M' www/disk.qcow2 > /dev/null
  publish
  mkdir -p small
  cat > in-namespace << 'EOF'
mount -t tmpfs -o size=8m tmpfs small
export BENCHSCALE_CACHE_DIR=$PWD/small
benchscale image pull net
code=$?
[ -z "$(ls small/images)" ] || exit 98
mount -o remount,size=64m small
benchscale image pull --quiet net || exit 99
exit $code
EOF
  run unshare -m bash in-namespace
  echo "$output"
  [ "$status" -eq 3 ]
  [[ "$output" == *"the disk has no room for it"*"hint: free disk space"* ]]
}

@test "import on a full disk is told, nothing of it is used, and with room it works" {
  [ "$(id -u)" -eq 0 ] || skip "needs root"
  qemu-io -f qcow2 -c 'write -P 9 4M 12M' www/disk.qcow2 > /dev/null
  mkdir -p small
  cat > in-namespace << 'EOF'
mount -t tmpfs -o size=8m tmpfs small
export BENCHSCALE_CACHE_DIR=$PWD/small
benchscale image import www/disk.qcow2 --name mine
code=$?
[ -z "$(ls small/images)" ] || exit 98
[ -z "$(find small -mindepth 1 -name '.*')" ] || exit 97
mount -o remount,size=64m small
benchscale image import --quiet www/disk.qcow2 --name mine || exit 99
qemu-img check -q small/images/mine-*/disk.qcow2 || exit 96
exit $code
EOF
  run unshare -m bash in-namespace
  echo "$output"
  [ "$status" -eq 3 ]
  [[ "$output" == *"cannot import 'www/disk.qcow2': "*"No space left on device"*"hint: "* ]]
}

@test "a changed byte in a downloaded image: what verify found is not used, and downloaded again" {
  benchscale image pull --quiet net
  disk=$(echo "$BENCHSCALE_CACHE_DIR"/images/net-*/disk.qcow2)
  touch -r "$disk" as-it-was
  chmod u+w "$disk"
  printf '\377' | dd of="$disk" bs=1 seek=400000 conv=notrunc status=none
  touch -r as-it-was "$disk"
  refute benchscale image verify --quiet
  [ "$(state_of net)" = damaged ]
  benchscale image pull --quiet net
  [ "$(requests_for disk.qcow2)" -eq 2 ]
  [ "$(state_of net)" = ready ]
  benchscale image verify --quiet
  qemu-img check -q "$BENCHSCALE_CACHE_DIR"/images/net-*/disk.qcow2
}

@test "after a pull or an import the limit of the cache is kept" {
  benchscale image pull --quiet net
  benchscale image import --quiet www/disk.qcow2 --name mine
  touch -d '2 days ago' "$BENCHSCALE_CACHE_DIR"/images/*-*
  BENCHSCALE_CACHE_LIMIT=1M benchscale image import www/disk.qcow2 --name yours > import.log 2>&1
  grep -q "net-.*: removed: the cache is larger than cache.limit" import.log
  [ "$(state_of net)" = available ]
  [ "$(state_of mine)" = ready ]
  [ "$(state_of yours)" = ready ]
  BENCHSCALE_CACHE_LIMIT=1M benchscale image pull --quiet net
  [ "$(state_of net)" = ready ]
  run env BENCHSCALE_CACHE_LIMIT=much benchscale image list
  [ "$status" -eq 2 ]
  [[ "$output" == *"BENCHSCALE_CACHE_LIMIT must be a size, not 'much'"* ]]
}

@test "the user's own catalogue is checked like a topology" {
  printf 'images:\n  - {name: net, url: "ftp://x/y", sha256: 12}\n' > catalogue.yaml
  run benchscale image list
  echo "$output"
  [ "$status" -eq 2 ]
  [[ "$output" == *"catalogue.yaml:2:22: 'url' must be an http or https address that ends in a file name, not 'ftp://x/y'"* ]]
}

@test "import wants a name, a disk, and a name that is free" {
  run benchscale image import www/disk.qcow2
  [ "$status" -eq 2 ]
  [[ "$output" == *"wants --name"* ]]
  run benchscale image import catalogue.yaml --name mine
  [ "$status" -eq 2 ]
  [[ "$output" == *"it is neither qcow2 nor"* ]]
  run benchscale image import www/disk.qcow2 --name net
  [ "$status" -eq 2 ]
  [[ "$output" == *"there is an image 'net' already"* ]]
  run benchscale image prune --keep-size much
  [ "$status" -eq 2 ]
  [[ "$output" == *"--keep-size: 'much' is no size"* ]]
}
