/* SPDX-License-Identifier: Apache-2.0 */
/* bs-sftp.h — requests to an SFTP server, many under way at once (internal to lib/remote)
 *
 * A request is queued; answers come in any order and bear its id. Who has several under way takes them with
 * bs_sftp_receive(); who has one asks with bs_sftp_ask().
 */
#pragma once

#include "bs-sftp-wire.h"
#include "bs-ssh-private.h"

typedef struct
{
  BsSshCall call;
  ssh_channel channel;
  GByteArray *out;
  gsize out_at;
  guint8 *in;
  gsize in_at, in_end;
  guint32 next_id;
  gsize start; /* of the request that is being written */
  gboolean posix_rename, lsetstat;
  guint32 read_max, write_max; /* bytes of data in one message */
} BsSftp;

typedef struct
{
  guint8 data[BS_SFTP_HANDLE_MAX];
  gsize length;
} BsSftpHandle;

gboolean bs_sftp_open (BsSftp *self, BsSsh *ssh, const char *what, gint64 deadline_usec, GCancellable *cancellable,
                       GError **error);
void bs_sftp_clear (BsSftp *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BsSftp, bs_sftp_clear)

/* A request: its parts go to self->out between these two. Returns: its id */
guint32 bs_sftp_begin (BsSftp *self, guint8 type);
void bs_sftp_end (BsSftp *self);
guint32 bs_sftp_begin_extended (BsSftp *self, const char *name);

/* Bytes that are not sent yet. */
gsize bs_sftp_queued (const BsSftp *self);

/* The next answer that somebody wants, (valid until the next call). FALSE with an error; @wait FALSE: perhaps none,
 * then message->type is 0. */
gboolean bs_sftp_receive (BsSftp *self, gboolean wait, BsSftpMessage *message, GError **error);
/* Sends the request that bs_sftp_end() ended last, and waits for its answer; nothing else may be under way. */
gboolean bs_sftp_ask (BsSftp *self, BsSftpMessage *message, GError **error);
/* The answer to the request written last is not of interest. */
void bs_sftp_ignore (BsSftp *self, guint32 id);

/* Sends what is queued, and waits until the server has seen it: whatever came before is undone or done then. */
void bs_sftp_flush (BsSftp *self);

/* The answer is a status: is it OK? @verb and @path for the message: "cannot write '/x' on 'lab/node': …". */
gboolean bs_sftp_check (BsSftp *self, BsSftpMessage *message, const char *verb, const char *path, GError **error);
/* Sets the error for status @code; always FALSE. */
gboolean bs_sftp_status_error (BsSftp *self, guint32 code, const char *verb, const char *path, GError **error);
gboolean bs_sftp_nonsense (BsSftp *self, GError **error);
guint32 bs_sftp_status (BsSftpMessage *message);

/* One request each, with its answer. */
gboolean bs_sftp_handle (BsSftp *self, const char *verb, const char *path, BsSftpHandle *handle, GError **error);
void bs_sftp_close (BsSftp *self, const BsSftpHandle *handle);
/* @status: (out) (nullable): when given, a status that is not OK is no error. */
gboolean bs_sftp_stat (BsSftp *self, guint8 type, const char *path, BsSftpAttrs *attrs, guint32 *status,
                       GError **error);
/* READLINK or REALPATH; (transfer full). */
char *bs_sftp_name (BsSftp *self, guint8 type, const char *path, GError **error);
