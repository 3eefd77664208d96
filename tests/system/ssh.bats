#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# ssh.bats — ssh, ssh-config and inventory: a lab whose record leads to an sshd on the loopback, and other people's programs

bats_require_minimum_version 1.5.0
load helpers

begin() {
  [ "$(id -u)" = 0 ] || skip "sshd is started as root here"
  lab=$BENCHSCALE_STATE_DIR/labs/shop
  (
    umask 077
    mkdir -p "$lab/ssh"
    ssh-keygen -q -t ed25519 -N '' -C lab -f "$lab/ssh/id_ed25519"
    ssh-keygen -q -t ed25519 -N '' -C '' -f host
  )
  port=$(free_port)
  cp "$lab/ssh/id_ed25519.pub" authorized_keys
  cat > sshd_config << END
Port $port
ListenAddress 127.0.0.1
HostKey $PWD/host
AuthorizedKeysFile $PWD/authorized_keys
PidFile none
StrictModes no
UsePAM no
PermitRootLogin yes
Subsystem sftp internal-sftp
END
  echo "shop.web $(cut -d' ' -f1,2 host.pub)" > "$lab/ssh/known_hosts"
  touch "$lab/.benchscale"
  record "$port" "$(cut -d' ' -f1,2 host.pub)"
  sed "s|^root:[^:]*|root:$(openssl passwd -6 s3cret)|" /etc/shadow > shadow
  unshare -m sh -c 'mount --bind shadow /etc/shadow && mount -t tmpfs none /run && mkdir /run/sshd && exec /usr/sbin/sshd -D -f sshd_config -E sshd.log' 3>&- &
  sshd=$!
  until (exec 4<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; do kill -0 "$sshd"; done
}

record() { # PORT HOST_KEY
  cat > "$lab/lab.json" << END
{"format": 1, "name": "shop", "uuid": "aaaaaaaa-0000-4000-8000-000000000001", "state": "running", "topology": "shop.yaml", "networks": [],
 "nodes": [{"name": "web", "backend": "qemu", "image": "debian-12", "interfaces": [{"network": "lan"}],
            "ssh": {"port": $1, "user": "root", "host_key": "$2"}},
           {"name": "small", "backend": "qemu", "image": "tiny", "interfaces": []}]}
END
}

free_port() {
  for candidate in $(shuf -i 20000-28000 -n 20); do
    (exec 4<> "/dev/tcp/127.0.0.1/$candidate") 2> /dev/null || { echo "$candidate"; return; }
  done
}

finish() {
  [ -z "${sshd:-}" ] || { kill "$sshd" && wait "$sshd"; } 2> /dev/null || true
  rm -rf "${lab:?}"
}

# After the shared set-up has listed what there is, before the shared tear-down does again.
eval "$(declare -f setup | sed '1s/setup/shared_setup/')"
setup() {
  shared_setup
  begin
}

eval "$(declare -f teardown | sed '1s/teardown/shared_teardown/')"
teardown() {
  finish
  shared_teardown
}

@test "ssh runs a command, with its streams and its exit code" {
  run --separate-stderr benchscale ssh shop/web -- sh -c 'cat; echo err >&2; exit 7' <<< "through"
  [ "$status" -eq 7 ]
  [ "$output" = through ]
  [ "$stderr" = err ]
}

@test "ssh takes arguments as they are" {
  run benchscale ssh shop/web printf '[%s]' 'a  b' "it's" '$HOME'
  [ "$output" = "[a  b][it's][\$HOME]" ]
}

@test "ssh without a command is a shell" {
  run benchscale ssh shop/web <<< 'echo from-$((40+2)); exit 3'
  [ "$status" -eq 3 ]
  [[ $output == *from-42* ]]
}

@test "ssh gives a terminal, with its size" {
  run script -qec "stty rows 33 cols 101; benchscale ssh -t shop/web -- stty size" /dev/null
  [ "$status" -eq 0 ]
  [[ $output == *"33 101"* ]]
}

@test "ssh tells the terminal there when the window changes its size" {
  cat > session << 'END'
stty rows 33 cols 101
(until [ -e ready ]; do read -rt 0.05 <> <(:); done; stty rows 44 cols 132) < /dev/tty &
benchscale ssh -t shop/web -- sh -c 'trap "stty size; kill $!; exit 5" WINCH; sleep 30 & cd "$0" && touch ready && wait' "$PWD"
END
  run timeout 25 script -qec "bash session" /dev/null
  echo "$output"
  [ "$status" -eq 5 ]
  [[ $output == *"44 132"* ]]
}

# Types the password when it is asked for: what came before is thrown away.
typed() {
  local code=0 pid
  rm -f keys typescript
  mkfifo keys
  script -qfec "benchscale ssh -n --password shop/web echo by-password" typescript < keys > /dev/null 3>&- &
  pid=$!
  exec 4> keys
  until_true 20 grep -q 'password on' typescript
  echo "$1" >&4
  wait "$pid" || code=$?
  exec 4>&-
  cat typescript
  return $code
}

@test "ssh logs in with the lab's key, the user's agent, or a password where that is asked for" {
  ssh-keygen -q -t ed25519 -N '' -f own
  run benchscale ssh -l nobody-there shop/web true
  [ "$status" -eq 125 ]
  [[ "$output" == *"nobody-there"* ]]
  # the lab's key is let in no more
  cp own.pub authorized_keys
  run benchscale ssh shop/web true
  [ "$status" -eq 125 ]
  eval "$(ssh-agent -s -a "$PWD/agent")" > /dev/null
  ssh-add -q own
  run benchscale ssh shop/web true
  [ "$status" -eq 125 ]
  run benchscale ssh --agent shop/web echo by-agent
  kill "$SSH_AGENT_PID"
  [ "$status" -eq 0 ]
  [ "$output" = by-agent ]
  # asked on the terminal, not echoed
  run typed s3cret
  [ "$status" -eq 0 ]
  [[ "$output" == *"root's password on shop/web: "*"by-password"* ]]
  [[ "$output" != *s3cret* ]]
  run typed wrong
  [ "$status" -eq 125 ]
  [[ "$output" == *"benchscale: "*"password"* ]]
  run setsid -w benchscale ssh --password shop/web true
  [ "$status" -eq 125 ]
  [[ "$output" == *"there is no terminal to ask for a password"*"hint: use a key"* ]]
}

@test "ssh ends at its timeout with 124" {
  run benchscale ssh --timeout 300ms shop/web sleep 4321.5
  [ "$status" -eq 124 ]
  refute pgrep -fx 'sleep 4321.5'
}

@test "ssh to a node without a server fails with 125 and says what to do" {
  run benchscale ssh shop/small true
  [ "$status" -eq 125 ]
  [ "${lines[0]}" = "benchscale: node 'small' has no SSH server (image 'tiny')" ]
  [[ ${lines[1]} == 'hint: use `benchscale exec`'* ]]
}

@test "a changed host key refuses" {
  ssh-keygen -q -t ed25519 -N '' -f other
  record "$port" "$(cut -d' ' -f1,2 other.pub)"
  run benchscale ssh shop/web true
  [ "$status" -eq 125 ]
  [[ ${lines[0]} == "benchscale: the host key of 'shop/web' changed: expected SHA256:"* ]]
  [[ ${lines[1]} == 'hint: '* ]]
}

@test "ssh-config lets ssh, sftp and rsync in" {
  benchscale ssh-config shop > config
  [ "$(ssh -F config shop.web echo plain)" = plain ]
  mkdir site && echo hello > site/index
  rsync -e 'ssh -F config' -a site/ shop.web:"$PWD/copied/"
  cmp site/index copied/index
  echo "get $PWD/site/index $PWD/got" | sftp -q -F config -b - shop.web
  cmp site/index got
}

@test "ssh-config pins the host key" {
  ssh-keygen -q -t ed25519 -N '' -f other
  echo "shop.web $(cut -d' ' -f1,2 other.pub)" > "$lab/ssh/known_hosts"
  benchscale ssh-config > config
  run ssh -F config shop.web true
  [ "$status" -eq 255 ]
  [[ $output == *'Host key verification failed.'* ]]
}

@test "inventory is well-formed in each format" {
  run benchscale inventory shop --format json
  [ "$(jq -r '.all.hosts["shop.web"].ansible_port' <<< "$output")" = "$port" ]
  [ "$(jq -r '.all.children.network_lan.hosts | keys[]' <<< "$output")" = shop.web ]
  benchscale inventory shop --format json > hosts.json
  benchscale inventory > hosts.yaml
  python3 -c 'import json, sys, yaml; sys.exit(yaml.safe_load(open("hosts.yaml")) != json.load(open("hosts.json")))'
  run benchscale inventory --format ini
  [[ ${lines[0]} == "shop.web ansible_host="* ]]
  run benchscale inventory --format toml
  [ "$status" -eq 2 ]
  [ "${lines[0]}" = "benchscale: not a format of inventories: 'toml'" ]
}

@test "what inventory tells ssh is what ssh understands" {
  arguments=$(benchscale inventory shop --format json | jq -r '.all.hosts["shop.web"] | "-i \(.ansible_ssh_private_key_file) -p \(.ansible_port) \(.ansible_ssh_common_args) \(.ansible_user)@\(.ansible_host)"')
  eval "set -- $arguments"
  [ "$(ssh -F none "$@" echo reached)" = reached ]
}

@test "Ansible reaches the nodes with what inventory prints, in each format, and refuses another host key" {
  mkdir play home
  echo 'from the playbook' > play/file
  cat > play/site.yaml << END
- hosts: network_lan:&image_debian_12
  gather_facts: false
  tasks:
    - copy: {src: file, dest: "$PWD/played-{{ benchscale_node }}-{{ round }}", mode: "0600"}
END
  export HOME=$PWD/home ANSIBLE_LOCAL_TEMP=$PWD/home/local ANSIBLE_REMOTE_TEMP=$PWD/home/remote ANSIBLE_SSH_CONTROL_PATH_DIR=$PWD/home/cp
  export ANSIBLE_PYTHON_INTERPRETER=/usr/bin/python3 ANSIBLE_NOCOLOR=1
  for format in yaml ini json; do
    benchscale inventory --format $format > hosts.$format
    ansible-playbook -i hosts.$format -e round=$format play/site.yaml
    [ "$(cat "played-web-$format")" = 'from the playbook' ]
  done
  ssh-keygen -q -t ed25519 -N '' -f other
  echo "shop.web $(cut -d' ' -f1,2 other.pub)" > "$lab/ssh/known_hosts"
  ANSIBLE_SSH_ARGS= run ansible-playbook -i hosts.yaml -e round=refused play/site.yaml
  [ "$status" -ne 0 ]
  [[ "$output" == *"UNREACHABLE"*"Host key verification failed"* ]]
  [ ! -e played-web-refused ]
}
