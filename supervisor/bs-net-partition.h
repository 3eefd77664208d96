/* SPDX-License-Identifier: Apache-2.0 */
/* bs-net-partition.h — which interfaces do not reach which
 *
 * The switch has 64 cuts: a frame is dropped when a bit is in its sender's `sends` and in its receiver's `receives`. To
 * keep k groups from each other takes two bits for each digit of a group's binary number: whose digit is 0 does not
 * reach whose digit is 1, and the reverse; groups differ in some digit. One way between two groups takes one bit.
 * Interfaces in no group are not cut off from anybody, which is also what makes a bridge.
 */
#pragma once

#include "bs-json.h"
#include "bs-link.h"

typedef struct
{
  char *node;
  int interface; /* -1: all */
} BsNetMember;

typedef struct
{
  guint64 id;
  GPtrArray *groups; /* (element-type GPtrArray of BsNetMember) */
  gboolean one_way;  /* only what the first of two groups sends is lost */
  gint64 until_usec; /* 0: until it is healed */
  char *what;        /* (nullable) who asked for it, for people */
  guint8 bits[64];   /* the cuts it has */
  guint n_bits;
} BsNetPartition;

/* {"groups":[[{"node","interface"?}]],"one_way"?} and, of a record, "id", "until_usec" and "what". */
BsNetPartition *bs_net_partition_load (const json_t *object, GError **error);
void bs_net_partition_free (BsNetPartition *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsNetPartition, bs_net_partition_free)
json_t *bs_net_partition_save (const BsNetPartition *self);

/* Takes free bits out of @used. %BS_ERROR_EXHAUSTED */
gboolean bs_net_partition_reserve (BsNetPartition *self, guint64 *used, GError **error);
void bs_net_partition_release (BsNetPartition *self, guint64 *used);

/* Adds what it cuts of @link. */
void bs_net_partition_cut (const BsNetPartition *self, const BsLink *link, BsSwitchCuts *cuts);
