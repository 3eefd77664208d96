/* SPDX-License-Identifier: Apache-2.0 */
/* benchscale-guest probe, both ends of it on this host. */
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

#define COUNT 20

static GSubprocess *
start (const char *arguments)
{
  g_autofree char *command = g_strdup_printf ("%s probe %s", g_getenv ("BS_GUEST_PROGRAM"), arguments);
  g_auto (GStrv) argv = g_strsplit (command, " ", -1);
  g_autoptr (GError) error = NULL;
  GSubprocess *process = g_subprocess_newv (
      (const char *const *) argv,
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error);

  g_assert_no_error (error);
  return process;
}

/* Ends its input. Returns: what it prints until its end */
static char *
finish (GSubprocess *process, int exit_code)
{
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_subprocess_communicate_utf8 (process, NULL, NULL, &text, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, exit_code);
  g_object_unref (process);
  return text;
}

/* A port that is free, most likely. */
static guint
choose_port (void)
{
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, 0, NULL);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0), own = NULL;

  g_assert_true (g_socket_bind (socket, any, FALSE, NULL));
  own = g_socket_get_local_address (socket, NULL);
  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (own));
}

static GSubprocess *
start_echo (guint port)
{
  g_autofree char *arguments = g_strdup_printf ("echo %u", port);
  GSubprocess *echo = start (arguments);
  char ready[6];
  gsize n;

  g_assert_true (g_input_stream_read_all (g_subprocess_get_stdout_pipe (echo), ready, sizeof ready, &n, NULL, NULL));
  g_assert_cmpmem (ready, n, "ready\n", sizeof ready);
  return echo;
}

static void
test_every_probe_goes_there_and_back (void)
{
  guint port = choose_port ();
  GSubprocess *echo = start_echo (port);
  g_autofree char *arguments = g_strdup_printf ("send 127.0.0.1 %u %d 1000 64", port, COUNT);
  g_autofree char *near = finish (start (arguments), 0), *far = finish (echo, 0);
  g_auto (GStrv) sent = g_strsplit (near, "\n", -1), echoed = g_strsplit (far, "\n", -1);

  g_assert_cmpuint (g_strv_length (sent), ==, COUNT + 1);
  g_assert_cmpuint (g_strv_length (echoed), ==, COUNT + 1);
  for (guint i = 0; i < COUNT; i++)
    {
      long long left, came, there, back;
      guint a, b;

      g_assert_cmpint (sscanf (sent[i], "%u %lld %lld", &a, &left, &came), ==, 3);
      g_assert_cmpint (sscanf (echoed[i], "%u %lld %lld", &b, &there, &back), ==, 3);
      g_assert_cmpuint (a, ==, i);
      g_assert_cmpuint (b, ==, i);
      g_assert_cmpint (left, <=, there); /* one clock here */
      g_assert_cmpint (there, <=, back);
      g_assert_cmpint (back, <=, came + 1000000); /* it is read after the answer was sent */
    }
}

static void
test_a_flood_is_counted_in_tenths (void)
{
  guint port = choose_port ();
  GSubprocess *echo = start_echo (port);
  g_autofree char *arguments = g_strdup_printf ("flood 127.0.0.1 %u 8000000 500 1400", port);
  g_autofree char *near = finish (start (arguments), 0), *far = finish (echo, 0);
  g_auto (GStrv) lines = g_strsplit (far, "\n", -1);
  unsigned long long sent;

  g_assert_cmpint (sscanf (near, "sent %llu", &sent), ==, 1);
  g_assert_cmpuint (sent, >=, 400000);
  g_assert_cmpuint (sent, <=, 510000);
  g_assert_cmpuint (g_strv_length (lines), ==, 11);
  g_assert_true (g_str_has_prefix (lines[0], "flood "));
}

static void
test_nobody_answers (void)
{
  g_autofree char *arguments = g_strdup_printf ("send 127.0.0.1 %u 1 1000 64", choose_port ());
  g_autofree char *text = finish (start (arguments), 0);

  g_assert_true (g_str_has_prefix (text, "0 "));
  g_assert_true (g_str_has_suffix (text, " 0\n"));
}

static void
test_refuses_what_makes_no_sense (void)
{
  static const char *const wrong[] = {
    "echo", "echo 0", "echo 70000", "send 127.0.0.1 7 0 1000 64", "send 127.0.0.1 7 1 1000 63", "flood 127.0.0.1 7 1 1",
    "other"
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_free (finish (start (wrong[i]), 2));
  g_free (finish (start ("send nowhere 7 1 1000 64"), 1));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guest/probe/there-and-back", test_every_probe_goes_there_and_back);
  g_test_add_func ("/guest/probe/flood", test_a_flood_is_counted_in_tenths);
  g_test_add_func ("/guest/probe/nobody-answers", test_nobody_answers);
  g_test_add_func ("/guest/probe/refuses-nonsense", test_refuses_what_makes_no_sense);
  return g_test_run ();
}
