/* SPDX-License-Identifier: Apache-2.0 */
/* cli-topology.h — read a topology and print what is wrong with it */
#pragma once

#include "bs-topology.h"

#define CLI_PRESETS_OPTION                                                                                             \
  {                                                                                                                    \
    "presets", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &cli_topology_presets,                                               \
        "file with presets of your own (may be repeated)", "FILE"                                                      \
  }

/* What every verb that takes a topology puts into its table of options. */
#define CLI_TOPOLOGY_OPTIONS                                                                                           \
  { "set",                                                                                                             \
    0,                                                                                                                 \
    0,                                                                                                                 \
    G_OPTION_ARG_FILENAME_ARRAY,                                                                                       \
    &cli_topology_set,                                                                                                 \
    "value of ${NAME} in the topology (may be repeated)",                                                              \
    "NAME=VALUE" },                                                                                                    \
      CLI_PRESETS_OPTION,                                                                                              \
  {                                                                                                                    \
    "expand-commands", 0, 0, G_OPTION_ARG_NONE, &cli_topology_expand, "replace ${NAME} in commands, too", NULL         \
  }

extern char **cli_topology_set, **cli_topology_presets;
extern gboolean cli_topology_expand;
/* (nullable) Gets what is wrong with presets, which is not printed then. */
extern json_t *cli_topology_problems;

/* Reads the files of --presets, and prints what is wrong with them: @error has no text then. */
gboolean cli_topology_load_presets (GError **error);

/* What these options and the settings say; FALSE with %BS_ERROR_INVALID. Borrowed for the process's life. Files of
 * presets are read, and what is wrong with them printed. */
gboolean cli_topology_load_options (BsTopologyLoadOptions *options, GError **error);

/* A name of --set that none of @topologies (element-type BsTopology) has a use for is an error. */
gboolean cli_topology_check_used (const GPtrArray *topologies, GError **error);

/* Prints all diagnostics to stderr. Returns: (transfer full): NULL with *@code set when there are errors. */
BsTopology *cli_load_topology (const char *path, int *code);

/* Prints each field that nothing acts on yet. Returns: whether there is none. */
gboolean cli_refuse_inert (const BsTopology *topology);
