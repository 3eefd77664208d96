/* SPDX-License-Identifier: Apache-2.0 */
/* bs-import.h — topologies from the files of other tools: Compose, containerlab, Vagrant
 *
 * What a file says and a topology cannot say is never dropped silently: each such place is a warning with its position,
 * and a comment at the head of the result. Anything that is not understood in a file is such a place too.
 */
#pragma once

#include "bs-diagnostic.h"

#include <glib.h>

typedef enum
{
  BS_IMPORT_COMPOSE,      /* the Compose specification: compose.yaml, docker-compose.yml */
  BS_IMPORT_CONTAINERLAB, /* a .clab.yml */
  BS_IMPORT_VAGRANT,      /* a Vagrantfile: the declarations and simple loops that most have, no other Ruby */
} BsImportFormat;

/* "compose" …; FALSE: @format is untouched. */
gboolean bs_import_format_parse (const char *text, BsImportFormat *format);

/**
 * bs_import:
 * @file: for messages, and for the lab's name when @data has none
 * @diagnostics: (out) (transfer full): errors, and a warning for each thing that is not expressed; sorted
 *
 * Returns: (transfer full): a valid topology as YAML; NULL when there is at least one error
 */
char *bs_import (BsImportFormat format, const char *file, const char *data, gsize length, BsDiagnostics **diagnostics);
