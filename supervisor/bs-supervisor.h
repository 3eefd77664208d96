/* SPDX-License-Identifier: Apache-2.0 */
/* bs-supervisor.h — one running lab: its machines, its switch, its clients, its events
 *
 * Goals. Machines and wires must survive the death of this process at any moment, so everything that a successor needs
 * is in supervisor.json before the world can depend on it, and every link's descriptors are also held by the machines
 * themselves. Nothing here wakes up without a reason from outside. One thread; no call waits for anybody.
 *
 * Who is who. A BsMachine owns its process, its BsLinks (one per interface) and its BsChannel (the guest program). The
 * BsWires is one process that is lent one end of every link. The BsServer owns the clients of control.sock; operations
 * answer through a BsReply, at once or later. The BsEventLog writes events.ndjson.
 */
#pragma once

#include "bs-event-log.h"
#include "bs-json.h"
#include "bs-loop.h"
#include "bs-server.h"
#include "bs-tag.h"

typedef struct _BsWires BsWires;
typedef struct _BsTapList BsTapList;
typedef struct _BsNet BsNet;
typedef struct _BsFolderWatch BsFolderWatch;
typedef struct _BsMachine BsMachine;

typedef struct _BsSupervisor
{
  BsLoop *loop;
  int dir; /* the lab's folder */
  char *tag_text;
  BsTag tag;
  BsEventLog *events;
  BsServer *server; /* NULL until it listens */
  BsWires *wires;
  BsTapList *taps;
  BsNet *net;
  BsFolderWatch *folders;
  GPtrArray *machines; /* (element-type BsMachine) */
  BsReply *shutdown;   /* (nullable) answered when the last machine is gone */
} BsSupervisor;

#define BS_SUPERVISOR_PROGRAM_VERSION "0.1.0"
#define BS_SUPERVISOR_LOCK "supervisor.lock"
#define BS_SUPERVISOR_LOG "supervisor.log"

/**
 * bs_supervisor_new:
 * @dir: the lab's folder, borrowed
 * @tag: of role "supervisor"; %BS_ERROR_INVALID for another
 */
BsSupervisor *bs_supervisor_new (int dir, const char *tag, GError **error);
/* Machines and switch live on. */
void bs_supervisor_free (BsSupervisor *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsSupervisor, bs_supervisor_free)

/* Takes over what an earlier supervisor left, then listens. */
gboolean bs_supervisor_begin (BsSupervisor *self, GError **error);

/* The mark of @role ("switch", or "node" with a name); (transfer full) */
char *bs_supervisor_tag (BsSupervisor *self, const char *role, const char *node);

/* (nullable) */
BsMachine *bs_supervisor_find (BsSupervisor *self, const char *node);
/* As bs_supervisor_find(), or NULL with %BS_ERROR_NOT_FOUND. */
BsMachine *bs_supervisor_need (BsSupervisor *self, const char *node, GError **error);

/* Adds time and lab, writes it, sends it to subscribers. @data: (nullable) (transfer full); @node: (nullable) */
void bs_supervisor_event (BsSupervisor *self, const char *kind, const char *node, json_t *data);
/* As above with all members given; (transfer none) */
void bs_supervisor_event_object (BsSupervisor *self, json_t *event);

/* A machine ended: ends a shutdown that waited for the last. */
void bs_supervisor_machine_gone (BsSupervisor *self);
/* Begins the end; @reply (transfer full) is answered when every machine is reaped. */
void bs_supervisor_shut_down (BsSupervisor *self, BsReply *reply);
