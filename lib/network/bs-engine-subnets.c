/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-engine-subnets.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-json.h"
#include "bs-socket.h"
#include "bs-subnet.h"
#include "bs-time.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define REPLY_MAX (4 * 1024 * 1024)

/* HTTP/1.0: the reply is not chunked and ends where the engine closes. It fits into any socket buffer. */
static const char request[] = "GET /networks HTTP/1.0\r\nHost: localhost\r\nAccept: application/json\r\n\r\n";

typedef struct
{
  int fd; /* -1: ended */
  gboolean complete;
  GString *reply;
} Query;

static void
query_free (Query *query)
{
  bs_fd_clear (&query->fd);
  g_string_free (query->reply, TRUE);
  g_free (query);
}

static Query *
query_start (const char *path)
{
  bs_autofd int fd = bs_socket_connect (AT_FDCWD, path, SOCK_STREAM, NULL);
  Query *query;

  if (fd < 0 || send (fd, request, sizeof request - 1, MSG_NOSIGNAL) != sizeof request - 1)
    return NULL;
  query = g_new0 (Query, 1);
  query->fd = bs_fd_steal (&fd);
  query->reply = g_string_new (NULL);
  return query;
}

static void
query_read (Query *query)
{
  char data[16384];
  ssize_t n = recv (query->fd, data, sizeof data, MSG_DONTWAIT);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n > 0 && query->reply->len + (gsize) n <= REPLY_MAX)
    {
      g_string_append_len (query->reply, data, n);
      return;
    }
  query->complete = n == 0;
  bs_fd_clear (&query->fd);
}

/* One round of waiting for all that still run; FALSE when there is none, or no time. */
static gboolean
poll_queries (GPtrArray *queries, gint64 deadline_usec)
{
  g_autofree struct pollfd *items = g_new0 (struct pollfd, queries->len);
  guint running = 0;
  int n;

  for (guint i = 0; i < queries->len; i++)
    {
      Query *query = g_ptr_array_index (queries, i);

      items[i] = (struct pollfd){ .fd = query->fd, .events = POLLIN }; /* a negative one is passed over */
      running += query->fd >= 0;
    }
  if (running == 0 || bs_time_now_usec () >= deadline_usec)
    return FALSE;
  n = poll (items, queries->len, bs_time_poll_timeout (deadline_usec));
  for (guint i = 0; i < queries->len && n > 0; i++)
    if (items[i].revents != 0)
      query_read (g_ptr_array_index (queries, i));
  return n >= 0 || errno == EINTR;
}

static void
add_network (const json_t *network, GHashTable *subnets)
{
  const json_t *config = json_object_get (json_object_get (network, "IPAM"), "Config");
  const json_t *entry;
  gsize index;

  json_array_foreach (config, index, entry)
  {
    g_autoptr (BsSubnet) subnet = bs_subnet_parse_around (bs_json_string (entry, "Subnet", ""), NULL);

    if (subnet != NULL) /* else IPv6, or none */
      g_hash_table_add (subnets, bs_subnet_format (subnet));
  }
}

gboolean
bs_engine_subnets_parse (const char *reply, gsize length, GHashTable *subnets)
{
  const char *body = g_strstr_len (reply, (gssize) length, "\r\n\r\n");
  g_autoptr (json_t) networks = NULL;
  json_t *network;
  gsize index;

  if (body == NULL || length < 12 || strncmp (reply, "HTTP/1.", 7) != 0 || strncmp (reply + 8, " 200", 4) != 0)
    return FALSE;
  body += 4;
  networks = bs_json_load (body, length - (gsize) (body - reply), NULL);
  if (!json_is_array (networks))
    return FALSE;
  json_array_foreach (networks, index, network) add_network (network, subnets);
  return TRUE;
}

void
bs_engine_subnets_collect (const char *const *sockets, gint64 deadline_usec, GHashTable *subnets)
{
  g_autoptr (GPtrArray) queries = g_ptr_array_new_with_free_func ((GDestroyNotify) query_free);

  for (guint i = 0; sockets[i] != NULL; i++)
    {
      Query *query = query_start (sockets[i]);

      if (query != NULL)
        g_ptr_array_add (queries, query);
    }
  while (poll_queries (queries, deadline_usec))
    ;
  for (guint i = 0; i < queries->len; i++)
    {
      Query *query = g_ptr_array_index (queries, i);

      if (query->complete)
        bs_engine_subnets_parse (query->reply->str, query->reply->len, subnets);
    }
}
