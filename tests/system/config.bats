#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config.bats — defaults, file, environment, flags, in this order; what is wrong with them

load helpers

# The origin of up.timeout, and its value.
origin() {
  benchscale "$@" config --json up.timeout | jq -r '.[0] | .value + " " + .origin'
}

@test "each value tells where it came from" {
  printf '[up]\ntimeout = "7m"\n' > c.toml
  [ "$(origin)" = "5m default" ]
  [ "$(origin --config c.toml)" = "7m c.toml:2" ]
  [ "$(BENCHSCALE_CONFIG=c.toml origin)" = "7m c.toml:2" ]
  [ "$(BENCHSCALE_UP_TIMEOUT=8m origin --config c.toml)" = "8m environment BENCHSCALE_UP_TIMEOUT" ]
  [ "$(BENCHSCALE_UP_TIMEOUT=8m origin --config c.toml --setting up.timeout=9m)" = "9m flag --setting" ]
}

@test "global options stand before or after the verb" {
  printf '[up]\ntimeout = "7m"\n' > c.toml
  benchscale config --config c.toml up.timeout | grep -q 'c.toml:2'
  benchscale --config c.toml config up.timeout | grep -q 'c.toml:2'
  benchscale --setting ssh.port=1 config --setting ssh.user=ann > both
  grep -qE '^ssh.port +1 +flag' both
  grep -qE '^ssh.user +ann +flag' both
}

@test "the usual file is that of the XDG folder" {
  mkdir -p xdg/benchscale
  printf '[ssh]\nuser = "ann"\n' > xdg/benchscale/config.toml
  unset BENCHSCALE_CONFIG
  XDG_CONFIG_HOME=$PWD/xdg benchscale config ssh.user | grep -q "ann.*xdg/benchscale/config.toml:2"
  HOME=$PWD/xdg XDG_CONFIG_HOME='' benchscale config ssh.user | grep -q default
}

@test "a wrong file is told like a wrong topology, by any verb, and changes nothing" {
  printf '[up]\ntimeout = "soon"\nworker = 3\n[stat]\n' > c.toml
  for words in list "up one.yaml" config "down x"; do
    # shellcheck disable=SC2086
    run benchscale --config c.toml $words
    [ "$status" -eq 2 ]
    [ "${lines[0]}" = "benchscale: c.toml:2:11: 'up.timeout' must be a duration, not 'soon'" ]
    [[ "$output" == *"benchscale: c.toml:3:1: unknown key 'worker' in section up"*"hint: did you mean 'workers'?"* ]]
    [[ "$output" == *"benchscale: c.toml:4:2: unknown section 'stat'"*"hint: did you mean 'state'?"* ]]
  done
  nothing_left
  LANG=C.UTF-8 NO_COLOR=1 script -qec "benchscale --config c.toml list" /dev/null > shown || true
  grep -qF '       |           ^^^^^^' shown
}

@test "a file that was asked for must be there and be one" {
  mkfifo fifo
  mkdir folder
  for path in missing.toml fifo folder; do
    run timeout 10 benchscale --config $path list
    [ "$status" -eq 2 ]
    [[ "$output" == *"$path"* ]]
  done
}

@test "help, manual and completion do not ask for the settings" {
  echo 'x' > c.toml
  export BENCHSCALE_CONFIG=c.toml
  benchscale --help > /dev/null
  benchscale up --help > /dev/null
  benchscale manual up > /dev/null
  benchscale completion bash > /dev/null
  run benchscale list
  [ "$status" -eq 2 ]
  export BENCHSCALE_CONFIG=
}

@test "wrong variables are named: of settings, of options, of those without a value" {
  run env BENCHSCALE_SSH_PORT=x benchscale list
  [ "$status" -eq 2 ]
  [[ "$output" == *"environment: BENCHSCALE_SSH_PORT must be an integer from 1 to 65535, not 'x'"* ]]
  run env BENCHSCALE_TEST_TIMEOUT=x benchscale test one.yaml
  [ "$status" -eq 2 ]
  [[ "$output" == *"BENCHSCALE_TEST_TIMEOUT: 'x' is no duration"* ]]
  run env BENCHSCALE_LIST_JSON=yes benchscale list
  [ "$status" -eq 2 ]
  [[ "$output" == *"BENCHSCALE_LIST_JSON must be true or false, not 'yes'"* ]]
  [ "$(BENCHSCALE_LIST_JSON=true benchscale list)" = "[]" ]
  [ "$(BENCHSCALE_LIST_JSON=false benchscale list)" != "[]" ]
}

@test "an unknown setting is refused with the nearest" {
  run benchscale config up.timeot
  [ "$status" -eq 2 ]
  [[ "$output" == *"'up.timeot' is no setting"*"hint: did you mean 'up.timeout'?"* ]]
  run benchscale --setting up.timeot=1s list
  [ "$status" -eq 2 ]
  [[ "$output" == *"command line: 'up.timeot' is no setting"* ]]
}

@test "passwords are not shown" {
  export BENCHSCALE_LIBVIRT_URI=qemu+ssh://ann:hush-hush@host/system
  refute grep -q hush-hush <<< "$(benchscale config; benchscale config --json)"
  benchscale config libvirt.uri | grep -qF 'qemu+ssh://ann:***@host/system'
}

@test "settings act: a node without memory takes the user's, a lab that may take no time times out" {
  printf 'nodes: [{name: alpha}]\n' > one.yaml
  printf '[node]\nimage = "tiny"\nmemory_mb = 96\n' > c.toml
  benchscale --config c.toml up --dry-run one.yaml | grep -q 'node alpha  image tiny, backend qemu, 96 MiB'
  run benchscale up one.yaml
  [ "$status" -eq 2 ]
  run benchscale --config c.toml --setting up.timeout=1ms up --quiet one.yaml
  echo "$output"
  [ "$status" -eq 5 ]
  nothing_left
}
