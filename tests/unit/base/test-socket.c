/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets below a folder, and descriptors that travel in messages. */
#include "bs-error.h"
#include "bs-socket.h"
#include "bs-time.h"
#include "scratch.h"

#include <dirent.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define SOON (bs_time_now_usec () + 10 * BS_USEC_PER_SEC)

/* Two connected ends that close with the test. */
typedef struct
{
  int ends[2];
} Pair;

static void
pair_init (Pair *self)
{
  g_assert_true (bs_socket_pair (SOCK_SEQPACKET, self->ends, NULL));
}

static void
pair_clear (Pair *self)
{
  bs_fd_clear (&self->ends[0]);
  bs_fd_clear (&self->ends[1]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pair, pair_clear)

static guint
count_open (void)
{
  DIR *dir = opendir ("/proc/self/fd");
  guint n = 0;

  while (readdir (dir) != NULL)
    n++;
  closedir (dir);
  return n;
}

static gboolean
is_cloexec (int fd)
{
  return (fcntl (fd, F_GETFD) & FD_CLOEXEC) != 0;
}

static void
test_listen_and_connect_meet (void)
{
  g_auto (Scratch) scratch = { 0 };
  bs_autofd int listener = -1, client = -1, server = -1;
  g_autoptr (GError) error = NULL;
  char data[16];

  scratch_init (&scratch);
  listener = bs_socket_listen (scratch.fd, "s", SOCK_SEQPACKET, &error);
  g_assert_no_error (error);
  client = bs_socket_connect (scratch.fd, "s", SOCK_SEQPACKET, &error);
  g_assert_no_error (error);
  server = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  g_assert_cmpint (server, >=, 0);
  g_assert_true (bs_socket_send (client, "hello", 5, NULL, 0, NULL));
  g_assert_cmpint (bs_socket_receive (server, data, sizeof data, NULL, NULL, NULL), ==, 5);
  g_assert_cmpmem (data, 5, "hello", 5);
  g_assert_true (is_cloexec (listener) && is_cloexec (client));
  g_assert_cmpuint (bs_socket_peer_uid (server), ==, geteuid ());
}

static void
test_a_deep_folder_does_not_matter (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autofree char *fill = g_strnfill (150, 'd'), *path = NULL;
  bs_autofd int dirfd = -1, listener = -1, client = -1;

  scratch_init (&scratch);
  path = g_build_filename (scratch.path, fill, NULL);
  g_assert_true (bs_file_make_dirs (path, 0700, NULL));
  dirfd = bs_file_open_dir (AT_FDCWD, path, NULL);
  listener = bs_socket_listen (dirfd, "s", SOCK_STREAM, NULL);
  client = bs_socket_connect (dirfd, "s", SOCK_STREAM, NULL);
  g_assert_cmpint (listener, >=, 0);
  g_assert_cmpint (client, >=, 0);
}

static void
test_a_long_name_is_refused (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autofree char *name = g_strnfill (120, 'n'), *end = g_strconcat (name, "' is too long", NULL);
  g_autoptr (GError) error = NULL;

  scratch_init (&scratch);
  g_assert_cmpint (bs_socket_listen (scratch.fd, name, SOCK_STREAM, &error), ==, -1);
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_true (g_str_has_suffix (error->message, end));
}

static void
test_a_socket_left_behind_is_replaced (void)
{
  g_auto (Scratch) scratch = { 0 };
  bs_autofd int first = -1, second = -1;

  scratch_init (&scratch);
  first = bs_socket_listen (scratch.fd, "s", SOCK_STREAM, NULL);
  bs_fd_clear (&first);
  second = bs_socket_listen (scratch.fd, "s", SOCK_STREAM, NULL);
  g_assert_cmpint (second, >=, 0);
}

static void
test_a_file_is_not_replaced (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  scratch_init (&scratch);
  scratch_write (&scratch, "s", "keep");
  g_assert_cmpint (bs_socket_listen (scratch.fd, "s", SOCK_STREAM, &error), ==, -1);
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "cannot listen on socket 's': Address already in use");
  text = bs_file_read (scratch.fd, "s", 10, NULL, NULL);
  g_assert_cmpstr (text, ==, "keep");
}

static void
test_connect_to_none_is_not_found (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_autoptr (GError) missing = NULL, stale = NULL;
  bs_autofd int listener = -1;

  scratch_init (&scratch);
  g_assert_cmpint (bs_socket_connect (scratch.fd, "s", SOCK_STREAM, &missing), ==, -1);
  g_assert_error (missing, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_assert_cmpstr (missing->message, ==, "cannot connect to socket 's': No such file or directory");
  listener = bs_socket_listen (scratch.fd, "s", SOCK_STREAM, NULL);
  bs_fd_clear (&listener);
  g_assert_cmpint (bs_socket_connect (scratch.fd, "s", SOCK_STREAM, &stale), ==, -1);
  g_assert_error (stale, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_assert_cmpstr (stale->message, ==, "nobody listens on socket 's'");
}

static void
test_connect_when_too_many_wait_is_busy (void)
{
  g_auto (Scratch) scratch = { 0 };
  bs_autofd int listener = -1;
  g_autoptr (GArray) clients = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr (GError) error = NULL;
  int client;

  scratch_init (&scratch);
  listener = bs_socket_listen (scratch.fd, "s", SOCK_STREAM, NULL);
  while ((client = bs_socket_connect (scratch.fd, "s", SOCK_STREAM, &error)) >= 0 && clients->len < 1000)
    g_array_append_val (clients, client);
  g_assert_error (error, BS_ERROR, BS_ERROR_BUSY);
  g_assert_cmpstr (error->message, ==, "too many wait for socket 's'");
  for (guint i = 0; i < clients->len; i++)
    close (g_array_index (clients, int, i));
}

static void
test_messages_keep_their_borders (void)
{
  g_auto (Pair) pair = { { -1, -1 } };
  char data[16];

  pair_init (&pair);
  g_assert_true (bs_socket_send (pair.ends[0], "one", 3, NULL, 0, NULL));
  g_assert_true (bs_socket_send (pair.ends[0], "three", 5, NULL, 0, NULL));
  g_assert_cmpint (bs_socket_receive (pair.ends[1], data, sizeof data, NULL, NULL, NULL), ==, 3);
  g_assert_cmpint (bs_socket_receive (pair.ends[1], data, sizeof data, NULL, NULL, NULL), ==, 5);
}

static void
test_the_greatest_message_passes (void)
{
  g_auto (Pair) pair = { { -1, -1 } };
  g_autofree char *out = g_strnfill (BS_SOCKET_MESSAGE_MAX, 'x'), *in = g_malloc (BS_SOCKET_MESSAGE_MAX);
  g_autoptr (GError) error = NULL;

  pair_init (&pair);
  bs_socket_send (pair.ends[0], out, BS_SOCKET_MESSAGE_MAX, NULL, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (bs_socket_receive (pair.ends[1], in, BS_SOCKET_MESSAGE_MAX, NULL, NULL, NULL), ==,
                   BS_SOCKET_MESSAGE_MAX);
  g_assert_cmpmem (in, BS_SOCKET_MESSAGE_MAX, out, BS_SOCKET_MESSAGE_MAX);
}

static void
test_a_message_longer_than_the_room_is_refused (void)
{
  g_auto (Pair) pair = { { -1, -1 } };
  g_autoptr (GError) error = NULL;
  char data[4];

  pair_init (&pair);
  g_assert_true (bs_socket_send (pair.ends[0], "hello", 5, NULL, 0, NULL));
  g_assert_cmpint (bs_socket_receive (pair.ends[1], data, sizeof data, NULL, NULL, &error), ==, -1);
  g_assert_error (error, BS_ERROR, BS_ERROR_PROTOCOL);
  g_assert_cmpstr (error->message, ==, "a message is too long");
}

static void
test_nothing_yet_is_busy (void)
{
  g_auto (Pair) pair = { { -1, -1 } };
  g_autoptr (GError) error = NULL;
  char data[4];

  pair_init (&pair);
  g_assert_cmpint (bs_socket_receive (pair.ends[1], data, sizeof data, NULL, NULL, &error), ==, -1);
  g_assert_error (error, BS_ERROR, BS_ERROR_BUSY);
  g_assert_cmpstr (error->message, ==, "there is no message yet");
}

static void
test_a_full_peer_is_busy (void)
{
  g_auto (Pair) pair = { { -1, -1 } };
  g_autofree char *data = g_strnfill (BS_SOCKET_MESSAGE_MAX, 'x');
  g_autoptr (GError) error = NULL;
  guint n = 0;

  pair_init (&pair);
  while (n < 1000 && bs_socket_send (pair.ends[0], data, BS_SOCKET_MESSAGE_MAX, NULL, 0, &error))
    n++;
  g_assert_error (error, BS_ERROR, BS_ERROR_BUSY);
  g_assert_cmpstr (error->message, ==, "the peer does not take messages");
}

static void
test_a_peer_that_left_is_told (void)
{
  g_auto (Pair) pair = { { -1, -1 } };
  g_autoptr (GError) error = NULL;
  char data[4];

  pair_init (&pair);
  bs_fd_clear (&pair.ends[0]);
  g_assert_cmpint (bs_socket_receive (pair.ends[1], data, sizeof data, NULL, NULL, NULL), ==, 0);
  g_assert_false (bs_socket_send (pair.ends[1], "x", 1, NULL, 0, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "cannot send a message: Broken pipe");
}

static void
test_descriptors_arrive_in_order_and_close_on_exec (void)
{
  g_auto (Scratch) scratch = { 0 };
  g_auto (Pair) pair = { { -1, -1 } };
  int out[BS_SOCKET_FDS_MAX], in[BS_SOCKET_FDS_MAX];
  guint n = BS_SOCKET_FDS_MAX;
  char data[4];

  scratch_init (&scratch);
  pair_init (&pair);
  for (guint i = 0; i < BS_SOCKET_FDS_MAX; i++)
    {
      char name[2] = { (char) ('a' + i), '\0' };

      scratch_write (&scratch, name, name);
      out[i] = openat (scratch.fd, name, O_RDONLY | O_CLOEXEC);
    }
  g_assert_true (bs_socket_send (pair.ends[0], "x", 1, out, BS_SOCKET_FDS_MAX, NULL));
  g_assert_cmpint (bs_socket_receive (pair.ends[1], data, sizeof data, in, &n, NULL), ==, 1);
  g_assert_cmpuint (n, ==, BS_SOCKET_FDS_MAX);
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpint (read (in[i], data, sizeof data), ==, 1);
      g_assert_cmpint (data[0], ==, 'a' + i);
      g_assert_true (is_cloexec (in[i]));
      close (in[i]);
      close (out[i]);
    }
}

/* Sends two descriptors to a receiver who expects @expected; FALSE with @error when that was refused. */
static gboolean
receive_two (guint expected, GError **error)
{
  g_auto (Pair) pair = { { -1, -1 } };
  int out[2] = { 0, 1 }, in[BS_SOCKET_FDS_MAX];
  guint n = expected;
  gssize length;
  char data[4];

  pair_init (&pair);
  g_assert_true (bs_socket_send (pair.ends[0], "x", 1, out, 2, NULL));
  length = bs_socket_receive (pair.ends[1], data, sizeof data, in, &n, error);
  for (guint i = 0; i < n; i++)
    close (in[i]);
  g_assert_cmpuint (n, ==, length > 0 ? 2 : 0);
  return length > 0;
}

static void
test_more_descriptors_than_expected_are_all_closed (void)
{
  guint before = count_open ();
  g_autoptr (GError) one = NULL, none = NULL;

  g_assert_true (receive_two (2, NULL));
  g_assert_false (receive_two (1, &one));
  g_assert_error (one, BS_ERROR, BS_ERROR_PROTOCOL);
  g_assert_cmpstr (one->message, ==, "a message carries 2 descriptors, of which 1 are allowed");
  g_assert_false (receive_two (0, &none));
  g_assert_error (none, BS_ERROR, BS_ERROR_PROTOCOL);
  g_assert_cmpuint (count_open (), ==, before);
}

/* A peer that does not keep to the limit: more descriptors than there is room for. */
static void
send_twenty (int fd)
{
  union
  {
    char bytes[CMSG_SPACE (sizeof (int) * 20)];
    struct cmsghdr align;
  } control = { 0 };
  struct iovec part = { (char *) "x", 1 };
  struct msghdr message
      = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
  struct cmsghdr *header = CMSG_FIRSTHDR (&message);

  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN (sizeof (int) * 20);
  for (int i = 0; i < 20; i++)
    memcpy (CMSG_DATA (header) + (gsize) i * sizeof (int), &fd, sizeof fd);
  g_assert_cmpint (sendmsg (fd, &message, 0), ==, 1);
}

static void
test_descriptors_without_room_are_all_closed (void)
{
  g_auto (Pair) pair = { { -1, -1 } };
  g_autoptr (GError) error = NULL;
  int in[BS_SOCKET_FDS_MAX];
  guint n = BS_SOCKET_FDS_MAX, before;
  char data[4];

  pair_init (&pair);
  before = count_open ();
  send_twenty (pair.ends[0]);
  g_assert_cmpint (bs_socket_receive (pair.ends[1], data, sizeof data, in, &n, &error), ==, -1);
  g_assert_error (error, BS_ERROR, BS_ERROR_PROTOCOL);
  g_assert_cmpstr (error->message, ==, "not all descriptors of a message arrived");
  g_assert_cmpuint (n, ==, 0);
  g_assert_cmpuint (count_open (), ==, before);
}

static void
receive_at_the_limit (void)
{
  g_auto (Pair) pair = { { -1, -1 } };
  g_autoptr (GError) error = NULL;
  int out[4] = { 0, 1, 2, 0 }, in[BS_SOCKET_FDS_MAX];
  struct rlimit limit;
  guint n = 4, before;
  char data[4];

  pair_init (&pair);
  before = count_open ();
  g_assert_true (bs_socket_send (pair.ends[0], "x", 1, out, 4, NULL));
  getrlimit (RLIMIT_NOFILE, &limit);
  /* Room for two: the next free number is that of the pair's second end plus one. */
  limit.rlim_cur = (rlim_t) MAX (pair.ends[0], pair.ends[1]) + 3;
  setrlimit (RLIMIT_NOFILE, &limit);
  g_assert_cmpint (bs_socket_receive (pair.ends[1], data, sizeof data, in, &n, &error), ==, -1);
  g_assert_error (error, BS_ERROR, BS_ERROR_PROTOCOL);
  g_assert_cmpstr (error->message, ==, "not all descriptors of a message arrived");
  g_assert_cmpstr (bs_error_hint (error), ==, "raise the limit of open files (ulimit -n)");
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
  g_assert_cmpuint (count_open (), ==, before);
}

static void
test_a_part_of_the_descriptors_is_refused_and_closed (void)
{
  pid_t pid = fork ();
  int status;

  if (pid == 0)
    {
      receive_at_the_limit ();
      _exit (0);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
}

static void
test_wait_tells_events_and_the_deadline (void)
{
  g_auto (Pair) pair = { { -1, -1 } };

  pair_init (&pair);
  g_assert_cmpint (bs_socket_wait (pair.ends[1], POLLIN, 0), ==, 0);
  g_assert_cmpint (bs_socket_wait (pair.ends[1], POLLIN, bs_time_now_usec () + 5 * BS_USEC_PER_MSEC), ==, 0);
  g_assert_true (bs_socket_send (pair.ends[0], "x", 1, NULL, 0, NULL));
  g_assert_cmpint (bs_socket_wait (pair.ends[1], POLLIN, SOON), ==, POLLIN);
  bs_fd_clear (&pair.ends[0]);
  g_assert_cmpint (bs_socket_wait (pair.ends[1], POLLIN, -1) & POLLHUP, ==, POLLHUP);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/socket/listen-and-connect-meet", test_listen_and_connect_meet);
  g_test_add_func ("/socket/deep-folder-does-not-matter", test_a_deep_folder_does_not_matter);
  g_test_add_func ("/socket/long-name-is-refused", test_a_long_name_is_refused);
  g_test_add_func ("/socket/one-left-behind-is-replaced", test_a_socket_left_behind_is_replaced);
  g_test_add_func ("/socket/file-is-not-replaced", test_a_file_is_not_replaced);
  g_test_add_func ("/socket/connect-to-none-is-not-found", test_connect_to_none_is_not_found);
  g_test_add_func ("/socket/connect-when-too-many-wait", test_connect_when_too_many_wait_is_busy);
  g_test_add_func ("/socket/messages-keep-their-borders", test_messages_keep_their_borders);
  g_test_add_func ("/socket/greatest-message-passes", test_the_greatest_message_passes);
  g_test_add_func ("/socket/message-longer-than-the-room", test_a_message_longer_than_the_room_is_refused);
  g_test_add_func ("/socket/nothing-yet-is-busy", test_nothing_yet_is_busy);
  g_test_add_func ("/socket/full-peer-is-busy", test_a_full_peer_is_busy);
  g_test_add_func ("/socket/peer-that-left-is-told", test_a_peer_that_left_is_told);
  g_test_add_func ("/socket/descriptors-arrive", test_descriptors_arrive_in_order_and_close_on_exec);
  g_test_add_func ("/socket/more-descriptors-than-expected", test_more_descriptors_than_expected_are_all_closed);
  g_test_add_func ("/socket/descriptors-without-room", test_descriptors_without_room_are_all_closed);
  g_test_add_func ("/socket/part-of-the-descriptors", test_a_part_of_the_descriptors_is_refused_and_closed);
  g_test_add_func ("/socket/wait-tells-events-and-deadline", test_wait_tells_events_and_the_deadline);
  return g_test_run ();
}
