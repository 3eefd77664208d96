/* SPDX-License-Identifier: Apache-2.0 */
/* bs-guest-copy.c — archives to and from the guest */
#include "bs-archive.h"
#include "bs-copy-error.h"
#include "bs-guest-call.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsPack, bs_pack_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsUnpack, bs_unpack_free)

typedef struct
{
  BsPack *pack;
  BsUnpack *unpack;
  gboolean ended;
  BsGuestProgress progress;
  gpointer user_data;
} Copy;

static void
tell_progress (const Copy *copy, guint64 bytes)
{
  if (copy->progress != NULL)
    copy->progress (bytes, copy->user_data);
}

static gboolean
fill_from_pack (BsGuestCall *call, GError **error)
{
  Copy *copy = call->self;
  BsArchiveError archive;

  while (!copy->ended && call->credit >= BS_ARCHIVE_CHUNK_MIN
         && bs_guest_room (call->guest) >= BS_WIRE_PAYLOAD_MAX + BS_WIRE_HEADER_SIZE)
    {
      gsize most = MIN (call->credit, BS_WIRE_PAYLOAD_MAX);
      gssize n = bs_pack_read (copy->pack, bs_guest_out (call->guest) + BS_WIRE_HEADER_SIZE, most, &archive);

      if (n < 0)
        return bs_copy_set_error (&archive, error);
      copy->ended = n == 0;
      bs_guest_send_built (call, copy->ended ? BS_WIRE_EOF : BS_WIRE_DATA, (gsize) n);
      call->credit -= (guint32) n;
      tell_progress (copy, bs_pack_bytes (copy->pack));
    }
  return TRUE;
}

static gboolean
copy_in (BsGuest *self, const char *source, const char *destination, BsGuestProgress progress, gpointer user_data,
         gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  g_autofree char *what = g_strdup_printf ("copy '%s' into the guest", source);
  char *name = bs_archive_base_name (source);
  BsArchiveError archive;
  g_autoptr (BsPack) pack = bs_pack_new (source, &archive);
  BsWireBuilder request = bs_guest_request (self);
  Copy copy = { .pack = pack, .progress = progress, .user_data = user_data };
  BsGuestCall call = { .guest = self,
                       .what = what,
                       .deadline_usec = deadline_usec,
                       .cancellable = cancellable,
                       .final = BS_WIRE_DONE,
                       .read_fd = { -1, -1 },
                       .self = &copy,
                       .fill = fill_from_pack };

  bs_wire_add_string (&request, BS_WIRE_TAG_PATH, destination);
  bs_wire_add_string (&request, BS_WIRE_TAG_NAME, name);
  free (name);
  if (pack == NULL)
    return bs_copy_explain (bs_copy_set_error (&archive, error), error);
  return bs_copy_explain (bs_guest_call (&call, &request, BS_WIRE_PUT, error), error);
}

gboolean
bs_guest_copy_in (BsGuest *self, const char *source, const char *destination, BsGuestProgress progress,
                  gpointer user_data, GCancellable *cancellable, GError **error)
{
  return copy_in (self, source, destination, progress, user_data, -1, cancellable, error);
}

gboolean
bs_guest_copy_in_until (BsGuest *self, const char *source, const char *destination, gint64 deadline_usec,
                        GCancellable *cancellable, GError **error)
{
  return copy_in (self, source, destination, NULL, NULL, deadline_usec, cancellable, error);
}

static gboolean
data_to_unpack (BsGuestCall *call, guint8 channel, const guint8 *data, gsize length, GError **error)
{
  Copy *copy = call->self;
  BsArchiveError archive;

  if (channel != BS_WIRE_STDOUT)
    return bs_guest_break (call->guest, error, BS_ERROR_PROTOCOL,
                           "the guest broke the protocol: data beside the archive");
  if (!bs_unpack_write (copy->unpack, data, length, &archive))
    return bs_copy_set_error (&archive, error);
  tell_progress (copy, bs_unpack_bytes (copy->unpack));
  return TRUE;
}

static gboolean
finish_unpack (BsGuestCall *call, const guint8 *payload, gsize length, GError **error)
{
  Copy *copy = call->self;
  BsArchiveError archive;

  return bs_unpack_finish (copy->unpack, &archive) || bs_copy_set_error (&archive, error);
}

gboolean
bs_guest_copy_out (BsGuest *self, const char *source, const char *destination, BsGuestProgress progress,
                   gpointer user_data, GCancellable *cancellable, GError **error)
{
  g_autofree char *what = g_strdup_printf ("copy '%s' out of the guest", source);
  char *name = bs_archive_base_name (source);
  BsArchiveError archive;
  g_autoptr (BsUnpack) unpack = bs_unpack_new (destination, name, true, &archive);
  BsWireBuilder request = bs_guest_request (self);
  Copy copy = { .unpack = unpack, .progress = progress, .user_data = user_data };
  BsGuestCall call = { .guest = self,
                       .what = what,
                       .deadline_usec = -1,
                       .cancellable = cancellable,
                       .final = BS_WIRE_DONE,
                       .read_fd = { -1, -1 },
                       .self = &copy,
                       .data = data_to_unpack,
                       .finish = finish_unpack };

  free (name);
  if (unpack == NULL)
    return bs_copy_explain (bs_copy_set_error (&archive, error), error);
  bs_wire_add_string (&request, BS_WIRE_TAG_PATH, source);
  return bs_copy_explain (bs_guest_call (&call, &request, BS_WIRE_GET, error), error);
}
