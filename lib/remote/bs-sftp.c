/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-sftp.h"
#include "bs-time.h"

#include <string.h>

#define IN_SIZE (2 * (BS_SFTP_MESSAGE_MAX + 4))
#define WRITE_PIECE (256 * 1024) /* libssh keeps what the socket does not take */
#define DATA_DEFAULT (32 * 1024) /* what every server must take */
#define DATA_MAX (255 * 1024)
#define FLUSH_USEC (2 * BS_USEC_PER_SEC)
#define UNHEARD 0x80000000u /* in an id: nobody waits for the answer */

gsize
bs_sftp_queued (const BsSftp *self)
{
  return self->out->len - self->out_at;
}

guint32
bs_sftp_begin (BsSftp *self, guint8 type)
{
  guint32 id = self->next_id++ & ~UNHEARD;

  if (self->out_at == self->out->len)
    {
      g_byte_array_set_size (self->out, 0);
      self->out_at = 0;
    }
  else if (self->out_at > self->out->len / 2)
    {
      g_byte_array_remove_range (self->out, 0, (guint) self->out_at);
      self->out_at = 0;
    }
  self->start = bs_sftp_start (self->out, type, id);
  return id;
}

guint32
bs_sftp_begin_extended (BsSftp *self, const char *name)
{
  guint32 id = bs_sftp_begin (self, BS_SFTP_EXTENDED);

  bs_sftp_put_text (self->out, name);
  return id;
}

void
bs_sftp_end (BsSftp *self)
{
  bs_sftp_finish (self->out, self->start);
}

void
bs_sftp_ignore (BsSftp *self, guint32 id)
{
  guint32 marked = GUINT32_TO_BE (id | UNHEARD);

  memcpy (self->out->data + self->start + 5, &marked, sizeof marked);
}

gboolean
bs_sftp_nonsense (BsSftp *self, GError **error)
{
  self->call.ssh->broken = TRUE;
  bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "'%s' broke the protocol of file transfer", self->call.ssh->name);
  return FALSE;
}

static gboolean
send_some (BsSftp *self, gboolean *moved, GError **error)
{
  while (bs_sftp_queued (self) > 0 && (bs_libssh.ssh_get_poll_flags (self->call.ssh->session) & SSH_WRITE_PENDING) == 0)
    {
      int n = bs_libssh.ssh_channel_write (self->channel, self->out->data + self->out_at,
                                           (uint32_t) MIN (bs_sftp_queued (self), WRITE_PIECE));

      if (n < 0)
        return bs_ssh_call_failed (&self->call, error);
      if (n == 0)
        return TRUE;
      self->out_at += (gsize) n;
      *moved = TRUE;
    }
  return TRUE;
}

static gboolean
take_some (BsSftp *self, gboolean *moved, GError **error)
{
  int n;

  if (self->in_at > 0 && IN_SIZE - self->in_end < BS_SFTP_MESSAGE_MAX)
    {
      memmove (self->in, self->in + self->in_at, self->in_end - self->in_at);
      self->in_end -= self->in_at;
      self->in_at = 0;
    }
  n = bs_libssh.ssh_channel_read_nonblocking (self->channel, self->in + self->in_end,
                                              (uint32_t) (IN_SIZE - self->in_end), 0);
  if (n > 0)
    {
      self->in_end += (gsize) n;
      *moved = TRUE;
      return TRUE;
    }
  if (n == SSH_ERROR && bs_libssh.ssh_is_connected (self->call.ssh->session))
    n = SSH_EOF;
  if (n == SSH_ERROR)
    return bs_ssh_call_failed (&self->call, error);
  if (n == SSH_EOF || bs_libssh.ssh_channel_is_eof (self->channel))
    {
      bs_set_error (error, BS_ERROR_DIED, NULL, "cannot %s: '%s' ended the file transfer", self->call.what,
                    self->call.ssh->name);
      return FALSE;
    }
  return TRUE;
}

static gssize
parse_next (BsSftp *self, BsSftpMessage *message)
{
  gssize n = bs_sftp_parse (self->in + self->in_at, self->in_end - self->in_at, message);

  if (n > 0)
    self->in_at += (gsize) n;
  if (self->in_at == self->in_end)
    self->in_at = self->in_end = 0;
  return n;
}

gboolean
bs_sftp_receive (BsSftp *self, gboolean wait, BsSftpMessage *message, GError **error)
{
  for (;;)
    {
      gboolean moved = FALSE;
      gssize n = parse_next (self, message);

      if (n < 0)
        return bs_sftp_nonsense (self, error);
      if (n > 0 && (message->type == BS_SFTP_VERSION || (message->id & UNHEARD) == 0))
        return TRUE;
      if (n > 0)
        continue;
      message->type = 0;
      /* In this order: libssh notices only while it reads that the socket takes more. */
      if (!take_some (self, &moved, error) || !send_some (self, &moved, error))
        return FALSE;
      if (moved)
        continue;
      if (!wait)
        return TRUE;
      if (!bs_ssh_wait (&self->call, NULL, 0, -1, error))
        return FALSE;
    }
}

gboolean
bs_sftp_ask (BsSftp *self, BsSftpMessage *message, GError **error)
{
  guint32 id = (self->next_id - 1) & ~UNHEARD;

  return bs_sftp_receive (self, TRUE, message, error) && (message->id == id || bs_sftp_nonsense (self, error));
}

void
bs_sftp_flush (BsSftp *self)
{
  BsSftpMessage message;
  guint32 id;

  self->call.deadline_usec = bs_time_now_usec () + FLUSH_USEC;
  id = bs_sftp_begin (self, BS_SFTP_REALPATH);
  bs_sftp_put_text (self->out, ".");
  bs_sftp_end (self);
  while (bs_sftp_receive (self, TRUE, &message, NULL) && message.id != id)
    continue;
}

guint32
bs_sftp_status (BsSftpMessage *message)
{
  BsSftpReader body = message->body;
  guint32 code = bs_sftp_get32 (&body);

  return message->type == BS_SFTP_STATUS && !body.bad ? code : BS_SFTP_FAILURE;
}

gboolean
bs_sftp_status_error (BsSftp *self, guint32 code, const char *verb, const char *path, GError **error)
{
  static const struct
  {
    guint32 status;
    BsErrorCode code;
    const char *text, *hint;
  } known[] = {
    { BS_SFTP_NO_SUCH_FILE, BS_ERROR_NOT_FOUND, "no such file or folder", NULL },
    { BS_SFTP_PERMISSION_DENIED, BS_ERROR_FAILED, "permission denied", NULL },
    { BS_SFTP_OP_UNSUPPORTED, BS_ERROR_UNSUPPORTED, "its server cannot do that", NULL },
    { BS_SFTP_FAILURE, BS_ERROR_FAILED, "failed", "its server does not say why; is its disk full?" },
  };
  guint i;

  for (i = 0; i + 1 < G_N_ELEMENTS (known) && known[i].status != code; i++)
    continue;
  bs_set_error (error, known[i].code, known[i].hint, "cannot %s '%s' on '%s': %s", verb, path, self->call.ssh->name,
                known[i].text);
  return FALSE;
}

gboolean
bs_sftp_check (BsSftp *self, BsSftpMessage *message, const char *verb, const char *path, GError **error)
{
  if (message->type != BS_SFTP_STATUS)
    return bs_sftp_nonsense (self, error);
  return bs_sftp_status (message) == BS_SFTP_OK
         || bs_sftp_status_error (self, bs_sftp_status (message), verb, path, error);
}

gboolean
bs_sftp_handle (BsSftp *self, const char *verb, const char *path, BsSftpHandle *handle, GError **error)
{
  BsSftpMessage message;
  const guint8 *data;

  if (!bs_sftp_ask (self, &message, error))
    return FALSE;
  if (message.type == BS_SFTP_STATUS && bs_sftp_status (&message) != BS_SFTP_OK)
    return bs_sftp_check (self, &message, verb, path, error);
  data = bs_sftp_get_string (&message.body, &handle->length);
  if (message.type != BS_SFTP_HANDLE || message.body.bad || handle->length == 0 || handle->length > sizeof handle->data)
    return bs_sftp_nonsense (self, error);
  memcpy (handle->data, data, handle->length);
  return TRUE;
}

void
bs_sftp_close (BsSftp *self, const BsSftpHandle *handle)
{
  guint32 id = bs_sftp_begin (self, BS_SFTP_CLOSE);

  bs_sftp_put_string (self->out, handle->data, handle->length);
  bs_sftp_end (self);
  bs_sftp_ignore (self, id);
}

gboolean
bs_sftp_stat (BsSftp *self, guint8 type, const char *path, BsSftpAttrs *attrs, guint32 *status, GError **error)
{
  BsSftpMessage message;

  bs_sftp_begin (self, type);
  bs_sftp_put_text (self->out, path);
  bs_sftp_end (self);
  if (!bs_sftp_ask (self, &message, error))
    return FALSE;
  if (status != NULL)
    *status = message.type == BS_SFTP_ATTRS ? BS_SFTP_OK : bs_sftp_status (&message);
  if (message.type == BS_SFTP_STATUS && bs_sftp_status (&message) != BS_SFTP_OK)
    return status != NULL || bs_sftp_check (self, &message, "look at", path, error);
  bs_sftp_get_attrs (&message.body, attrs);
  if (message.type == BS_SFTP_ATTRS && !message.body.bad && (attrs->flags & BS_SFTP_ATTR_PERMISSIONS) != 0)
    return TRUE;
  return bs_sftp_nonsense (self, error);
}

char *
bs_sftp_name (BsSftp *self, guint8 type, const char *path, GError **error)
{
  BsSftpMessage message;
  char *name;

  bs_sftp_begin (self, type);
  bs_sftp_put_text (self->out, path);
  bs_sftp_end (self);
  if (!bs_sftp_ask (self, &message, error))
    return NULL;
  if (message.type == BS_SFTP_STATUS && bs_sftp_status (&message) != BS_SFTP_OK)
    {
      bs_sftp_check (self, &message, "resolve", path, error);
      return NULL;
    }
  if (message.type == BS_SFTP_NAME && bs_sftp_get32 (&message.body) == 1
      && (name = bs_sftp_get_text (&message.body)) != NULL)
    return name;
  bs_sftp_nonsense (self, error);
  return NULL;
}

static gboolean
begin_subsystem (BsSftp *self, GError **error)
{
  int result;

  self->channel = bs_ssh_channel_open (&self->call, error);
  if (self->channel == NULL)
    return FALSE;
  while ((result = bs_libssh.ssh_channel_request_subsystem (self->channel, "sftp")) == SSH_AGAIN)
    if (!bs_ssh_wait (&self->call, NULL, 0, -1, error))
      return FALSE;
  if (result == SSH_OK)
    return TRUE;
  if (!bs_libssh.ssh_is_connected (self->call.ssh->session))
    return bs_ssh_call_failed (&self->call, error);
  bs_set_error (error, BS_ERROR_UNSUPPORTED, "install its SFTP server (Debian: openssh-sftp-server)",
                "cannot %s: '%s' has no file transfer (SFTP)", self->call.what, self->call.ssh->name);
  return FALSE;
}

/* The greeting has no id: its version is where one would be. */
static gboolean
exchange_versions (BsSftp *self, gboolean *limits, GError **error)
{
  gsize start = bs_sftp_start (self->out, BS_SFTP_INIT, 3);
  BsSftpMessage message;

  bs_sftp_finish (self->out, start);
  if (!bs_sftp_receive (self, TRUE, &message, error))
    return FALSE;
  if (message.type != BS_SFTP_VERSION || message.id < 3)
    return bs_sftp_nonsense (self, error);
  while (message.body.left > 0)
    {
      g_autofree char *name = bs_sftp_get_text (&message.body), *version = bs_sftp_get_text (&message.body);

      if (message.body.bad)
        return bs_sftp_nonsense (self, error);
      self->posix_rename |= strcmp (name, "posix-rename@openssh.com") == 0;
      self->lsetstat |= strcmp (name, "lsetstat@openssh.com") == 0;
      *limits |= strcmp (name, "limits@openssh.com") == 0;
    }
  return TRUE;
}

static guint32
clamp (guint64 told)
{
  guint32 usable = told == 0 ? DATA_DEFAULT : (guint32) CLAMP (told, 4096, DATA_MAX);

  return usable > DATA_DEFAULT ? usable - usable % DATA_DEFAULT : usable; /* whole pages, so that holes are seen */
}

static gboolean
ask_limits (BsSftp *self, GError **error)
{
  BsSftpMessage message;

  bs_sftp_begin_extended (self, "limits@openssh.com");
  bs_sftp_end (self);
  if (!bs_sftp_ask (self, &message, error))
    return FALSE;
  bs_sftp_get64 (&message.body); /* of a packet */
  self->read_max = clamp (message.type == BS_SFTP_EXTENDED_REPLY ? bs_sftp_get64 (&message.body) : 0);
  self->write_max = clamp (message.type == BS_SFTP_EXTENDED_REPLY ? bs_sftp_get64 (&message.body) : 0);
  return TRUE;
}

gboolean
bs_sftp_open (BsSftp *self, BsSsh *ssh, const char *what, gint64 deadline_usec, GCancellable *cancellable,
              GError **error)
{
  gboolean limits = FALSE;

  *self = (BsSftp){ .next_id = 1, .read_max = DATA_DEFAULT, .write_max = DATA_DEFAULT };
  bs_ssh_call_begin (&self->call, ssh, what, deadline_usec, cancellable);
  self->out = g_byte_array_new ();
  self->in = g_malloc (IN_SIZE);
  return bs_ssh_call_check (&self->call, error) && begin_subsystem (self, error)
         && exchange_versions (self, &limits, error) && (!limits || ask_limits (self, error));
}

void
bs_sftp_clear (BsSftp *self)
{
  if (self->out == NULL)
    return;
  bs_ssh_channel_free (self->channel);
  bs_ssh_call_end (&self->call);
  g_byte_array_unref (self->out);
  g_free (self->in);
  *self = (BsSftp){ .call.cancel_fd = -1 };
}
