/* SPDX-License-Identifier: Apache-2.0 */
/* bs-output.h — what one channel of a command printed: the end of it for the report, all of it when something is
 * expected of it */
#pragma once

#include <glib.h>

#define BS_OUTPUT_KEPT (64 * 1024)
#define BS_OUTPUT_WHOLE_MAX (16 * 1024 * 1024)

typedef struct
{
  GString *bytes;
  gboolean whole;   /* nothing may be left out */
  gboolean clipped; /* its beginning was left out */
} BsOutput;

void bs_output_init (BsOutput *self, gboolean whole);
void bs_output_clear (BsOutput *self);

/* FALSE when @whole and it became larger than %BS_OUTPUT_WHOLE_MAX; what came then is not kept. */
gboolean bs_output_add (BsOutput *self, const void *data, gsize length);

/* All, as valid UTF-8, (transfer full). Only when @whole. */
char *bs_output_text (const BsOutput *self);
/* The end, at most %BS_OUTPUT_KEPT bytes of valid UTF-8, (transfer full). */
char *bs_output_tail (const BsOutput *self);
