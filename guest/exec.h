/* SPDX-License-Identifier: Apache-2.0 */
/* exec.h — a running command, between exec.c (its streams) and exec-start.c (its beginning) */
#pragma once

#include "guest.h"

typedef struct
{
  int fds[3]; /* our ends; with tty 0 and 1 are the same descriptor */
  bool tty, exited, timed_out, eof;
  int status;
  pid_t group;
  uint8_t *pending; /* stdin that the pipe did not take yet */
  size_t pending_at, pending_end;
} Exec;

extern const StreamKind guest_exec_kind;
