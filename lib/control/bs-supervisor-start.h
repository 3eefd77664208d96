/* SPDX-License-Identifier: Apache-2.0 */
/* bs-supervisor-start.h — starts the supervisor of a lab */
#pragma once

#include <glib.h>

/**
 * bs_supervisor_start:
 * @lab_dir: the lab's folder
 * @program: path of benchscale-lab, relative paths from the caller's working folder
 * @tag: bs_tag_format() with role "supervisor"
 * @deadline_usec: monotonic, negative for none
 *
 * Returns when a supervisor listens in @lab_dir: one that was there already, or a new one, which is a daemon with a
 * session of its own, stdin /dev/null, stdout and stderr appended to "supervisor.log" there and no other descriptor of
 * the caller's. One that finds machines of an earlier supervisor takes them over before it listens.
 *
 * Any thread. Returns: FALSE with %BS_ERROR_HOST when @program cannot be run, the supervisor's own error,
 * %BS_ERROR_DIED when it ended without one, or %BS_ERROR_TIMEOUT
 */
gboolean bs_supervisor_start (int lab_dir, const char *program, const char *tag, gint64 deadline_usec, GError **error);

/* Between bs_supervisor_start() and the program: the number of a pipe's descriptor, and what is written there when it
 * listens; anything else there is an error as in an answer, {"code","message","hint"}. */
#define BS_SUPERVISOR_READY_ENV "BENCHSCALE_READY_FD"
#define BS_SUPERVISOR_READY "ready\n"
