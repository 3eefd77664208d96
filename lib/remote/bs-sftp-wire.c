/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-sftp-wire.h"

#include <string.h>

#define ATTR_EXTENDED 0x80000000u

static const guint8 *
take (BsSftpReader *self, gsize length)
{
  const guint8 *at = self->at;

  if (self->bad || length > self->left)
    {
      self->bad = TRUE;
      self->left = 0;
      return NULL;
    }
  self->at += length;
  self->left -= length;
  return at;
}

static guint32
load32 (const guint8 *at)
{
  return (guint32) at[0] << 24 | (guint32) at[1] << 16 | (guint32) at[2] << 8 | at[3];
}

guint32
bs_sftp_get32 (BsSftpReader *self)
{
  const guint8 *at = take (self, 4);

  return at != NULL ? load32 (at) : 0;
}

guint64
bs_sftp_get64 (BsSftpReader *self)
{
  guint64 high = bs_sftp_get32 (self);

  return high << 32 | bs_sftp_get32 (self);
}

const guint8 *
bs_sftp_get_string (BsSftpReader *self, gsize *length)
{
  const guint8 *at;

  *length = bs_sftp_get32 (self);
  at = take (self, *length);
  if (at != NULL)
    return at;
  *length = 0;
  return (const guint8 *) "";
}

char *
bs_sftp_get_text (BsSftpReader *self)
{
  gsize length;
  const guint8 *at = bs_sftp_get_string (self, &length);

  self->bad = self->bad || memchr (at, 0, length) != NULL;
  return self->bad ? NULL : g_strndup ((const char *) at, length);
}

void
bs_sftp_get_attrs (BsSftpReader *self, BsSftpAttrs *attrs)
{
  *attrs = (BsSftpAttrs){ .flags = bs_sftp_get32 (self) };
  if (attrs->flags & BS_SFTP_ATTR_SIZE)
    attrs->size = bs_sftp_get64 (self);
  if (attrs->flags & BS_SFTP_ATTR_UIDGID)
    {
      attrs->uid = bs_sftp_get32 (self);
      attrs->gid = bs_sftp_get32 (self);
    }
  if (attrs->flags & BS_SFTP_ATTR_PERMISSIONS)
    attrs->permissions = bs_sftp_get32 (self);
  if (attrs->flags & BS_SFTP_ATTR_TIMES)
    {
      attrs->atime = bs_sftp_get32 (self);
      attrs->mtime = bs_sftp_get32 (self);
    }
  if (attrs->flags & ATTR_EXTENDED)
    for (guint32 n = bs_sftp_get32 (self); n > 0 && !self->bad; n--)
      {
        gsize ignored;

        bs_sftp_get_string (self, &ignored);
        bs_sftp_get_string (self, &ignored);
      }
  if (self->bad)
    *attrs = (BsSftpAttrs){ 0 };
}

gssize
bs_sftp_parse (const guint8 *data, gsize length, BsSftpMessage *message)
{
  gsize size;

  if (length < 4)
    return 0;
  size = load32 (data);
  if (size < 5 || size > BS_SFTP_MESSAGE_MAX)
    return -1;
  if (length < 4 + size)
    return 0;
  message->type = data[4];
  message->id = load32 (data + 5);
  message->body = (BsSftpReader){ .at = data + 9, .left = size - 5 };
  return (gssize) (4 + size);
}

gsize
bs_sftp_start (GByteArray *to, guint8 type, guint32 id)
{
  gsize start = to->len;

  bs_sftp_put32 (to, 0);
  g_byte_array_append (to, &type, 1);
  bs_sftp_put32 (to, id);
  return start;
}

void
bs_sftp_finish (GByteArray *to, gsize start)
{
  guint32 size = GUINT32_TO_BE ((guint32) (to->len - start - 4));

  memcpy (to->data + start, &size, sizeof size);
}

void
bs_sftp_put32 (GByteArray *to, guint32 value)
{
  guint32 big = GUINT32_TO_BE (value);

  g_byte_array_append (to, (const guint8 *) &big, sizeof big);
}

void
bs_sftp_put64 (GByteArray *to, guint64 value)
{
  guint64 big = GUINT64_TO_BE (value);

  g_byte_array_append (to, (const guint8 *) &big, sizeof big);
}

void
bs_sftp_put_string (GByteArray *to, const void *data, gsize length)
{
  bs_sftp_put32 (to, (guint32) length);
  g_byte_array_append (to, data, (guint) length);
}

void
bs_sftp_put_text (GByteArray *to, const char *text)
{
  bs_sftp_put_string (to, text, strlen (text));
}

void
bs_sftp_put_attrs (GByteArray *to, const BsSftpAttrs *attrs)
{
  bs_sftp_put32 (to, attrs->flags);
  if (attrs->flags & BS_SFTP_ATTR_SIZE)
    bs_sftp_put64 (to, attrs->size);
  if (attrs->flags & BS_SFTP_ATTR_UIDGID)
    {
      bs_sftp_put32 (to, attrs->uid);
      bs_sftp_put32 (to, attrs->gid);
    }
  if (attrs->flags & BS_SFTP_ATTR_PERMISSIONS)
    bs_sftp_put32 (to, attrs->permissions);
  if (attrs->flags & BS_SFTP_ATTR_TIMES)
    {
      bs_sftp_put32 (to, attrs->atime);
      bs_sftp_put32 (to, attrs->mtime);
    }
}
