#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# two-tier.bats — Debian machines as users have them: installed, deployed to, reached by SSH; one image build, shared by all tests

load helpers
bats_require_minimum_version 1.5.0

two_tier() {
  cp -r "$BATS_TEST_DIRNAME"/../../examples/two-tier* .
}

@test "two-tier comes up from nothing, passes its tests and leaves nothing" {
  two_tier
  run -0 benchscale test two-tier.yaml
  [[ $output == *"2 passed, 0 failed"* ]]
  nothing_left
}

@test "forks are themselves: names, machine ids, keys, addresses, random numbers, clock" {
  two_tier
  benchscale up --quiet two-tier.yaml
  for node in web client; do
    benchscale exec two-tier/$node -- cat /etc/machine-id > $node.id
    benchscale exec two-tier/$node -- cat /etc/ssh/ssh_host_ed25519_key.pub > $node.key
    benchscale exec two-tier/$node -- cat /sys/class/net/eth0/address > $node.mac
    benchscale exec two-tier/$node -- sh -c 'od -An -v -N 4000 -t x4 -w4 /dev/urandom' | sort > $node.random
    [ "$(benchscale exec two-tier/$node -- hostname)" = $node ]
  done
  for what in id key mac; do refute cmp -s web.$what client.$what; done
  [ "$(sort -u web.random | wc -l)" -gt 990 ]
  [ -z "$(comm -12 web.random client.random)" ]
}

@test "plain ssh and scp reach a node, and a changed host key is refused" {
  two_tier
  benchscale up --quiet two-tier.yaml
  benchscale ssh-config two-tier > config
  [ "$(ssh -F config two-tier.web hostname)" = web ]
  echo over > file
  scp -q -F config file two-tier.client:/tmp/file
  [ "$(benchscale exec two-tier/client -- cat /tmp/file)" = over ]
  [ "$(benchscale ssh two-tier/client -- cat /tmp/file)" = over ]
  benchscale exec two-tier/web -- sh -c 'rm /etc/ssh/ssh_host_ed25519_key* && ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key'
  run ! ssh -F config two-tier.web true
  run benchscale ssh two-tier/web -- true
  [ "$status" -eq 125 ]
  [[ $output == *"host key"* ]]
}

@test "a command that fails while provisioning is told with its place and its output" {
  cat > bad.yaml <<'YAML'
nodes:
  - name: one
    image: debian-12
    cloud_init:
      runcmd:
        - "echo so far; echo no further >&2; exit 7"
YAML
  run benchscale up bad.yaml
  [ "$status" -ne 0 ]
  [[ $output == *"bad.yaml:"* && $output == *"no further"* && $output == *"7"* ]]
  nothing_left
}

@test "a cold boot is asked for with --cold, and told" {
  two_tier
  run -0 benchscale up --dry-run --cold two-tier.yaml
  [[ $output == *"cold: asked for with --cold"* ]]
  run -0 benchscale up --dry-run two-tier.yaml
  [[ $output == *"fork of "*"template"* ]]
}

@test "readiness: units, SSH, HTTP and the console" {
  two_tier
  sed -i 's/- {port: 80, within: 60s}.*/- {unit: nginx.service}\n      - {ssh: true}\n      - {http: "http:\/\/localhost\/"}/' two-tier.yaml
  run -0 benchscale up two-tier.yaml
  [[ $output == *"waiting for unit nginx.service"*"waiting for http http://localhost/"* ]]
}

@test "status shows what is a node's own memory and what it shares" {
  two_tier
  benchscale up --quiet two-tier.yaml
  benchscale status two-tier --json > status
  jq -e 'all(.nodes[]; .own_memory_kib > 0 and .shared_memory_kib > 0)' status
  [ "$(benchscale status two-tier | grep -c 'MiB its own, .* MiB shared')" -eq 2 ]
}
