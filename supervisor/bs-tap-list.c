/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-tap-private.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-record.h"
#include "bs-ring.h"
#include "bs-socket.h"
#include "bs-wires.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

void
bs_tap_spec_clear (BsTapSpec *self)
{
  g_clear_pointer (&self->about, json_decref);
}

void
bs_tap_free (BsTap *self)
{
  if (self == NULL)
    return;
  if (self->reply != NULL)
    bs_reply_ok (self->reply, NULL, -1);
  bs_tap_spec_clear (&self->spec);
  bs_fd_clear (&self->fd);
  bs_fd_clear (&self->reader);
  g_free (self);
}

BsTapList *
bs_tap_list_new (BsSupervisor *lab)
{
  BsTapList *self = g_new0 (BsTapList, 1);

  self->lab = lab;
  self->log.fd = self->next_log.fd = -1;
  return self;
}

void
bs_tap_list_free (BsTapList *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < BS_SWITCH_TAPS_MAX; i++)
    bs_tap_free (self->taps[i]);
  if (self->replay_reply != NULL)
    bs_reply_ok (self->replay_reply, NULL, -1);
  bs_fd_clear (&self->log.fd);
  bs_fd_clear (&self->next_log.fd);
  g_free (self);
}

static gboolean
open_sink (BsTap *tap, GError **error)
{
  int ends[2];

  if (tap->spec.what.sink == BS_SWITCH_SINK_RING)
    {
      tap->fd = bs_ring_create (tap->spec.bytes, error);
      tap->reader = tap->fd >= 0 ? fcntl (tap->fd, F_DUPFD_CLOEXEC, 3) : -1;
      return tap->fd >= 0;
    }
  if (!bs_socket_pair (SOCK_SEQPACKET, ends, error))
    return FALSE;
  tap->fd = ends[0];
  tap->reader = ends[1];
  return TRUE;
}

static void
tell_tap (BsTapList *self, BsTap *tap)
{
  BsSwitchRequest message = { .op = BS_SWITCH_ADD_TAP, .tap = tap->spec.what };

  tap->serial = bs_wires_send (self->lab->wires, &message, fcntl (tap->fd, F_DUPFD_CLOEXEC, 3));
}

static void
answer_tap (BsTap *tap)
{
  if (tap->reply != NULL)
    bs_reply_ok (g_steal_pointer (&tap->reply), json_pack ("{s:i}", "tap", (int) tap->spec.what.number), tap->reader);
  bs_fd_clear (&tap->reader);
}

gboolean
bs_tap_list_add (BsTapList *self, BsTapSpec *spec, BsReply **reply, GError **error)
{
  BsTap *tap;
  guint number = 0;

  while (number < BS_SWITCH_TAPS_MAX && self->taps[number] != NULL)
    number++;
  if (number == BS_SWITCH_TAPS_MAX)
    {
      bs_set_error (error, BS_ERROR_EXHAUSTED, "end another capture", "there are %d taps already", BS_SWITCH_TAPS_MAX);
      return FALSE;
    }
  tap = g_new0 (BsTap, 1);
  tap->fd = tap->reader = -1;
  tap->spec = *spec;
  tap->spec.what.number = number;
  if (!open_sink (tap, error))
    {
      tap->spec.about = NULL;
      bs_tap_free (tap);
      return FALSE;
    }
  spec->about = NULL;
  tap->client = bs_reply_client (*reply);
  tap->reply = g_steal_pointer (reply);
  self->taps[number] = tap;
  tell_tap (self, tap);
  if (tap->serial == 0)
    answer_tap (tap); /* a switch that starts is told of it */
  if (tap->spec.keep)
    bs_record_save (self->lab);
  return TRUE;
}

static void
drop (BsTapList *self, guint number)
{
  BsSwitchRequest message = { .op = BS_SWITCH_REMOVE_TAP, .tap = { .number = number } };
  gboolean kept = self->taps[number]->spec.keep;

  bs_wires_send (self->lab->wires, &message, -1);
  g_clear_pointer (&self->taps[number], bs_tap_free);
  if (kept)
    bs_record_save (self->lab);
}

static BsTap *
find (const BsTapList *self, guint number, GError **error)
{
  if (number < BS_SWITCH_TAPS_MAX && self->taps[number] != NULL)
    return self->taps[number];
  bs_set_error (error, BS_ERROR_NOT_FOUND, NULL, "there is no tap %u", number);
  return NULL;
}

gboolean
bs_tap_list_remove (BsTapList *self, guint number, GError **error)
{
  if (find (self, number, error) == NULL)
    return FALSE;
  drop (self, number);
  return TRUE;
}

int
bs_tap_list_ring (const BsTapList *self, guint number, GError **error)
{
  const BsTap *tap = find (self, number, error);

  if (tap == NULL)
    return -1;
  if (tap->spec.what.sink == BS_SWITCH_SINK_RING)
    return tap->fd;
  bs_set_error (error, BS_ERROR_NOT_FOUND, NULL, "tap %u is no ring", number);
  return -1;
}

void
bs_tap_list_client_gone (BsTapList *self, guint64 client)
{
  for (guint i = 0; i < BS_SWITCH_TAPS_MAX; i++)
    if (self->taps[i] != NULL && !self->taps[i]->spec.keep && self->taps[i]->client == client)
      drop (self, i);
  if (self->next_log_client == client && self->replay_reply == NULL)
    bs_fd_clear (&self->next_log.fd);
}

static void
tell_log (BsTapList *self, const BsTapLog *log)
{
  BsSwitchRequest message = { .op = BS_SWITCH_SET_REPLAY, .replay = { .bytes = log->bytes } };

  self->replay_serial
      = bs_wires_send (self->lab->wires, &message, log->bytes != 0 ? fcntl (log->fd, F_DUPFD_CLOEXEC, 3) : -1);
}

int
bs_tap_list_make_log (BsTapList *self, guint64 client, guint64 bytes, GError **error)
{
  bs_autofd int fd = -1;

  if (self->replay_reply != NULL)
    {
      bs_set_error (error, BS_ERROR_BUSY, NULL, "the switch is being told of another log");
      return -1;
    }
  fd = memfd_create ("benchscale-replay", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0 || ftruncate (fd, (off_t) bytes) != 0 || fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0)
    {
      bs_set_error_errno (error, errno, "cannot make a memory of %" G_GUINT64_FORMAT " bytes", bytes);
      return -1;
    }
  bs_fd_clear (&self->next_log.fd);
  self->next_log = (BsTapLog){ bs_fd_steal (&fd), bytes };
  self->next_log_client = client;
  return self->next_log.fd;
}

static gboolean
is_sealed (int fd)
{
  int seals = fcntl (fd, F_GET_SEALS);

  return seals >= 0 && (seals & F_SEAL_WRITE) != 0;
}

gboolean
bs_tap_list_replay (BsTapList *self, guint64 bytes, BsReply **reply, GError **error)
{
  if (self->replay_reply != NULL)
    bs_set_error (error, BS_ERROR_BUSY, NULL, "the switch is being told of another log");
  else if (!bs_wires_runs (self->lab->wires))
    bs_set_error (error, BS_ERROR_DIED, "the lab's events say why", "no switch runs that could follow a log");
  else if (bytes != 0
           && (self->next_log.fd < 0 || self->next_log.bytes != bytes
               || self->next_log_client != bs_reply_client (*reply) || !is_sealed (self->next_log.fd)))
    bs_set_error (error, BS_ERROR_INVALID, NULL, "no sealed log of so many bytes was made ready");
  else
    {
      if (bytes == 0)
        {
          bs_fd_clear (&self->next_log.fd);
          self->next_log.bytes = 0;
        }
      self->replay_reply = g_steal_pointer (reply);
      tell_log (self, &self->next_log);
      return TRUE;
    }
  return FALSE;
}

guint64
bs_tap_list_replay_bytes (const BsTapList *self)
{
  return self->log.fd >= 0 ? self->log.bytes : 0;
}

void
bs_tap_list_switch_started (BsTapList *self)
{
  for (guint i = 0; i < BS_SWITCH_TAPS_MAX; i++)
    if (self->taps[i] != NULL)
      tell_tap (self, self->taps[i]);
  if (self->replay_reply != NULL)
    tell_log (self, &self->next_log);
  else if (self->log.fd >= 0)
    tell_log (self, &self->log);
}

static void
refuse (BsReply **reply, const GError *error)
{
  if (*reply != NULL)
    bs_reply_error (g_steal_pointer (reply), error);
}

void
bs_tap_list_switch_failed (BsTapList *self, const GError *error)
{
  for (guint i = 0; i < BS_SWITCH_TAPS_MAX; i++)
    if (self->taps[i] != NULL && self->taps[i]->reply != NULL)
      {
        refuse (&self->taps[i]->reply, error);
        g_clear_pointer (&self->taps[i], bs_tap_free);
      }
  refuse (&self->replay_reply, error);
  self->replay_serial = 0;
}

static GError *
switch_error (const char *what, int result)
{
  GError *error = NULL;

  bs_set_error (&error, result == EINVAL ? BS_ERROR_INVALID : BS_ERROR_FAILED, NULL, "the switch refused %s: %s", what,
                g_strerror (result));
  return error;
}

static void
replay_answered (BsTapList *self, int result)
{
  g_autoptr (GError) error = result != 0 ? switch_error ("the log", result) : NULL;

  self->replay_serial = 0;
  if (self->replay_reply == NULL)
    return; /* a new switch was told of the log that it was to follow */
  if (result == 0)
    {
      bs_fd_clear (&self->log.fd);
      self->log = (BsTapLog){ bs_fd_steal (&self->next_log.fd), self->next_log.bytes };
      bs_record_save (self->lab);
      bs_reply_ok (g_steal_pointer (&self->replay_reply), NULL, -1);
      return;
    }
  bs_fd_clear (&self->next_log.fd);
  refuse (&self->replay_reply, error);
}

gboolean
bs_tap_list_answered (BsTapList *self, guint32 serial, int result)
{
  if (serial != 0 && serial == self->replay_serial)
    {
      replay_answered (self, result);
      return TRUE;
    }
  for (guint i = 0; i < BS_SWITCH_TAPS_MAX && serial != 0; i++)
    {
      BsTap *tap = self->taps[i];
      g_autoptr (GError) error = NULL;

      if (tap == NULL || tap->serial != serial)
        continue;
      tap->serial = 0;
      if (result == 0)
        {
          answer_tap (tap);
          return TRUE;
        }
      error = switch_error ("the tap", result);
      g_warning ("%s", error->message);
      refuse (&tap->reply, error);
      g_clear_pointer (&self->taps[i], bs_tap_free);
      return TRUE;
    }
  return FALSE;
}
