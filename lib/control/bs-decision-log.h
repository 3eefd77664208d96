/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decision-log.h — the file that `net record` writes and `net replay` follows (docs/wires-log.md) */
#pragma once

#include "bs-switch-protocol.h"

#include <glib.h>

/* A file's head; all of it and of the decisions behind it in the byte order of the host that wrote it. */
typedef struct
{
  char magic[8];      /* BS_DECISION_LOG_MAGIC */
  guint32 byte_order; /* BS_DECISION_LOG_BYTE_ORDER, as its host has it */
  guint32 version;    /* BS_DECISION_LOG_VERSION */
  guint32 head_size;  /* sizeof (BsDecisionLogHead) */
  guint32 item_size;  /* sizeof (BsSwitchDecision) */
  guint64 count;      /* decisions that follow, sorted */
  guint64 lost;       /* decisions that are missing: the seed decides those */
  guint64 began_nsec; /* CLOCK_REALTIME */
  guint8 digest[32];  /* SHA-256 of the decisions */
  guint64 reserved[2];
} BsDecisionLogHead;

#define BS_DECISION_LOG_MAGIC "bswirelg"
#define BS_DECISION_LOG_BYTE_ORDER 0x01020304u
#define BS_DECISION_LOG_VERSION 1
#define BS_DECISION_LOG_MAX (G_GUINT64_CONSTANT (1) << 24) /* decisions; further ones count as lost */

typedef struct
{
  GArray *decisions; /* (element-type BsSwitchDecision) */
  guint64 lost;
  guint64 began_nsec;
} BsDecisionLog;

BsDecisionLog *bs_decision_log_new (void);
void bs_decision_log_free (BsDecisionLog *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsDecisionLog, bs_decision_log_free)

void bs_decision_log_add (BsDecisionLog *self, const BsSwitchDecision *decision);
/* Sorts; of two decisions of one packet (its flow was forgotten and begun again) the first stays, and the other counts
 * as lost. */
void bs_decision_log_sort (BsDecisionLog *self);

/* Sorts, and writes the file, or leaves what was there. */
gboolean bs_decision_log_write (BsDecisionLog *self, const char *path, GError **error);
/* NULL with %BS_ERROR_INVALID (no log, damaged, of another kind of host), %BS_ERROR_UNSUPPORTED (newer) … */
BsDecisionLog *bs_decision_log_read (const char *path, GError **error);
/* As above, of bytes; @name is for errors. */
BsDecisionLog *bs_decision_log_parse (const void *data, gsize length, const char *name, GError **error);

/* The decisions alone, in a sealed memory, for SET_REPLAY. Returns: descriptor or -1. */
int bs_decision_log_memory (const BsDecisionLog *self, GError **error);
