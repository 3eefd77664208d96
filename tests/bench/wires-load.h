/* SPDX-License-Identifier: Apache-2.0 */
/* wires-load.h — what two machines do to a way, and what they see of it */
#pragma once

#include "wires-net.h"

#include <stddef.h>

/* Of TCP; NULL: the host's own choice. */
extern const char *load_congestion_control;

double now_usec (void);
double median (double *values, size_t n);
void load_init (void);
/* UDP sockets in both namespaces, connected to each other. */
void load_make_pair (Way way, int *from, int *to);
/* One TCP connection from namespace 0 to 1. Returns: Gbit/s */
double measure_tcp (Way way);
/* UDP as fast as it goes, frames of 64 bytes. Returns: packets a second that arrive */
double measure_udp (Way way);
/* A datagram there and back on idle machines. Returns: microseconds one way, the median */
double measure_delay (Way way);
