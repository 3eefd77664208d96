/* SPDX-License-Identifier: Apache-2.0 */
/* bs-machine.h — one machine of the lab: its process, links and channel
 *
 * States: known (it has ports, but never ran) → running → dead → running again, or gone by "forget". A machine that is
 * forgotten while it runs is on its way out: its death makes no event and removes it.
 */
#pragma once

#include "bs-channel.h"
#include "bs-link.h"
#include "bs-supervisor.h"

struct _BsMachine
{
  BsSupervisor *lab;
  char *name;
  GPtrArray *links; /* BsLink by interface; NULL where there is none */
  gboolean spawned, running, forgotten;
  gboolean child; /* ours to reap; not after a takeover */
  pid_t pid;
  guint64 start_time;
  int pidfd;
  BsLoopSource *death;
  guint interfaces;                /* of the process */
  char *guest, *log, *console_log; /* (nullable) below the lab's folder */
  int signal;                      /* that a client sent to end it */
  json_t *exit;                    /* once dead */
  BsChannel *channel;
  GPtrArray *mourners; /* (element-type BsReply): answered with the exit */
};

/* Adds it to the lab. */
BsMachine *bs_machine_new (BsSupervisor *lab, const char *name);
/* The process, if any, lives on. */
void bs_machine_free (BsMachine *self);

/* (nullable unless @make) */
BsLink *bs_machine_link (BsMachine *self, guint interface, gboolean make);

typedef struct
{
  const char *const *argv;
  guint interfaces;
  const char *guest, *log, *console_log;
} BsMachineSpec;

/* In bs-machine-spawn.c. FALSE: as before, but for new socket pairs. */
gboolean bs_machine_spawn (BsMachine *self, const BsMachineSpec *spec, GError **error);

/* A process that an earlier supervisor spawned, whose members above are set already. FALSE when it is gone. */
gboolean bs_machine_adopt (BsMachine *self, pid_t pid, guint64 start_time);
/* It ended while no supervisor was there: tells it. */
void bs_machine_found_dead (BsMachine *self);

/* The process was started by us. */
void bs_machine_started (BsMachine *self, pid_t pid, int pidfd);

/* %BS_ERROR_DIED when it does not run. */
gboolean bs_machine_signal (BsMachine *self, int number, GError **error);
/* Its links leave the switch; a dead one is removed at once, a running one when it ends. */
void bs_machine_forget (BsMachine *self);

/* {"name","state","pid","start_time","guest","exit"}; (transfer full) */
json_t *bs_machine_describe (const BsMachine *self);
