/* SPDX-License-Identifier: Apache-2.0 */
/* What the program says to whoever starts it by hand, or wrongly. */
#include <fcntl.h>
#include <glib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  int fds[2]; /* to be 3 and 4; -1: closed */
} Lent;

static void
lend (gpointer data)
{
  const Lent *lent = data;

  for (int i = 0; i < 2; i++)
    if (lent->fds[i] >= 0)
      dup2 (lent->fds[i], 3 + i);
    else
      close (3 + i);
}

/* Runs it with @argument; it must end with @status, and say so on the right stream, with @text in it. */
static void
check (const char *argument, int three, int four, int status, const char *text)
{
  const char *argv[] = { SWITCH_PROGRAM, argument, NULL };
  Lent lent = { { three, four } };
  g_autofree char *out = NULL, *err = NULL;
  int wait_status;

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_LEAVE_DESCRIPTORS_OPEN, lend, &lent, &out, &err,
                               &wait_status, NULL));
  g_assert_true (WIFEXITED (wait_status));
  g_assert_cmpint (WEXITSTATUS (wait_status), ==, status);
  g_assert_nonnull (g_strstr_len (status == 0 ? out : err, -1, text));
  g_assert_cmpstr (status == 0 ? err : out, ==, "");
}

static void
test_explains_itself (void)
{
  check ("--help", -1, -1, 0, "usage: benchscale-switch TAG\n");
  check ("--version", -1, -1, 0, "benchscale-switch 0.");
}

static void
test_refuses_wrong_arguments (void)
{
  check (NULL, -1, -1, 2, "benchscale-switch: needs exactly one argument\n");
  check ("", -1, -1, 2, "benchscale-switch: needs exactly one argument\n");
  check ("--verbose", -1, -1, 2, "benchscale-switch: unknown option\n");
}

static void
test_needs_its_descriptors (void)
{
  int control[2], stream[2], pipe_ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control), ==, 0);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, stream), ==, 0);
  g_assert_cmpint (pipe2 (pipe_ends, O_CLOEXEC), ==, 0);
  for (int i = 0; i < 2; i++)
    {
      control[i] = fcntl (control[i], F_DUPFD_CLOEXEC, 20);
      stream[i] = fcntl (stream[i], F_DUPFD_CLOEXEC, 20);
      pipe_ends[i] = fcntl (pipe_ends[i], F_DUPFD_CLOEXEC, 20);
    }
  check ("tag", -1, -1, 3, "descriptor 3 is no socket to a supervisor: Bad file descriptor\nhint: ");
  check ("tag", stream[0], -1, 3, "descriptor 3 is no socket to a supervisor: Invalid argument\nhint: ");
  check ("tag", control[0], -1, 3, "descriptor 4 is no usable memory: Bad file descriptor\nhint: ");
  check ("tag", control[0], pipe_ends[1], 3, "descriptor 4 is no usable memory: Invalid argument\nhint: ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/switch/command/explains-itself", test_explains_itself);
  g_test_add_func ("/switch/command/refuses-wrong-arguments", test_refuses_wrong_arguments);
  g_test_add_func ("/switch/command/needs-its-descriptors", test_needs_its_descriptors);
  return g_test_run ();
}
