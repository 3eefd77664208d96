/* SPDX-License-Identifier: Apache-2.0 */
/* bs-spawn.h — starts a process with exactly the descriptors that it shall have */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* Room for every BS_CONTROL_PORT_FD and BS_CONTROL_PEER_FD. */
#define BS_SPAWN_FDS_MAX 64
/* Targets are 3 up to, but without, this. */
#define BS_SPAWN_TARGETS 128

typedef struct
{
  int source, target;
} BsSpawnFd;

typedef struct
{
  const char *const *argv; /* argv[0] is a path, or searched in PATH */
  int dir;                 /* the working folder */
  int output;              /* becomes stdout and stderr */
  const BsSpawnFd *fds;    /* ascending targets */
  guint n_fds;
} BsSpawn;

/**
 * bs_spawn:
 * @pidfd: (out): of the new process, close-on-exec
 *
 * Own session, stdin is /dev/null, no other descriptor than those named, all signals default and unblocked, the limit
 * of open files that the supervisor began with. It outlives its parent. Its descriptors may be fetched by another
 * process of its user, for a takeover (pidfd_getfd(2) and Yama, see PR_SET_PTRACER in prctl(2)).
 *
 * Returns: the pid once exec succeeded; -1 with %BS_ERROR_HOST when the program cannot be run, or as
 * bs_set_error_errno()
 */
pid_t bs_spawn (const BsSpawn *spawn, int *pidfd, GError **error);

/* Lets the supervisor itself open many descriptors; before the first bs_spawn(). */
void bs_spawn_raise_limits (void);
