#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make-scaffolds.sh FILE… — the files as strings of C, each under its name without the folder and ".yaml"
set -eu
echo '#include "cli-scaffolds.h"'
echo 'const CliScaffold cli_scaffolds[] = {'
for file in "$@"; do
  kind=$(basename "$file" .yaml)
  printf '  { "%s",\n' "$kind"
  sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^.*$/    "&\\n"/' "$file"
  echo '  },'
done
echo '  { 0 }'
echo '};'
