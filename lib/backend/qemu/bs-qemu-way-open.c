/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-way-open.c — agent and SSH take turns until one lets us in */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-qemu-foreign.h"
#include "bs-qemu-link.h"
#include "bs-qemu-way-open.h"
#include "bs-socket.h"
#include "bs-time.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

/* How long either is listened to in a turn. */
#define TURN_USEC (500 * BS_USEC_PER_MSEC)

typedef struct
{
  const BsBackendLab *lab;
  const char *name;
  BsQemuWayKind kind;
  BsQga *agent;
  BsQemuLink link;
  gint64 until_usec, deadline_usec;
  GError *refusal; /* (nullable) why SSH, which answered, was of no use */
} Opening;

static void
opening_clear (Opening *self)
{
  g_clear_pointer (&self->agent, bs_qga_free);
  bs_qemu_link_clear (&self->link);
  g_clear_error (&self->refusal);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Opening, opening_clear)

static int
connect_loopback (guint16 port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port) };
  bs_autofd int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (fd >= 0 && connect (fd, (struct sockaddr *) &address, sizeof address) != 0 && errno != EINPROGRESS)
    return -1;
  return bs_fd_steal (&fd);
}

/* QEMU takes connections before the guest does; only a server's first words tell that there is one. */
static gboolean
ssh_answers (guint16 port, gint64 deadline_usec)
{
  bs_autofd int fd = connect_loopback (port);
  char banner[4];

  return fd >= 0 && bs_socket_wait (fd, POLLIN, deadline_usec) > 0
         && recv (fd, banner, sizeof banner, MSG_WAITALL) == sizeof banner && memcmp (banner, "SSH-", 4) == 0;
}

static gboolean
has_ssh (const Opening *self)
{
  return self->link.target != NULL;
}

/* Alone, it has all the time there is. */
static gint64
end_of_turn (const Opening *self)
{
  return has_ssh (self) ? bs_time_sooner_usec (TURN_USEC, self->until_usec) : self->until_usec;
}

/* FALSE without an error: not yet. */
static gboolean
try_agent (Opening *self, BsQemuWay *way, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (self->kind == BS_QEMU_WAY_TERMINAL)
    return FALSE;
  if (bs_qga_sync (self->agent, end_of_turn (self), self->lab->cancellable, &local))
    {
      way->agent = g_steal_pointer (&self->agent);
      bs_remote_over_qga (&way->remote, way->agent, self->lab->cancellable, self->deadline_usec);
      return TRUE;
    }
  if (!g_error_matches (local, BS_ERROR, BS_ERROR_TIMEOUT))
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* NULL without an error: nobody answers. A pooled session needs no greeting. */
static BsSsh *
log_in (Opening *self, GError **error)
{
  BsSsh *idle = NULL;

  if (self->lab->ssh_pool != NULL)
    idle = bs_ssh_pool_take_idle (self->lab->ssh_pool, self->link.target, self->lab->cancellable);
  if (idle != NULL || !ssh_answers (self->link.target->port, end_of_turn (self)))
    return idle;
  self->link.target->connect_timeout_usec = bs_time_left_usec (self->until_usec) + 1;
  if (self->lab->ssh_pool != NULL)
    return bs_ssh_pool_take (self->lab->ssh_pool, self->link.target, self->lab->cancellable, error);
  return bs_ssh_open (self->link.target, self->lab->cancellable, error);
}

/* What a machine that boots says may change; what the only way says of another key will not. */
static gboolean
is_final (const Opening *self, const GError *refusal)
{
  if (refusal->code == BS_ERROR_CANCELLED)
    return TRUE;
  return self->kind != BS_QEMU_WAY_BOOT && refusal->code == BS_ERROR_CHECK
         && (self->link.first || self->kind == BS_QEMU_WAY_TERMINAL);
}

/* FALSE without an error: not yet. */
static gboolean
try_ssh (Opening *self, BsQemuWay *way, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (!has_ssh (self))
    return FALSE;
  way->ssh = log_in (self, &local);
  if (local != NULL && is_final (self, local))
    g_propagate_error (error, g_steal_pointer (&local));
  else if (local != NULL && (self->refusal == NULL || local->code != BS_ERROR_TIMEOUT)) /* cut short, it says less */
    {
      g_clear_error (&self->refusal);
      self->refusal = g_steal_pointer (&local);
    }
  if (way->ssh == NULL)
    return FALSE;
  way->pool = self->lab->ssh_pool;
  bs_ssh_remote (way->ssh, &way->remote);
  way->remote.cancellable = self->lab->cancellable;
  way->remote.deadline_usec = self->deadline_usec;
  return TRUE;
}

static gboolean
try_both (Opening *self, BsQemuWay *way, GError **error)
{
  g_autoptr (GError) local = NULL;
  gboolean open = self->link.first ? try_ssh (self, way, &local) : try_agent (self, way, &local);

  if (!open && local == NULL)
    open = self->link.first ? try_agent (self, way, &local) : try_ssh (self, way, &local);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return open;
}

/* Nobody let us in until now. */
static void
give_up (Opening *self, GError **error)
{
  static const char *const hints[] = {
    [BS_QEMU_WAY_ANY] = "is it paused, or are its qemu-guest-agent and its SSH server stopped?",
    [BS_QEMU_WAY_BOOT] = "does its image have cloud-init, and an SSH server or qemu-guest-agent?",
    [BS_QEMU_WAY_TERMINAL] = "a terminal needs an SSH server in it; commands without -t do not",
  };

  if (self->refusal != NULL)
    g_propagate_error (error, g_steal_pointer (&self->refusal));
  else
    bs_set_error (error, BS_ERROR_TIMEOUT, hints[self->kind], "%s answered in time",
                  self->kind == BS_QEMU_WAY_TERMINAL ? "no SSH server"
                  : has_ssh (self)                   ? "neither agent nor SSH server"
                                                     : "no agent");
}

static gboolean
open_way (Opening *self, BsQemuWay *way, GError **error)
{
  g_autoptr (GError) local = NULL;

  self->agent = bs_qemu_foreign_agent (self->lab, self->name, error);
  if (self->agent == NULL || !bs_qemu_link_read (&self->link, self->lab, self->name, error))
    return FALSE;
  do
    if (try_both (self, way, &local))
      return TRUE;
  while (local == NULL && bs_time_now_usec () < self->until_usec);
  if (local == NULL)
    give_up (self, &local);
  g_propagate_prefixed_error (error, g_steal_pointer (&local), "node '%s': ", self->name);
  return FALSE;
}

gboolean
bs_qemu_way_open_kind (BsQemuWay *self, BsQemuWayKind kind, const BsBackendLab *lab, const char *name,
                       gint64 open_deadline_usec, gint64 deadline_usec, GError **error)
{
  g_auto (Opening) opening
      = { .lab = lab, .name = name, .kind = kind, .until_usec = open_deadline_usec, .deadline_usec = deadline_usec };

  *self = (BsQemuWay){ 0 };
  return open_way (&opening, self, error);
}
