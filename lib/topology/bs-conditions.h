/* SPDX-License-Identifier: Apache-2.0 */
/* bs-conditions.h — what a wire does to packets, as one level of a topology says it
 *
 * Levels are merged key by key: network < node < interface < pair; a level's preset expands before its own keys. So a
 * level remembers which keys it sets, and where each was written.
 */
#pragma once

#include <glib.h>

/* Position in the file, from 1; line 0: not in the file (a default). */
typedef struct
{
  guint line, column;
} BsPosition;

typedef enum
{
  BS_CONDITION_LATENCY,
  BS_CONDITION_JITTER,
  BS_CONDITION_DISTRIBUTION,
  BS_CONDITION_LOSS,
  BS_CONDITION_BURST, /* Gilbert-Elliott; takes the place of LOSS on the same or a lower level, and the reverse */
  BS_CONDITION_DUPLICATE,
  BS_CONDITION_REORDER,
  BS_CONDITION_CORRUPT,
  BS_CONDITION_BANDWIDTH,
  BS_CONDITION_QUEUE_LIMIT,
  BS_CONDITION_QUEUE_DISCIPLINE,
  BS_CONDITION_TRACE,
  BS_CONDITION_SCHEDULE,
  BS_N_CONDITIONS,
} BsConditionKey;

/* Where nothing says it. */
#define BS_CONDITIONS_DISTRIBUTION "normal"
#define BS_CONDITIONS_DISCIPLINE "droptail"

typedef struct _BsConditions BsConditions;

typedef struct
{
  BsPosition at;
  gint64 at_usec;           /* from the lab's start */
  gint64 for_usec;          /* 0: until the end */
  gboolean down;            /* the wire carries nothing */
  BsConditions *conditions; /* (nullable) when not down */
} BsConditionsChange;

struct _BsConditions
{
  BsPosition at;
  char *preset; /* (nullable) canonical name of a known preset */
  BsPosition preset_at;
  const BsConditions *preset_values; /* (nullable) what it stood for when it was read; there for the process's life */
  guint set;                         /* 1 << BsConditionKey of what this level says itself, without its preset */
  BsPosition *key_at;                /* (nullable) BS_N_CONDITIONS positions */
  double latency_ms, jitter_ms;      /* one way; 0 to 3,600,000 */
  char *distribution;                /* (nullable) "uniform", "normal", "pareto" */
  double loss_percent;               /* 0 to 100, as all percents */
  double burst_p, burst_r;           /* chance per packet to enter, and to leave, the bad state */
  double burst_h, burst_k;           /* chance to deliver in the bad state, and in the good one */
  double duplicate_percent, reorder_percent, corrupt_percent;
  double bandwidth_kbps;    /* kbit/s; 0: unlimited */
  gint64 queue_limit_bytes; /* 0: not in bytes */
  gint64 queue_limit_usec;  /* 0: not in time */
  char *queue_discipline;   /* (nullable) "droptail", "codel" */
  char *trace;              /* path as written; NULL while set: "none" */
  GPtrArray *schedule;      /* (nullable) (element-type BsConditionsChange) sorted, not overlapping */
};

BsConditions *bs_conditions_new (BsPosition at);
BsConditions *bs_conditions_copy (const BsConditions *self);
void bs_conditions_free (BsConditions *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsConditions, bs_conditions_free)
/* (transfer full) */
BsConditionsChange *bs_conditions_change_new (BsPosition at);
void bs_conditions_change_free (BsConditionsChange *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsConditionsChange, bs_conditions_change_free)
/* (transfer full): for BsConditions.schedule */
GPtrArray *bs_conditions_schedule_new (void);
gboolean bs_conditions_equal (const BsConditions *a, const BsConditions *b); /* positions do not count */

/**
 * bs_conditions_merge:
 * @over: (nullable): the level above, whose preset expands first and whose keys then win, key by key
 *
 * Changes @self, whose keys are those of all levels so far; its `preset` stays NULL. A key that is 0 in @over switches
 * it off. Positions come with the keys; keys of a preset get the position of its name.
 */
void bs_conditions_merge (BsConditions *self, const BsConditions *over);

/* What @self's preset stands for; (nullable) (transfer none) */
const BsConditions *bs_conditions_preset (const BsConditions *self);

/* Notes that @self says @key itself, at @at; its value is put in by the caller. */
void bs_conditions_mark (BsConditions *self, BsConditionKey key, BsPosition at);

/* The key whose place a loss takes: LOSS for BURST and the reverse; BS_N_CONDITIONS for all others. */
BsConditionKey bs_conditions_other_loss (BsConditionKey key);

/* The key's name in a topology: "latency_ms", "queue.limit". */
const char *bs_conditions_key_name (BsConditionKey key);

/* The value of @key, which need not be set, as YAML in one line: "40", "{p: 1, r: 20, h: 0, k: 100}"; (transfer full)
 */
char *bs_conditions_format_key (const BsConditions *self, BsConditionKey key);
/* What this level says itself, with its preset, as YAML in one line that decodes to the same; (transfer full) */
char *bs_conditions_format (const BsConditions *self);
