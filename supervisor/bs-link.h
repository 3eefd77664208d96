/* SPDX-License-Identifier: Apache-2.0 */
/* bs-link.h — the socket pair between one interface of a machine and the switch
 *
 * The machine's end is given away when the machine is spawned, so that the switch sees it close when the machine ends;
 * the switch's end is kept, for the next switch. A machine that is spawned again gets a new pair.
 */
#pragma once

#include "bs-server.h"
#include "bs-switch-protocol.h"

typedef struct
{
  const char *node; /* (borrowed) the machine's name */
  guint interface;
  int machine_fd; /* -1 once given away */
  int switch_fd;  /* -1 when the link was lost with its machine */
  int port;       /* in the switch; -1 before "add-port" */
  guint network;
  guint8 mac[6];
  guint64 identity;   /* what decisions about its packets depend on; 0: its port */
  guint32 serial;     /* of the request to the switch that is under way; 0: none */
  GPtrArray *waiting; /* (element-type BsReply) for that request's end */
} BsLink;

BsLink *bs_link_new (const char *node, guint interface);
void bs_link_free (BsLink *self);

/* A new pair in place of the old one. */
gboolean bs_link_make_pair (BsLink *self, GError **error);
/* Answers who waits: {"port":…}, or @error: (nullable). */
void bs_link_answer (BsLink *self, const GError *error);
/* "52:54:00:…"; (transfer full) */
char *bs_link_format_mac (const BsLink *self);
