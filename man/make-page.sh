#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make-page.sh BENCHSCALE SCDOC [VERB] — one manual page, roff on standard output
set -eu
"$1" manual ${3:+"$3"} | "$2"
