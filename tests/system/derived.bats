#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# derived.bats — one more package on top of a Debian template, and the same without any template

load helpers

# A cache of its own with the shared one's images, so that templates are ours to make.
prepare() {
  local shared=$BENCHSCALE_CACHE_DIR
  benchscale image build --quiet debian-12 > /dev/null 2>&1 || benchscale image build debian-12
  export BENCHSCALE_CACHE_DIR=$BATS_TEST_TMPDIR/cache
  mkdir -p "$BENCHSCALE_CACHE_DIR"
  # Other names of the same files: copies would not be what their manifests say.
  cp -al "$shared/." "$BENCHSCALE_CACHE_DIR/"
  rm -rf "$BENCHSCALE_CACHE_DIR/templates"
  mkdir -p tool/DEBIAN tool/usr/bin
  printf 'Package: shop-tool\nVersion: 1\nArchitecture: all\nMaintainer: Shop <shop@example.org>\nDescription: sells\n' > tool/DEBIAN/control
  printf '#!/bin/sh\necho sold\n' > tool/usr/bin/shop-tool
  chmod 0755 tool/usr/bin/shop-tool
  dpkg-deb --root-owner-group --build tool shop-tool.deb > /dev/null
  cat > base.yaml << 'YAML'
metadata: {name: base}
nodes: [{name: a, image: debian-12}]
YAML
  cat > more.yaml << 'YAML'
metadata: {name: more}
nodes: [{name: a, image: debian-12, packages: [./shop-tool.deb], cloud_init: {write_files: [{path: /etc/shop, content: "open\n"}]}}]
YAML
}

# Milliseconds from one line of `up` to another.
between() { # LOG FROM TO
  awk -v from="$2" -v to="$3" 'index($0, from) && !a { a = $1 + 0; seen = 1 } index($0, to) && seen { print int(($1 - a) * 1000); exit }' "$1"
}

whole_chain() { # LAB: image, template, node, and each of them good
  local disk=$BENCHSCALE_STATE_DIR/labs/$1/nodes/a/disk.qcow2
  [ "$(qemu-img info -U --backing-chain --output=json "$disk" | jq length)" -eq 3 ]
  qemu-img info -U --backing-chain --output=json "$disk" | jq -r '.[1:][].filename' > images
  while read -r image; do qemu-img check -q -U "$image"; done < images
}

@test "a template with one more package begins where its base was frozen; cold, the node gets the same" {
  benchscale up base.yaml > base.log 2>&1 || { cat base.log; return 1; }
  grep -q "boots a template: debian-12" base.log
  refute benchscale exec -n base/a shop-tool
  base=$(jq -r '.nodes[0].template' "$BENCHSCALE_STATE_DIR/labs/base/lab.json")
  benchscale down --quiet base

  benchscale up --dry-run more.yaml | grep -qx "    fork of a template that is derived from ${base:0:8} (will be provisioned)"
  benchscale up more.yaml > more.log 2>&1 || { cat more.log; return 1; }
  cat base.log more.log
  grep -q "derives a template: debian-12" more.log
  refute grep -q "boots a template" more.log
  [ "$(benchscale exec -n more/a shop-tool)" = sold ]
  [ "$(benchscale exec -n more/a cat /etc/shop)" = open ]
  key=$(jq -r '.nodes[0].template' "$BENCHSCALE_STATE_DIR/labs/more/lab.json")
  [ "$key" != "$base" ]
  [ "$(jq -r .base "$BENCHSCALE_CACHE_DIR/templates/$key/manifest.json")" = "$base" ]
  whole_chain more
  # no boot is in it: where the base began to settle, this one is provisioned already
  [ $(($(between more.log "derives a template" "provisions a template") * 2)) -lt "$(between base.log "boots a template" "freezes a template")" ]
  benchscale down --quiet more

  # it needs its base no more
  rm -rf "$BENCHSCALE_CACHE_DIR/templates/$base"
  benchscale up more.yaml > again.log 2>&1
  refute grep -q "template" again.log
  [ "$(benchscale exec -n more/a shop-tool)" = sold ]
  benchscale down --quiet more

  benchscale up --cold more.yaml > cold.log 2>&1 || { cat cold.log; return 1; }
  [ "$(benchscale exec -n more/a shop-tool)" = sold ]
  [ "$(benchscale exec -n more/a cat /etc/shop)" = open ]
  # the way out that provisioning had is gone
  [ -z "$(benchscale exec -n more/a ip route show default)" ]
  refute benchscale exec -n more/a grep -q '^nameserver' /etc/resolv.conf
  refute benchscale exec -n more/a grep -q up /sys/class/net/out0/operstate
}
