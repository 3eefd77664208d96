/* SPDX-License-Identifier: Apache-2.0 */
/* cli-explain.h — explanations as text */
#pragma once

#include "bs-topology.h"

/* To standard output. */
void cli_print_explanation (const BsTopology *topology);

/* (transfer full): the object of bs_explain() as text; its values need less room so */
char *cli_dump_explanation (const BsTopology *topology);
