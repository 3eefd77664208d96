/* SPDX-License-Identifier: Apache-2.0 */
#include "http-server.h"

#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PIECE (64 * 1024)
#define TRICKLE_USEC 50000

struct _HttpServer
{
  GSocketService *service;
  guint port;
  char *folder, *log;
  GMutex lock;
  GHashTable *counts; /* (element-type utf8 guint) */
  GHashTable *ranges; /* (element-type utf8 utf8) */
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
};

typedef struct
{
  char *path, *file, *range, *if_range;
  char **faults;
  guint nth; /* from 1 */
} Request;

static void
request_clear (Request *self)
{
  g_free (self->path);
  g_free (self->file);
  g_free (self->range);
  g_free (self->if_range);
  g_strfreev (self->faults);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Request, request_clear)

/* What follows "NAME=" or NAME among the address's faults; (nullable) */
static const char *
fault (const Request *request, const char *name)
{
  gsize length = strlen (name);

  for (char **each = request->faults; *each != NULL; each++)
    if (strncmp (*each, name, length) == 0 && ((*each)[length] == '=' || (*each)[length] == '\0'))
      return *each + length + ((*each)[length] == '=');
  return NULL;
}

static gint64
fault_number (const Request *request, const char *name, gint64 otherwise)
{
  const char *text = fault (request, name);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : otherwise;
}

static gboolean
read_request (GDataInputStream *lines, Request *request)
{
  g_autofree char *first = g_data_input_stream_read_line (lines, NULL, NULL, NULL);
  g_auto (GStrv) words = g_strsplit (first != NULL ? first : "", " ", 3);
  char *line;

  if (g_strv_length (words) != 3)
    return FALSE;
  request->path = g_strdup (words[1] + (words[1][0] == '/'));
  request->faults = g_strsplit (request->path, "/", -1);
  request->file = g_path_get_basename (request->path);
  while ((line = g_data_input_stream_read_line (lines, NULL, NULL, NULL)) != NULL && line[0] != '\0' && line[0] != '\r')
    {
      g_strchomp (line);
      if (g_ascii_strncasecmp (line, "Range: ", 7) == 0)
        request->range = g_strdup (line + 7);
      else if (g_ascii_strncasecmp (line, "If-Range: ", 10) == 0)
        request->if_range = g_strdup (line + 10);
      g_free (line);
    }
  g_free (line);
  return TRUE;
}

static void
note (HttpServer *self, Request *request)
{
  const char *range = request->range != NULL ? request->range : "";

  g_mutex_lock (&self->lock);
  request->nth = GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, request->path)) + 1;
  g_hash_table_insert (self->counts, g_strdup (request->path), GUINT_TO_POINTER (request->nth));
  g_hash_table_insert (self->ranges, g_strdup (request->path), g_strdup (range));
  if (self->log != NULL)
    {
      FILE *log = fopen (self->log, "a");

      if (log != NULL)
        {
          fprintf (log, "%s %s\n", request->path, range);
          fclose (log);
        }
    }
  g_mutex_unlock (&self->lock);
}

static gboolean
put (GOutputStream *out, const char *data, gsize length)
{
  return g_output_stream_write_all (out, data, length, NULL, NULL, NULL);
}

static void
send_status (GOutputStream *out, int status, const char *headers)
{
  g_autofree char *text
      = g_strdup_printf ("HTTP/1.1 %d Whatever\r\nContent-Length: 0\r\nConnection: close\r\n%s\r\n", status, headers);

  put (out, text, strlen (text));
}

/* Returns when the other end has gone. */
static void
wait_for_end (GInputStream *in)
{
  char byte;

  while (g_input_stream_read (in, &byte, 1, NULL, NULL) > 0)
    continue;
}

static void
send_body (GIOStream *stream, const Request *request, const char *data, gint64 length)
{
  GOutputStream *out = g_io_stream_get_output_stream (stream);
  gint64 until = request->nth == 1 ? fault_number (request, "break", length) : length;
  gint64 hold = request->nth == 1 ? fault_number (request, "hold", -1) : -1;
  gint64 trickle = request->nth == 1 ? fault_number (request, "trickle", -1) : -1;
  gint64 at = 0;

  until = MIN (until, length);
  if (hold >= 0 || trickle >= 0)
    until = MIN (until, MAX (hold, trickle));
  for (; at < until; at += MIN (PIECE, until - at))
    if (!put (out, data + at, (gsize) MIN (PIECE, until - at)))
      return;
  if (hold >= 0)
    wait_for_end (g_io_stream_get_input_stream (stream));
  for (; trickle >= 0 && at < length && put (out, data + at, 1); at++)
    g_usleep (TRICKLE_USEC);
}

static void
send_file (GIOStream *stream, const Request *request, const char *data, gint64 length)
{
  g_autofree char *digest = g_compute_checksum_for_data (G_CHECKSUM_MD5, (const guchar *) data, (gsize) length);
  g_autofree char *etag = g_strdup_printf ("\"%s\"", digest);
  gboolean fresh = request->if_range == NULL || strcmp (request->if_range, etag) == 0;
  gint64 from = request->range != NULL && fresh && fault (request, "norange") == NULL
                    ? g_ascii_strtoll (request->range + strlen ("bytes="), NULL, 10)
                    : 0;
  g_autoptr (GString) head = g_string_new (NULL);
  gint64 announced = length - from + fault_number (request, "lie", 0) - fault_number (request, "short", 0);

  if (from > 0 && from >= length)
    {
      send_status (g_io_stream_get_output_stream (stream), 416, "");
      return;
    }
  g_string_append_printf (head, "HTTP/1.1 %s\r\nConnection: close\r\n", from > 0 ? "206 Partial Content" : "200 OK");
  if (fault (request, "unsized") == NULL)
    g_string_append_printf (head, "Content-Length: %" G_GINT64_FORMAT "\r\n", announced);
  if (from > 0)
    g_string_append_printf (head,
                            "Content-Range: bytes %" G_GINT64_FORMAT "-%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT "\r\n",
                            from, length - 1, length);
  if (fault (request, "noetag") == NULL)
    g_string_append_printf (head, "ETag: %s\r\n", etag);
  if (fault (request, "encoded") != NULL)
    g_string_append (head, "Content-Encoding: gzip\r\n");
  g_string_append (head, "\r\n");
  if (put (g_io_stream_get_output_stream (stream), head->str, head->len))
    send_body (stream, request, data + from, length - from);
}

static void
answer (HttpServer *self, GIOStream *stream, const Request *request)
{
  GOutputStream *out = g_io_stream_get_output_stream (stream);
  g_autofree char *path = g_build_filename (self->folder, request->file, NULL), *data = NULL;
  const char *to = fault (request, "to");
  gsize length;

  if (to != NULL)
    {
      g_autofree char *target = g_strdelimit (g_strdup (to), "|", '/');
      g_autofree char *header = g_strdup_printf ("Location: %s\r\n", target);

      send_status (out, 302, header);
    }
  else if (request->nth <= fault_number (request, "flaky", 0))
    send_status (out, 500, "");
  else if (fault (request, "status") != NULL)
    send_status (out, (int) fault_number (request, "status", 0), "");
  else if (!g_file_get_contents (path, &data, &length, NULL))
    send_status (out, 404, "");
  else
    send_file (stream, request, data, (gint64) length);
}

static gboolean
serve (GThreadedSocketService *service, GSocketConnection *connection, GObject *source, gpointer user_data)
{
  HttpServer *self = user_data;
  g_autoptr (GDataInputStream) lines
      = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  g_auto (Request) request = { 0 };

  g_data_input_stream_set_newline_type (lines, G_DATA_STREAM_NEWLINE_TYPE_ANY);
  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (lines), FALSE);
  if (read_request (lines, &request))
    {
      note (self, &request);
      answer (self, G_IO_STREAM (connection), &request);
    }
  return TRUE;
}

static gpointer
run (gpointer data)
{
  HttpServer *self = data;

  g_main_context_push_thread_default (self->context);
  g_socket_service_start (self->service);
  g_main_loop_run (self->loop);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

static void
open_port (HttpServer *self)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GError) error = NULL;

  g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), any, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP,
                                 NULL, &bound, &error);
  g_assert_no_error (error);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
}

HttpServer *
http_server_new (const char *folder, const char *log)
{
  HttpServer *self = g_new0 (HttpServer, 1);

  self->folder = g_strdup (folder);
  self->log = g_strdup (log);
  self->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->ranges = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_mutex_init (&self->lock);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  g_main_context_push_thread_default (self->context);
  self->service = g_threaded_socket_service_new (16);
  g_signal_connect (self->service, "run", G_CALLBACK (serve), self);
  open_port (self);
  g_main_context_pop_thread_default (self->context);
  self->thread = g_thread_new ("http", run, self);
  return self;
}

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

void
http_server_free (HttpServer *self)
{
  if (self == NULL)
    return;
  g_main_context_invoke (self->context, quit, self->loop);
  g_thread_join (self->thread);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_object_unref (self->service);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_hash_table_unref (self->counts);
  g_hash_table_unref (self->ranges);
  g_mutex_clear (&self->lock);
  g_free (self->folder);
  g_free (self->log);
  g_free (self);
}

guint
http_server_port (const HttpServer *self)
{
  return self->port;
}

char *
http_server_url (const HttpServer *self, const char *path)
{
  return g_strdup_printf ("http://127.0.0.1:%u/%s", self->port, path);
}

guint
http_server_count (HttpServer *self, const char *path)
{
  guint count;

  g_mutex_lock (&self->lock);
  count = GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, path));
  g_mutex_unlock (&self->lock);
  return count;
}

char *
http_server_range (HttpServer *self, const char *path)
{
  char *range;

  g_mutex_lock (&self->lock);
  range = g_strdup (g_hash_table_lookup (self->ranges, path));
  g_mutex_unlock (&self->lock);
  return range;
}
