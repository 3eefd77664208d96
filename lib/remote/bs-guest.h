/* SPDX-License-Identifier: Apache-2.0 */
/* bs-guest.h — the host's side of the guest channel: requests over frames of bs-guest-wire.h
 *
 * A BsGuest owns a connected stream descriptor whose session is already open (from the supervisor's "guest" op), or
 * opens it itself with bs_guest_open() (tests, conformance, bench). One thread at a time per BsGuest; one request at a
 * time. Everything that the guest sends is untrusted: a broken frame ends the session with %BS_ERROR_PROTOCOL.
 */
#pragma once

#include "bs-exec.h"

typedef struct _BsGuest BsGuest;

/* Takes @fd (transfer full), on which the session is already open. */
BsGuest *bs_guest_new (int fd);
void bs_guest_free (BsGuest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsGuest, bs_guest_free)

/* Sends preamble, magic, nonce and HELLO, and waits for the guest's. %BS_ERROR_TIMEOUT, %BS_ERROR_PROTOCOL,
 * %BS_ERROR_DIED. */
gboolean bs_guest_open (BsGuest *self, gint64 deadline_usec, GCancellable *cancellable, GError **error);

typedef struct
{
  const char *mac, *name, *address; /* address: (nullable) CIDR "10.0.0.2/24"; several separated by spaces (IPv6 too) */
  guint mtu;                        /* 0: as it is */
  const char *new_mac;              /* (nullable) what mac becomes; found by it too, so that it may be told twice */
  const char *gateway;              /* (nullable) the default route, IPv4 */
  gboolean down;                    /* it stays down */
} BsGuestInterface;

typedef struct
{
  const char *hostname, *hosts, *machine_id; /* each (nullable): left as it is; machine_id: 32 hex digits */
  const void *entropy;                       /* (nullable) credited with RNDADDENTROPY, then RNDRESEEDCRNG */
  gsize entropy_length;                      /* up to 512 */
  gint64 clock_usec;                         /* real time since 1970, 0: left as it is */
  const BsGuestInterface *interfaces;        /* each loses the addresses that it had */
  guint n_interfaces;
  const char *host_key, *host_key_public; /* (nullable) OpenSSH ed25519; without an SSH server nothing happens */
  const char *authorized_key;             /* (nullable) a line for root's authorized_keys */
  const char *nameserver;                 /* (nullable) of /etc/resolv.conf; "": none */
} BsGuestIdentity;

gboolean bs_guest_identify (BsGuest *self, const BsGuestIdentity *identity, gint64 deadline_usec,
                            GCancellable *cancellable, GError **error);

/* Runs a command to its end; see bs-exec.h. A command that cannot start is %BS_ERROR_NOT_FOUND (no such program) or
 * %BS_ERROR_FAILED with the guest's text. Cancelling kills its process group and is %BS_ERROR_CANCELLED. */
gboolean bs_guest_exec (BsGuest *self, const BsExecSpec *spec, const BsExecIO *io, BsExecResult *result,
                        GCancellable *cancellable, GError **error);

/* Copy as cp -a does: files, folders, symbolic links, modes, times, sparse files stay sparse; owners into the guest
 * only (by root there). @source into @destination when that is an existing folder (or ends in "/"), else as
 * @destination.
 *
 * What comes out of a guest belongs to the caller, loses set-user-id and set-group-id bits, and is written below the
 * destination only (openat2, RESOLVE_BENEATH), never through a link that the guest made, not even one that an earlier
 * copy left as the destination itself: a file replaces such a link, a folder is refused (%BS_ERROR_EXISTS). Folders on
 * the way to the destination, and a link written with a slash at its end, are the user's word and are followed. A file
 * that cannot be copied whole leaves nothing under its name. @progress: (nullable). */
typedef void (*BsGuestProgress) (guint64 bytes, gpointer user_data);
gboolean bs_guest_copy_in (BsGuest *self, const char *source, const char *destination, BsGuestProgress progress,
                           gpointer user_data, GCancellable *cancellable, GError **error);
/* The same, ended with %BS_ERROR_TIMEOUT at a monotonic time (negative: none). */
gboolean bs_guest_copy_in_until (BsGuest *self, const char *source, const char *destination, gint64 deadline_usec,
                                 GCancellable *cancellable, GError **error);
gboolean bs_guest_copy_out (BsGuest *self, const char *source, const char *destination, BsGuestProgress progress,
                            gpointer user_data, GCancellable *cancellable, GError **error);

/* @kind: "port" (number, listening on TCP), "file" (path exists), "process" (name runs), "command" (argv exits 0).
 * Waited for in the guest. */
gboolean bs_guest_wait_for (BsGuest *self, const char *kind, const char *const *arguments, gint64 deadline_usec,
                            GCancellable *cancellable, GError **error);

/* @action: "off" or "reboot". Returns when the guest has begun. */
gboolean bs_guest_power (BsGuest *self, const char *action, gint64 deadline_usec, GCancellable *cancellable,
                         GError **error);
gboolean bs_guest_ping (BsGuest *self, gint64 deadline_usec, GCancellable *cancellable, GError **error);
