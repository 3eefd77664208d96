/* SPDX-License-Identifier: Apache-2.0 */
/* bs-preset.h — named conditions: the built-in ones, and those of a preset file */
#pragma once

#include "bs-conditions.h"

typedef struct
{
  const char *name; /* "home_lan" */
  const char *doc;  /* one phrase: what kind of line it stands for */
  double latency_ms, jitter_ms, loss_percent, bandwidth_kbps;
} BsPreset;

/* Ends with a NULL name. */
extern const BsPreset bs_presets[];

/* Returns: (nullable) (transfer none): conditions of that name */
const BsConditions *bs_preset_find (const char *name);
/* Makes @conditions (transfer full) known as @name, in place of others of that name. Before there are threads. */
void bs_preset_add (const char *name, BsConditions *conditions);
/* Keeps @conditions (transfer full), once for all that are equal, for the process's life. */
const BsConditions *bs_preset_keep (BsConditions *conditions);
/* The name as it is kept, which is there always; (nullable) */
const char *bs_preset_name (const char *name);
/* All names, the built-in ones first, others sorted; (transfer container) (element-type utf8) */
GPtrArray *bs_preset_names (void);
/* The nearest name for a hint, (nullable) (transfer none). */
const char *bs_preset_nearest (const char *wrong);
