#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# command.bats — help, manual, completion, installation, the library, ordinary users, secrets

load helpers

words() {
  awk '/^Verbs:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }'
}

# One a line; those of two words as "image list".
verbs() {
  local word
  for word in $(benchscale --help | words); do
    if benchscale "$word" --help | grep -q '^Verbs:'; then
      benchscale "$word" --help | words | sed "s/^/$word /"
    else
      echo "$word"
    fi
  done
}

options_of() {
  # shellcheck disable=SC2086
  benchscale $1 --help | grep -oE -- '--[a-z][a-z-]+' | sort -u
}

@test "every verb has a manual page with exactly the options of its help" {
  verbs > all
  grep -qx up all
  grep -qx "image list" all
  while read -r verb; do
    benchscale manual "$verb" | scdoc > page.1
    man -l page.1 2> warnings | col -b > page.txt
    [ ! -s warnings ]
    options=$(options_of "$verb")
    page=$(awk '/^OPTIONS/ { on = 1; next } /^[A-Z]/ { on = 0 } on' page.txt | grep -oE -- '--[a-z][a-z-]+' | grep -v '^--option$' | sort -u)
    echo "$verb: $options / $page"
    [ "$options" = "$page" ]
    [ -f "$BUILD/man/benchscale-${verb// /-}.1" ]
  done < all
}

@test "every verb and option is completed in bash, zsh and fish" {
  for shell in bash zsh fish; do
    benchscale completion $shell > script
    $shell -n script
    while read -r verb; do
      grep -q -- "$verb" script
      for option in $(options_of "$verb"); do
        case $shell in
          fish) grep -qE -- "is $verb' .*-l ${option#--}( |$)" script ;;
          zsh) grep -E "^ *'$verb'\)" script | grep -q -- "$option\[" ;;
          bash) awk -v verb="$verb" '$0 ~ "^ *\047" verb "\047(\\||\\))" { on = 1 } on { print } /;;/ { on = 0 }' script | grep -q -- "$option[ ']" ;;
        esac || { echo "$shell does not complete $verb $option"; return 1; }
      done
    done < <(verbs)
  done
}

@test "bash completes verbs, labs and nodes" {
  two_nodes
  benchscale up --quiet two.yaml
  cat > try << EOF
source <(benchscale completion bash)
COMP_WORDS=(benchscale sta); COMP_CWORD=1; _benchscale; echo "\${COMPREPLY[@]}"
COMP_WORDS=(benchscale status t); COMP_CWORD=2; _benchscale; echo "\${COMPREPLY[@]}"
COMP_WORDS=(benchscale exec two/b); COMP_CWORD=2; _benchscale; echo "\${COMPREPLY[@]}"
COMP_WORDS=(benchscale image ver); COMP_CWORD=2; _benchscale; echo "\${COMPREPLY[@]}"
COMP_WORDS=(benchscale image prune --keep); COMP_CWORD=3; _benchscale; echo "\${COMPREPLY[@]}"
COMP_WORDS=(benchscale image pull rocky-1); COMP_CWORD=3; _benchscale; echo "\${COMPREPLY[@]}"
EOF
  run bash try
  echo "$output"
  [ "${lines[3]}" = verify ]
  [ "${lines[4]}" = --keep-size ]
  [ "${lines[5]}" = rocky-10 ]
  [ "${lines[0]}" = status ]
  [[ "${lines[1]}" == *two* ]]
  [ "${lines[2]}" = two/beta ]
}

@test "a verb of two words explains itself" {
  run benchscale image
  [ "$status" -eq 2 ]
  [[ "$output" == *"image: wants a second word"*"benchscale image --help"* ]]
  run benchscale image frobnicate
  [ "$status" -eq 2 ]
  [[ "$output" == *"there is no verb 'image frobnicate'"* ]]
  [[ "$(benchscale help image list)" == *"benchscale image list"* ]]
  [[ "$(benchscale help image)" == *"  verify "* ]]
  BENCHSCALE_IMAGE_LIST_JSON=1 benchscale image list | jq -e '.[] | select(.name == "tiny")'
}

@test "an option can come from the environment, the command line wins" {
  one_node
  BENCHSCALE_UP_NAME=fromenv benchscale up --dry-run one.yaml | grep -q "lab fromenv"
  BENCHSCALE_UP_NAME=fromenv benchscale up --dry-run --name given one.yaml | grep -q "lab given"
}

@test "make install gives a working program, library and manual; C programs build against it" {
  DESTDIR=$PWD/root meson install -C "$BUILD" --no-rebuild --quiet
  prefix=$(echo root/usr/local)
  [ -x $prefix/bin/benchscale ]
  $prefix/bin/benchscale --version
  [ -f $prefix/share/man/man1/benchscale-up.1 ]
  [ -f $prefix/share/bash-completion/completions/benchscale ]
  [ -f $prefix/share/zsh/site-functions/_benchscale ]
  [ -f $prefix/share/fish/vendor_completions.d/benchscale.fish ]
  pc=$(dirname "$(find $prefix -name benchscale.pc)")
  lib=$(dirname "$(find $prefix -name libbenchscale.so.0)")
  flags=$(PKG_CONFIG_PATH=$pc PKG_CONFIG_SYSROOT_DIR=$PWD/root pkg-config --cflags --libs benchscale | sed "s,$PWD/root/usr/\(include\|lib/x86\),/usr/\1,g")
  # shellcheck disable=SC2086
  gcc -Wall -Werror "$BATS_TEST_DIRNAME/../../examples/use-library.c" -I$prefix/include -L"$lib" $flags -o use-library
  # shellcheck disable=SC2086
  gcc -Wall -Werror "$BATS_TEST_DIRNAME/../../examples/build-topology.c" -I$prefix/include -L"$lib" $flags -o build-topology
  env LD_LIBRARY_PATH="$lib" ./build-topology > built.yaml
  $prefix/bin/benchscale validate built.yaml
  one_node
  run env LD_LIBRARY_PATH="$lib" BENCHSCALE_LIBEXEC_DIR="$PWD/$prefix/libexec/benchscale" ./use-library one.yaml alpha
  echo "$output"
  [ "$status" -eq 0 ]
  [[ "$output" == *"alpha says: alpha"* ]]
  # Only what the headers declare is shown.
  run bash -c "nm -D --defined-only $lib/libbenchscale.so.0 | awk '\$2 ~ /[TDB]/ { print \$3 }' | grep -v '^bs_'"
  [ -z "$output" ]
}

@test "an ordinary user brings a lab up and down" {
  [ "$(id -u)" -eq 0 ] || skip "is one already"
  one_node
  mkdir -p home
  chown -R 65534:65534 home one.yaml
  chmod 755 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" 2> /dev/null || true
  chmod o+rx "$(dirname "$BATS_TEST_TMPDIR")"
  as() { setpriv --reuid 65534 --regid 65534 --clear-groups env -u BENCHSCALE_STATE_DIR -u BENCHSCALE_CACHE_DIR HOME="$PWD/home" XDG_RUNTIME_DIR= "$@"; }
  as test -x "$BUILD/benchscale" || skip "the checkout is closed to other users"
  as benchscale up --quiet "$PWD/one.yaml"
  [ "$(as benchscale exec one/alpha hostname)" = alpha ]
  run benchscale list
  [[ "$output" == *" more lab"* ]]
  as benchscale down --quiet one
  [ -z "$(ls home/.local/state/benchscale/labs)" ]
  BENCHSCALE_STATE_DIR=$PWD/home/.local/state/benchscale
  [ -z "$(tagged :)" ]
}

@test "secrets are not in process lists, logs or events" {
  one_node
  sed -i 's/memory_mb: 128/memory_mb: 128, env: {TOKEN: hush-hush-4711}/' one.yaml
  benchscale up one.yaml > log 2>&1
  [ "$(benchscale exec one/alpha sh -c 'echo $TOKEN')" = hush-hush-4711 ]
  refute grep -q hush-hush log
  refute grep -rq hush-hush "$BENCHSCALE_STATE_DIR/labs/one/events.ndjson" "$BENCHSCALE_STATE_DIR/labs/one/supervisor.log" "$BENCHSCALE_STATE_DIR/labs/one/journal" "$BENCHSCALE_STATE_DIR/labs/one/nodes"
  refute grep -lsa '[h]ush-hush' /proc/[0-9]*/cmdline
  [[ "$(benchscale status one --json)" != *hush-hush* ]]
  [ "$(stat -c %a "$BENCHSCALE_STATE_DIR/labs/one")" = 700 ]
  [ "$(stat -c %a "$BENCHSCALE_STATE_DIR/labs/one/lab.json")" = 600 ]
}

@test "the lab's folder may be deeper than a socket's name can say" {
  deep=$BENCHSCALE_STATE_DIR/$(printf 'x%.0s' {1..120})/$(printf 'y%.0s' {1..120})
  mkdir -p "$deep"
  one_node
  BENCHSCALE_STATE_DIR=$deep benchscale up --quiet one.yaml
  [ "$(BENCHSCALE_STATE_DIR=$deep benchscale exec one/alpha hostname)" = alpha ]
  BENCHSCALE_STATE_DIR=$deep benchscale down --quiet one
  rm -rf "$BENCHSCALE_STATE_DIR"/x*
}

@test "values of env are not in what a dry run prints" {
  one_node
  sed -i 's/memory_mb: 128/memory_mb: 128, env: {TOKEN: hush-hush-4711}/' one.yaml
  run benchscale up --dry-run --json one.yaml
  [ "$status" -eq 0 ]
  [[ "$output" != *hush-hush* ]]
  [ "$(jq -c '.nodes[0].env' <<< "$output")" = '["TOKEN"]' ]
}

@test "what cannot be printed is an error, and a reader that went away is none of ours to complain of" {
  one_node
  for words in --version list "list --json" "up --dry-run one.yaml" --help "gc --json"; do
    # shellcheck disable=SC2086
    run bash -c 'benchscale "$@" > /dev/full' bash $words
    echo "$words: $status $output"
    [[ "$words" = list ]] || [ "$status" -eq 4 ]
    [[ "$words" = list ]] || [[ "$output" == *"cannot write to standard output"* ]]
  done
  run bash -c 'benchscale --help | true; echo "${PIPESTATUS[0]}"'
  [[ "$output" = 0 || "$output" = 4 ]]
}

@test "a folder below labs that is not a lab is told and left alone" {
  mkdir -p "$BENCHSCALE_STATE_DIR/labs/photos"
  echo picture > "$BENCHSCALE_STATE_DIR/labs/photos/2026.jpg"
  run benchscale gc
  [ "$status" -eq 0 ]
  [ "$output" = "photos: not a lab, left alone" ]
  run benchscale down photos
  [ "$status" -eq 4 ]
  [[ "$output" == *"is not a lab"*"hint: "* ]]
  [ -e "$BENCHSCALE_STATE_DIR/labs/photos/2026.jpg" ]
  rm -r "$BENCHSCALE_STATE_DIR/labs/photos"
}

@test "a process that only speaks of a tag is not ended" {
  one_node
  benchscale up --quiet one.yaml
  tag=$(tagged node:alpha | cut -d' ' -f2)
  mkfifo hold
  sh -c 'read -r line' mydebug "$tag" <> hold 3>&- &
  pid=$!
  benchscale down --quiet one
  kill -0 $pid
  kill $pid
  wait $pid || true
  nothing_left
}
