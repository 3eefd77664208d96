/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-qemu-ports.h"
#include "bs-error.h"
#include "bs-fd.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#define FORWARD_FAILED "Could not set up host forwarding rule 'tcp:127.0.0.1:"

static void
taken (const BsBackendNode *node, guint port, GError **error)
{
  bs_set_error (error, BS_ERROR_EXISTS, "choose another host port, or end the program that listens on it",
                "node '%s' cannot forward port %u: it is taken on this host", node->name, port);
}

/* As QEMU will bind it: SO_REUSEADDR, so that connections of yesterday are no obstacle. */
static int
try_port (guint16 port)
{
  bs_autofd int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port) };
  int on = 1;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (fd < 0)
    return 0;
  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind (fd, (struct sockaddr *) &address, sizeof address) != 0 || listen (fd, 1) != 0)
    return errno;
  return 0;
}

gboolean
bs_qemu_ports_check (const BsBackendNode *node, GError **error)
{
  for (guint i = 0; i < node->ports->len; i++)
    {
      guint16 port = g_array_index (node->ports, BsBackendPort, i).host;
      int problem = try_port (port);

      if (problem == 0)
        continue;
      if (problem == EADDRINUSE)
        taken (node, port, error);
      else if (problem == EACCES)
        bs_set_error (error, BS_ERROR_HOST, "choose a host port from 1024 up",
                      "node '%s' cannot forward port %u: only root may listen on it", node->name, port);
      else
        bs_set_error_errno (error, problem, "node '%s' cannot forward port %u", node->name, port);
      return FALSE;
    }
  return TRUE;
}

gboolean
bs_qemu_ports_explain (const BsBackendNode *node, const char *said, GError **error)
{
  const char *rule = strstr (said, FORWARD_FAILED);

  if (rule == NULL)
    return FALSE;
  taken (node, (guint) g_ascii_strtoull (rule + strlen (FORWARD_FAILED), NULL, 10), error);
  return TRUE;
}
