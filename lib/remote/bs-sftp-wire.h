/* SPDX-License-Identifier: Apache-2.0 */
/* bs-sftp-wire.h — messages of SFTP version 3 (draft-ietf-secsh-filexfer-02), as OpenSSH speaks it
 *
 * libssh has a client of its own, but that one waits for the answer to each write and cannot be interrupted.
 */
#pragma once

#include <glib.h>

#define BS_SFTP_MESSAGE_MAX (256 * 1024 + 1024) /* OpenSSH's limit is 256 KiB */
#define BS_SFTP_HANDLE_MAX 256

enum
{
  BS_SFTP_INIT = 1,
  BS_SFTP_VERSION = 2,
  BS_SFTP_OPEN = 3,
  BS_SFTP_CLOSE = 4,
  BS_SFTP_READ = 5,
  BS_SFTP_WRITE = 6,
  BS_SFTP_LSTAT = 7,
  BS_SFTP_SETSTAT = 9,
  BS_SFTP_FSETSTAT = 10,
  BS_SFTP_OPENDIR = 11,
  BS_SFTP_READDIR = 12,
  BS_SFTP_REMOVE = 13,
  BS_SFTP_MKDIR = 14,
  BS_SFTP_REALPATH = 16,
  BS_SFTP_STAT = 17,
  BS_SFTP_RENAME = 18,
  BS_SFTP_READLINK = 19,
  BS_SFTP_SYMLINK = 20,
  BS_SFTP_STATUS = 101,
  BS_SFTP_HANDLE = 102,
  BS_SFTP_DATA = 103,
  BS_SFTP_NAME = 104,
  BS_SFTP_ATTRS = 105,
  BS_SFTP_EXTENDED = 200,
  BS_SFTP_EXTENDED_REPLY = 201,
};

enum
{
  BS_SFTP_OK = 0,
  BS_SFTP_EOF = 1,
  BS_SFTP_NO_SUCH_FILE = 2,
  BS_SFTP_PERMISSION_DENIED = 3,
  BS_SFTP_FAILURE = 4,
  BS_SFTP_OP_UNSUPPORTED = 8,
};

enum
{
  BS_SFTP_ATTR_SIZE = 1,
  BS_SFTP_ATTR_UIDGID = 2,
  BS_SFTP_ATTR_PERMISSIONS = 4,
  BS_SFTP_ATTR_TIMES = 8,
};

typedef struct
{
  guint32 flags; /* which of the others are there */
  guint64 size;
  guint32 uid, gid, permissions, atime, mtime;
} BsSftpAttrs;

/* Reads what may be cut or lie; after the first trouble everything is 0 and empty, and @bad is set. */
typedef struct
{
  const guint8 *at;
  gsize left;
  gboolean bad;
} BsSftpReader;

guint32 bs_sftp_get32 (BsSftpReader *self);
guint64 bs_sftp_get64 (BsSftpReader *self);
/* (transfer none), not terminated */
const guint8 *bs_sftp_get_string (BsSftpReader *self, gsize *length);
/* (transfer full) (nullable): NULL, and @bad, when it holds a NUL */
char *bs_sftp_get_text (BsSftpReader *self);
void bs_sftp_get_attrs (BsSftpReader *self, BsSftpAttrs *attrs);

typedef struct
{
  guint8 type;
  guint32 id; /* of BS_SFTP_VERSION: the version */
  BsSftpReader body;
} BsSftpMessage;

/* The first message of @data, which it points into. Returns: how many bytes it has; 0: it is not whole yet; -1: it is
 * none. */
gssize bs_sftp_parse (const guint8 *data, gsize length, BsSftpMessage *message);

/* Writing: bs_sftp_start(), what belongs to it, bs_sftp_finish(). */
gsize bs_sftp_start (GByteArray *to, guint8 type, guint32 id);
void bs_sftp_put32 (GByteArray *to, guint32 value);
void bs_sftp_put64 (GByteArray *to, guint64 value);
void bs_sftp_put_string (GByteArray *to, const void *data, gsize length);
void bs_sftp_put_text (GByteArray *to, const char *text);
void bs_sftp_put_attrs (GByteArray *to, const BsSftpAttrs *attrs);
void bs_sftp_finish (GByteArray *to, gsize start);
