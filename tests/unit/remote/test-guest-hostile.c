/* SPDX-License-Identifier: Apache-2.0 */
/* A guest that lies: what it says is scripted here, the host's code is the real one. */
#include "bs-archive.h"
#include "bs-guest-wire.h"
#include "guest-fixture.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

typedef struct
{
  BsGuest *guest;
  int raw;
  char *folder;
  GByteArray *script;
} Liar;

static void
set_up (Liar *self, gconstpointer data)
{
  int ends[2];

  g_assert_true (bs_socket_pair (SOCK_STREAM, ends, NULL));
  self->guest = bs_guest_new (ends[0]);
  self->raw = ends[1];
  self->folder = g_dir_make_tmp ("bs-guest-XXXXXX", NULL);
  self->script = g_byte_array_new ();
}

static void
tear_down (Liar *self, gconstpointer data)
{
  bs_guest_free (self->guest);
  bs_fd_clear (&self->raw);
  g_assert_true (bs_file_remove_tree (AT_FDCWD, self->folder, NULL));
  g_free (self->folder);
  g_byte_array_unref (self->script);
}

static void
say (Liar *self, guint8 type, guint8 channel, guint32 stream, const void *payload, gsize length)
{
  guint8 header[BS_WIRE_HEADER_SIZE];

  bs_wire_put_header (header, type, channel, stream, (guint32) length);
  g_byte_array_append (self->script, header, sizeof header);
  if (length > 0)
    g_byte_array_append (self->script, payload, (guint) length);
}

/* All that was to be said is in the socket, and nothing more will come. */
static void
speak (Liar *self)
{
  g_assert_cmpint (send (self->raw, self->script->data, self->script->len, MSG_NOSIGNAL), ==, self->script->len);
  g_assert_cmpint (shutdown (self->raw, SHUT_WR), ==, 0);
}

static void
assert_exec_fails (Liar *self, const char *text)
{
  const char *const argv[] = { "true", NULL };
  BsExecSpec spec = { .argv = argv };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1 };
  g_autoptr (GError) error = NULL, again = NULL;
  BsExecResult result;

  speak (self);
  g_assert_false (bs_guest_exec (self->guest, &spec, &io, &result, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_PROTOCOL);
  if (strstr (error->message, text) == NULL)
    g_error ("'%s' does not contain '%s'", error->message, text);
  g_assert_false (bs_guest_ping (self->guest, SOON (), NULL, &again));
  g_assert_error (again, BS_ERROR, BS_ERROR_PROTOCOL);
}

static void
test_oversize_frame (Liar *self, gconstpointer data)
{
  guint8 header[BS_WIRE_HEADER_SIZE];

  bs_wire_put_header (header, BS_WIRE_DATA, 1, 1, BS_WIRE_PAYLOAD_MAX + 1);
  g_byte_array_append (self->script, header, sizeof header);
  assert_exec_fails (self, "a bad header");
}

static void
test_hunt_frame (Liar *self, gconstpointer data)
{
  say (self, BS_WIRE_HUNT, 0, 0, NULL, 0);
  assert_exec_fails (self, "a bad header");
}

static void
test_unknown_channel (Liar *self, gconstpointer data)
{
  say (self, BS_WIRE_DATA, 3, 1, "x", 1);
  assert_exec_fails (self, "data on a channel that has none");
}

static void
test_data_after_eof (Liar *self, gconstpointer data)
{
  say (self, BS_WIRE_EOF, 1, 1, NULL, 0);
  say (self, BS_WIRE_DATA, 1, 1, "x", 1);
  assert_exec_fails (self, "data on a channel that has none");
}

static void
test_future_stream (Liar *self, gconstpointer data)
{
  say (self, BS_WIRE_EXITED, 0, 2, NULL, 0);
  assert_exec_fails (self, "a stream that nobody opened");
}

static void
test_wrong_answer (Liar *self, gconstpointer data)
{
  say (self, BS_WIRE_DONE, 0, 1, NULL, 0);
  assert_exec_fails (self, "an answer to another question");
}

static void
test_host_frame (Liar *self, gconstpointer data)
{
  say (self, BS_WIRE_EXEC, 0, 1, NULL, 0);
  assert_exec_fails (self, "a frame that no guest sends");
}

static void
test_impossible_end (Liar *self, gconstpointer data)
{
  guint8 buffer[256];
  BsWireBuilder builder;

  bs_wire_builder_init (&builder, buffer, sizeof buffer);
  bs_wire_add32 (&builder, BS_WIRE_TAG_EXIT_CODE, 256);
  g_byte_array_append (self->script, buffer, (guint) bs_wire_builder_finish (&builder, BS_WIRE_EXITED, 1));
  assert_exec_fails (self, "an impossible end");
}

static void
test_credit_flood (Liar *self, gconstpointer data)
{
  guint8 more[4];

  bs_wire_put32 (more, BS_WIRE_CREDIT_MAX); /* beside what is there at first */
  say (self, BS_WIRE_CREDIT_MORE, 0, 1, more, sizeof more);
  assert_exec_fails (self, "impossible credit");
}

static void
test_error_is_shown_safely (Liar *self, gconstpointer data)
{
  const char *const argv[] = { "true", NULL };
  BsExecSpec spec = { .argv = argv };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1 };
  g_autoptr (GError) error = NULL;
  guint8 buffer[256];
  BsWireBuilder builder;
  BsExecResult result;

  bs_wire_builder_init (&builder, buffer, sizeof buffer);
  bs_wire_add_string (&builder, BS_WIRE_TAG_CODE, "cancelled");
  bs_wire_add (&builder, BS_WIRE_TAG_TEXT, "\033[2Jx\377\0y", 8);
  g_byte_array_append (self->script, buffer, (guint) bs_wire_builder_finish (&builder, BS_WIRE_ERROR, 1));
  speak (self);
  g_assert_false (bs_guest_exec (self->guest, &spec, &io, &result, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED); /* a guest cannot say that our user cancelled */
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_true (g_str_has_prefix (error->message, "cannot run 'true': x"));
}

static void
test_no_hello (Liar *self, gconstpointer data)
{
  g_autofree guint8 *opening = g_malloc (BS_WIRE_OPENING);
  g_autoptr (GError) error = NULL;

  /* The nonce is not known before; a guess is discarded and the deadline passes. */
  g_byte_array_append (self->script, (const guint8 *) BS_WIRE_MAGIC, BS_WIRE_MAGIC_SIZE);
  say (self, BS_WIRE_HELLO, 0, 0, NULL, 0);
  g_assert_cmpint (send (self->raw, self->script->data, self->script->len, MSG_NOSIGNAL), ==, self->script->len);
  g_assert_false (bs_guest_open (self->guest, bs_time_now_usec () + 30000, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_TIMEOUT);
}

/* Archives: entries are built by hand. */
static void
entry (GByteArray *archive, guint8 type, const char *name, const char *target)
{
  guint8 header[BS_ARCHIVE_HEADER] = { type };

  if (type != BS_ARCHIVE_LEAVE && type != BS_ARCHIVE_END)
    {
      bs_wire_put16 (header + 2, (guint16) strlen (name));
      bs_wire_put32 (header + 4, 0755);
      bs_wire_put32 (header + 8, getuid ());
      bs_wire_put32 (header + 12, getgid ());
      bs_wire_put32 (header + 28, (guint32) strlen (target));
    }
  g_byte_array_append (archive, header, sizeof header);
  g_byte_array_append (archive, (const guint8 *) name, (guint) strlen (name));
  g_byte_array_append (archive, (const guint8 *) target, (guint) strlen (target));
}

static void
extent (GByteArray *archive, guint64 offset, const char *content)
{
  guint8 header[BS_ARCHIVE_EXTENT] = { 0 };

  bs_wire_put64 (header, offset);
  bs_wire_put32 (header + 8, (guint32) strlen (content));
  g_byte_array_append (archive, header, sizeof header);
  g_byte_array_append (archive, (const guint8 *) content, (guint) strlen (content));
}

static void
assert_copy_fails (Liar *self, GByteArray *archive, BsErrorCode code, const char *text)
{
  g_autofree char *destination = g_build_filename (self->folder, "in", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (mkdir (destination, 0755), ==, 0);
  say (self, BS_WIRE_DATA, 1, 1, archive->data, archive->len);
  say (self, BS_WIRE_EOF, 1, 1, NULL, 0);
  say (self, BS_WIRE_DONE, 0, 1, NULL, 0);
  speak (self);
  g_assert_false (bs_guest_copy_out (self->guest, "/x", destination, NULL, NULL, NULL, &error));
  g_assert_error (error, BS_ERROR, (int) code);
  if (strstr (error->message, text) == NULL)
    g_error ("'%s' does not contain '%s'", error->message, text);
}

static void
test_bad_names (Liar *self, gconstpointer data)
{
  g_autoptr (GByteArray) archive = g_byte_array_new ();
  g_autofree char *escaped = g_build_filename (self->folder, "escaped", NULL);

  entry (archive, BS_ARCHIVE_FOLDER, "", "");
  entry (archive, BS_ARCHIVE_FILE, data, "");
  extent (archive, 0, "evil");
  extent (archive, 4, "");
  entry (archive, BS_ARCHIVE_LEAVE, "", "");
  entry (archive, BS_ARCHIVE_END, "", "");
  assert_copy_fails (self, archive, BS_ERROR_PROTOCOL, "the archive has a bad name in");
  g_assert_false (g_file_test (escaped, G_FILE_TEST_EXISTS));
}

static void
test_write_through_link (Liar *self, gconstpointer data)
{
  g_autoptr (GByteArray) archive = g_byte_array_new ();
  g_autofree char *outside = g_build_filename (self->folder, "outside", NULL),
                  *written = g_build_filename (outside, "f", NULL);

  g_assert_cmpint (mkdir (outside, 0755), ==, 0);
  entry (archive, BS_ARCHIVE_FOLDER, "", "");
  entry (archive, BS_ARCHIVE_LINK, "a", outside);
  entry (archive, BS_ARCHIVE_FOLDER, "a", "");
  entry (archive, BS_ARCHIVE_FILE, "f", "");
  extent (archive, 0, "");
  entry (archive, BS_ARCHIVE_LEAVE, "", "");
  entry (archive, BS_ARCHIVE_LEAVE, "", "");
  entry (archive, BS_ARCHIVE_END, "", "");
  assert_copy_fails (self, archive, BS_ERROR_EXISTS, "/in/x/a': it is a symbolic link");
  g_assert_false (g_file_test (written, G_FILE_TEST_EXISTS));
}

/* A file in the place of a link of the same archive replaces the link; what it points to stays. */
static void
test_replaces_link (Liar *self, gconstpointer data)
{
  g_autoptr (GByteArray) archive = g_byte_array_new ();
  g_autofree char *victim = g_build_filename (self->folder, "victim", NULL), *content = NULL;

  fixture_write (victim, "precious", 0600);
  entry (archive, BS_ARCHIVE_FOLDER, "", "");
  entry (archive, BS_ARCHIVE_LINK, "a", victim);
  entry (archive, BS_ARCHIVE_FILE, "a", "");
  extent (archive, 0, "evil");
  extent (archive, 4, "");
  assert_copy_fails (self, archive, BS_ERROR_PROTOCOL, "the archive is cut short for");
  content = fixture_read (victim);
  g_assert_cmpstr (content, ==, "precious");
}

static void
test_leaves_too_often (Liar *self, gconstpointer data)
{
  g_autoptr (GByteArray) archive = g_byte_array_new ();

  entry (archive, BS_ARCHIVE_FOLDER, "", "");
  entry (archive, BS_ARCHIVE_LEAVE, "", "");
  entry (archive, BS_ARCHIVE_LEAVE, "", "");
  assert_copy_fails (self, archive, BS_ERROR_PROTOCOL, "the archive leaves");
}

static void
test_second_root (Liar *self, gconstpointer data)
{
  g_autoptr (GByteArray) archive = g_byte_array_new ();

  entry (archive, BS_ARCHIVE_LINK, "", "t");
  entry (archive, BS_ARCHIVE_LINK, "", "t");
  assert_copy_fails (self, archive, BS_ERROR_PROTOCOL, "the archive has a bad entry in");
}

static void
test_extents_that_go_back (Liar *self, gconstpointer data)
{
  g_autoptr (GByteArray) archive = g_byte_array_new ();
  g_autofree char *there = g_build_filename (self->folder, "in", "x", NULL);

  entry (archive, BS_ARCHIVE_FILE, "", "");
  extent (archive, 8, "data");
  extent (archive, 8, "data");
  assert_copy_fails (self, archive, BS_ERROR_PROTOCOL, "the archive has a bad extent in");
  g_assert_false (g_file_test (there, G_FILE_TEST_EXISTS));
}

static void
test_bottomless (Liar *self, gconstpointer data)
{
  g_autoptr (GByteArray) archive = g_byte_array_new ();

  entry (archive, BS_ARCHIVE_FOLDER, "", "");
  for (guint i = 0; i < BS_ARCHIVE_DEPTH_MAX; i++)
    entry (archive, BS_ARCHIVE_FOLDER, "d", "");
  assert_copy_fails (self, archive, BS_ERROR_FAILED, "File name too long");
}

static void
test_nothing_at_all (Liar *self, gconstpointer data)
{
  g_autoptr (GByteArray) archive = g_byte_array_new ();

  assert_copy_fails (self, archive, BS_ERROR_PROTOCOL, "the archive is cut short for");
}

#define TEST(path, function, data) g_test_add (path, Liar, data, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST ("/hostile/frame/oversize", test_oversize_frame, NULL);
  TEST ("/hostile/frame/hunt", test_hunt_frame, NULL);
  TEST ("/hostile/frame/unknown-channel", test_unknown_channel, NULL);
  TEST ("/hostile/frame/data-after-eof", test_data_after_eof, NULL);
  TEST ("/hostile/frame/future-stream", test_future_stream, NULL);
  TEST ("/hostile/frame/wrong-answer", test_wrong_answer, NULL);
  TEST ("/hostile/frame/host-frame", test_host_frame, NULL);
  TEST ("/hostile/frame/impossible-end", test_impossible_end, NULL);
  TEST ("/hostile/frame/credit-flood", test_credit_flood, NULL);
  TEST ("/hostile/frame/error-is-shown-safely", test_error_is_shown_safely, NULL);
  TEST ("/hostile/frame/no-hello", test_no_hello, NULL);
  TEST ("/hostile/archive/dot-dot", test_bad_names, "..");
  TEST ("/hostile/archive/dot", test_bad_names, ".");
  TEST ("/hostile/archive/upwards", test_bad_names, "../../escaped");
  TEST ("/hostile/archive/absolute", test_bad_names, "/tmp/escaped");
  TEST ("/hostile/archive/below", test_bad_names, "a/b");
  TEST ("/hostile/archive/write-through-link", test_write_through_link, NULL);
  TEST ("/hostile/archive/replaces-link", test_replaces_link, NULL);
  TEST ("/hostile/archive/leaves-too-often", test_leaves_too_often, NULL);
  TEST ("/hostile/archive/second-root", test_second_root, NULL);
  TEST ("/hostile/archive/extents-that-go-back", test_extents_that_go_back, NULL);
  TEST ("/hostile/archive/bottomless", test_bottomless, NULL);
  TEST ("/hostile/archive/nothing", test_nothing_at_all, NULL);
  return g_test_run ();
}
