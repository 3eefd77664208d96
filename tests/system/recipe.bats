#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# recipe.bats — debian-12 from the mirror: the same bytes for root and for a user, and a machine that boots from them
#
# Heavy: the first test builds twice, the others use what it made.

load helpers

PORT_NAME=org.benchscale.guest.0

prepare() {
  TOOLS=$BUILD/tests/system
  IMAGE=$BATS_FILE_TMPDIR/image
  export BENCHSCALE_LIBEXEC_DIR=$BUILD
}

teardown_file() {
  rm -rf "$BATS_FILE_TMPDIR/image"
}

cmdline() { # IMAGE
  echo "$("$TOOLS/guest-tool" tsc "$BENCHSCALE_CACHE_DIR") $(jq -r .cmdline "$1/manifest")"
}

# boot IMAGE MEMORY [QEMU ARGUMENT…] — a machine with a throw-away overlay of the image, its pid in $qemu
boot() {
  local image=$1 memory=$2
  shift 2
  [ -f overlay.qcow2 ] || qemu-img create -q -f qcow2 -b "$image/disk.qcow2" -F qcow2 overlay.qcow2
  qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot -machine "${MACHINE:-microvm,acpi=on,rtc=on}" \
    -accel tcg,thread=multi,tb-size=256 -cpu max -m "$memory" -kernel "$image/kernel" -initrd "$image/initrd" \
    -append "$(cmdline "$image")" -serial file:console.log \
    -chardev socket,id=guest,path=guest.sock,server=on,wait=off -device "virtio-serial-${BUS:-device}" \
    -device "virtserialport,chardev=guest,name=$PORT_NAME" \
    -object rng-random,id=random,filename=/dev/urandom -device "virtio-rng-${BUS:-device},rng=random" \
    -drive file=overlay.qcow2,if=none,id=disk -device "virtio-blk-${BUS:-device},drive=disk" \
    -netdev user,id=net,restrict=on -device "virtio-net-${BUS:-device},netdev=net" "$@" < /dev/null > qemu.log 2>&1 3>&- &
  qemu=$!
}

guest() {
  timeout 180 "$TOOLS/guest-tool" guest.sock "$@"
}

gone() { ! kill -0 "$qemu" 2> /dev/null; }

power_off() {
  guest systemctl poweroff || true
  until_true 60 gone || { kill -9 "$qemu"; cat console.log; return 1; }
}

# Whether a process works in FOLDER: build.sh does, and all others of a build end with it.
works_in() { # FOLDER
  readlink /proc/[0-9]*/cwd 2> /dev/null | grep -q "^$1/"
}
rests() { ! works_in "$1"; }

# What a build may have left anywhere but in its folder.
no_trace() { # FOLDER
  refute grep -q "$1" /proc/self/mountinfo
  refute works_in "$1"
  [ -z "$(find /tmp -maxdepth 1 -user "$(id -u)" -newer "$BATS_TEST_TMPDIR/before" -name 'mmdebstrap*')" ]
}

# An ordinary user who can be root of a user namespace here.
ordinary_user() {
  command -v newuidmap > /dev/null || return 0
  awk -F: 'NR == FNR { has[$1] = $3 >= 65535; next } has[$1] && $3 != 0 { print $1; exit }' /etc/subuid /etc/passwd
}

# Builds into FOLDER/image: as an ordinary user with a private home where root tests and there is one, else as we are.
build_again() { # FOLDER
  local user=
  [ "$(id -u)" != 0 ] || user=$(ordinary_user)
  if [ -z "$user" ]; then
    "$TOOLS/recipe-tool" build debian-12 "$1/image"
    return
  fi
  echo "# the second build is by user $user" >&3
  chown "$user" "$1"
  (umask 077 && HOME=$1 BENCHSCALE_CACHE_DIR=$1/cache setpriv --reuid "$user" --regid "$user" --init-groups \
    "$TOOLS/recipe-tool" build debian-12 "$1/image")
}

@test "a machine boots from what the recipe makes, and the same inputs make the same bytes" {
  mkdir -p "$IMAGE"
  "$TOOLS/recipe-tool" build debian-12 "$IMAGE" > manifest 2> log || { cat log; false; }
  mv manifest "$IMAGE/manifest"
  second=$(mktemp -d)
  build_again "$second" > manifest 2> log || { cat log; rm -rf "$second"; false; }
  ls "$second/image" > list
  cmp manifest "$IMAGE/manifest"
  for file in disk.qcow2 kernel initrd rootfs.tar; do
    cmp "$IMAGE/$file" "$second/image/$file" || { rm -rf "$second"; false; }
  done
  rm -rf "$second"
  [ "$(cat list)" = "$(printf 'disk.qcow2\ninitrd\nkernel\nrootfs.tar')" ]
  no_trace "$second"
  grep -q 'installing packages (' log
  grep -q 'making the disk' log

  # A larger disk than the image's: the file system grows into it.
  qemu-img create -q -f qcow2 -b "$IMAGE/disk.qcow2" -F qcow2 overlay.qcow2 6G
  boot "$IMAGE" 512
  [ "$(guest systemctl is-system-running --wait)" = running ]
  run guest systemctl --failed --no-legend --plain
  [ -z "$output" ]
  [ "$(guest sh -c '. /etc/os-release; echo $ID $VERSION_ID')" = "debian 12" ]
  [ "$(guest stat -f -c '%S %b' / | awk '{ print ($1 * $2 > 5.5 * 2 ^ 30) }')" = 1 ]
  # Nobody but the guest program gives addresses; names are the kernel's.
  [ "$(guest ip -br link show dev eth0 | awk '{ print $2 }')" = DOWN ]
  # Keys come with the identity; ssh answers once they are there.
  run guest sh -c 'ls /etc/ssh/ssh_host_*'
  [ "$status" -ne 0 ]
  guest sh -c 'ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key'
  [[ "$(guest bash -c 'exec 3<> /dev/tcp/127.0.0.1/22; read -r line <&3; echo "$line"')" == SSH-2.0-* ]]
  [ "$(guest sh -c 'getent shadow root | cut -d: -f2')" = '*' ]
  # Packages can be installed later: the mirror is known.
  guest grep -q '^Suites: bookworm$' /etc/apt/sources.list.d/debian.sources
  guest sh -c 'test "$(grep -c . /proc/swaps)" = 1'
  power_off
  qemu-img check -q overlay.qcow2
}

@test "the same image boots with virtio over PCI" {
  [ -f "$IMAGE/manifest" ] || skip "the first test made none"
  MACHINE=q35,usb=off,vmport=off BUS=pci boot "$IMAGE" 384
  [ "$(guest systemctl is-system-running --wait)" = running ]
  power_off
}

@test "the root file system for containers has a system, our program and no kernel" {
  [ -f "$IMAGE/manifest" ] || skip "the first test made none"
  tar -tf "$IMAGE/rootfs.tar" > list
  grep -qx ./usr/lib/benchscale/benchscale-guest list
  grep -qx ./usr/bin/apt-get list
  refute grep -qE '^./boot/.|^./usr/lib/modules/.|^./dev/.' list
  [ "$(tar -xOf "$IMAGE/rootfs.tar" ./etc/machine-id | wc -c)" = 0 ]
}

@test "a machine without its disk ends and says so on the console" {
  [ -f "$IMAGE/manifest" ] || skip "the first test made none"
  qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot -machine microvm,acpi=on,rtc=on -accel tcg \
    -cpu max -m 256 -kernel "$IMAGE/kernel" -initrd "$IMAGE/initrd" -append "$(cmdline "$IMAGE")" \
    -serial file:console.log < /dev/null > qemu.log 2>&1 3>&- &
  qemu=$!
  until_true 60 gone || { kill -9 "$qemu"; false; }
  grep -q "benchscale-guest: there is no disk '/dev/vda'" console.log
}

@test "a build that is killed leaves no process, no mount, and files in its folder only" {
  "$TOOLS/recipe-tool" build debian-12 "$PWD/killed" > manifest 2> log 3>&- &
  pid=$!
  until_true 120 grep -q 'fetching packages (10' log
  kill -9 $pid
  wait $pid || true
  until_true 10 rests "$PWD/killed"
  no_trace "$PWD/killed"
  [ "$(ls killed)" = work ]
  rm -rf killed
}

@test "a build that is cancelled leaves nothing" {
  "$TOOLS/recipe-tool" build debian-12 "$PWD/cancelled" > manifest 2> log 3>&- &
  pid=$!
  until_true 120 grep -q 'fetching packages (10' log
  kill -INT $pid
  code=0
  wait $pid || code=$?
  [ "$code" -eq 130 ]
  grep -q "cannot build image 'debian-12': 'build.sh' was interrupted" log
  [ -z "$(ls cancelled)" ]
  no_trace "$PWD/cancelled"
}

@test "a disk without room is told before the work begins" {
  [ "$(id -u)" = 0 ] || skip "mounting needs root"
  mkdir small
  run unshare --mount sh -c "mount -t tmpfs -o size=64m none small && '$TOOLS/recipe-tool' build debian-12 small/image"
  [ "$status" -eq 3 ]
  [[ "$output" == *"building an image needs 1536 MiB in"* ]]
  [[ "$output" == *"hint: point BENCHSCALE_CACHE_DIR"* ]]
}
