#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# input.bats — files that are no topology, or a hostile one: a clear error, exit code 2, bounded in time and memory

load helpers

LIMIT_KIB=204800 # of address space
GOOD='nodes: [{name: a, image: nowhere}]'

# refused FILE MESSAGE — up says this and nothing else (1000 errors at most), within bounds. One malloc arena: each thread
# would reserve 64 MiB of addresses that it does not use.
refused() {
  run env MALLOC_ARENA_MAX=1 bash -c "ulimit -v $LIMIT_KIB; exec timeout 10 benchscale up --quiet \"\$1\" < /dev/null" - "$1"
  [ "$status" -eq 2 ] || { echo "exit code $status: ${output:0:300}"; return 1; }
  [[ "$output" == "benchscale: $1"*"$2"* ]] || { echo "it says: ${output:0:300}"; return 1; }
  [ "$(grep -c '^benchscale: ' <<< "$output")" -le 1001 ]
  [[ "$output" != *$'\e'* ]]
}

# one_error FILE MESSAGE — refused, and with one error
one_error() {
  refused "$1" "$2"
  [ "$(grep -c '^benchscale: ' <<< "$output")" -eq 1 ] || { echo "it says: ${output:0:300}"; return 1; }
}

# repeat N TEXT — not empty
repeat() {
  yes -- "$2" | tr -d '\n' | head -c $((${#2} * $1)) || true
}

@test "a YAML bomb" {
  echo 'a: &a [x,x,x,x,x,x,x,x,x]' > bomb.yaml
  local before=a
  for name in b c d e f g h i j k l; do
    echo "$name: &$name [*$before,*$before,*$before,*$before,*$before,*$before,*$before,*$before,*$before]" >> bomb.yaml
    before=$name
  done
  refused bomb.yaml "anchors are not allowed: 'a'"
}

@test "100,000 levels" {
  { printf 'nodes: '; repeat 100000 '['; } > lists.yaml
  { printf 'nodes: '; repeat 100000 '{a: '; } > mappings.yaml
  { printf 'nodes:\n'; repeat 100000 '- '; echo a; } > dashes.yaml
  { repeat 100000 '? '; echo a; } > keys.yaml
  one_error lists.yaml "nested deeper than 64 levels"
  one_error mappings.yaml "nested deeper than 64 levels"
  one_error dashes.yaml "nested deeper than 64 levels"
  one_error keys.yaml "a key must be a word"
}

@test "100 MB of anything" {
  for character in a '\0' '\n' ' ' '[' '-' '\377'; do
    head -c 100M /dev/zero | tr '\0' "$character" > huge.yaml
    one_error huge.yaml "'huge.yaml' is larger than 50331648 bytes"
  done
}

@test "40 MB of one kind" {
  repeat 40000000 ' ' > blank.yaml
  one_error blank.yaml "the file is empty"
  { printf 'nodes: '; repeat 40000000 x; } > word.yaml
  one_error word.yaml "'nodes' must be a list"
  { printf 'metadata: {tags: [a'; repeat 20000000 ',a'; echo ']}'; } > values.yaml
  one_error values.yaml "too many values for one file"
  { printf 'metadata: {description: "'; repeat 40000000 x; } > quote.yaml
  one_error quote.yaml "found unexpected end of stream"
  repeat 40000000 '- ' | head -c 40000000 > dash.yaml
  one_error dash.yaml "nested deeper than 64 levels"
}

@test "small parts that make a large model" {
  { printf 'nodes: ['; repeat 4000000 '{},'; echo ']'; } > nodes.yaml
  one_error nodes.yaml "too many values for one file"
  { printf 'nodes: ['; repeat 500000 '{name: a},'; echo ']'; } > names.yaml
  one_error names.yaml "'nodes' has 500000 entries, more than 100000"
  { echo "$GOOD"; printf 'scenarios: [{name: s, steps: ['; repeat 1000000 '{wait: 1},'; echo ']}]'; } > steps.yaml
  one_error steps.yaml "too much for one lab"
  { printf 'nodes: [{name: a, image: x, depends_on: ['; repeat 2000000 'b,'; echo ']}]'; } > references.yaml
  one_error references.yaml "too much for one lab"
  { printf 'nodes: [{name: a, image: x, metadata: {a: ['; repeat 1000000 '{a: b},'; echo ']}}]'; } > metadata.yaml
  one_error metadata.yaml "too much for one lab"
  {
    printf 'networks: [{name: n}'; seq -f ', {name: n%g}' 10000 | tr -d '\n'
    printf ']\nnodes: [{name: m, image: x}'; seq -f ', {name: m%g, image: x}' 20000 | tr -d '\n'; echo ']'
  } > interfaces.yaml
  one_error interfaces.yaml "too much for one lab"
}

@test "count multiplies within limits" {
  echo 'nodes: [{name: a, image: x, count: 100000}, {name: b, image: x, count: 2}]' > count.yaml
  one_error count.yaml "more than 100000 nodes"
  echo 'nodes: [{name: a, image: x, count: 50000}, {name: b, image: x, count: 50000, depends_on: [a]}]' > edges.yaml
  one_error edges.yaml "too much for one lab"
}

@test "a million wrong keys" {
  seq -f 'k%.0f: 1' 1000000 > keys.yaml
  refused keys.yaml "unknown key 'k1'"
  yes 'k: 1' | head -1000000 > same.yaml || true
  refused same.yaml "duplicate key 'k'"
}

@test "bytes that are no text" {
  printf 'nodes: [{name: \xff\xfe}]\n' > latin.yaml
  one_error latin.yaml "1:16: the text is not valid UTF-8"
  printf 'nodes: [{name: \xc0\xaf}]\n' > overlong.yaml
  one_error overlong.yaml "1:16: the text is not valid UTF-8"
  printf '\xef\xbb\xbf%s\n' "$GOOD" > bom.yaml
  one_error bom.yaml "1:1: a byte order mark is not allowed"
  iconv -t UTF-16 <<< "$GOOD" > utf16.yaml
  one_error utf16.yaml "the text is UTF-16"
  printf 'nodes: [{name: a\0b}]\n' > nul.yaml
  one_error nul.yaml "1:17: a NUL byte is not allowed"
  printf 'nodes: [{name: a\e[31m}]\n' > escape.yaml
  one_error escape.yaml "1:17: a control character is not allowed"
  printf 'nodes:\n\t- {name: a}\n' > tab.yaml
  one_error tab.yaml "2:1: a tab is not allowed here"
}

@test "a file from Windows loads: CRLF ends lines" {
  printf '# %s\r\nnodes:\r\n  - {name: a, image: tiny,\r\n     memory_mb: lots}\r\n' hello > crlf.yaml
  one_error crlf.yaml "4:17: node 'a': 'memory_mb' must be an integer"
  printf 'metadata: {name: windows}\r\nnodes:\r\n  - {name: a, image: nowhere}\r\n' > good.yaml
  one_error good.yaml "3:22: node 'a': there is no image 'nowhere'"
}

@test "names that mean something elsewhere" {
  for name in ../x --help 'a b' -x "$(repeat 300 n)" 'a;b' '$(id)' 'a/b' "a'b" . ..; do
    printf 'nodes: [{name: "%s", image: x}]\n' "$name" > name.yaml
    one_error name.yaml "1:16: node '"
    [[ "$output" == *"'name' must be a host name"* ]]
    printf 'metadata: {name: "%s"}\n%s\n' "$name" "$GOOD" > lab.yaml
    one_error lab.yaml "1:18: 'name' must be a name"
  done
}

@test "numbers that are none, or out of range" {
  for number in 99999999999999999999 -1 1.5 1e3 0x10 0o17 .inf .nan 1_000 '"512"' true ~; do
    printf 'nodes: [{name: a, image: x, memory_mb: %s}]\n' "$number" > number.yaml
    one_error number.yaml "1:40: node 'a': 'memory_mb' must be an integer"
  done
}

@test "an empty file, two documents" {
  : > empty.yaml
  one_error empty.yaml "the file is empty"
  printf '# nothing\n---\n' > nothing.yaml
  one_error nothing.yaml "the file is empty"
  printf '%s\n---\n%s\n' "$GOOD" "$GOOD" > two.yaml
  one_error two.yaml "2:1: a second document begins here"
}

@test "folders, FIFOs, devices" {
  mkdir folder.yaml
  one_error folder.yaml "is not a regular file"
  mkfifo fifo.yaml
  one_error fifo.yaml "is not a regular file"
  one_error /dev/zero "is not a regular file"
}

@test "a file that changes while it is read" {
  # Longer and shorter, all of it wrong in one way: what is read is one of them, or it is told that it changed.
  { echo "$GOOD"; repeat 300000 '#' ; } > long
  (while cat long > moving.yaml 2> /dev/null; do echo "$GOOD" > moving.yaml; done) 3>&- &
  writer=$!
  for _ in $(seq 20); do
    run timeout 10 benchscale up --quiet moving.yaml
    [ "$status" -eq 2 ] || break
    [ "$(grep -c '^benchscale: ' <<< "$output")" -eq 1 ] || break
    [[ "$output" == *"image 'nowhere' is not supported yet"* || "$output" == *"changed while it was read"* ||
      "$output" == *"the file is empty"* ]] || break
  done
  rm long
  wait $writer || true
  [ "$status" -eq 2 ]
  [ "$(grep -c '^benchscale: ' <<< "$output")" -eq 1 ]
}

# Every other verb that reads such files: exit code 2, one error or few, one second of processor time, 200 MiB.
bounded() {
  run env MALLOC_ARENA_MAX=1 bash -c "ulimit -v $LIMIT_KIB -t 1; exec timeout 10 \"\$@\" < /dev/null" - "$@"
  [ "$status" -eq 2 ] || { echo "$*: exit code $status: ${output:0:300}"; return 1; }
  local said
  said=$(grep -c '^benchscale: ' <<< "$output")
  [ "$said" -ge 1 ] && [ "$said" -le 1001 ] || { echo "$*: $said errors: ${output:0:300}"; return 1; }
  [[ "$output" != *$'\e'* && "$output" != *$'\u202e'* ]]
}

# every_verb FILE [one] — and with one error each
every_verb() {
  local command
  echo "$GOOD" > good.yaml
  for command in "validate" "fmt" "fmt --to json" "graph" "import compose" "import containerlab" "import vagrant" \
    "validate good.yaml --presets" "validate good.yaml --scenarios" "schema --presets" "config --config"; do
    [ "$1 $command" != "empty config --config" ] || continue # no setting is a good file
    # shellcheck disable=SC2086
    bounded benchscale $command "$1"
    [ -z "${2:-}" ] || [ "$(grep -c '^benchscale: ' <<< "$output")" -eq 1 ] || { echo "$command: ${output:0:300}"; return 1; }
  done
}

@test "all verbs: bombs and depths" {
  echo 'a: &a [x,x,x,x,x,x,x,x,x]' > bomb
  local before=a
  for name in b c d e f g h i j k l; do
    echo "$name: &$name [*$before,*$before,*$before,*$before,*$before,*$before,*$before,*$before,*$before]" >> bomb
    before=$name
  done
  every_verb bomb
  { printf 'a = '; repeat 100000 '['; } > lists
  every_verb lists one
  { printf 'nodes: '; repeat 100000 '{a: '; } > mappings
  every_verb mappings one
  { repeat 100000 'if x do '; } > blocks
  every_verb blocks one
  { printf 'a'; repeat 100000 '.a'; echo ' = 1'; } > dots
  every_verb dots one
}

@test "all verbs: 100 MB, and much of one kind" {
  head -c 100M /dev/zero | tr '\0' a > huge
  every_verb huge one
  head -c 100M /dev/zero > zeros
  every_verb zeros one
  head -c 8000000 /dev/zero | tr '\0' a > word
  every_verb word one
  head -c 1000000 /dev/zero | tr '\0' '[' > brackets
  every_verb brackets one
  yes 'a: b' | head -c 1000000 > same || true
  every_verb same
  yes 'a = 1' | head -c 1000000 > settings || true
  every_verb settings
  seq -f 'k%.0f: 1' 100000 > keys
  every_verb keys
  seq -f '[k%.0f]' 60000 > sections
  every_verb sections
}

@test "all verbs: bytes that are no text, no document or two, no file" {
  printf 'nodes: [{name: \xff\xfe}]\n' > latin
  printf '\xef\xbb\xbf%s\n' "$GOOD" > mark
  iconv -t UTF-16 <<< "$GOOD" > utf16
  printf 'nodes: [{name: a\0b}]\n' > nul
  printf 'nodes: [{name: a\e[31m}]\n' > escape
  printf 'nodes:\n\t- {name: a}\n' > tab
  : > empty
  printf '%s\n---\n%s\n' "$GOOD" "$GOOD" > two
  mkdir folder
  mkfifo fifo
  for file in latin mark utf16 nul escape tab empty two folder fifo /dev/zero missing; do
    every_verb "$file" one
  done
}

@test "all verbs: control characters in texts, also as escapes" {
  for text in 'a\eb' 'a\x07b' 'a\x7fb' 'a\x9bb' 'a\u202eb' 'a\u2066b'; do
    echo "{metadata: {description: \"$text\"}, nodes: [{name: a, image: nowhere}]}" > text
    every_verb text
    for verb in validate fmt "fmt --to json" graph; do
      # shellcheck disable=SC2086
      bounded benchscale $verb text
      [[ "$output" == *"text:1:26: 'description' must be a text without control characters"*"hint: remove U+"* ]]
    done
    echo "services: {\"a$text\": {image: \"x$text\", command: \"y$text\", labels: {a: \"$text\"}}}" > compose
    benchscale import compose compose > imported.yaml 2> said || true
    refute grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80\xae|\xe2\x81\xa6' imported.yaml said
    [ ! -s imported.yaml ] || benchscale fmt imported.yaml > formatted.yaml
  done
}

@test "all verbs: what makes a file look other than it is read, in comments, too" {
  for character in $'\u202e' $'\u2066' $'\u0085' $'\u2028'; do
    printf '%s # a%sb\n' "$GOOD" "$character" > comment
    every_verb comment one
    for verb in validate fmt graph; do
      bounded benchscale $verb comment
      [[ "$output" == *": U+"*", which turns the order of characters around or ends a line, is not allowed"* ]]
    done
  done
  printf '%s # a\u200fb\n' "$GOOD" > mark
  benchscale validate mark
}

@test "--explain of ten thousand nodes needs less than 200 MiB" {
  {
    printf 'network: {subnet: 10.0.0.0/16}\nnodes:\n'
    seq -f '- {name: node-%g, image: tiny, memory_mb: 256, vcpus: 1, env: {A: b, C: d}, ready: [{port: 80}], packages: [curl]}' 10000
  } > large.yaml
  for json in "" --json; do
    # shellcheck disable=SC2086
    (ulimit -v $LIMIT_KIB; MALLOC_ARENA_MAX=1 benchscale validate --explain $json large.yaml > explained)
    [ "$(grep -o 'nodes\[node-10000\]' explained | wc -l)" -gt 10 ]
  done
}

@test "fmt and import are bounded in comments, values and bytes" {
  { echo "$GOOD"; yes '#' | head -n 4000000; } > comments.yaml || true
  bounded benchscale fmt comments.yaml
  [[ "$output" == "benchscale: comments.yaml:100001:1: more than 100000 comments, too many to format"* ]]
  { printf 'nodes: [{name: a, image: x, env: {A0: b'; seq -f ',A%.0f: b' 500000 | tr -d '\n'; echo '}}]'; } > values.yaml
  run env MALLOC_ARENA_MAX=1 bash -c "ulimit -v $LIMIT_KIB; benchscale fmt --to json values.yaml"
  [ "$status" -eq 2 ]
  [[ "$output" == *"more than 500000 values, too many to format"* ]]
  { echo nodes:; yes '#' | head -n 4200000; echo '- {name: a, image: tiny}'; } > big.yaml
  bounded benchscale fmt --to json big.yaml
  [[ "$output" == *"big.yaml: the file has more than 8 MiB, too much to format"* ]]
  { echo services:; seq -f ' s%.0f: {image: x, depends_on: [s1]}' 100000; } > compose.yaml
  bounded benchscale import compose compose.yaml
  [[ "$output" == *"'compose.yaml' is larger than 1048576 bytes"* ]]
}

@test "a hundred thousand nodes that say little are one lab" {
  {
    printf 'networks: [{name: lan, subnet: 10.0.0.0/8}]\nnodes:\n'
    seq -f '- {name: node-%.0f, image: tiny, memory_mb: 256, vcpus: 1, ready: [{port: 80, within: 20s}]}' 100000
  } > many.yaml
  run timeout 60 benchscale validate many.yaml
  [ "$status" -eq 0 ]
  [[ "$output" == *"many.yaml: valid, 100000 nodes"* ]]
}
