/* SPDX-License-Identifier: Apache-2.0 */
/* lab-fixture.h — a temporary lab folder with the real supervisor, for tests; programs come by environment from meson
 */
#pragma once

#include "bs-control.h"
#include "bs-guest-wire.h"

#include <stdbool.h>

typedef struct
{
  char *path;
  int dir;
  char *tag;
  BsControl *control;
} Lab;

#define LAB_DEADLINE() (g_get_monotonic_time () + 20 * G_USEC_PER_SEC)

/* Functions that end the test by an assertion when anything fails. */
void lab_setup (Lab *lab, gconstpointer unused);
/* Ends supervisor, machines and switch, and checks that nothing with the lab's tag is left. */
void lab_teardown (Lab *lab, gconstpointer unused);
void lab_start_supervisor (Lab *lab);
pid_t lab_supervisor_pid (Lab *lab);
/* SIGKILL, and waits until it is gone. */
void lab_kill_supervisor (Lab *lab);
char *lab_node_tag (Lab *lab, const char *node);

json_t *lab_call (Lab *lab, const char *op, json_t *arguments);
/* Expects an error whose text contains @text. */
void lab_call_fails (Lab *lab, const char *op, json_t *arguments, int code, const char *text);
/* The next event of this kind; needs "subscribe". */
json_t *lab_event (BsControl *subscriber, const char *kind);
BsControl *lab_connect (Lab *lab);
/* A connection that is subscribed. */
BsControl *lab_subscribe (Lab *lab);

/* Spawns the fake machine with @options (NULL-terminated) and returns its pid. */
pid_t lab_spawn (Lab *lab, const char *node, int interfaces, const char *const *options);
/* The request for it; (transfer full) */
json_t *lab_spawn_request (Lab *lab, const char *node, int interfaces, const char *const *options);
json_t *lab_node (Lab *lab, const char *node);

/* Waits until the file below the lab's folder contains @text; (transfer full) its content then. */
char *lab_wait_file (Lab *lab, const char *path, const char *text);
const char *lab_guest_program (void);
const char *lab_switch_program (void);

/* The guest op: a socket to the guest. */
int lab_guest (Lab *lab, const char *node);
void guest_send (int fd, guint8 type, guint8 channel, guint32 stream, const void *data, gsize length);
void guest_exec (int fd, guint32 stream, const char *const *argv);
/* Reads one frame; FALSE at end of file. @payload: 64 KiB */
gboolean guest_receive (int fd, BsWireHeader *header, guint8 *payload);
/* Runs @argv and returns its stdout; asserts that it exits with 0. (transfer full) */
char *guest_run (int fd, guint32 stream, const char *const *argv);
