/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qga.h — client of the stock QEMU guest agent, on machines whose image is not ours
 *
 * JSON, one object a line, over a virtio-serial socket that outlives whoever talks through it. So whatever came before
 * is discarded first: guest-sync-delimited with a number of our own, whose answer follows a byte 0xFF, which no JSON
 * contains. The same after every answer that we did not wait for. An agent that does not run yet reads the request when
 * it starts; it is repeated now and then for one that was restarted. All that comes from the guest is untrusted:
 * replies are bounded, depth too, texts are made printable. One thread at a time per BsQga.
 *
 * What the agent cannot do: stream (output comes at the end, input is sent at once, at most %BS_QGA_DATA_MAX each),
 * terminals, kill. So commands run in a session of their own (setsid), to be signalled by another command.
 */
#pragma once

#include "bs-json.h"
#include "bs-remote.h"

/* The agent keeps that much of each stream of a command. */
#define BS_QGA_DATA_MAX (16 * 1024 * 1024)
/* The name of its port in the guest. */
#define BS_QGA_PORT_NAME "org.qemu.guest_agent.0"

typedef struct _BsQga BsQga;

/* Takes @fd (transfer full), a connected stream socket. */
BsQga *bs_qga_new (int fd);
void bs_qga_free (BsQga *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsQga, bs_qga_free)

/* Waits until the agent answers. %BS_ERROR_TIMEOUT, %BS_ERROR_DIED when the socket is closed, %BS_ERROR_CANCELLED. */
gboolean bs_qga_sync (BsQga *self, gint64 deadline_usec, GCancellable *cancellable, GError **error);

/**
 * bs_qga_call:
 * @arguments: (nullable) (transfer full)
 *
 * Returns: (transfer full): what the command returned; NULL with %BS_ERROR_FAILED and the agent's text,
 * %BS_ERROR_UNSUPPORTED when it has or allows no such command, %BS_ERROR_PROTOCOL, %BS_ERROR_TIMEOUT, …
 */
json_t *bs_qga_call (BsQga *self, const char *command, json_t *arguments, gint64 deadline_usec,
                     GCancellable *cancellable, GError **error);

gboolean bs_qga_ping (BsQga *self, gint64 deadline_usec, GCancellable *cancellable, GError **error);
/* @version: (out) (transfer full). @commands: (out) (transfer full): names of those that it allows. */
gboolean bs_qga_info (BsQga *self, char **version, char ***commands, gint64 deadline_usec, GCancellable *cancellable,
                      GError **error);

typedef struct
{
  char *name;
  char *mac;        /* (nullable) */
  char **addresses; /* "10.0.0.2/24", "fe80::1/64" */
} BsQgaInterface;

/* Returns: (transfer full) (element-type BsQgaInterface): at most 64 */
GPtrArray *bs_qga_interfaces (BsQga *self, gint64 deadline_usec, GCancellable *cancellable, GError **error);
/* @clock_usec: real time since 1970 */
gboolean bs_qga_set_time (BsQga *self, gint64 clock_usec, gint64 deadline_usec, GCancellable *cancellable,
                          GError **error);
/* @action: "off" or "reboot". Returns when the guest has begun. */
gboolean bs_qga_power (BsQga *self, const char *action, gint64 deadline_usec, GCancellable *cancellable,
                       GError **error);

/* bs_qga_exec:
 * As bs_guest_exec(), within @deadline_usec (negative: none); %BS_ERROR_UNSUPPORTED for a terminal, %BS_ERROR_EXHAUSTED
 * for more than %BS_QGA_DATA_MAX of input, or of output, what was kept of which is given first. */
gboolean bs_qga_exec (BsQga *self, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result,
                      gint64 deadline_usec, GCancellable *cancellable, GError **error);

/* What @fd reads until its end becomes @path, which is truncated first. */
gboolean bs_qga_write_file (BsQga *self, const char *path, int fd, gint64 deadline_usec, GCancellable *cancellable,
                            GError **error);
/* Returns: (transfer full): its content, at most @limit bytes (more is %BS_ERROR_INVALID) */
GBytes *bs_qga_read_file (BsQga *self, const char *path, gsize limit, gint64 deadline_usec, GCancellable *cancellable,
                          GError **error);
/* As cp -a does; needs tar on both sides. */
gboolean bs_qga_copy_in (BsQga *self, const char *source, const char *destination, gint64 deadline_usec,
                         GCancellable *cancellable, GError **error);
/* As cp -a does, but owners, and set-user-id and set-group-id bits are not taken over; needs tar on both sides.
 * %BS_ERROR_NOT_FOUND for a @source that is not there. */
gboolean bs_qga_copy_out (BsQga *self, const char *source, const char *destination, gint64 deadline_usec,
                          GCancellable *cancellable, GError **error);

/* Over the agent, which @self borrows. */
void bs_remote_over_qga (BsRemote *self, BsQga *qga, GCancellable *cancellable, gint64 deadline_usec);
