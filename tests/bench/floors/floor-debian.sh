#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# floor-debian.sh build FOLDER | boot FOLDER — Debian 12 the usual way: its default units and cloud-init, until SSH answers
#
# The packages of our image and what a distribution's cloud image adds: cloud-init with a seed, ifupdown and DHCP, a bus and
# logins. The distribution's kernel as it is, an initramfs by initramfs-tools, a `pc`. Shares nothing with the product but the
# list of packages. `build` needs root; `boot` prints milliseconds from the start of QEMU to the first byte of sshd, and those of
# processor time that QEMU used.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
FOLDER=$2
PACKAGES=$(grep -v '^#' "$HERE/../../../lib/image/recipe/packages" | paste -sd,),cloud-init,ifupdown,isc-dhcp-client,dbus,libpam-systemd,initramfs-tools,zstd

sources() {
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list; do
    [ ! -f "$file" ] || ! grep -q debian "$file" || echo "$file"
  done
}

build() {
  mkdir -p "$FOLDER"
  cd "$FOLDER"
  rm -rf tree disk.raw
  # shellcheck disable=SC2046
  TMPDIR=$PWD mmdebstrap --quiet --mode=root --variant=apt --format=directory --include="$PACKAGES" \
    --aptopt='Acquire::Check-Valid-Until "false"' bookworm tree $(sources)
  rm -f tree/etc/ssh/ssh_host_*
  : > tree/etc/machine-id
  echo 'LABEL=floor / ext4 rw,noatime 0 1' > tree/etc/fstab
  mkdir -p tree/var/lib/cloud/seed/nocloud
  echo 'instance-id: floor' > tree/var/lib/cloud/seed/nocloud/meta-data
  printf '#cloud-config\nhostname: floor\n' > tree/var/lib/cloud/seed/nocloud/user-data
  printf 'datasource_list: [NoCloud]\n' > tree/etc/cloud/cloud.cfg.d/90-floor.cfg
  cp tree/boot/vmlinuz-* kernel
  cp tree/boot/initrd.img-* initrd
  truncate -s 4G disk.raw
  mke2fs -q -F -t ext4 -L floor -d tree disk.raw
  qemu-img convert -f raw -O qcow2 disk.raw disk.qcow2
  rm -rf tree disk.raw
}

# Asked only once sshd is said to be started, and with patience: a try that gives up early has cost the machine a process, and
# many of them would be what is measured.
answers() { # PORT CONSOLE
  grep -aqs 'Started.*ssh.service' "$2" &&
    timeout 60 bash -c "exec 3<> /dev/tcp/127.0.0.1/$1 && read -r line <&3 && [[ \$line == SSH-* ]]" 2> /dev/null
}

boot() {
  overlay=$(mktemp)
  port=$((28600 + RANDOM % 300))
  qemu-img create -q -f qcow2 -b "$(realpath "$FOLDER")/disk.qcow2" -F qcow2 "$overlay"
  begin=$(date +%s%N)
  qemu-system-x86_64 -nodefaults -display none -no-reboot -machine pc -accel tcg,thread=multi -cpu max -m 512 \
    -kernel "$FOLDER/kernel" -initrd "$FOLDER/initrd" -append 'root=LABEL=floor ro console=ttyS0' -serial "file:$overlay.log" \
    -drive "file=$overlay,if=virtio" -device virtio-rng-pci \
    -netdev "user,id=net,hostfwd=tcp:127.0.0.1:$port-:22" -device virtio-net-pci,netdev=net,romfile= < /dev/null &
  qemu=$!
  trap 'kill -9 $qemu 2> /dev/null; rm -f "$overlay" "$overlay.log"' EXIT
  deadline=$((SECONDS + 180))
  until answers "$port" "$overlay.log"; do
    if [ $SECONDS -gt $deadline ] || ! kill -0 $qemu; then
      tail -20 "$overlay.log" >&2
      exit 1
    fi
    read -rt 0.05 <> <(:) || true
  done
  echo $((($(date +%s%N) - begin) / 1000000)) "$(awk '{ print ($14 + $15) * 10 }' "/proc/$qemu/stat")"
}

"$1"
