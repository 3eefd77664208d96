#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# tools.bats — the verbs that work on topology files alone: graph, …

load helpers
bats_require_minimum_version 1.5.0

prepare() {
  printf 'networks: [{name: lan, subnet: 10.9.0.0/24}]\nnodes:\n  - {name: one, image: tiny}\n  - {name: two, image: tiny}\n' > pair.yaml
}

@test "graph prints a picture in the language of Graphviz" {
  benchscale graph pair.yaml > pair.dot
  dot -Tplain pair.dot > pair.plain
  [ "$(grep -c ^node pair.plain)" = 3 ]
  [ "$(grep -c ^edge pair.plain)" = 2 ]
}

@test "graph writes SVG when the file's name says so" {
  run -0 benchscale graph -o pair.svg pair.yaml
  [ -z "$output" ]
  xmllint --noout --nonet pair.svg
  grep -q '>one<' pair.svg
}

@test "graph of a wrong topology says what is wrong, and writes nothing" {
  echo 'nodes: [{name: one, image: tiny, colour: red}]' > wrong.yaml
  run -2 benchscale graph -o wrong.svg wrong.yaml
  [[ $output == *"wrong.yaml:1:34: node 'one': unknown key 'colour'"* ]]
  [ ! -e wrong.svg ]
}

@test "graph refuses a format that it does not know" {
  run -2 benchscale graph --format png pair.yaml
  [[ $output == *"--format is dot or svg, not 'png'"* ]]
}

@test "init writes topologies that are valid" {
  for kind in two nat cluster mixed; do
    run -0 benchscale init --kind $kind $kind.yaml
    case $kind in nat | mixed) next=validate ;; *) next=up ;; esac
    [[ $output == "wrote $kind.yaml; next: benchscale $next $kind.yaml" ]]
    benchscale fmt --check $kind.yaml
    benchscale graph $kind.yaml > /dev/null 2> said
    [ ! -s said ] || { cat said; return 1; }
  done
  benchscale init --kind cluster --count 7 --name seven - > seven.yaml
  grep -q 'name: seven$' seven.yaml
  grep -q 'count: 7 ' seven.yaml
}

@test "init never replaces a file unless told to" {
  echo mine > topology.yaml
  run -2 benchscale init
  [[ $output == *"'topology.yaml' is there already"*"hint: give another name, or --force"* ]]
  [ "$(cat topology.yaml)" = mine ]
  run -0 benchscale init --force
  grep -q 'name: two' topology.yaml
}

@test "what init writes comes up and passes its test" {
  benchscale init
  run -0 benchscale test topology.yaml
  [[ $output == *"the server answers"* ]]
}

@test "init refuses what cannot be a name, a kind or a number" {
  run -2 benchscale init --name ../x
  run -2 benchscale init --kind star
  [[ $output == *"--kind is two, nat, cluster or mixed, not 'star'"* ]]
  run -2 benchscale init --kind cluster --count 0
  run -2 benchscale init --kind cluster --count -1
  run -2 benchscale init --kind two --count 4
  [[ $output == *"--count is for --kind cluster"* ]]
  [ ! -e topology.yaml ]
}

@test "schema prints a JSON Schema that a validator takes, and that takes what fmt prints as JSON" {
  benchscale schema > topology.json
  benchscale schema -o scenarios.json scenarios
  jq -e '."$schema" and ."$comment" and .properties.nodes' topology.json
  jq -e '.definitions.step' scenarios.json
  benchscale fmt --to json pair.yaml > pair.json
  python3 - topology.json pair.json <<'END'
import json, sys, jsonschema
schema, value = (json.load(open(path)) for path in sys.argv[1:])
jsonschema.Draft7Validator.check_schema(schema)
jsonschema.validate(value, schema, jsonschema.Draft7Validator)
value["nodes"][0]["colour"] = "red"
assert not jsonschema.Draft7Validator(schema).is_valid(value)
END
  run -2 benchscale schema presets
  [[ $output == *"there are schemas of topology and scenarios, not of 'presets'"* ]]
}

@test "fmt prints the canonical form and leaves the file alone" {
  cp pair.yaml before.yaml
  benchscale fmt pair.yaml > formatted.yaml
  cmp pair.yaml before.yaml
  [ "$(head -3 formatted.yaml)" = "networks:
  - {name: lan, subnet: 10.9.0.0/24}
nodes:" ]
  benchscale fmt formatted.yaml | cmp - formatted.yaml
  run -2 benchscale fmt --to toml pair.yaml
  [[ $output == *"--to is yaml or json, not 'toml'"* ]]
}

@test "fmt --check names what is not formatted, and fmt --write formats it through links, keeping the mode" {
  chmod 640 pair.yaml
  ln -s pair.yaml link.yaml
  run -1 benchscale fmt --check link.yaml
  [ "$output" = link.yaml ]
  run -0 benchscale fmt --write link.yaml
  [ -z "$output" ]
  [ -L link.yaml ]
  [ "$(stat -c %a pair.yaml)" = 640 ]
  run -0 benchscale fmt --check link.yaml pair.yaml
  [ -z "$output" ]
}

@test "fmt refuses a file of more than 8 MiB, and the examples are formatted" {
  { echo nodes:; yes '#' | head -n 4200000; echo '- {name: a, image: tiny}'; } > big.yaml
  run -2 benchscale fmt big.yaml
  [[ $output == *"big.yaml: the file has more than 8 MiB, too much to format"* ]]
  benchscale fmt --check "$BATS_TEST_DIRNAME"/../../examples/*.yaml
}

@test "fmt leaves a wrong file alone and goes on with the others" {
  printf 'nodes: [{name: one, image: tiny, colour: red}]\n' > wrong.yaml
  cp wrong.yaml before.yaml
  run -2 benchscale fmt -w wrong.yaml pair.yaml
  [[ $output == *"wrong.yaml:1:34: node 'one': unknown key 'colour'"* ]]
  cmp wrong.yaml before.yaml
  run -0 benchscale fmt --check pair.yaml
  run -2 benchscale fmt missing.yaml
  [[ $output == *missing.yaml* ]]
}

@test "import -o writes a file that validates, and replaces one only when it is asked to" {
  printf 'name: shop\nservices:\n  web: {image: "nginx:1", ports: ["8080:80"], build: .}\n' > compose.yaml
  run -0 benchscale import compose compose.yaml -o imported.yaml
  [[ $output == *"compose.yaml:3:"*"warning: "* ]]
  [ "$(stat -c %a imported.yaml)" = 644 ]
  grep -q 'ports: \["\?8080:80' imported.yaml
  benchscale validate imported.yaml
  benchscale import compose compose.yaml 2> /dev/null | cmp - imported.yaml
  cp imported.yaml before.yaml
  run -2 benchscale import compose compose.yaml -o imported.yaml
  [[ $output == *"'imported.yaml' is there already"*"hint: give another name, or --force"* ]]
  cmp imported.yaml before.yaml
  echo 'services: {other: {image: x}}' > compose.yaml
  benchscale import compose compose.yaml --force -o imported.yaml
  grep -q 'name: other' imported.yaml
  run benchscale import compose missing.yaml -o new.yaml
  [ "$status" -eq 2 ]
  run benchscale import vagrant compose.yaml -o new.yaml
  [ "$status" -eq 2 ]
  [ ! -e new.yaml ]
  run -2 benchscale import compose compose.yaml -o nowhere/new.yaml
  [[ $output == *"nowhere/new.yaml"* ]]
}

@test "import of a Vagrantfile warns of conditions behind what they are about" {
  printf 'Vagrant.configure("2") do |config|\n  config.vm.box = "debian12" if ENV["X"]\nend\n' > Vagrantfile
  run -0 benchscale import vagrant Vagrantfile
  [[ $output == *"Vagrantfile:2:3: warning: "*"no conditions are understood"* ]]
}

@test "schema knows the presets of files, and the older key of a node's preset" {
  echo 'presets: {mine: {latency_ms: 3}}' > presets.yaml
  printf 'network: {name: lan, preset: mine}\nnodes: [{name: one, image: tiny}]\n' > lab.yaml
  benchscale schema --presets presets.yaml > schema.json
  python3 - schema.json <<'END'
import json, sys, jsonschema
validator = jsonschema.Draft7Validator(json.load(open(sys.argv[1])))
node = {"name": "one", "image": "tiny"}
validator.validate({"network": {"name": "lan", "preset": "mine"}, "nodes": [node]})
validator.validate({"nodes": [{**node, "network_conditions_preset": "mine"}]})
assert not validator.is_valid({"nodes": [{**node, "network_conditions_preset": "other"}]})
END
  run -2 benchscale schema --presets lab.yaml
  [ "$(grep -c '^benchscale: ' <<< "$output")" -eq 1 ]
}

@test "what is written to with -o stays the device, pipe or link that it was" {
  benchscale init --kind two lab.yaml
  mknod full c 1 7 || skip "no devices can be made here"
  ln -s target.svg link.svg
  for verb in "graph lab.yaml" "schema"; do
    # shellcheck disable=SC2086
    run benchscale $verb -o full
    [ "$status" -eq 3 ]
    [[ $output == "benchscale: cannot write 'full': No space left on device"* ]]
    [ -c full ]
    # shellcheck disable=SC2086
    benchscale $verb -o link.svg
    [ -L link.svg ]
    [ -s target.svg ]
    # shellcheck disable=SC2086
    [ "$(benchscale $verb -o -)" = "$(benchscale $verb)" ]
  done
}
