/* SPDX-License-Identifier: Apache-2.0 */
/* virtual.h — the switch's core in this process, with a clock that the test turns and machines that take what they get
 *
 * Ports are 0, 1, … on network 0, with the identities 100, 101, …; whatever a port is given is noted with the time.
 */
#pragma once

#include "bs-switch.h"

#include <glib.h>

#define MSEC UINT64_C (1000000)
#define SEC UINT64_C (1000000000)
#define TO_ALL UINT16_MAX

typedef struct
{
  guint64 time_nsec;
  guint16 port;
  guint16 udp_port;
  guint32 serial;
  guint32 length;
  guint16 flipped; /* bits that are not as they were sent */
} Arrival;

extern BsSwitch virtual_switch;
extern BsSwitchMemory *virtual_memory;
extern GArray *virtual_arrivals; /* of Arrival */

/* The memory of an earlier switch is used again. */
void virtual_start (guint n_ports);
void virtual_stop (void);
/* A new memory for the next start. */
void virtual_forget (void);

BsSwitchWire virtual_wire (void);
/* Asks as the supervisor does. Returns: the answer */
int virtual_ask (BsSwitchRequest *request, int fd);
int virtual_set (guint16 port, const BsSwitchWire *wire);
void virtual_cut (guint16 port, guint64 sends, guint64 receives);

/* A UDP packet over IPv4 of @length bytes with its headers, 46 at least, to @udp_port. */
void virtual_send (guint16 from, guint16 to, guint16 udp_port, guint32 serial, guint32 length);
/* Lets the time pass until then. */
void virtual_run (guint64 until_nsec);
guint virtual_count (guint16 port);
const Arrival *virtual_arrival (guint i);
