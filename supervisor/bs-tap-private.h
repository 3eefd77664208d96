/* SPDX-License-Identifier: Apache-2.0 */
/* bs-tap-private.h — what the parts of BsTapList share */
#pragma once

#include "bs-tap-list.h"

typedef struct
{
  BsTapSpec spec;
  int fd;         /* the switch's end of the socket, or the ring */
  int reader;     /* the other end, until it was answered */
  guint64 client; /* with which it ends, unless it is kept */
  guint32 serial; /* of the request to the switch that is under way; 0: none */
  BsReply *reply; /* (nullable) that waits for that */
} BsTap;

typedef struct
{
  int fd; /* -1: none */
  guint64 bytes;
} BsTapLog;

struct _BsTapList
{
  BsSupervisor *lab;
  BsTap *taps[BS_SWITCH_TAPS_MAX]; /* by number */
  BsTapLog log;                    /* that is followed */
  BsTapLog next_log;               /* that a client makes ready, or the switch is being told of */
  guint64 next_log_client;
  guint32 replay_serial;
  BsReply *replay_reply;
};

void bs_tap_free (BsTap *self);
