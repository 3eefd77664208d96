/* SPDX-License-Identifier: Apache-2.0 */
/* An agent of a guest that was taken over says anything. */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-qga.h"
#include "bs-socket.h"
#include "bs-time.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

/* Answers a sync as one should, then each request with the next of its lines; NULL: hangs up. */
typedef struct
{
  int fd;
  const char *before_sync;
  const char *const *replies;
  gboolean silent;
} Fake;

typedef struct
{
  BsQga *qga;
  Fake fake;
  GThread *thread;
} Scene;

static char *
read_request (int fd)
{
  g_autoptr (GString) line = g_string_new (NULL);
  char c;

  while (bs_socket_wait (fd, POLLIN, -1) > 0 && recv (fd, &c, 1, 0) == 1)
    {
      if (c == '\n')
        return g_string_free (g_steal_pointer (&line), FALSE);
      g_string_append_c (line, c);
    }
  return NULL;
}

/* Until the other end has enough. */
static void
put (int fd, const char *data, gsize length)
{
  while (length > 0 && bs_socket_wait (fd, POLLOUT, -1) > 0)
    {
      ssize_t n = send (fd, data, length, MSG_NOSIGNAL);

      if (n < 0 && errno != EAGAIN)
        return;
      data += MAX (n, 0);
      length -= (gsize) MAX (n, 0);
    }
}

static void
answer_sync (Fake *self, const char *request)
{
  g_autofree char *reply
      = g_strdup_printf ("%s\xff{\"return\": %s\n", self->before_sync, strstr (request, "\"id\": ") + 6);

  /* "{"id": 5}}" became "5}}". */
  reply[strlen (reply) - 2] = '\n';
  put (self->fd, reply, strlen (reply) - 1);
}

static gpointer
run_fake (gpointer data)
{
  Fake *self = data;
  char *request;

  for (; (request = read_request (self->fd)) != NULL; g_free (request))
    {
      if (self->silent)
        continue;
      if (strstr (request, "guest-sync-delimited") != NULL)
        answer_sync (self, request);
      else if (self->replies == NULL || *self->replies == NULL)
        shutdown (self->fd, SHUT_RDWR);
      else
        {
          put (self->fd, *self->replies, strlen (*self->replies));
          self->replies++;
        }
    }
  return NULL;
}

static void
scene_begin (Scene *self, const char *before_sync, const char *const *replies)
{
  int ends[2];

  g_assert_true (bs_socket_pair (SOCK_STREAM, ends, NULL));
  *self = (Scene){ .qga = bs_qga_new (ends[0]), .fake = { ends[1], before_sync, replies, FALSE } };
}

static void
scene_end (Scene *self)
{
  bs_qga_free (self->qga);
  g_thread_join (self->thread);
  bs_fd_clear (&self->fake.fd);
}

#define SOON() (bs_time_now_usec () + 10 * BS_USEC_PER_SEC)

static json_t *
ask (Scene *self, const char *before_sync, const char *const *replies, GError **error)
{
  scene_begin (self, before_sync, replies);
  self->thread = g_thread_new ("fake", run_fake, &self->fake);
  return bs_qga_call (self->qga, "guest-x", NULL, SOON (), NULL, error);
}

static void
assert_fails (const char *reply, BsErrorCode code, const char *message)
{
  const char *const replies[] = { reply, NULL };
  g_autoptr (GError) error = NULL;
  Scene scene;

  g_assert_null (ask (&scene, "", replies, &error));
  g_assert_error (error, BS_ERROR, (int) code);
  if (message != NULL)
    g_assert_cmpstr (error->message, ==, message);
  scene_end (&scene);
}

static void
test_broken_replies (void)
{
  assert_fails ("[1]\n", BS_ERROR_PROTOCOL, "the guest's agent sent nonsense: not an object");
  assert_fails ("{\"return\": 1\n", BS_ERROR_PROTOCOL, NULL);
  assert_fails ("{\"return\": 1, \"return\": 2}\n", BS_ERROR_PROTOCOL, NULL);
  assert_fails ("\n", BS_ERROR_PROTOCOL, NULL);
  assert_fails ("{}\n", BS_ERROR_PROTOCOL, "the agent's answer to 'guest-x' has neither result nor error");
  assert_fails ("{\"error\": 7}\n", BS_ERROR_PROTOCOL, "the agent's answer to 'guest-x' has neither result nor error");
  assert_fails ("{\"error\": {}}\n", BS_ERROR_FAILED, "the guest's agent refused 'guest-x': no reason given");
  assert_fails ("{\"error\": {\"class\": \"GenericError\", \"desc\": \"\\u001b[31mred\\nnew\\u202e\"}}\n",
                BS_ERROR_FAILED, "the guest's agent refused 'guest-x': red new?");
  assert_fails (NULL, BS_ERROR_DIED, "the channel of the guest's agent is closed");
}

static void
test_deep_nesting (void)
{
  g_autofree char *open = g_strnfill (100000, '['), *reply = g_strconcat ("{\"return\": ", open, "\n", NULL);

  assert_fails (reply, BS_ERROR_PROTOCOL, NULL);
}

static void
test_junk_before_the_sync (void)
{
  const char *const replies[] = { "{\"return\": {\"a\": 1}}\n", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = NULL;
  Scene scene;

  answer
      = ask (&scene, "{\"return\": {}}\n\xff\xff{\"return\": 1}\n{\"err\xffnonsense\n\xff[]\n\xff{\"return\": \"1\"}\n",
             replies, &error);
  g_assert_no_error (error);
  g_assert_cmpint (bs_json_int (answer, "a", 0), ==, 1);
  scene_end (&scene);
}

static void
test_endless_answer (void)
{
  Scene scene;
  g_autoptr (GError) error = NULL;
  g_autofree char *flood = g_strnfill (47 * 1024 * 1024, 'x');
  const char *const replies[] = { flood, NULL };

  g_assert_null (ask (&scene, "", replies, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_PROTOCOL);
  g_assert_cmpstr (error->message, ==, "the guest's agent sent more than any answer can be");
  scene_end (&scene);
}

static void
test_silence (void)
{
  Scene scene;
  g_autoptr (GError) error = NULL;

  scene_begin (&scene, "", NULL);
  scene.fake.silent = TRUE;
  scene.thread = g_thread_new ("fake", run_fake, &scene.fake);
  g_assert_false (bs_qga_ping (scene.qga, bs_time_now_usec () + 50 * BS_USEC_PER_MSEC, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_TIMEOUT);
  g_assert_cmpstr (error->message, ==, "the guest's agent did not answer in time");
  scene_end (&scene);
}

static void
assert_exec_fails (const char *const *replies, BsErrorCode code, const char *message)
{
  const char *const argv[] = { "x", NULL };
  BsExecSpec spec = { .argv = argv };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1 };
  BsExecResult result = { 0 };
  g_autoptr (GError) error = NULL;
  Scene scene;

  scene_begin (&scene, "", replies);
  scene.thread = g_thread_new ("fake", run_fake, &scene.fake);
  g_assert_false (bs_qga_exec (scene.qga, &spec, &io, &result, SOON (), NULL, &error));
  g_assert_error (error, BS_ERROR, (int) code);
  g_assert_cmpstr (error->message, ==, message);
  scene_end (&scene);
}

static void
test_impossible_commands (void)
{
  assert_exec_fails ((const char *const[]){ "{\"return\": {}}\n", NULL }, BS_ERROR_PROTOCOL,
                     "the guest's agent started a command without process id");
  assert_exec_fails ((const char *const[]){ "{\"return\": {\"pid\": -1}}\n", NULL }, BS_ERROR_PROTOCOL,
                     "the guest's agent started a command without process id");
  assert_exec_fails ((const char *const[]){ "{\"return\": {\"pid\": 5}}\n",
                                            "{\"return\": {\"exited\": true, \"exitcode\": 256}}\n", NULL },
                     BS_ERROR_PROTOCOL, "the guest's agent told an impossible end");
  assert_exec_fails ((const char *const[]){ "{\"return\": {\"pid\": 5}}\n",
                                            "{\"return\": {\"exited\": true, \"signal\": 1000}}\n", NULL },
                     BS_ERROR_PROTOCOL, "the guest's agent told an impossible end");
  assert_exec_fails (
      (const char *const[]){ "{\"return\": {\"pid\": 5}}\n",
                             "{\"return\": {\"exited\": true, \"exitcode\": 0, \"out-truncated\": true}}\n", NULL },
      BS_ERROR_EXHAUSTED, "'x' printed more than the guest's agent keeps, 16 MiB");
}

static void
test_impossible_interfaces (void)
{
  const char *const replies[] = { "{\"return\": [7, {\"name\": \"\\u001b[2Jeth0\\n\", \"hardware-address\": \"x;rm\", "
                                  "\"ip-addresses\": [{\"ip-address\": "
                                  "\"10.0.0.1\", \"prefix\": 33}, {\"ip-address\": \"$(x)\", \"prefix\": 3}, "
                                  "{\"ip-address\": \"fe80::1\", \"prefix\": 64}]}]}\n",
                                  "{\"return\": {}}\n", NULL };
  g_autoptr (GError) error = NULL, none = NULL;
  g_autoptr (GPtrArray) list = NULL;
  const BsQgaInterface *second;
  Scene scene;

  scene_begin (&scene, "", replies);
  scene.thread = g_thread_new ("fake", run_fake, &scene.fake);
  list = bs_qga_interfaces (scene.qga, SOON (), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (list->len, ==, 2);
  second = g_ptr_array_index (list, 1);
  g_assert_cmpstr (second->name, ==, "eth0?");
  g_assert_null (second->mac);
  g_assert_cmpuint (g_strv_length (second->addresses), ==, 1);
  g_assert_cmpstr (second->addresses[0], ==, "fe80::1/64");
  g_assert_null (bs_qga_interfaces (scene.qga, SOON (), NULL, &none));
  g_assert_error (none, BS_ERROR, BS_ERROR_PROTOCOL);
  scene_end (&scene);
}

/* The real agent would switch this host off. */
static void
test_power (void)
{
  const char *const began[] = { "{\"return\": {}}\n", NULL };
  const char *const refused[]
      = { "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}}\n{\"return\": {}}\n", NULL };
  g_autoptr (GError) error = NULL;
  Scene scene;

  scene_begin (&scene, "", began);
  scene.thread = g_thread_new ("fake", run_fake, &scene.fake);
  g_assert_true (bs_qga_power (scene.qga, "off", SOON (), NULL, &error));
  g_assert_no_error (error);
  scene_end (&scene);
  scene_begin (&scene, "", refused);
  scene.thread = g_thread_new ("fake", run_fake, &scene.fake);
  g_assert_false (bs_qga_power (scene.qga, "reboot", SOON (), NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "the guest's agent refused 'guest-shutdown': no");
  scene_end (&scene);
  g_clear_error (&error);
  scene_begin (&scene, "", NULL); /* gone before it could answer */
  scene.thread = g_thread_new ("fake", run_fake, &scene.fake);
  g_assert_true (bs_qga_power (scene.qga, "off", SOON (), NULL, &error));
  g_assert_no_error (error);
  scene_end (&scene);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/qga/hostile/replies", test_broken_replies);
  g_test_add_func ("/qga/hostile/deep", test_deep_nesting);
  g_test_add_func ("/qga/hostile/junk", test_junk_before_the_sync);
  g_test_add_func ("/qga/hostile/endless", test_endless_answer);
  g_test_add_func ("/qga/hostile/silence", test_silence);
  g_test_add_func ("/qga/hostile/exec", test_impossible_commands);
  g_test_add_func ("/qga/hostile/interfaces", test_impossible_interfaces);
  g_test_add_func ("/qga/power", test_power);
  return g_test_run ();
}
