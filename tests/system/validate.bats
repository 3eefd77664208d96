#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# validate.bats — all faults at once, for people, terminals and editors; variables

bats_require_minimum_version 1.5.0
load helpers

broken() {
  cat > broken.yaml << 'EOF'
nodes:
  - {name: alpha, image: tiny, memry_mb: 128}
  - {name: beta, image: tiny, depends_on: [nobody]}
EOF
}

valid() {
  printf 'nodes:\n  - {name: "%s", image: tiny}\n' "${1:-alpha}" > "${2:-valid.yaml}"
}

@test "a valid file is said to be so, exit code 0" {
  valid
  run benchscale validate valid.yaml
  [ "$status" -eq 0 ]
  [ "$output" = "valid.yaml: valid, 1 node, 1 network, 0 scenarios" ]
}

@test "the examples are valid" {
  run benchscale validate "$BATS_TEST_DIRNAME"/../../examples/*.yaml
  echo "$output"
  [ "$status" -eq 0 ]
}

@test "all faults of all files are told, exit code 2" {
  broken
  valid
  run benchscale validate broken.yaml valid.yaml missing.yaml
  [ "$status" -eq 2 ]
  [[ "$output" == *"benchscale: broken.yaml:2:32: node 'alpha': unknown key 'memry_mb'"* ]]
  [[ "$output" == *"hint: did you mean 'memory_mb'?"* ]]
  [[ "$output" == *"benchscale: broken.yaml:3:"*"'nobody'"* ]]
  [[ "$output" == *"valid.yaml: valid"* ]]
  [[ "$output" == *"benchscale: missing.yaml: "* ]]
}

@test "--json is one array for editors" {
  broken
  benchscale validate --json broken.yaml > out.json && return 1
  jq -e 'length == 2 and all(.[]; .file == "broken.yaml" and .severity == "error")' out.json
  jq -e '.[0] | .line == 2 and .column == 32 and .end_column == 40 and (.message | contains("memry_mb")) and .hint == "did you mean '"'memory_mb'"'?"' out.json
  valid
  [ "$(benchscale validate --json valid.yaml)" = "[]" ]
}

@test "a terminal shows the line and underlines the place, with colours unless NO_COLOR" {
  broken
  LANG=C.UTF-8 script -qec "benchscale validate broken.yaml" /dev/null > coloured || true
  LANG=C.UTF-8 NO_COLOR=1 script -qec "benchscale validate broken.yaml" /dev/null > plain || true
  grep -q $'\033\\[1;31m\\^\\^' coloured
  refute grep -q $'\033' plain
  grep -qF '     2 |   - {name: alpha, image: tiny, memry_mb: 128}' plain
  grep -qF '       |                                ^^^^^^^^' plain
}

@test "warnings do not fail unless --strict" {
  printf 'nodes:\n  - {name: one, image: tiny, tpm: true}\n' > odd.yaml
  benchscale validate odd.yaml 2> told || skip "nothing is unsupported any more"
  [ -s told ] || skip "nothing is unsupported any more"
  grep -q 'odd.yaml:2:.*warning: ' told
  run benchscale validate --strict odd.yaml
  [ "$status" -eq 2 ]
}

@test "scenario files are checked with the topology" {
  valid
  printf 'name: s\nsteps: [{node: gamma, command: ls}]\n' > s.yaml
  run benchscale validate --scenarios s.yaml valid.yaml
  [ "$status" -eq 2 ]
  [[ "$output" == *"benchscale: s.yaml:2:"*"'gamma'"* ]]
  sed -i 's/gamma/alpha/' s.yaml
  run benchscale validate --scenarios s.yaml valid.yaml
  [ "$status" -eq 0 ]
  [[ "$output" == *"1 scenario" ]]
}

@test "variables come from --set, then the environment, then the default" {
  # shellcheck disable=SC2016
  valid '${NAME:-gamma}'
  benchscale up --dry-run valid.yaml | grep -q 'node gamma'
  NAME=delta benchscale up --dry-run valid.yaml | grep -q 'node delta'
  NAME=delta benchscale up --dry-run --set NAME=beta valid.yaml | grep -q 'node beta'
  BENCHSCALE_UP_SET=NAME=zeta benchscale up --dry-run valid.yaml | grep -q 'node zeta'
}

@test "an unset variable, a name without use and a malformed --set are errors" {
  # shellcheck disable=SC2016
  valid '${NAME}'
  run env -u NAME benchscale validate valid.yaml
  [ "$status" -eq 2 ]
  [[ "$output" == *"valid.yaml:2:13: the variable 'NAME' is not set"*"hint: "*"--set NAME=VALUE"* ]]
  run benchscale validate --set NAME=a --set NAMES=b valid.yaml
  [ "$status" -eq 2 ]
  [[ "$output" == *"--set: nothing uses the variable 'NAMES'"* ]]
  run benchscale validate --set NAME valid.yaml
  [ "$status" -eq 2 ]
  [[ "$output" == *"'NAME' is no NAME=VALUE"* ]]
}

@test "values cannot smuggle structure" {
  # shellcheck disable=SC2016
  valid '${NAME}'
  run benchscale validate --set $'NAME=a, image: tiny}\n  - {name: b' valid.yaml
  [ "$status" -eq 2 ]
  [[ "$output" == *"valid.yaml:2:"* ]]
  [ "$(grep -c 'benchscale: ' <<< "$output")" -eq 1 ]
}

@test "scenarios of a running lab see the variables that up was given, and status hides them" {
  cat > lab.yaml << 'EOF'
metadata: {name: vars}
nodes: [{name: alpha, image: tiny, memory_mb: 128, env: {WORD: "${WORD}"}}]
scenarios:
  - name: s
    steps: [{node: alpha, command: "echo $WORD ${WORD}", expect: {stdout: {contains: "${WORD} ${WORD}"}}}]
EOF
  benchscale up --quiet --set WORD=hush-hush lab.yaml
  run benchscale test vars
  echo "$output"
  [ "$status" -eq 0 ]
  refute grep -q hush-hush <<< "$(benchscale status --json vars)"
  benchscale down --quiet vars
}

@test "--explain tells every value and where it comes from" {
  cat > shop.yaml << 'EOT'
network: {name: lan}
nodes:
  - {name: web, image: tiny, count: 2, memory_mb: 128}
EOT
  BENCHSCALE_NODE_VCPUS=3 benchscale validate --explain shop.yaml > out
  grep -qE '^  nodes\[web\]\.memory_mb +128 +shop\.yaml:3:51$' out
  grep -qE '^  nodes\[web\]\.vcpus +3 +setting node\.vcpus \(environment BENCHSCALE_NODE_VCPUS\)$' out
  grep -qE '^  nodes\[web\]\.backend +auto +default$' out
  grep -qE '^  networks\[lan\]\.subnet +- +chosen at up$' out
  grep -qE '^  nodes\[web-2\]\.name +web-2 +count of web$' out
  grep -qE '^  nodes\[web\]\.ready\[agent\]\.within +2m +default$' out
  grep -qE '^    latency_ms +0 +default$' out
  grep -qE '^    packet_loss_percent +0 +default$' out
  grep -q '^shop.yaml: valid' out
}

@test "--explain --json is one object with problems and models" {
  valid
  broken
  benchscale validate --explain --json valid.yaml broken.yaml > out.json && return 1
  jq -e '(.problems | length) == 2 and (.models | length) == 1 and .models[0].file == "valid.yaml"' out.json
  jq -e '.models[0].values[] | select(.path == "nodes[alpha].image") | .value == "tiny" and .line == 2 and .column == 28' out.json
}

@test "presets come from files, too, and are checked like a topology" {
  printf 'presets:\n  my_line: {description: mine, latency_ms: 7}\n' > presets.yaml
  printf 'network: {name: lan, preset: my_line}\nnodes: [{name: one, image: tiny}]\n' > lab.yaml
  run benchscale validate lab.yaml
  [ "$status" -eq 2 ]
  [[ "$output" == *"lab.yaml:1:30: network 'lan': there is no preset 'my_line'"* ]]
  run benchscale validate --presets presets.yaml --explain lab.yaml
  [ "$status" -eq 0 ]
  [[ "$output" == *"my_line"* ]]
  echo 'presets: {my_line: {latency: 7}}' > presets.yaml
  run benchscale validate --presets presets.yaml lab.yaml
  [ "$status" -eq 2 ]
  [ "$output" = $'benchscale: presets.yaml:1:21: preset \'my_line\': unknown key \'latency\'\nhint: did you mean \'latency_ms\'?' ]
  run benchscale validate --json --presets presets.yaml lab.yaml
  [ "$status" -eq 2 ]
  jq -e 'length == 1 and .[0].file == "presets.yaml" and .[0].column == 21' <<< "$output"
}

@test "a file of scenarios alone is told to need its topology" {
  printf 'scenarios:\n  - {name: s, steps: [{node: alpha, command: ls}]}\n' > scenarios.yaml
  run benchscale validate scenarios.yaml
  [ "$status" -eq 2 ]
  [ "$output" = $'benchscale: scenarios.yaml:1:1: these are scenarios, and no topology\nhint: give it with --scenarios, beside its topology' ]
  valid
  benchscale validate --scenarios scenarios.yaml valid.yaml
}

@test "a subnet without room for its nodes is an error of the file" {
  printf 'network: {name: lan, subnet: 10.0.0.0/30}\nnodes: [{name: web, image: tiny, count: 102}]\n' > small.yaml
  for verb in validate "up --dry-run"; do
    # shellcheck disable=SC2086
    run benchscale $verb small.yaml
    [ "$status" -eq 2 ]
    [[ "$output" == *"small.yaml:1:30: network 'lan': subnet '10.0.0.0/30' has room for 1 node, and 102 are on it"* ]]
  done
}

@test "graph takes variables like the other verbs that read a topology" {
  valid '${NAME}'
  benchscale graph --set NAME=gamma valid.yaml | grep -q gamma
  run benchscale graph --set NAME=gamma --set OTHER=x valid.yaml
  [ "$status" -eq 2 ]
  [[ "$output" == *"nothing uses the variable 'OTHER'"* ]]
}

@test "--json has the errors of the configuration, too" {
  printf '[up]\ntimeout = "soon"\n' > bad.toml
  valid
  for words in "validate --json --config bad.toml valid.yaml" "config --json --config bad.toml"; do
    # shellcheck disable=SC2086
    run --separate-stderr benchscale $words
    [ "$status" -eq 2 ]
    [ "$stderr" = "" ]
    jq -e 'length == 1 and .[0].file == "bad.toml" and .[0].line == 2 and .[0].severity == "error"' <<< "$output"
  done
}
