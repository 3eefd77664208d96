#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# failpoints.bats — kill -9 at every journaled step, then remove what is left: by the record, and by the tags alone

load helpers

points() {
  benchscale failpoints | awk -v verb="$1" '$1 == verb { print $2 }'
}

# Runs "$@" with a failpoint that kills; fails unless it was hit.
killed_at() {
  local point=$1
  shift
  BENCHSCALE_FAILPOINT=$point:kill "$@" > killed.log 2>&1 && { echo "$point was never passed"; return 1; }
  [ $? -ne 137 ] || return 0
  cat killed.log
  return 1
}

removed_by_record() {
  if [ -d "$BENCHSCALE_STATE_DIR/labs/two" ]; then
    benchscale down --quiet two || return 1
  fi
  nothing_left
}

removed_by_tags() {
  rm -rf "$BENCHSCALE_STATE_DIR/labs/two"
  benchscale gc || return 1
  nothing_left
}

@test "the program lists its failpoints" {
  [ "$(points up | wc -l)" -ge 14 ]
  [ "$(points down | wc -l)" -ge 8 ]
  run env BENCHSCALE_FAILPOINT=nonsense:kill benchscale list
  [ "$status" -eq 2 ]
}

@test "up killed at every step: down from the record leaves nothing" {
  two_nodes
  for point in $(points up); do
    echo "# $point"
    killed_at "$point" benchscale up two.yaml
    removed_by_record
  done
}

@test "up killed at every step: gc from the tags alone leaves nothing" {
  two_nodes
  for point in $(points up); do
    echo "# $point"
    killed_at "$point" benchscale up two.yaml
    removed_by_tags
  done
}

@test "down killed at every step: down again leaves nothing" {
  two_nodes
  for point in $(points down); do
    echo "# $point"
    benchscale up --quiet two.yaml
    killed_at "$point" benchscale down two
    removed_by_record
  done
}

@test "down killed at every step: gc from the tags alone leaves nothing" {
  two_nodes
  for point in $(points down); do
    echo "# $point"
    benchscale up --quiet two.yaml
    killed_at "$point" benchscale down two
    removed_by_tags
  done
}

@test "up that fails at any step undoes itself" {
  two_nodes
  for point in $(points up); do
    echo "# $point"
    run env BENCHSCALE_FAILPOINT=$point:error benchscale up two.yaml
    [ "$status" -eq 4 ]
    [[ "$output" == *"failpoint '$point'"* ]]
    nothing_left
  done
}

@test "up killed while a node gets what is its own: down from the record leaves nothing" {
  cat > two.yaml << 'EOF'
metadata: {name: two}
nodes: [{name: alpha, image: tiny, memory_mb: 128, cloud_init: {runcmd: ["echo yes > /tmp/ran"]}}]
EOF
  for point in $(points provision); do
    echo "# $point"
    killed_at "$point" benchscale up two.yaml
    removed_by_record
  done
  benchscale up --quiet two.yaml
  [ "$(benchscale exec -n two/alpha cat /tmp/ran)" = yes ]
}

@test "the second machine's failure takes the first down too" {
  two_nodes
  run env BENCHSCALE_FAILPOINT=start-node.after:2:error benchscale up two.yaml
  [ "$status" -eq 4 ]
  nothing_left
}

@test "down by name works when the record is lost" {
  two_nodes
  benchscale up --quiet two.yaml
  rm -rf "$BENCHSCALE_STATE_DIR/labs/two"
  benchscale down --quiet two
  nothing_left
}

@test "down works when the record is damaged" {
  two_nodes
  benchscale up --quiet two.yaml
  echo '{"format":' > "$BENCHSCALE_STATE_DIR/labs/two/lab.json"
  run benchscale status two
  [ "$status" -ne 0 ]
  [[ "$output" == *"damaged"* ]]
  benchscale down --quiet two
  nothing_left
}
