/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-probe.h — benchscale-guest probe, running in a node as a command while we do other things */
#pragma once

#include "bs-lab-private.h"

/* The path of the program in a node, put there for the time of a measurement: so that it is of this version, whatever
 * the node was made of. */
#define BS_LAB_PROBE_PATH "/tmp/.benchscale-probe"

gboolean bs_lab_probe_install (BsLab *lab, const char *node, GCancellable *cancellable, GError **error);
void bs_lab_probe_remove (BsLab *lab, const char *node);

typedef struct _BsLabProbe BsLabProbe;

/* Runs it with @arguments, separated by spaces. */
BsLabProbe *bs_lab_probe_start (BsLab *lab, const char *node, const char *arguments, GError **error);
/* A byte for its standard input. */
void bs_lab_probe_poke (BsLabProbe *self);
/* Waits for its @n-th line. FALSE with %BS_ERROR_FAILED when it ended before, %BS_ERROR_TIMEOUT */
gboolean bs_lab_probe_wait_line (BsLabProbe *self, guint n, GError **error);
/* The @n-th line, from 1, that has come; (transfer full) (nullable) */
char *bs_lab_probe_line (BsLabProbe *self, guint n);
/* Ends its standard input, waits for its end, frees it. Returns: (transfer full): what it printed, or NULL */
char *bs_lab_probe_finish (BsLabProbe *self, GError **error);

/* To its end; (transfer full) */
char *bs_lab_probe_run (BsLab *lab, const char *node, const char *arguments, GCancellable *cancellable, GError **error);
