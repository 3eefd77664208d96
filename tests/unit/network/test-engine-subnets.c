/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-engine-subnets.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-socket.h"
#include "bs-time.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define JSON                                                                                                           \
  "[{\"Name\":\"bridge\",\"IPAM\":{\"Config\":[{\"Subnet\":\"172.17.0.0/16\",\"Gateway\":\"172.17.0.1\"}]}},"          \
  "{\"Name\":\"six\",\"IPAM\":{\"Config\":[{\"Subnet\":\"fd00:1::/64\"},{\"Subnet\":\"10.89.3.7/24\"}]}},"             \
  "{\"Name\":\"host\",\"IPAM\":{\"Config\":null}},{\"Name\":\"none\"},7]"

typedef struct
{
  char *folder, *path;
  int listener;
  const char *reply; /* (nullable): never answers */
  gsize reply_length;
  GThread *thread;
} Engine;

static gpointer
serve (gpointer data)
{
  Engine *engine = data;
  char request[512] = { 0 };
  bs_autofd int fd = -1;

  g_assert_cmpint (bs_socket_wait (engine->listener, POLLIN, -1), >, 0);
  fd = accept4 (engine->listener, NULL, NULL, SOCK_CLOEXEC);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (read (fd, request, sizeof request - 1), >, 0);
  g_assert_true (g_str_has_prefix (request, "GET /networks HTTP/1.0\r\n"));
  g_assert_true (g_str_has_suffix (request, "\r\n\r\n"));
  if (engine->reply == NULL)
    g_assert_cmpint (read (fd, request, sizeof request), ==, 0); /* until the other side gives up */
  else
    (void) !send (fd, engine->reply, engine->reply_length, MSG_NOSIGNAL);
  return NULL;
}

static void
engine_start (Engine *engine, const char *reply, gsize length)
{
  engine->folder = g_dir_make_tmp ("bs-engine-XXXXXX", NULL);
  engine->path = g_build_filename (engine->folder, "s", NULL);
  engine->listener = bs_socket_listen (AT_FDCWD, engine->path, SOCK_STREAM, NULL);
  engine->reply = reply;
  engine->reply_length = length;
  g_assert_cmpint (engine->listener, >=, 0);
  engine->thread = g_thread_new ("engine", serve, engine);
}

static void
engine_stop (Engine *engine)
{
  g_thread_join (engine->thread);
  bs_fd_clear (&engine->listener);
  g_assert_true (bs_file_remove_tree (AT_FDCWD, engine->folder, NULL));
  g_free (engine->path);
  g_free (engine->folder);
}

static GHashTable *
set_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static void
assert_found (GHashTable *subnets)
{
  g_assert_cmpuint (g_hash_table_size (subnets), ==, 2);
  g_assert_true (g_hash_table_contains (subnets, "172.17.0.0/16"));
  g_assert_true (g_hash_table_contains (subnets, "10.89.3.0/24"));
}

static void
test_asks_over_the_socket (void)
{
  static const char reply[] = "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" JSON "\n";
  g_autoptr (GHashTable) subnets = set_new ();
  Engine engine;

  engine_start (&engine, reply, sizeof reply - 1);
  bs_engine_subnets_collect ((const char *[]){ "/nonexistent/s", engine.path, NULL },
                             bs_time_now_usec () + 10 * BS_USEC_PER_SEC, subnets);
  engine_stop (&engine);
  assert_found (subnets);
}

static void
test_a_silent_engine_costs_the_deadline_only (void)
{
  static const char reply[] = "HTTP/1.1 200 OK\r\n\r\n" JSON;
  g_autoptr (GHashTable) subnets = set_new ();
  Engine silent, good;
  gint64 start = bs_time_now_usec ();

  engine_start (&silent, NULL, 0);
  engine_start (&good, reply, sizeof reply - 1);
  bs_engine_subnets_collect ((const char *[]){ silent.path, good.path, NULL }, start + 200 * BS_USEC_PER_MSEC, subnets);
  g_assert_cmpint (bs_time_now_usec () - start, >=, 200 * BS_USEC_PER_MSEC);
  engine_stop (&silent);
  engine_stop (&good);
  assert_found (subnets);
}

static void
test_an_endless_reply_is_cut (void)
{
  gsize length = 6 * 1024 * 1024;
  g_autofree char *reply = g_malloc (length);
  g_autoptr (GHashTable) subnets = set_new ();
  Engine engine;

  memset (reply, ' ', length);
  memcpy (reply, "HTTP/1.0 200 OK\r\n\r\n" JSON, strlen ("HTTP/1.0 200 OK\r\n\r\n" JSON));
  engine_start (&engine, reply, length);
  bs_engine_subnets_collect ((const char *[]){ engine.path, NULL }, bs_time_now_usec () + 10 * BS_USEC_PER_SEC,
                             subnets);
  engine_stop (&engine);
  g_assert_cmpuint (g_hash_table_size (subnets), ==, 0);
}

static void
test_nonsense_is_no_subnet (void)
{
  static const char *const replies[] = {
    "",
    "HTTP/1.0 200 OK\r\n",
    "HTTP/1.0 500 Oh\r\n\r\n" JSON,
    "FTP\r\n\r\n" JSON,
    "HTTP/1.0 200 OK\r\n\r\n{}",
    "HTTP/1.0 200 OK\r\n\r\n[{\"IPAM\":",
    "HTTP/1.0 200 OK\r\n\r\n" JSON "[]",
  };

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autoptr (GHashTable) subnets = set_new ();

      g_assert_false (bs_engine_subnets_parse (replies[i], strlen (replies[i]), subnets));
      g_assert_cmpuint (g_hash_table_size (subnets), ==, 0);
    }
}

static void
wait_for_socket (const char *path)
{
  gint64 deadline = bs_time_now_usec () + 20 * BS_USEC_PER_SEC;

  for (;;)
    {
      bs_autofd int fd = bs_socket_connect (AT_FDCWD, path, SOCK_STREAM, NULL);

      if (fd >= 0)
        return;
      g_assert_cmpint (bs_time_now_usec (), <, deadline);
      poll (NULL, 0, 20);
    }
}

/* The real thing: Podman's service with its own storage and its default network. */
static void
test_real_podman (void)
{
  g_autofree char *podman = g_find_program_in_path ("podman");
  g_autofree char *folder = g_dir_make_tmp ("bs-podman-XXXXXX", NULL);
  g_autofree char *root = g_build_filename (folder, "root", NULL), *run = g_build_filename (folder, "run", NULL);
  g_autofree char *path = g_build_filename (folder, "s", NULL), *uri = g_strconcat ("unix://", path, NULL);
  const char *argv[] = { podman, "--root", root,      "--runroot", run, "--storage-driver",
                         "vfs",  "system", "service", "--time=0",  uri, NULL };
  g_autoptr (GHashTable) subnets = set_new ();
  GPid pid;

  if (podman == NULL || geteuid () != 0)
    {
      g_test_skip ("needs podman, and root");
      g_assert_true (bs_file_remove_tree (AT_FDCWD, folder, NULL));
      return;
    }
  g_assert_true (g_spawn_async (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL,
                                NULL, NULL, &pid, NULL));
  wait_for_socket (path);
  bs_engine_subnets_collect ((const char *[]){ path, NULL }, bs_time_now_usec () + 10 * BS_USEC_PER_SEC, subnets);
  kill (pid, SIGTERM);
  waitpid (pid, NULL, 0);
  g_assert_true (bs_file_remove_tree (AT_FDCWD, folder, NULL));
  g_assert_true (g_hash_table_contains (subnets, "10.88.0.0/16")); /* Podman's documented default */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine-subnets/asks-over-the-socket", test_asks_over_the_socket);
  g_test_add_func ("/engine-subnets/a-silent-engine-costs-the-deadline-only",
                   test_a_silent_engine_costs_the_deadline_only);
  g_test_add_func ("/engine-subnets/an-endless-reply-is-cut", test_an_endless_reply_is_cut);
  g_test_add_func ("/engine-subnets/nonsense-is-no-subnet", test_nonsense_is_no_subnet);
  g_test_add_func ("/engine-subnets/real-podman", test_real_podman);
  return g_test_run ();
}
