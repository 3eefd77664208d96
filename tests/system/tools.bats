#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# tools.bats — the verbs that work on topology files alone: graph, …

load helpers

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
