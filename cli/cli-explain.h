/* SPDX-License-Identifier: Apache-2.0 */
/* cli-explain.h — an explanation for people */
#pragma once

#include "bs-json.h"

/* @explanation: as from bs_explain(); to standard output */
void cli_print_explanation (const json_t *explanation);
