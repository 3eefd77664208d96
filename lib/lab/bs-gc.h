/* SPDX-License-Identifier: Apache-2.0 */
/* bs-gc.h — leftovers: objects without a lab, labs without objects */
#pragma once

#include "bs-error.h"

typedef enum
{
  BS_GC_ORPHAN,   /* processes of a lab that has no record, or of one that another has followed under its name */
  BS_GC_DEAD,     /* a record of which nothing runs any more */
  BS_GC_BROKEN,   /* a folder without a readable record, or one whose up was killed half way */
  BS_GC_FOREIGN,  /* a folder that benchScale has not made: only told, never removed */
  BS_GC_TEMPLATE, /* a template whose making was killed */
} BsGcKind;

typedef struct
{
  BsGcKind kind;
  char *lab;
  guint processes;
  char *problem; /* (nullable) why it could not be removed */
} BsGcItem;

/**
 * bs_gc_run:
 * @dry_run: only look
 *
 * Looks at the labs of this state folder alone. A lab that another command holds is left out: it is being worked on. So
 * is one whose record cannot be read for a reason that may pass, or is of a newer format.
 *
 * Returns: (transfer full) (element-type BsGcItem): what was found, and removed unless it says otherwise
 */
GPtrArray *bs_gc_run (gboolean dry_run, GError **error);

/* "objects without a lab", … */
const char *bs_gc_kind_text (BsGcKind kind);
