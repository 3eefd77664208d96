#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# allocates-nothing.sh SWITCH — a program that is linked with no allocator allocates nothing, for packets or otherwise
set -eu
echo 1..1
symbols=$(nm -D --undefined-only "$1")
if echo "$symbols" | grep -E ' (malloc|calloc|realloc|reallocarray|aligned_alloc|posix_memalign|memalign|strdup|asprintf|brk|sbrk|new)(@|$)'; then
  echo "not ok 1 the switch is linked with an allocator"
elif ! echo "$symbols" | grep -qE ' sendmmsg(@|$)'; then
  echo "not ok 1 these are not the switch's symbols"
else
  echo "ok 1 the switch is linked with no allocator"
fi
