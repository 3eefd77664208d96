/* SPDX-License-Identifier: Apache-2.0 */
/* bs-process.h — processes: start, identify without mistaking a reused pid, end */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* What tells one process from another with the same pid, on this boot: field 22 of /proc/PID/stat (proc(5)), in clock
 * ticks since boot. 0 when there is none. */
guint64 bs_process_start_time (pid_t pid);
/* As above, and its @state, such as 'Z' for a zombie; untouched when there is none. */
guint64 bs_process_stat (pid_t pid, char *state);

/* /proc/sys/kernel/random/boot_id without newline; a constant string of the library. */
const char *bs_process_boot_id (void);

/* pidfd_open(2), checked against @start_time (0: not checked) so that it is certainly that process. Returns:
 * descriptor, or -1 with errno: ESRCH when it is gone. */
int bs_process_open (pid_t pid, guint64 start_time);

/* Waits until the process of @pidfd (negative: gone already) ended or @deadline_usec passed. Returns: TRUE when it
 * ended. */
gboolean bs_process_wait_fd (int pidfd, gint64 deadline_usec);

typedef struct
{
  pid_t pid;
  guint64 start_time;
  char **argv; /* (owned) */
} BsProcess;

void bs_process_free (BsProcess *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsProcess, bs_process_free)

/**
 * bs_process_find:
 * @prefix: an argument of a searched process is exactly this, or begins with it when it ends in ':'
 *
 * Reads /proc for live processes (no zombies) of our effective uid with such an argument. Never matches the caller
 * itself.
 *
 * Returns: (transfer full) (element-type BsProcess): the processes; empty when none
 */
GPtrArray *bs_process_find (const char *prefix);

/**
 * bs_process_kill_all:
 * @processes: (element-type BsProcess): as found
 *
 * SIGKILL to each (checked by start time), then waits until all are gone.
 *
 * Returns: FALSE with %BS_ERROR_TIMEOUT naming the first that still lives at @deadline_usec, or another code when one
 * may not be killed; all others are killed even then
 */
gboolean bs_process_kill_all (GPtrArray *processes, gint64 deadline_usec, GError **error);

/* Runs @argv (searched in PATH) to its end. @stdout_text (nullable out, transfer full). FALSE with the end of its
 * stderr in the message when it cannot start (%BS_ERROR_HOST) or exits non-zero (%BS_ERROR_FAILED). */
gboolean bs_process_run (const char *const *argv, char **stdout_text, GError **error);
