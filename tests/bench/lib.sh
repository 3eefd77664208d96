# SPDX-License-Identifier: Apache-2.0
# lib.sh — time, medians and the line of a figure
#
# Every figure is a ratio or difference to a floor measured in the same run, alternating with it; medians of several runs.

now_ms() {
  echo $(($(date +%s%N) / 1000000))
}

# median NUMBER… — of one number a word
median() {
  printf '%s\n' "$@" | sort -g | awk '{ v[NR] = $1 } END { if (NR % 2) print v[(NR + 1) / 2]; else print (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# figure NAME VALUE UNIT <=|>= GOAL
figure() {
  verdict=$(awk -v v="$2" -v op="$4" -v g="$5" 'BEGIN { print ((op == "<=" ? v <= g : v >= g) ? "ok" : "short") }')
  echo "figure $1 $2 $3 goal $4 $5 $verdict"
}

# info NAME VALUE UNIT — a floor's own value
info() {
  echo "floor $1 $2 $3"
}

calc() {
  awk "BEGIN { printf \"%.3f\", $1 }"
}

# in_state COMMAND… — benchscale in the bench's own state folder
labs_topology() { # NAME COUNT MEMORY
  echo "metadata: {name: $1}"
  echo "nodes:"
  i=0
  while [ $i -lt "$2" ]; do
    i=$((i + 1))
    echo "  - {name: n$i, image: tiny, memory_mb: $3}"
  done
}
