/* SPDX-License-Identifier: Apache-2.0 */
/* The supervisor's small parts, without a process. */
#include "bs-arguments.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-loop.h"
#include "bs-outbox.h"
#include "bs-stream.h"
#include "bs-tail.h"

#include <string.h>
#include <sys/socket.h>

static const char *
from_guest (BsStream *stream, guint8 type, guint8 channel, guint32 length)
{
  const BsWireHeader header = { .type = type, .channel = channel, .length = length };

  return bs_stream_from_guest (stream, &header, NULL);
}

static const char *
grant (BsStream *stream, guint8 channel, guint32 bytes)
{
  const BsWireHeader header = { .type = BS_WIRE_CREDIT_MORE, .channel = channel, .length = 4 };
  guint8 payload[4];

  bs_wire_put32 (payload, bytes);
  return bs_stream_from_host (stream, &header, payload);
}

static void
test_stream_counts_credit (void)
{
  g_autofree BsStream *stream = bs_stream_new (1, 1, NULL, BS_WIRE_EXEC);

  g_assert_cmpstr (grant (stream, BS_WIRE_STDOUT, 1), ==, "more credit than a window holds");
  for (guint i = 0; i < BS_WIRE_CREDIT / BS_WIRE_PAYLOAD_MAX; i++)
    g_assert_null (from_guest (stream, BS_WIRE_DATA, BS_WIRE_STDOUT, BS_WIRE_PAYLOAD_MAX));
  g_assert_null (from_guest (stream, BS_WIRE_DATA, BS_WIRE_STDERR, 1));
  g_assert_cmpstr (from_guest (stream, BS_WIRE_DATA, BS_WIRE_STDOUT, 1), ==, "data without credit");
  g_assert_null (grant (stream, BS_WIRE_STDOUT, 1));
  g_assert_null (from_guest (stream, BS_WIRE_DATA, BS_WIRE_STDOUT, 1));
}

static void
test_stream_knows_what_each_request_may_bring (void)
{
  g_autofree BsStream *exec = bs_stream_new (1, 1, NULL, BS_WIRE_EXEC);
  g_autofree BsStream *get = bs_stream_new (2, 1, NULL, BS_WIRE_GET);
  g_autofree BsStream *wait = bs_stream_new (3, 1, NULL, BS_WIRE_WAIT);

  g_assert_null (from_guest (exec, BS_WIRE_STARTED, 0, 0));
  g_assert_cmpstr (from_guest (exec, BS_WIRE_STARTED, 0, 0), ==, "a start that nobody asked for");
  g_assert_cmpstr (from_guest (exec, BS_WIRE_DONE, 0, 0), ==, "an exec that is done without an exit");
  g_assert_null (from_guest (get, BS_WIRE_DATA, BS_WIRE_STDOUT, 9));
  g_assert_cmpstr (from_guest (get, BS_WIRE_DATA, BS_WIRE_STDERR, 9), ==, "data on a channel of the host");
  g_assert_cmpstr (from_guest (get, BS_WIRE_EXITED, 0, 0), ==, "an exit of what was not started");
  g_assert_null (from_guest (get, BS_WIRE_EOF, BS_WIRE_STDOUT, 0));
  g_assert_cmpstr (from_guest (get, BS_WIRE_DATA, BS_WIRE_STDOUT, 1), ==, "data after its end");
  g_assert_cmpstr (from_guest (wait, BS_WIRE_DATA, BS_WIRE_STDOUT, 1), ==, "data on a channel of the host");
  g_assert_cmpstr (from_guest (wait, BS_WIRE_EXEC, 0, 0), ==, "a frame that the guest never sends");
  g_assert_null (from_guest (wait, BS_WIRE_ERROR, 0, 0));
}

typedef struct
{
  char *path;
  int dir;
} Folder;

static void
folder_setup (Folder *self, gconstpointer unused)
{
  self->path = g_dir_make_tmp ("bs-parts-XXXXXX", NULL);
  self->dir = bs_file_open_dir (AT_FDCWD, self->path, NULL);
  g_assert_cmpint (self->dir, >=, 0);
}

static void
folder_teardown (Folder *self, gconstpointer unused)
{
  bs_fd_clear (&self->dir);
  g_assert_true (bs_file_remove_tree (AT_FDCWD, self->path, NULL));
  g_free (self->path);
}

static void
assert_tail (Folder *self, const char *content, gsize length, gsize bytes, guint lines, const char *expected)
{
  g_autofree char *text = NULL;

  g_assert_true (bs_file_write_atomic (self->dir, "log", content, length, 0600, NULL));
  text = bs_tail_read (self->dir, "log", bytes, lines);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_tail_is_fit_for_an_event (Folder *self, gconstpointer unused)
{
  g_autofree char *missing = bs_tail_read (self->dir, "missing", 100, 0);

  g_assert_cmpstr (missing, ==, "");
  assert_tail (self, "", 0, 100, 0, "");
  assert_tail (self, "one\ntwo\nthree\n", 14, 100, 2, "two\nthree\n");
  assert_tail (self, "one\ntwo\nthree", 13, 100, 2, "two\nthree");
  assert_tail (self, "one\ntwo\nthree\n", 14, 8, 0, "three\n");
  assert_tail (self, "aaaaaaaaaaaa", 12, 4, 0, "aaaa");
  assert_tail (self, "a\0b\r\n\x1b[1mc\n", 11, 100, 0, "ab\n[1mc\n");
  assert_tail (self, "bad \xff utf-8\n", 12, 100, 0, "bad \xef\xbf\xbd utf-8\n");
}

static void
test_arguments_are_checked (void)
{
  g_autoptr (json_t) object = json_pack ("{s:s, s:s, s:s, s:s, s:s, s:n, s:i, s:s}", "good", "nodes/web/log", "up",
                                         "a/../b", "absolute", "/etc/passwd", "empty", "a//b", "mac",
                                         "52:54:00:Aa:00:0b", "null", "number", 7, "long-mac", "52:54:00:00:00:0b0");
  static const char *const bad_paths[] = { "up", "absolute", "empty", "null", "number", "missing" };
  const char *path;
  guint8 mac[6];
  gint64 value;

  g_assert_true (bs_arguments_path (object, "good", FALSE, &path, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (bad_paths); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (bs_arguments_path (object, bad_paths[i], FALSE, &path, &error));
      g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
    }
  g_assert_true (bs_arguments_path (object, "null", TRUE, &path, NULL) && path == NULL);
  g_assert_true (bs_arguments_mac (object, "mac", mac, NULL));
  g_assert_cmpmem (mac, 6, "\x52\x54\x00\xaa\x00\x0b", 6);
  g_assert_false (bs_arguments_mac (object, "long-mac", mac, NULL));
  g_assert_true (bs_arguments_int (object, "number", 7, 7, &value, NULL));
  g_assert_false (bs_arguments_int (object, "number", 8, 9, &value, NULL));
  g_assert_true (bs_arguments_is_node ("web-1.a_b"));
  g_assert_false (bs_arguments_is_node ("-web"));
  g_assert_false (bs_arguments_is_node ("a:b"));
  g_assert_false (bs_arguments_is_node (""));
}

static void
test_outbox_keeps_what_does_not_fit (void)
{
  g_autofree guint8 *data = g_malloc (1 << 20), *back = g_malloc (1 << 20);
  BsOutbox box = { 0 };
  gsize got = 0;
  int ends[2];

  for (guint i = 0; i < 1 << 20; i++)
    data[i] = (guint8) (i * 7 >> 3);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
  g_assert_true (bs_outbox_write (&box, ends[0], data, 1 << 20));
  g_assert_cmpuint (bs_outbox_pending (&box), >, 0);
  while (got < 1 << 20)
    {
      gssize n = recv (ends[1], back + got, (1 << 20) - got, MSG_DONTWAIT);

      g_assert_cmpint (n, >, 0);
      got += (gsize) n;
      g_assert_true (bs_outbox_flush (&box, ends[0]));
    }
  g_assert_cmpmem (data, 1 << 20, back, 1 << 20);
  g_assert_null (box.bytes);
  close (ends[1]);
  g_assert_false (bs_outbox_write (&box, ends[0], data, 1));
  close (ends[0]);
}

typedef struct
{
  BsLoop *loop;
  BsLoopTimer *timers[2];
  GString *order;
} Timers;

static void
first (gpointer user_data)
{
  Timers *timers = user_data;

  g_string_append_c (timers->order, '1');
  bs_loop_stop_timer (&timers->timers[1]); /* due too, but not any more */
}

static void
second (gpointer user_data)
{
  g_string_append_c (((Timers *) user_data)->order, '2');
}

static void
test_timer_that_is_stopped_does_not_fire (void)
{
  Timers timers = { .loop = bs_loop_new (NULL), .order = g_string_new (NULL) };

  bs_loop_start_timer (timers.loop, &timers.timers[1], 2, second, &timers);
  bs_loop_start_timer (timers.loop, &timers.timers[0], 1, first, &timers);
  bs_loop_turn (timers.loop, 0);
  g_assert_cmpstr (timers.order->str, ==, "1");
  g_assert_null (timers.timers[0]);
  bs_loop_free (timers.loop);
  g_string_free (timers.order, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/supervisor/parts/a stream counts credit", test_stream_counts_credit);
  g_test_add_func ("/supervisor/parts/a stream knows what each request may bring",
                   test_stream_knows_what_each_request_may_bring);
  g_test_add ("/supervisor/parts/a tail is fit for an event", Folder, NULL, folder_setup, test_tail_is_fit_for_an_event,
              folder_teardown);
  g_test_add_func ("/supervisor/parts/arguments are checked", test_arguments_are_checked);
  g_test_add_func ("/supervisor/parts/an outbox keeps what does not fit", test_outbox_keeps_what_does_not_fit);
  g_test_add_func ("/supervisor/parts/a timer that is stopped does not fire", test_timer_that_is_stopped_does_not_fire);
  return g_test_run ();
}
