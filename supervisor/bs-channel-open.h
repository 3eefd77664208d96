/* SPDX-License-Identifier: Apache-2.0 */
/* bs-channel-open.h — opening a session with a guest: see "Opening" in bs-guest-wire.h */
#pragma once

#include "bs-json.h"
#include "bs-loop.h"
#include "bs-outbox.h"

typedef struct _BsOpening BsOpening;

typedef struct
{
  json_t *hello; /* (borrowed) {"version":1,"program":…,"kernel":…,"boot_id":…,"hostname":…} */
  int fd;        /* (to be taken) */
  BsOutbox out;  /* (to be taken) what the guest did not read yet */
  guint8 *rest;  /* what came behind the HELLO, in the loop's scratch buffer */
  gsize rest_length;
} BsOpened;

/* One of the two is called once, from within; free the opening later, not there. */
typedef void (*BsOpeningDone) (BsOpened *opened, gpointer user_data);
typedef void (*BsOpeningFailed) (const char *reason, gpointer user_data);

/* @fd: (transfer full): a connected stream socket */
BsOpening *bs_opening_new (BsLoop *loop, int fd, BsOpeningDone done, BsOpeningFailed failed, gpointer user_data);
void bs_opening_free (BsOpening *self);

/* The members of a HELLO frame's payload; (transfer full), NULL when it breaks a rule. */
json_t *bs_opening_parse_hello (const guint8 *payload, gsize length);
