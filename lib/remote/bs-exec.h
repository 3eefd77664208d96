/* SPDX-License-Identifier: Apache-2.0 */
/* bs-exec.h — a command to run in a node, whatever carries it (guest channel, SSH, an engine's API) */
#pragma once

#include <gio/gio.h>

/* How long after its timeout a command's end is awaited: SIGTERM, 2 s, SIGKILL, the way back. Then the call fails with
 * %BS_ERROR_TIMEOUT. */
#define BS_EXEC_TIMEOUT_GRACE_USEC (2500 * G_TIME_SPAN_MILLISECOND)

/* What to run. All borrowed, must live until the call returns. */
typedef struct
{
  const char *const *argv; /* at least one; argv[0] is searched in PATH of the node */
  const char *const *env;  /* (nullable) "NAME=value", added to the node's own */
  const char *cwd;         /* (nullable) */
  const char *user;        /* (nullable) name in the node; root otherwise */
  gboolean tty;            /* a terminal: one output channel (stdout), signals by characters */
  guint16 rows, columns;   /* with tty; 0: 24×80 */
  const char *term;        /* (nullable) TERM with tty */
  gint64 timeout_usec;     /* 0: none; then the whole process group gets SIGTERM, after 2 s SIGKILL */
} BsExecSpec;

typedef enum
{
  BS_EXEC_STDOUT = 1,
  BS_EXEC_STDERR = 2,
} BsExecChannel;

/* Where its streams go. */
typedef struct
{
  int stdin_fd; /* -1: the command reads end of file at once; else read until EOF or the command's end; not closed */
  /* Called on the calling thread for each piece of output as it comes; NULL discards. FALSE stops the command (as
   * cancel). */
  gboolean (*output) (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error);
  gpointer user_data;
  int control_fd; /* -1, or a pipe from which BsExecControl records are read */
  /* (nullable) Called on the calling thread when the node says that the command runs. */
  void (*started) (gpointer user_data);
} BsExecIO;

/* One record on control_fd: a signal for the process group, or a new window size. Written atomically by
 * bs_exec_control_*(). */
typedef struct
{
  guint32 signal; /* 0: a window size */
  guint16 rows, columns;
} BsExecControl;

typedef struct
{
  int exit_code;      /* 0–255; 128 + signal when killed by one, as shells say it */
  int exit_signal;    /* 0 when it exited */
  gboolean timed_out; /* ended by spec->timeout_usec; exit_code is 124 then */
} BsExecResult;

/* Writes one record to the other end of control_fd; safe in a signal handler. FALSE (errno) when the pipe is full or
 * gone. */
gboolean bs_exec_control_signal (int fd, int number);
gboolean bs_exec_control_winsize (int fd, guint16 rows, guint16 columns);
