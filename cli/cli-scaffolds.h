/* SPDX-License-Identifier: Apache-2.0 */
/* cli-scaffolds.h — the files of scaffolds/, as `init` writes them; made by make-scaffolds.sh */
#pragma once

typedef struct
{
  const char *kind, *text; /* with @NAME@ and @COUNT@ to be filled in */
} CliScaffold;

/* Ends with a NULL kind. */
extern const CliScaffold cli_scaffolds[];
