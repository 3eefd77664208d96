#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make-page.sh BENCHSCALE SCDOC [VERB…] — one manual page, roff on standard output
set -eu
benchscale=$1 scdoc=$2
shift 2
"$benchscale" manual "$@" | "$scdoc"
