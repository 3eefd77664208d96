#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# life.bats — the life of a lab, as a user sees it

load helpers

@test "up, status, list, exec, down: and nothing is left" {
  two_nodes
  run benchscale up two.yaml
  [ "$status" -eq 0 ]
  [[ "$output" == *"lab two is ready"* ]]

  run benchscale status two
  [ "$status" -eq 0 ]
  [[ "$output" == *"lab two: running"* ]]
  [[ "$output" == *"10.77.0.10/24"* ]]

  [ "$(benchscale status two --json | jq -r '.nodes[] | select(.name == "beta").state')" = running ]
  [ "$(benchscale list --json | jq -r '.[0].name')" = two ]
  [ "$(benchscale list --json | jq -r '.[0].running')" = 2 ]

  [ "$(benchscale exec two/alpha hostname)" = alpha ]
  benchscale exec two/alpha ping -c1 -w5 beta
  benchscale exec two/beta ping -c1 -w5 10.77.0.10

  run benchscale down two
  [ "$status" -eq 0 ]
  nothing_left
  run benchscale down two
  [ "$status" -eq 2 ]
  [[ "$output" == *"there is no lab 'two'"* ]]
}

@test "exec keeps streams apart, passes standard input, and returns the command's code" {
  one_node
  benchscale up --quiet one.yaml
  benchscale exec one/alpha sh -c 'echo out; echo err >&2; exit 7' > out 2> err || code=$?
  [ "$code" -eq 7 ]
  [ "$(cat out)" = out ]
  [ "$(cat err)" = err ]
  [ "$(echo hello | benchscale exec one/alpha cat)" = hello ]
  head -c 3000000 /dev/urandom > big
  benchscale exec one/alpha cat < big | cmp - big

  run benchscale exec one/alpha sh -c 'kill -9 $$'
  [ "$status" -eq 137 ]
  run benchscale exec --timeout 1s one/alpha sleep 60
  [ "$status" -eq 124 ]
  run benchscale exec one/alpha no-such-program
  [ "$status" -eq 125 ]
  [[ "$output" == *"no-such-program"* ]]
  [ "$(benchscale exec -e COLOUR=blue one/alpha sh -c 'echo $COLOUR')" = blue ]
  [ "$(benchscale exec -C /proc one/alpha pwd)" = /proc ]
  [ "$(benchscale exec one/alpha -- hostname)" = alpha ]
  run benchscale exec one/nobody true
  [ "$status" -eq 125 ]
  [[ "$output" == *"no node 'nobody'"* ]]
  [[ "$output" == *"alpha"* ]]
}

@test "a signal to exec reaches the command in the node" {
  one_node
  benchscale up --quiet one.yaml
  benchscale exec -n one/alpha sh -c 'trap "echo got it; exit 3" TERM; echo up; while :; do sleep 1 & wait; done' > out 3>&- &
  pid=$!
  until_true 10 grep -q up out
  kill -TERM $pid
  wait $pid || code=$?
  [ "$code" -eq 3 ]
  grep -q "got it" out
}

@test "exec with a terminal" {
  one_node
  benchscale up --quiet one.yaml
  run script -qec "benchscale exec -t one/alpha tty" /dev/null
  [ "$status" -eq 0 ]
  [[ "$output" == *"/dev/pts/"* ]]
}

@test "cp in and out keeps content, modes, links and holes" {
  one_node
  benchscale up --quiet one.yaml
  mkdir -p tree/sub
  echo a > tree/a
  echo b > tree/sub/b
  chmod 750 tree/sub/b
  ln -s a tree/link
  truncate -s 50M tree/holes
  echo end >> tree/holes
  benchscale cp tree one/alpha:/tmp/
  [ "$(benchscale exec one/alpha readlink /tmp/tree/link)" = a ]
  [ "$(benchscale exec one/alpha stat -c %a /tmp/tree/sub/b)" = 750 ]
  benchscale cp one/alpha:/tmp/tree back
  diff -r tree back
  [ "$(stat -c %a back/sub/b)" = 750 ]
  [ "$(du -k back/holes | cut -f1)" -lt 1024 ]
  run benchscale cp one/alpha:/nowhere back
  [ "$status" -ne 0 ]
  [[ "$output" == *"/nowhere"* ]]
  run benchscale cp a b
  [ "$status" -eq 2 ]
}

@test "logs and console show the machine" {
  one_node
  benchscale up --quiet --cold one.yaml
  benchscale logs one/alpha | grep -q "Linux version"
  benchscale logs one/alpha --engine > /dev/null
  benchscale logs one/alpha --follow > followed 3>&- &
  pid=$!
  until_true 10 grep -q "Linux version" followed
  mkfifo in
  benchscale console one/alpha < in > seen 3>&- &
  console=$!
  exec 9> in
  printf '\n' >&9
  until_true 15 grep -q '#' seen
  printf 'echo mark-$((40+2))\n' >&9
  until_true 15 grep -q mark-42 seen
  printf '\035' >&9
  exec 9>&-
  wait $console
  until_true 10 grep -q mark-42 followed
  kill -INT $pid
  wait $pid
}

@test "a lab of the same name is refused, and the first is unharmed" {
  one_node
  benchscale up --quiet one.yaml
  run benchscale up --quiet one.yaml
  [ "$status" -eq 2 ]
  [[ "$output" == *"lab 'one' exists already"* ]]
  [[ "$output" == *"hint: "* ]]
  benchscale exec one/alpha true
  benchscale up --quiet --name other one.yaml
  benchscale exec other/alpha true
  benchscale exec one/alpha true
}

@test "depends_on starts a node only after the others are ready" {
  cat > ordered.yaml << 'EOF'
metadata: {name: ordered}
nodes:
  - {name: last, image: tiny, memory_mb: 128, depends_on: [first]}
  - name: first
    image: tiny
    memory_mb: 128
    ready: [{command: [sh, -c, "echo done > /tmp/ready"], within: 30s}, {file: /tmp/ready}]
EOF
  benchscale up --json ordered.yaml > events
  first=$(grep -n '"kind":"end".*"node":"first"' events | head -1 | cut -d: -f1)
  last=$(grep -n '"kind":"begin".*"node":"last"' events | head -1 | cut -d: -f1)
  [ "$first" -lt "$last" ]
  [ "$(benchscale exec ordered/first cat /tmp/ready)" = done ]
}

@test "up --dry-run prints the plan and changes nothing" {
  two_nodes
  run benchscale up --dry-run two.yaml
  [ "$status" -eq 0 ]
  [[ "$output" == *"node alpha"* ]]
  [[ "$output" == *"10.77.0.10/24"* ]]
  [ "$(benchscale up --dry-run --json two.yaml | jq -r .state)" = planned ]
  nothing_left
  [ "$(benchscale list --json)" = "[]" ]
}

@test "every command of the README's first example works, three machines in parallel" {
  run benchscale test "$BATS_TEST_DIRNAME/../../examples/hello.yaml"
  [ "$status" -eq 0 ]
  [[ "$output" == *"2 passed, 0 failed"* ]]
  nothing_left
}

@test "down --graceful lets the guest shut down" {
  one_node
  benchscale up --quiet one.yaml
  run benchscale down --graceful one
  [ "$status" -eq 0 ]
  nothing_left
}

@test "two labs with the same subnet do not see each other" {
  two_nodes
  benchscale up --quiet two.yaml
  sed -i 's/^metadata.*/metadata: {name: three}/; s/10.77.0.11/10.77.0.12/' two.yaml
  benchscale up --quiet two.yaml
  run benchscale exec two/alpha ping -c1 -w2 10.77.0.12
  [ "$status" -ne 0 ]
  benchscale exec three/alpha ping -c1 -w5 10.77.0.12
}
