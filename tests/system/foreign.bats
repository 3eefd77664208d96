#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# foreign.bats — a machine whose image is not ours: told who it is by cloud-init, reached by the stock agent and by SSH

bats_require_minimum_version 1.5.0
load helpers

# An emulated boot takes a minute of processor time, whoever else wants some.
export BENCHSCALE_BOOT_TIMEOUT=5m

# Made once, named after what makes it.
foreign_image() {
  local maker=$BATS_TEST_DIRNAME/make-foreign-image
  image=$BENCHSCALE_CACHE_DIR/foreign/$(sha256sum < "$maker" | cut -c1-12).qcow2
  [ ! -e "$image" ] || return 0
  [ "$(id -u)" = 0 ] || skip "its image is made as root"
  mkdir -p "${image%/*}"
  "$maker" "$image" > make.log 2>&1 || { tail -20 make.log; return 1; }
}

prepare() {
  foreign_image
  ln -s "$image" foreign.qcow2
}

# The same without the agent; its root file system begins behind the MiB of the partition table and 64 of /boot.
bare_image() {
  qemu-img convert -O raw foreign.qcow2 bare.raw
  /usr/sbin/debugfs -w -R 'rm /usr/sbin/qemu-ga' "bare.raw?offset=$((65 << 20))" 2> debugfs.log
  /usr/sbin/debugfs -R 'stat /usr/sbin/qemu-ga' "bare.raw?offset=$((65 << 20))" 2>&1 | grep -q 'File not found'
}

recorded() { # MEMBER
  jq -r ".nodes[] | select(.name == \"web\") | $1" "$BENCHSCALE_STATE_DIR/labs/far/lab.json"
}

logins() {
  on sh -c 'journalctl --no-pager -q -t sshd | grep -c "Accepted publickey"'
}

on() {
  benchscale exec -n far/web "$@"
}

by_ssh() { # USER KEY COMMAND…
  local lab=$BENCHSCALE_STATE_DIR/labs/far port
  port=$(recorded .ssh.port)
  ssh -F none -i "$2" -p "$port" -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none -o HostKeyAlias=far.web \
    -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$lab/ssh/known_hosts" -o GlobalKnownHostsFile=none "$1@127.0.0.1" "${@:3}"
}

@test "a machine of a foreign image is up, is who it should be, and obeys" {
  ssh-keygen -q -t ed25519 -N '' -C shopkeeper -f key
  cat > far.yaml << YAML
metadata: {name: far}
networks: [{name: lan, subnet: 10.78.0.0/24}]
nodes:
  - name: web
    image: ./foreign.qcow2
    interfaces: [{network: lan, address: 10.78.0.10}]
    env: {SHOP: open}
    cloud_init:
      user: shop
      ssh_authorized_keys: ["$(cat key.pub)"]
      write_files: [{path: /etc/shop, content: "sold out\n", owner: "shop:shop", permissions: "0640"}]
      bake: true
      runcmd: [[cp, /etc/shop, /etc/shop.copy], "ip route show default | grep -q 'via 10.0.3.2 dev out0'"]
    ready: [{ssh: true}, {port: 22}, {unit: ssh.service}]
  - {name: near, image: tiny, memory_mb: 128, interfaces: [{network: lan}]}
YAML
  benchscale up --dry-run far.yaml > plan.log
  grep -q 'cold: its image has no benchscale-guest' plan.log
  benchscale up far.yaml > up.log 2>&1 || { cat up.log; return 1; }
  [ "$(stat -c %a "$BENCHSCALE_STATE_DIR/labs/far/nodes/web/seed.iso")" = 600 ]

  # who it is
  [ "$(on hostname)" = web ]
  [ "$(on cat /etc/machine-id)" = "$(recorded .machine_id)" ]
  refute on test -d /sys/firmware/efi
  on ip -4 -o addr show dev eth0 | grep -q 'inet 10.78.0.10/24'
  # the way out that provisioning had is gone
  [ -z "$(on ip route show default)" ]
  refute on ip link show out0
  benchscale exec -n far/near ping -c1 -W5 web
  on ping -c1 -W5 near

  # commands
  run -7 --separate-stderr on sh -c 'echo out; echo err >&2; exit 7'
  [ "$output" = out ]
  [ "$stderr" = err ]
  [ "$(echo heard | benchscale exec far/web cat)" = heard ]
  [ "$(on sh -c 'echo $SHOP')" = open ]
  [ "$(on stat -c '%U %a' /etc/shop)" = 'shop 640' ]
  [ "$(on cat /etc/shop.copy)" = 'sold out' ]
  run -124 benchscale exec -n --timeout 1s far/web sleep 60
  # a terminal, which the agent has none of, is SSH's
  run -0 script -qec "stty rows 33 cols 101; benchscale exec -t far/web stty size" /dev/null
  [[ "$output" == *"33 101"* ]]

  # copies
  mkdir -p goods/deep
  seq 200000 > goods/deep/list
  ln -s deep/list goods/link
  benchscale cp goods far/web:/srv/
  benchscale cp far/web:/srv/goods back
  diff -r --no-dereference goods back
  run -2 benchscale cp far/web:/no/such here
  [[ "$output" == *"there is no such file or folder"* ]]

  # plain SSH, whose host key is known before the first connection
  [ "$(by_ssh root "$BENCHSCALE_STATE_DIR/labs/far/ssh/id_ed25519" hostname)" = web ]
  [ "$(by_ssh shop key 'id -un; sudo -n id -un' | paste -sd ' ')" = 'shop root' ]
  refute by_ssh root key true

  # an agent that is stopped is no loss
  benchscale ssh far/web systemctl stop qemu-guest-agent < /dev/null
  [ "$(on hostname)" = web ]

  benchscale logs far/web | grep -q 'web login:'
  benchscale status far > /dev/null
  benchscale down far
  nothing_left
}

@test "a machine without an agent, booted by UEFI, is reached by SSH alone" {
  bare_image
  cat > far.yaml << 'YAML'
metadata: {name: far}
nodes:
  - name: web
    image: ./bare.raw
    firmware: uefi
    deploy: [{src: ./index, dest: /srv/index}]
scenarios:
  - name: steps
    steps:
      - {name: one, node: web, command: [hostname], expect: {stdout: {equals: "web\n"}}}
      - {name: two, node: web, command: [sh, -c, "cat; exit 3"], stdin: heard, expected_exit_code: 3, expect: {stdout: {equals: heard}}}
      - {name: three, node: web, command: [cat, /srv/index], expect: {stdout: {contains: sold}}}
      - {name: four, node: web, command: [sleep, "60"], timeout: 1s}
YAML
  echo "sold out" > index
  benchscale up far.yaml > up.log 2>&1 || { cat up.log; return 1; }
  [ "$(on hostname)" = web ]
  on test -d /sys/firmware/efi
  [ "$(on cat /etc/machine-id)" = "$(recorded .machine_id)" ]
  [ -s "$BENCHSCALE_STATE_DIR/labs/far/nodes/web/vars.fd" ]

  # steps share a session
  before=$(logins)
  run -1 benchscale test far --report json=report.json
  [ "$(jq -r '[.scenarios[0].steps[].outcome] | join(" ")' report.json)" = "passed passed passed error" ]
  jq -r '.scenarios[0].steps[] | [.name, .outcome, .message] | @tsv' report.json
  [ $(($(logins) - before)) -eq 2 ] # and one to count them

  run -7 --separate-stderr on sh -c 'echo out; echo err >&2; exit 7'
  [ "$output" = out ]
  [ "$stderr" = err ]
  mkdir -p goods/deep
  seq 200000 > goods/deep/list
  ln -s deep/list goods/link
  benchscale cp goods far/web:/srv/
  benchscale cp far/web:/srv/goods back
  diff -r --no-dereference goods back

  # never another machine's key
  ssh-keygen -q -t ed25519 -N '' -f other
  link=$BENCHSCALE_STATE_DIR/labs/far/nodes/web/link.json
  jq --arg key "$(cut -d' ' -f1,2 other.pub)" '.host_key = $key' "$link" > changed
  cp "$link" kept
  cp changed "$link"
  run -125 --separate-stderr on true
  [[ "$stderr" == *"node 'web': the host key of 'far/web' changed: expected SHA256:"*"hint: "* ]]
  cp kept "$link"

  # asked to end, it ends
  benchscale down far > down.log 2>&1
  nothing_left
}

@test "a disk that nothing boots from is told in time, and nothing is left" {
  qemu-img create -q -f qcow2 blank.qcow2 64M
  echo 'nodes: [{name: web, image: ./blank.qcow2, memory_mb: 64, ready: [{agent: true, within: 3s}]}]' > far.yaml
  run -5 --separate-stderr benchscale up --quiet far.yaml
  echo "$stderr"
  [[ "$stderr" == *"node 'web' did not come up in 3"*"hint: "* ]]
  nothing_left
}

@test "a disk is booted by its image's firmware, unless the node says another" {
  export BENCHSCALE_CACHE_DIR=$PWD/cache
  qemu-img create -q -f qcow2 blank.qcow2 64M
  benchscale image import blank.qcow2 --name blank --firmware uefi > /dev/null
  cat > far.yaml << 'YAML'
metadata: {name: far}
nodes:
  - {name: web, image: blank, memory_mb: 64, ready: [{agent: true, within: 2s}]}
  - {name: old, image: blank, memory_mb: 64, firmware: bios, ready: [{agent: true, within: 2s}]}
YAML
  run -5 benchscale up --quiet --keep-failed far.yaml
  [ -s "$BENCHSCALE_STATE_DIR/labs/far/nodes/web/vars.fd" ]
  tr '\0' ' ' < "/proc/$(pid_of node:web)/cmdline" | grep -q 'pflash0=code,pflash1=vars'
  [ -d "$BENCHSCALE_STATE_DIR/labs/far/nodes/old" ]
  [ ! -e "$BENCHSCALE_STATE_DIR/labs/far/nodes/old/vars.fd" ]
  benchscale down --quiet far
  # what no backend has is one clear error, before anything is done
  sed -i 's/firmware: bios/firmware: uefi-secure/' far.yaml
  run -2 benchscale up far.yaml
  [[ "$output" == *"far.yaml:4:5: node 'old': firmware 'uefi-secure' is not supported"*"hint: use 'firmware: uefi'"* ]]
  nothing_left
}

@test "a machine that ignores all that it is asked ends by force, in time" {
  qemu-img create -q -f qcow2 blank.qcow2 64M
  echo 'nodes: [{name: web, image: ./blank.qcow2, memory_mb: 64, ready: [{agent: true, within: 1s}]}]' > far.yaml
  run -5 benchscale up --quiet --keep-failed far.yaml
  BENCHSCALE_SESSION_TIMEOUT=1s run -125 benchscale exec -n far/web true
  [[ "$output" == *"node 'web': neither agent nor SSH server answered in time"*"hint: is it paused"* ]]
  began=$(date +%s%N)
  benchscale down --graceful --timeout 4s far > down.log 2>&1 || { cat down.log; return 1; }
  [ $((($(date +%s%N) - began) / 1000000)) -lt 8000 ]
  nothing_left
}

@test "what fails in a foreign machine is told, and nothing is left" {
  cat > far.yaml << 'YAML'
metadata: {name: far}
nodes:
  - name: web
    image: ./foreign.qcow2
    cloud_init:
      runcmd: ["echo no such goods >&2; exit 3"]
YAML
  run -4 --separate-stderr benchscale up --quiet far.yaml
  echo "$stderr"
  [[ "$stderr" == *"far.yaml:5:5: runcmd[0]: "*"exited with 3: no such goods"* ]]
  nothing_left
}
