#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# bench-cold-debian.sh BUILD — a cold boot of the Debian that we build, beside the same packages with default units and cloud-init
#
# cold-debian         from the start of QEMU until benchscale-guest answers, over the floor until sshd answers
# cold-debian-booted  the same until systemd has started all it was to start
#
# Both machines have 512 MiB, one processor, one network card and a throw-away overlay. Needs root, a Debian mirror and ten
# minutes; images are kept in BUILD/test-cache. BENCHSCALE_BENCH_RUNS: how often each boots.
set -euo pipefail
BUILD=$(cd "$1" && pwd)
HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/lib.sh"
RUNS=${BENCHSCALE_BENCH_RUNS:-3}
export BENCHSCALE_LIBEXEC_DIR=$BUILD BENCHSCALE_CACHE_DIR=${BENCHSCALE_TEST_CACHE:-$BUILD/test-cache}
FLOOR=$BENCHSCALE_CACHE_DIR/floor-debian
TOOLS=$BUILD/tests/system
WORK=$(mktemp -d)
qemu=
cleanup() {
  [ -z "$qemu" ] || kill -9 "$qemu" 2> /dev/null || true
  rm -rf "$WORK"
}
trap cleanup EXIT

if [ "$(id -u)" != 0 ]; then
  echo "bench-cold-debian: the floor's image can be built by root only" >&2
  exit 0
fi
[ -f "$FLOOR/disk.qcow2" ] || "$HERE/floors/floor-debian.sh" build "$FLOOR" > "$WORK/floor.log" 2>&1 || { tail "$WORK/floor.log" >&2; exit 1; }
OURS=$BENCHSCALE_CACHE_DIR/bench-debian-$("$TOOLS/recipe-tool" key debian-12)
if [ ! -f "$OURS/manifest.json" ]; then
  rm -rf "$BENCHSCALE_CACHE_DIR"/bench-debian-*
  "$TOOLS/recipe-tool" build debian-12 "$OURS" > "$WORK/manifest.json" 2> "$WORK/ours.log" || { tail "$WORK/ours.log" >&2; exit 1; }
  mv "$WORK/manifest.json" "$OURS/manifest.json"
fi

TSC=$("$TOOLS/guest-tool" tsc "$BENCHSCALE_CACHE_DIR")

# Prints milliseconds until the guest answers, until all is started, and of QEMU's processor time. The command line is that of the qemu backend.
boot_ours() {
  rm -f "$WORK/guest.sock" "$WORK/overlay.qcow2"
  qemu-img create -q -f qcow2 -b "$OURS/disk.qcow2" -F qcow2 "$WORK/overlay.qcow2"
  begin=$(now_ms)
  qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot -machine microvm,acpi=on,rtc=on \
    -accel tcg,thread=multi,tb-size=256 -cpu max -m 512 -kernel "$OURS/kernel" -initrd "$OURS/initrd" \
    -append "$TSC $(jq -r .cmdline "$OURS/manifest.json")" -serial "file:$WORK/console.log" \
    -chardev "socket,id=guest,path=$WORK/guest.sock,server=on,wait=off" -device virtio-serial-device \
    -device virtserialport,chardev=guest,name=org.benchscale.guest.0 \
    -object rng-random,id=random,filename=/dev/urandom -device virtio-rng-device,rng=random \
    -drive "file=$WORK/overlay.qcow2,if=none,id=disk" -device virtio-blk-device,drive=disk \
    -netdev user,id=net,restrict=on -device virtio-net-device,netdev=net < /dev/null &
  qemu=$!
  "$TOOLS/guest-tool" "$WORK/guest.sock" true
  hello=$(now_ms)
  "$TOOLS/guest-tool" "$WORK/guest.sock" systemctl is-system-running --wait > /dev/null
  echo $((hello - begin)) $(($(now_ms) - begin)) "$(awk '{ print ($14 + $15) * 10 }' "/proc/$qemu/stat")"
  kill -9 "$qemu"
  wait "$qemu" 2> /dev/null || true
  qemu=
}

floors=() floor_cpu=() answered=() booted=() booted_cpu=()
for _ in $(seq "$RUNS"); do
  "$HERE/floors/floor-debian.sh" boot "$FLOOR" > "$WORK/times"
  read -r first cpu < "$WORK/times"
  floors+=("$first") floor_cpu+=("$cpu")
  boot_ours > "$WORK/times"
  read -r first second cpu < "$WORK/times"
  answered+=("$first") booted+=("$second") booted_cpu+=("$cpu")
done
floor=$(median "${floors[@]}")
info cold-debian-usual "$floor" ms
info cold-debian-ours "$(median "${answered[@]}")" ms
info cold-debian-booted-ours "$(median "${booted[@]}")" ms
# On a busy host these say more than times do.
info cold-debian-usual-processor "$(median "${floor_cpu[@]}")" ms
info cold-debian-booted-ours-processor "$(median "${booted_cpu[@]}")" ms
figure cold-debian "$(calc "$(median "${answered[@]}") / $floor")" ratio "<=" 0.6
figure cold-debian-booted "$(calc "$(median "${booted[@]}") / $floor")" ratio "<=" 0.6
