/* SPDX-License-Identifier: Apache-2.0 */
/* cli-diagnostics.h — diagnostics on standard error, in the manner that the terminal is capable of */
#pragma once

#include "bs-diagnostic-print.h"

void cli_print_diagnostics (const BsDiagnostics *diagnostics);
