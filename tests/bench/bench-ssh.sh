#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# bench-ssh.sh BUILD — SSH beside OpenSSH's own programs, to one sshd on the loopback, alternating
#
# sftp-256m-get, sftp-256m-put  256 MiB over SFTP with login: our rate over that of `sftp -b`
# ssh-step      `true` over a pooled session, over the same by `ssh` with ControlMaster
set -euo pipefail

BUILD=$(cd "$1" && pwd)
HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/lib.sh"
RUNS=${BENCHSCALE_BENCH_RUNS:-5}
ONLY=${BENCHSCALE_BENCH_ONLY:-}
WORK=$(mktemp -d)
sshd=

cleanup() {
  ssh -F config -O exit peer > /dev/null 2>&1 || true
  [ -z "$sshd" ] || kill "$sshd" 2> /dev/null || true
  rm -rf "$WORK"
}
trap cleanup EXIT
cd "$WORK"

ssh-keygen -q -t ed25519 -N '' -f host
ssh-keygen -q -t ed25519 -N '' -f id
cp id.pub authorized_keys
for port in $(shuf -i 20000-30000 -n 20); do
  (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null || break
done
cat > sshd_config << END
Port $port
ListenAddress 127.0.0.1
HostKey $WORK/host
AuthorizedKeysFile $WORK/authorized_keys
PidFile none
StrictModes no
UsePAM no
PermitRootLogin yes
Subsystem sftp internal-sftp
END
cat > config << END
Host peer
  HostName 127.0.0.1
  Port $port
  User $(id -un)
  IdentityFile $WORK/id
  IdentitiesOnly yes
  UserKnownHostsFile $WORK/known_hosts
  ControlPath $WORK/master
END
echo "[127.0.0.1]:$port $(cut -d' ' -f1,2 host.pub)" > known_hosts
# As root, sshd wants a folder that only its service makes: it gets a /run of its own. What root's shell does first here
# is no part of a step.
if [ "$(id -u)" = 0 ]; then
  unshare -m sh -c 'mount -t tmpfs none /run && mkdir /run/sshd && { mount --bind /dev/null "$HOME/.bashrc" 2> /dev/null || true; } && exec /usr/sbin/sshd -D -f sshd_config -E sshd.log' &
else
  /usr/sbin/sshd -D -f sshd_config -E sshd.log &
fi
sshd=$!
until ssh -F config peer true 2> /dev/null; do kill -0 "$sshd"; done

ours() { "$BUILD/tests/bench/bench-ssh" "$port" "$(id -un)" id host.pub "$@"; }

peer_copy() { # get|put FROM TO
  begin=$(now_ms)
  echo "$1 $2 $3" | sftp -q -F config -b - peer > /dev/null
  echo $(($(now_ms) - begin))
}

[ "$ONLY" = ssh-step ] || head -c 268435456 /dev/urandom > data
for way in get put; do
  [ "$ONLY" != ssh-step ] || continue
  mine='' theirs=''
  for _ in $(seq "$RUNS"); do
    mine="$mine $(ours "$way" "$WORK/data" "$WORK/ours")"
    cmp data ours && rm ours
    theirs="$theirs $(peer_copy "$way" "$WORK/data" "$WORK/theirs")"
    rm theirs
  done
  # shellcheck disable=SC2086
  m=$(median $mine) t=$(median $theirs)
  info "sftp-256m-$way-openssh" "$(calc "268.435456 * 1000 / $t")" MB/s
  figure "sftp-256m-$way" "$(calc "$t / $m")" ratio '>=' 0.9
done

ssh -F config -fNM peer > /dev/null 2>&1
mine='' theirs=''
for _ in $(seq "$RUNS"); do
  mine="$mine $(ours steps 40 true)"
  for _ in $(seq 20); do
    begin=$(date +%s%N)
    ssh -F config peer true < /dev/null
    theirs="$theirs $(($(date +%s%N) - begin))"
  done
done
# shellcheck disable=SC2086
m=$(median $mine) t=$(calc "$(median $theirs) / 1000000")
info ssh-step-controlmaster "$t" ms
figure ssh-step "$(calc "$m / $t")" ratio '<=' 1.2
