/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-fd.h"
#include "bs-guest-call.h"
#include "bs-time.h"

#include <string.h>
#include <sys/random.h>

#define WAIT_GRACE_USEC (2 * BS_USEC_PER_SEC)

BsGuest *
bs_guest_new (int fd)
{
  BsGuest *self = g_new0 (BsGuest, 1);

  self->fd = fd;
  self->in = g_malloc (BS_GUEST_IN_SIZE);
  self->out = g_malloc (BS_GUEST_OUT_SIZE);
  self->in_at = self->in;
  self->next_stream = 1;
  if (!bs_wire_parser_init (&self->parser))
    g_error ("no memory");
  return self;
}

void
bs_guest_free (BsGuest *self)
{
  if (self == NULL)
    return;
  bs_fd_clear (&self->fd);
  bs_wire_parser_clear (&self->parser);
  g_clear_error (&self->broken);
  g_free (self->in);
  g_free (self->out);
  g_free (self);
}

static void
queue_opening (BsGuest *self)
{
  guint8 nonce[BS_WIRE_NONCE_SIZE];
  BsWireBuilder hello;

  if (getrandom (nonce, sizeof nonce, 0) != sizeof nonce)
    g_error ("the kernel has no random bytes");
  self->in_left = self->out_at = 0;
  bs_wire_put_opening (self->out, nonce);
  self->out_end = BS_WIRE_OPENING;
  hello = bs_guest_request (self);
  bs_wire_add32 (&hello, BS_WIRE_TAG_VERSION, BS_WIRE_VERSION);
  self->out_end += bs_wire_builder_finish (&hello, BS_WIRE_HELLO, 0);
  bs_wire_parser_hunt (&self->parser, nonce);
  self->next_stream = 1;
}

static gboolean
is_hello (const BsGuest *self)
{
  const BsWireHeader *frame = &self->parser.frame;
  BsWireField field;
  guint32 version;

  return frame->type == BS_WIRE_HELLO && frame->stream == 0
         && bs_wire_fields_find (self->parser.body, frame->length, BS_WIRE_TAG_VERSION, &field)
         && bs_wire_field32 (&field, &version) && version >= 1;
}

gboolean
bs_guest_open (BsGuest *self, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  BsWireStep step;

  g_clear_error (&self->broken);
  queue_opening (self);
  for (;;)
    {
      do
        step = bs_wire_parser_feed (&self->parser, &self->in_at, &self->in_left);
      while (step == BS_WIRE_OPENED);
      if (step == BS_WIRE_FRAME && is_hello (self))
        return TRUE;
      if (step != BS_WIRE_MORE)
        return bs_guest_break (self, error, BS_ERROR_PROTOCOL, "the guest does not begin with a hello");
      if (!bs_guest_move (self, NULL, deadline_usec, cancellable, error))
        return FALSE;
      if (deadline_usec >= 0 && bs_time_now_usec () >= deadline_usec)
        {
          bs_set_error (error, BS_ERROR_TIMEOUT, NULL, "the guest said no hello in time");
          return FALSE;
        }
    }
}

static BsGuestCall
simple_call (BsGuest *self, const char *what, gint64 deadline_usec, GCancellable *cancellable)
{
  return (BsGuestCall){ .guest = self,
                        .what = what,
                        .deadline_usec = deadline_usec,
                        .cancellable = cancellable,
                        .final = BS_WIRE_DONE,
                        .read_fd = { -1, -1 } };
}

static gboolean
same_payload (BsGuestCall *call, const guint8 *payload, gsize length, GError **error)
{
  guint32 expected = call->stream;

  if (length == sizeof expected && memcmp (payload, &expected, length) == 0)
    return TRUE;
  return bs_guest_break (call->guest, error, BS_ERROR_PROTOCOL, "the guest broke the protocol: a wrong echo");
}

gboolean
bs_guest_ping (BsGuest *self, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  BsGuestCall call = simple_call (self, "ping the guest", deadline_usec, cancellable);
  BsWireBuilder request = bs_guest_request (self);

  call.finish = same_payload;
  memcpy (request.data + request.length, &self->next_stream, sizeof self->next_stream);
  request.length += sizeof self->next_stream;
  return bs_guest_call (&call, &request, BS_WIRE_PING, error);
}

gboolean
bs_guest_power (BsGuest *self, const char *action, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  g_autofree char *what = g_strdup_printf ("power the guest to '%s'", action);
  BsGuestCall call = simple_call (self, what, deadline_usec, cancellable);
  BsWireBuilder request = bs_guest_request (self);

  bs_wire_add_string (&request, BS_WIRE_TAG_ACTION, action);
  return bs_guest_call (&call, &request, BS_WIRE_POWER, error);
}

static void
add_interface (BsWireBuilder *request, const BsGuestInterface *interface)
{
  g_auto (GStrv) addresses = g_strsplit (interface->address != NULL ? interface->address : "", " ", -1);
  guint8 buffer[4096];
  BsWireBuilder nested;

  bs_wire_builder_init_nested (&nested, buffer, sizeof buffer);
  bs_wire_add_string (&nested, BS_WIRE_TAG_MAC, interface->mac);
  bs_wire_add_string (&nested, BS_WIRE_TAG_NEW_MAC, interface->new_mac);
  bs_wire_add_string (&nested, BS_WIRE_TAG_IFNAME, interface->name);
  bs_wire_add_string (&nested, BS_WIRE_TAG_GATEWAY, interface->gateway);
  if (interface->mtu != 0)
    bs_wire_add32 (&nested, BS_WIRE_TAG_MTU, interface->mtu);
  if (interface->down)
    bs_wire_add_flag (&nested, BS_WIRE_TAG_DOWN);
  for (guint i = 0; addresses[i] != NULL; i++)
    if (addresses[i][0] != '\0')
      bs_wire_add_string (&nested, BS_WIRE_TAG_ADDRESS, addresses[i]);
  bs_wire_add (request, BS_WIRE_TAG_INTERFACE, nested.data, nested.length);
  request->overflow |= nested.overflow;
}

gboolean
bs_guest_identify (BsGuest *self, const BsGuestIdentity *identity, gint64 deadline_usec, GCancellable *cancellable,
                   GError **error)
{
  BsGuestCall call = simple_call (self, "give the guest its identity", deadline_usec, cancellable);
  BsWireBuilder request = bs_guest_request (self);

  if (identity->entropy_length > BS_WIRE_ENTROPY_MAX)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "more than %d bytes of entropy", BS_WIRE_ENTROPY_MAX);
      return FALSE;
    }
  bs_wire_add_string (&request, BS_WIRE_TAG_HOSTNAME, identity->hostname);
  bs_wire_add_string (&request, BS_WIRE_TAG_HOSTS, identity->hosts);
  bs_wire_add_string (&request, BS_WIRE_TAG_MACHINE_ID, identity->machine_id);
  if (identity->entropy != NULL && identity->entropy_length > 0)
    bs_wire_add (&request, BS_WIRE_TAG_ENTROPY, identity->entropy, identity->entropy_length);
  if (identity->clock_usec != 0)
    bs_wire_add64 (&request, BS_WIRE_TAG_CLOCK_USEC, (guint64) identity->clock_usec);
  bs_wire_add_string (&request, BS_WIRE_TAG_HOST_KEY, identity->host_key);
  bs_wire_add_string (&request, BS_WIRE_TAG_HOST_KEY_PUBLIC, identity->host_key_public);
  bs_wire_add_string (&request, BS_WIRE_TAG_AUTHORIZED_KEY, identity->authorized_key);
  bs_wire_add_string (&request, BS_WIRE_TAG_NAMESERVER, identity->nameserver);
  for (guint i = 0; i < identity->n_interfaces; i++)
    add_interface (&request, &identity->interfaces[i]);
  return bs_guest_call (&call, &request, BS_WIRE_IDENTITY, error);
}

gboolean
bs_guest_wait_for (BsGuest *self, const char *kind, const char *const *arguments, gint64 deadline_usec,
                   GCancellable *cancellable, GError **error)
{
  g_autofree char *what = g_strdup_printf ("wait for %s '%s'", kind, arguments[0] != NULL ? arguments[0] : "");
  BsGuestCall call = simple_call (self, what, deadline_usec, cancellable);
  BsWireBuilder request = bs_guest_request (self);

  bs_wire_add_string (&request, BS_WIRE_TAG_KIND, kind);
  for (guint i = 0; arguments[i] != NULL; i++)
    bs_wire_add_string (&request, BS_WIRE_TAG_ARGUMENT, arguments[i]);
  if (deadline_usec >= 0)
    {
      gint64 left = deadline_usec - bs_time_now_usec ();

      bs_wire_add64 (&request, BS_WIRE_TAG_TIMEOUT_USEC, (guint64) MAX (left, 0));
      call.deadline_usec = deadline_usec + WAIT_GRACE_USEC; /* it is the guest's to say so, with what it waited for */
    }
  return bs_guest_call (&call, &request, BS_WIRE_WAIT, error);
}
