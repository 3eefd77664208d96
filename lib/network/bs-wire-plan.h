/* SPDX-License-Identifier: Apache-2.0 */
/* bs-wire-plan.h — what wires do, in the numbers that the switch takes, decided before anything starts
 *
 * Chances become units of 1/2^32, times nanoseconds, rates bit/s; see lib/control/bs-wire-values.h, whose objects these
 * are. A trace becomes a file below the lab's folder, named for its content.
 */
#pragma once

#include "bs-effective.h"
#include "bs-json.h"
#include "bs-trace.h"

#define BS_WIRE_PLAN_TRACES "traces"
#define BS_WIRE_PLAN_PAIRS_MAX 65536

/* The traces that conditions name, each read once. */
typedef struct
{
  char *folder;        /* (owned) (nullable) where their paths begin */
  GHashTable *by_path; /* (element-type utf8 BsTrace) */
} BsWireTraces;

void bs_wire_traces_init (BsWireTraces *self, const char *folder);
void bs_wire_traces_clear (BsWireTraces *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BsWireTraces, bs_wire_traces_clear)
/* Writes them below @lab_dir. */
gboolean bs_wire_traces_write (const BsWireTraces *self, int lab_dir, GError **error);

/**
 * bs_wire_plan_values:
 * @conditions: its preset first, then its own keys; its schedule is not looked at
 * @file: (nullable): what its positions are in, for messages
 *
 * Returns: (transfer full): only what it says; NULL with %BS_ERROR_INVALID for a trace that is none
 */
json_t *bs_wire_plan_values (const BsConditions *conditions, BsWireTraces *traces, const char *file, GError **error);

/* What the interface's packets are decided by, the same in every lab: 1 to 2^63-1. */
guint64 bs_wire_plan_identity (const char *node, const char *interface);

typedef struct
{
  json_t *seeds;    /* (owned) [{"network":INDEX,"seed":SEED}] */
  GPtrArray *wires; /* (element-type json_t): {"node","interface","direction":"out"|"in","to"?,"to_interface"?,
                       "values","schedule"?:[{"at_usec","for_usec","values"}]}; only those that do something */
  BsWireTraces traces;
} BsWirePlan;

void bs_wire_plan_free (BsWirePlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsWirePlan, bs_wire_plan_free)

/* @lab: its name. NULL with %BS_ERROR_INVALID or, with more pairs than the switch takes, %BS_ERROR_EXHAUSTED; the
 * message begins with "FILE:LINE:COLUMN: " */
BsWirePlan *bs_wire_plan_make (const BsTopology *topology, const char *lab, GError **error);
