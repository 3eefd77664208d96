#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hostile.bats — nodes that lie, print what a terminal acts on, or do not answer

load helpers

prepare() {
  one_node
}

# Nothing answers from here on, until go_on.
stop() {
  stopped=$(pid_of "$1")
  kill -STOP "$stopped"
}

go_on() {
  kill -CONT "$stopped"
}

# The verb has taken its signals over.
listens_to_signals() { # a handler for SIGINT is there (bit 1 of SigCgt)
  [ $((0x$(awk '/^SigCgt/ { print $2 }' "/proc/$pid/status") & 2)) -ne 0 ]
}

elapsed_ms() {
  echo $((($(date +%s%N) - began) / 1000000))
}

@test "a link that the guest sent is not written through later" {
  benchscale up --quiet one.yaml
  mkdir out
  echo precious > victim
  benchscale exec -n one/alpha ln -s "$PWD/victim" /tmp/rep
  benchscale cp one/alpha:/tmp/rep out/rep
  [ -L out/rep ]
  benchscale exec -n one/alpha sh -c 'rm /tmp/rep; echo evil > /tmp/rep; chown 1000:1000 /tmp/rep'
  benchscale cp one/alpha:/tmp/rep out/rep
  [ "$(cat victim)" = precious ]
  [ ! -L out/rep ]
  [ "$(cat out/rep)" = evil ]
  [ "$(stat -c %u out/rep)" = "$(id -u)" ]
  mkdir victims
  ln -sfn "$PWD/victims" out/rep
  benchscale exec -n one/alpha sh -c 'rm /tmp/rep; mkdir /tmp/rep; echo evil > /tmp/rep/file'
  run benchscale cp one/alpha:/tmp/rep out/rep
  [ "$status" -eq 2 ]
  [[ "$output" == *"out/rep': it is a symbolic link, not a folder"*"hint: remove the symbolic link"* ]]
  [ -z "$(ls victims)" ]
}

@test "a folder that holds a device is refused with a hint" {
  benchscale up --quiet one.yaml
  mkdir folder
  mkfifo folder/fifo
  run benchscale cp folder one/alpha:/tmp/
  [ "$status" -eq 4 ]
  [[ "$output" == *"folder/fifo'"*"hint: only files, folders and symbolic links"* ]]
}

@test "exec gets away from a machine that has stopped before the command ran" {
  benchscale up --quiet one.yaml
  stop node:alpha
  benchscale exec -n one/alpha true 2> log 3>&- &
  pid=$!
  until_true 5 listens_to_signals
  began=$(date +%s%N)
  kill -INT $pid
  wait $pid || code=$?
  ms=$(elapsed_ms)
  go_on
  [ "$code" -eq 130 ]
  [ "$ms" -lt 2000 ]
}

@test "exec gets away from a machine that stops while the command runs" {
  benchscale up --quiet one.yaml
  benchscale exec -n one/alpha sh -c 'echo runs; exec sleep 600' > log 2>&1 3>&- &
  pid=$!
  until_true 10 grep -q runs log
  stop node:alpha
  began=$(date +%s%N)
  kill -INT $pid
  kill -TERM $pid
  wait $pid || code=$?
  ms=$(elapsed_ms)
  go_on
  cat log
  [ "$code" -eq 143 ]
  [ "$ms" -ge 2000 ]
  [ "$ms" -lt 5000 ]
}

@test "exec hands the first signal to a command that may take its time" {
  benchscale up --quiet one.yaml
  benchscale exec -n one/alpha sh -c 'trap "echo caught; exit 7" INT; echo runs; while :; do sleep 0.1; done' > log 3>&- &
  pid=$!
  until_true 10 grep -q runs log
  kill -INT $pid
  wait $pid || code=$?
  [ "$code" -eq 7 ]
  grep -q caught log
}

@test "exec --timeout on a machine that has stopped ends soon, with 124 and a word" {
  benchscale up --quiet one.yaml
  stop node:alpha
  began=$(date +%s%N)
  run benchscale exec -n --timeout 500ms one/alpha true
  ms=$(elapsed_ms)
  go_on
  [ "$status" -eq 124 ]
  [[ "$output" == *"benchscale: "*"node 'alpha'"* ]]
  [ "$ms" -lt 6000 ]
}

@test "exec into a reader that leaves ends silently" {
  benchscale up --quiet one.yaml
  (benchscale exec -n one/alpha yes 2> err || echo $? > code) | head -1 > first
  [ "$(cat first)" = y ]
  [ "$(cat code)" -eq 141 ]
  [ ! -s err ]
  run bash -c 'benchscale exec -n one/alpha echo x > /dev/full'
  [ "$status" -eq 125 ]
  [[ "$output" == *"cannot print the command's output: No space left on device"* ]]
  [[ "$output" != *"hint:"* ]]
}

@test "a program started without standard descriptors opens none of its own there" {
  benchscale up --quiet one.yaml
  benchscale exec one/alpha echo x <&- >&-
  run benchscale list <&- 2>&-
  [ "$status" -eq 0 ]
  [[ "$output" == *one* ]]
}

says_evil() {
  benchscale logs one/alpha | grep -q evil
}

@test "logs on a terminal prints nothing that the terminal acts on" {
  benchscale up --quiet one.yaml
  benchscale exec -n one/alpha sh -c 'printf "\033]0;evil\007\033[2Jtext\n" > /dev/console'
  until_true 10 says_evil
  benchscale logs one/alpha | grep -qF $'\e]0;evil'
  script -qec "benchscale logs one/alpha" /dev/null > shown < /dev/null
  grep -q text shown
  refute grep -qF $'\e' shown
  script -qec "benchscale logs --raw one/alpha" /dev/null > shown < /dev/null
  grep -qF $'\e]0;evil' shown
}

ended() {
  refute kill -0 "$1" 2> /dev/null
}

@test "logs --follow ends when the lab goes down, and silently when its reader leaves" {
  benchscale up --quiet one.yaml
  benchscale logs --follow one/alpha > log 2> err 3>&- &
  pid=$!
  until_true 5 test -s log
  (benchscale logs one/alpha 2>> err || echo $? > code) | head -1 > first
  benchscale down --quiet one
  until_true 5 ended $pid
  wait $pid
  [ ! -s err ]
}

console_sits() {
  [ -s pid ] && [ "$(stty -a < "/proc/$(cat pid)/fd/0" | grep -c -- -icanon)" = 1 ]
}

@test "one console at a time, and the terminal is given back at SIGTERM" {
  benchscale up --quiet one.yaml
  mkfifo typed
  cat > sit << 'EOF'
stty -g > mode
sh -c 'echo $$ > pid; exec benchscale console one/alpha'
echo $? > code
stty -g > mode-after
EOF
  script -qec "sh sit" /dev/null <> typed > shown 3>&- &
  until_true 10 console_sits
  run benchscale console one/alpha < /dev/null
  [ "$status" -eq 4 ]
  [[ "$output" == *"node 'alpha': the console is in use"*"hint: "*"Ctrl-]"* ]]
  kill -TERM "$(cat pid)"
  until_true 5 test -s mode-after
  [ "$(cat code)" -eq 143 ]
  cmp mode mode-after
  run benchscale console one/alpha < /dev/null
  [ "$status" -eq 0 ]
}

@test "a ready command that fails in time says how" {
  cat > late.yaml << 'YAML'
metadata: {name: late}
nodes:
  - name: alpha
    image: tiny
    memory_mb: 128
    ready: [{command: [sh, -c, "echo no such table >&2; exit 3"], within: 500ms}]
YAML
  run benchscale up --quiet late.yaml
  [ "$status" -eq 5 ]
  [[ "$output" == *"ended with 3, and said: no such table"* ]]
  [[ "$output" == *"hint: "*"--keep-failed"*"benchscale logs late/alpha"* ]]
}
