/* SPDX-License-Identifier: Apache-2.0 */
/* cli-topology.h — read a topology and print what is wrong with it */
#pragma once

#include "bs-topology.h"

/* Prints all diagnostics to stderr. Returns: (transfer full): NULL with *@code set when there are errors. */
BsTopology *cli_load_topology (const char *path, int *code);
