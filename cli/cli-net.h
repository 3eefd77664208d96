/* SPDX-License-Identifier: Apache-2.0 */
/* cli-net.h — what the verbs of `net` share */
#pragma once

#include "cli.h"

#include "bs-lab-net.h"

/* "latency_ms 40, jitter_ms 5 (normal)", "nothing"; (transfer full) */
char *cli_net_conditions (const json_t *conditions);

/* "2s" of a fault's or wire's "left_ms"; (nullable) NULL: it has no end; (transfer full) */
char *cli_net_left (const json_t *object);

/* Prints that @what (such as "set") began as a fault with this number, and its end; as JSON when @json. */
void cli_net_print_fault (guint64 fault, gint64 for_usec, gboolean json, const char *undo, const char *lab);
