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

@test "a reader of the output that goes away, and a closed terminal, leave no lab" {
  benchscale test suite.yaml fails 2>&1 | head -1
  nothing_left
  benchscale test suite.yaml passes > log 2>&1 3>&- &
  pid=$!
  running() { pid_of node:alpha > /dev/null; }
  until_true 10 running
  kill -HUP $pid
  wait $pid || code=$?
  [ "$code" -eq 130 ]
  nothing_left
}

@test "reports go to devices and links without replacing them; the others are written when one fails" {
  touch real
  ln -s real link
  mkfifo fifo
  cat fifo > got 3>&- &
  run benchscale test suite.yaml fails --report tap=link,junit=fifo --report json=/dev/full --report tap=after.tap
  [ "$status" -eq 1 ]
  [[ "$output" == *"/dev/full"* ]]
  [[ "$output" == *"0 passed, 1 failed"* ]]
  wait
  [ -L link ]
  grep -q '^TAP' real
  [ -p fifo ]
  grep -q '<testsuite' got
  [ -c /dev/full ]
  grep -q '^TAP' after.tap
  sed -i 's/equals: nothing/contains: b/' suite.yaml
  run benchscale test suite.yaml fails --report json=/dev/full
  [ "$status" -eq 4 ]
}

@test "a report that cannot be written is told before anything is brought up" {
  for file in nowhere/out.xml . /proc/out.xml; do
    run benchscale test suite.yaml --report "junit=$file"
    [ "$status" -eq 2 ]
    [[ "$output" == *"'$file'"*"hint: "* ]]
    [[ "$output" != *"bringing up"* ]]
  done
}

@test "standard output is the report's whichever option asks for it" {
  run bash -c "benchscale test --quiet suite.yaml fails --report tap=a=-.tap --report tap=- 2> /dev/null"
  [[ "${lines[0]}" = "TAP version 14" ]]
  [[ "$output" != *"1 failed"* ]]
  run bash -c "benchscale test --quiet suite.yaml fails --report tap=a=-.tap 2> /dev/null"
  [[ "$output" == *"1 failed"* ]]
}

@test "what a guest writes does not reach the terminal as it is" {
  cat > rude.yaml << 'EOF'
metadata: {name: rude}
nodes:
  - {name: alpha, image: tiny, memory_mb: 128}
scenarios:
  - name: rude
    steps:
      - {name: title, node: alpha, command: [sh, -c, "printf '\\033]0;title\\007bad' >&2; exit 1"]}
EOF
  run benchscale test --quiet rude.yaml
  [ "$status" -eq 1 ]
  [[ "$output" == *"standard error: "*"bad"* ]]
  [[ "$output" != *$'\033'* ]]
  [[ "$output" != *$'\007'* ]]
}
