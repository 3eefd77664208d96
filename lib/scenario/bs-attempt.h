/* SPDX-License-Identifier: Apache-2.0 */
/* bs-attempt.h — run a step's command once and judge it */
#pragma once

#include "bs-step.h"

typedef struct
{
  gint64 until_usec;  /* negative: never */
  char *timeout_text; /* (owned) what to say when it is reached */
} BsAttemptLimit;

/**
 * bs_attempt_run:
 * @timed_out: (out): whether it was ended because @limit was reached
 *
 * Returns: (transfer full): attempts and duration_usec are left to the caller
 */
BsStepReport *bs_attempt_run (const BsTopologyStep *step, const BsStepContext *context, const BsAttemptLimit *limit,
                              gboolean *timed_out);
