/* SPDX-License-Identifier: Apache-2.0 */
/* http-server.h — serves the files of a folder on loopback, with the faults that an address asks for
 *
 * "/FAULT/FAULT/NAME" serves the file NAME. Counts are per whole address, since the server began. Faults:
 *   break=N    the first time, close the connection after N bytes of the body
 *   hold=N     the first time, send N bytes of the body, then nothing until the other end is gone
 *   trickle=N  the first time, send N bytes of the body, then a byte now and then
 *   status=S   answer with status S
 *   flaky=N    answer 500 to the first N requests
 *   lie=N      announce N bytes more than there are, and close after the last
 *   short=N    announce N bytes fewer than there are
 *   unsized    do not say how many bytes there are
 *   norange    ignore ranges
 *   noetag     send neither ETag nor date
 *   to=NAME    redirect to NAME ("/" is written '|')
 *   encoded    say that the body is packed
 */
#pragma once

#include <glib.h>

typedef struct _HttpServer HttpServer;

/* @log: (nullable): a file that gets a line "PATH RANGE" for each request */
HttpServer *http_server_new (const char *folder, const char *log);
void http_server_free (HttpServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpServer, http_server_free)

guint http_server_port (const HttpServer *self);
/* "http://127.0.0.1:PORT/" and @path; (transfer full) */
char *http_server_url (const HttpServer *self, const char *path);
/* How many requests for @path there were. */
guint http_server_count (HttpServer *self, const char *path);
/* The Range of the last one for @path, "" for none; (transfer full) */
char *http_server_range (HttpServer *self, const char *path);
