#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# scenarios.bats — test runs, their reports and exit codes

load helpers

prepare() {
  cat > suite.yaml << 'EOF'
metadata: {name: suite}
nodes:
  - {name: alpha, image: tiny, memory_mb: 128, env: {GREETING: hello}}
  - {name: beta, image: tiny, memory_mb: 128}
scenarios:
  - name: passes
    steps:
      - {name: name, node: alpha, command: [hostname], expect: {stdout: {equals: alpha}}}
      - {name: env, node: alpha, command: "echo $GREETING", expect: {stdout: {contains: hello}}}
      - {name: code, node: beta, command: [sh, -c, "exit 3"], expected_exit_code: 3}
      - {name: input, node: beta, stdin: "some text", command: [wc, -c], expect: {stdout: {matches: "^ *9"}}}
      - {name: comes later, node: beta, command: [test, -e, /tmp/late], retry: {every: 100ms, for: 20s}}
      - {name: to the other, node: alpha, command: [ping, -c1, beta]}
  - name: fails
    steps:
      - {name: wrong text, node: alpha, command: [echo, "a<b & c"], expect: {stdout: {equals: nothing}}}
      - {name: not reached, node: alpha, command: ["true"]}
  - name: times out
    timeout: 1s
    steps:
      - {name: sleep, node: alpha, command: [sleep, "60"]}
EOF
}

@test "results on the terminal, exit code 1, the lab gone" {
  sed -i 's,comes later.*,comes later\, node: beta\, command: [sh\, -c\, "test -e /tmp/late || { touch /tmp/late; exit 1; }"]\, retry: {every: 100ms\, for: 20s}},' suite.yaml
  run benchscale test suite.yaml --report tap=out.tap,junit=out.xml,json=out.json
  [ "$status" -eq 1 ]
  [[ "$output" == *"1 passed, 2 failed"* ]]
  [[ "$output" == *"wrong text"* ]]
  nothing_left

  grep -q '^TAP version 14' out.tap
  grep -q '^ok 1 - passes' out.tap
  grep -q '^not ok 2 - fails' out.tap
  xmllint --noout out.xml
  [ "$(xmllint --xpath 'count(//testcase)' out.xml)" = 9 ]
  [ "$(xmllint --xpath 'count(//failure)' out.xml)" = 1 ]
  [ "$(xmllint --xpath 'count(//skipped)' out.xml)" = 1 ]
  [ "$(jq -r '.failed' out.json)" = 2 ]
}

@test "only the scenarios that were asked for, in a lab that is up" {
  benchscale up --quiet suite.yaml
  run benchscale test suite 'fai*' --report tap=-
  [ "$status" -eq 1 ]
  [[ "$output" == *"1..1"* ]]
  [[ "$output" == *"not ok 1 - fails"* ]]
  run benchscale test suite nonsense
  [ "$status" -eq 2 ]
  [[ "$output" == *"passes"* ]]
  benchscale exec suite/alpha true
}

@test "--keep-failed keeps the lab, --keep always" {
  run benchscale test --keep-failed suite.yaml fails
  [ "$status" -eq 1 ]
  benchscale exec suite/alpha true
  benchscale down --quiet suite
  sed -i 's/comes later.*/x, node: beta, command: ["true"]}/' suite.yaml
  run benchscale test --keep suite.yaml passes
  [ "$status" -eq 0 ]
  benchscale exec suite/alpha true
}

@test "down waits for nobody: it is refused while a test runs" {
  benchscale up --quiet suite.yaml
  benchscale test suite 'passes' > log 2>&1 3>&- &
  pid=$!
  running() { grep -q passes log; }
  until_true 10 running
  run benchscale down suite
  [ "$status" -eq 4 ]
  benchscale exec -n suite/beta touch /tmp/late
  wait $pid
  benchscale down --quiet suite
}
