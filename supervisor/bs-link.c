/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-link.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-socket.h"

#include <sys/socket.h>

/* Room for frames in flight, each way; without CAP_NET_ADMIN the kernel cuts it to net.core.wmem_max. */
#define BUFFER_BYTES (1024 * 1024)

BsLink *
bs_link_new (const char *node, guint interface)
{
  BsLink *self = g_new0 (BsLink, 1);

  self->node = node;
  self->interface = interface;
  self->machine_fd = self->switch_fd = self->port = -1;
  self->waiting = g_ptr_array_new ();
  return self;
}

void
bs_link_free (BsLink *self)
{
  g_autoptr (GError) error = NULL;

  if (self == NULL)
    return;
  bs_set_error (&error, BS_ERROR_CANCELLED, NULL, "the port was removed meanwhile");
  bs_link_answer (self, error);
  g_ptr_array_unref (self->waiting);
  bs_fd_clear (&self->machine_fd);
  bs_fd_clear (&self->switch_fd);
  g_free (self);
}

static void
enlarge (int fd)
{
  const int bytes = BUFFER_BYTES;

  if (setsockopt (fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) != 0)
    setsockopt (fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

gboolean
bs_link_make_pair (BsLink *self, GError **error)
{
  int ends[2];

  if (!bs_socket_pair (SOCK_DGRAM, ends, error))
    return FALSE;
  bs_fd_clear (&self->machine_fd);
  bs_fd_clear (&self->switch_fd);
  self->machine_fd = ends[0];
  self->switch_fd = ends[1];
  enlarge (self->machine_fd);
  enlarge (self->switch_fd);
  return TRUE;
}

void
bs_link_answer (BsLink *self, const GError *error)
{
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&self->waiting);

  self->waiting = g_ptr_array_new ();
  self->serial = 0;
  for (guint i = 0; i < waiting->len; i++)
    if (error != NULL)
      bs_reply_error (g_ptr_array_index (waiting, i), error);
    else
      bs_reply_ok (g_ptr_array_index (waiting, i), json_pack ("{s:i}", "port", self->port), -1);
}

char *
bs_link_format_mac (const BsLink *self)
{
  const guint8 *m = self->mac;

  return g_strdup_printf ("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
}
