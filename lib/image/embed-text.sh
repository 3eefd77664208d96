#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# embed-text.sh SYMBOL FILE — a C file that holds the text of FILE
set -eu
printf '#include "bs-catalogue.h"\nconst char %s[] =\n' "$1"
sed 's/\\/\\\\/g; s/"/\\"/g; s/^/  "/; s/$/\\n"/' "$2"
echo ';'
