/* SPDX-License-Identifier: Apache-2.0 */
/* fixture.h — the real program as a child, with the test in the place of the supervisor and of the machines */
#pragma once

#include "bs-switch-protocol.h"

#include <glib.h>

#define FRAME_ROOM (BS_SWITCH_FRAME_MAX + 1)

typedef struct
{
  pid_t pid;
  int control; /* -1 once hung up */
  int memory_fd;
  BsSwitchMemory *memory;
  guint32 serial;
} Fixture;

/* @memory_fd: to be used by the switch, or -1 for a new one; the fixture owns it */
void fixture_start (Fixture *self, int memory_fd);
/* Kills the switch; what the memory holds stays readable until fixture_clear(). */
void fixture_kill (Fixture *self);
void fixture_clear (Fixture *self);

/* Sends raw bytes and returns the result of the answer, whose serial must be @serial. */
int fixture_ask_raw (Fixture *self, const void *data, gsize length, const int *fds, guint n_fds, guint32 serial);
int fixture_ask (Fixture *self, BsSwitchRequest *request, int fd);
BsSwitchRequest fixture_add_request (guint port, guint network, const char *mac);
/* Lends one end of a new pair. Returns: the machine's end */
int fixture_add (Fixture *self, guint port, guint network, const char *mac);
int fixture_remove (Fixture *self, guint port);
/* Afterwards all that was done with frames whose effect the test has seen is over, for all receivers. */
void fixture_ping (Fixture *self);
guint64 fixture_drops (Fixture *self, guint port, BsSwitchDrop cause);

/* "02:00:00:00:00:0a" to bytes */
void parse_mac (const char *text, guint8 mac[6]);
/* Destination, source, type 0x88b5 (IEEE 802, local experimental), then @text. Returns: its length, at least 14 */
gsize frame_make (guint8 *frame, const char *to, const char *from, const char *text);
void send_frame (int machine, const char *to, const char *from, const char *text);
void send_bytes (int machine, const void *data, gsize length);
/* Takes one frame, waiting for it. Returns: its length */
gsize receive_bytes (int machine, guint8 *frame);
/* The next frame is the one with this text. */
void assert_frame (int machine, const char *text);
/* There is none now; call fixture_ping() before. */
void assert_silent (int machine);
