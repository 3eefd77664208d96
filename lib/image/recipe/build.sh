# SPDX-License-Identifier: Apache-2.0
# build.sh RELEASE PACKAGES EPOCH DISK_BYTES — the steps that need root's view of files; in namespaces of their own
#
# Working folder: `debian.sources`, `apt.conf`, `masked`, `files` and `guest` are there. Leaves `rootfs.tar`, `disk.raw`,
# `vmlinuz`, `modules` and `versions`. The trees lie in memory: nothing of theirs outlives the namespaces, and the order
# of their names, which decides where mke2fs puts what, is the order in which tar made them.
set -eu
release=$1 packages=$2 epoch=$3 disk_bytes=$4
here=$PWD
export SOURCE_DATE_EPOCH="$epoch" E2FSPROGS_FAKE_TIME="$epoch" TMPDIR="$here/tmp" INITRD=No
stage() { echo "stage: $*"; }

# The caller's umask is no part of an image.
chmod -R u=rwX,go=rX files
mkdir tmp tree sorted
mount -t tmpfs -o mode=0755,size=4G none tree
mount -t tmpfs -o mode=0755,size=4G none sorted

stage 'fetching package lists'
mmdebstrap --verbose --mode=root --format=directory --variant=apt --architectures=amd64 --aptopt=apt.conf --aptopt=files/etc/apt/apt.conf.d/90benchscale --aptopt=files/etc/apt/apt.conf.d/91mirror \
  --dpkgopt=files/etc/dpkg/dpkg.cfg.d/90benchscale --include="$packages" "$release" tree debian.sources

stage 'finishing the root file system'
dpkg-query --admindir=tree/var/lib/dpkg -W -f '${Package} ${Version}\n' > versions
cp tree/boot/vmlinuz-* vmlinuz
cp -R tree/usr/lib/modules modules
cd tree

# What the installation left that would differ each time, or be the same in every machine.
rm -rf boot/* dev/* run/* tmp/* var/tmp/* vmlinuz vmlinuz.old
rm -rf etc/ssh/ssh_host_*_key etc/ssh/ssh_host_*_key.pub var/lib/systemd/random-seed
rm -rf etc/apt/apt.conf.d/99mmdebstrap etc/dpkg/dpkg.cfg.d/99mmdebstrap etc/apt/sources.list etc/apt/sources.list.d/*
rm -rf etc/group- etc/gshadow- etc/passwd- etc/shadow- etc/subuid- etc/subgid- etc/.pwd.lock
rm -rf var/lib/dpkg/*-old var/cache/debconf/*-old var/cache/ldconfig/aux-cache var/cache/apt/*.bin
rm -rf var/cache/apt/archives/* var/lib/apt/lists/* var/lib/apt/extended_states var/lib/dpkg/lock* var/lib/dpkg/triggers/Lock
find var/log -type f -size +0 -exec truncate -s 0 {} +

: > etc/machine-id
rm -f var/lib/dbus/machine-id etc/resolv.conf
: > etc/resolv.conf
sed -i 's/^root:[^:]*:/root:*:/' etc/shadow

# What starts is said here, whatever packages enabled.
rm -rf etc/systemd/system/*.wants etc/systemd/system/sshd.service etc/modules-load.d/modules.conf
mkdir -p etc/systemd/system/sysinit.target.wants etc/systemd/system/sockets.target.wants \
  etc/systemd/system/multi-user.target.wants etc/systemd/system-generators etc/tmpfiles.d
while read -r kind name; do
  case $kind in
    unit) ln -s /dev/null "etc/systemd/system/$name" ;;
    generator) ln -s /dev/null "etc/systemd/system-generators/$name" ;;
    tmpfiles) ln -s /dev/null "etc/tmpfiles.d/$name" ;;
    '' | '#'*) ;;
    *) echo "masked: unknown kind '$kind'" >&2; exit 1 ;;
  esac
done < ../masked
system=usr/lib/systemd/system
ln -s /$system/benchscale-guest.service etc/systemd/system/sysinit.target.wants/
ln -s /$system/ssh.socket etc/systemd/system/sockets.target.wants/
ln -s /$system/benchscale-console.service etc/systemd/system/multi-user.target.wants/
ln -s /$system/multi-user.target etc/systemd/system/default.target

cp -R ../files/. .
install -D -m 0755 ../guest usr/lib/benchscale/benchscale-guest
install -D -m 0644 ../debian.sources etc/apt/sources.list.d/debian.sources
find . -xdev -newermt "@$epoch" -exec touch -h -d "@$epoch" {} +
cd ..

stage 'packing the root file system'
# A container has its host's kernel.
pack() {
  tar -C tree --sort=name --format=posix --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime \
    --numeric-owner --xattrs --xattrs-include=security.capability "$@" .
}
pack --exclude='./usr/lib/modules/*' -cf rootfs.tar

stage 'making the disk'
pack --remove-files -c | tar -C sorted --numeric-owner --xattrs --xattrs-include=security.capability -xp
touch -d "@$epoch" sorted
truncate -s "$disk_bytes" disk.raw
mke2fs -q -F -t ext4 -L benchscale -m 0 -J size=16 -U 5f1e3c52-6d7a-4c1f-9a51-6e6f6c697668 \
  -E hash_seed=8a2f7c10-3b64-4e0c-8d27-73736374616c,root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0 \
  -d sorted disk.raw
