/* SPDX-License-Identifier: Apache-2.0 */
/* bs-net-layer.h — a change of what wires do, over what they did; and what the topology declares of one */
#pragma once

#include "bs-net-target.h"

/* Later ones win, key by key. */
typedef struct
{
  guint64 id;
  GPtrArray *targets; /* (element-type BsNetTarget) */
  json_t *values;     /* (nullable) of bs-wire-values.h; NULL: what earlier layers said does not hold */
  gint64 until_usec;  /* 0: until it is reset */
  char *what;         /* (nullable) who asked for it, for people */
} BsNetLayer;

/* {"targets","values"?} and, of a record, "id", "until_usec" and "what". */
BsNetLayer *bs_net_layer_load (const json_t *object, GError **error);
void bs_net_layer_free (BsNetLayer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsNetLayer, bs_net_layer_free)
json_t *bs_net_layer_save (const BsNetLayer *self);

/* A wire as the topology says it, which may be of a machine that is not there yet. */
typedef struct
{
  char *node, *to; /* @to: (nullable) */
  guint interface, to_interface;
  gboolean ingress;
  json_t *values;
  json_t *schedule; /* (nullable) [{"at_usec","for_usec","values"}]; for 0: to the end */
} BsNetDeclared;

BsNetDeclared *bs_net_declared_load (const json_t *object, GError **error);
void bs_net_declared_free (BsNetDeclared *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsNetDeclared, bs_net_declared_free)
json_t *bs_net_declared_save (const BsNetDeclared *self);
/* What names the wire; @to: (nullable); (transfer full) */
char *bs_net_declared_key (const char *node, guint interface, gboolean ingress, const char *to, guint to_interface);

/* (nullable) what the schedule says @passed_usec after its start, (transfer none); and when that changes next, as time
 * after the start: G_MAXINT64 for never */
const json_t *bs_net_declared_now (const BsNetDeclared *self, gint64 passed_usec, gint64 *next_usec);
