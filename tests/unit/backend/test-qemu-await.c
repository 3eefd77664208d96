/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-qemu-await.h"
#include "machine-fixture.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#define AT_ONCE_USEC (20 * BS_USEC_PER_SEC)
#define BRIEF_USEC (300 * BS_USEC_PER_MSEC)

static gboolean
await (Machine *self, gint64 within_usec, const char *kind, const char *const *arguments, GError **error)
{
  gint64 before_usec = self->remote.deadline_usec;
  gboolean held;

  self->remote.deadline_usec = bs_time_now_usec () + within_usec;
  held = bs_qemu_await (&self->remote, kind, arguments, error);
  self->remote.deadline_usec = before_usec;
  return held;
}

static void
assert_holds (Machine *self, const char *kind, const char *argument)
{
  const char *const arguments[] = { argument, NULL };
  g_autoptr (GError) error = NULL;

  await (self, AT_ONCE_USEC, kind, arguments, &error);
  g_assert_no_error (error);
}

static void
assert_fails (Machine *self, const char *kind, const char *const *arguments, BsErrorCode code, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (await (self, BRIEF_USEC, kind, arguments, &error));
  g_assert_error (error, BS_ERROR, (int) code);
  g_assert_cmpstr (error->message, ==, text);
}
#define fails(kind, code, text, ...) assert_fails (self, kind, (const char *const[]){ __VA_ARGS__, NULL }, code, text)

static void
test_files (Machine *self, gconstpointer data)
{
  machine_do (self, "touch /tmp/there; (sleep 0.3; touch /tmp/late) > /dev/null 2>&1 &");
  assert_holds (self, "file", "/tmp/there");
  assert_holds (self, "file", "/tmp/late");
  fails ("file", BS_ERROR_TIMEOUT, "cannot wait for file '/tmp/never': not in time", "/tmp/never");
}

static void
test_processes (Machine *self, gconstpointer data)
{
  machine_do (self,
              "cp /bin/sleep /tmp/a-long-name-of-a-program; (/tmp/a-long-name-of-a-program 60 > /dev/null 2>&1 &)");
  assert_holds (self, "process", "a-long-name-of-a-program");
  assert_holds (self, "process", "a-long-name-of-");
  fails ("process", BS_ERROR_TIMEOUT, "cannot wait for process 'a-long': not in time", "a-long");
  machine_do (self, "for f in /proc/[0-9]*/comm; do read -r name < $f || continue; [ $name != a-long-name-of- ] || "
                    "{ f=${f%/comm}; kill ${f#/proc/}; }; done");
}

static void
test_ports (Machine *self, gconstpointer data)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t length = sizeof address;
  bs_autofd int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_autofree char *port = NULL;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_true (bind (fd, (struct sockaddr *) &address, sizeof address) == 0 && listen (fd, 1) == 0
                 && getsockname (fd, (struct sockaddr *) &address, &length) == 0);
  port = g_strdup_printf ("%u", ntohs (address.sin_port));
  assert_holds (self, "port", port);
  fails ("port", BS_ERROR_TIMEOUT, "cannot wait for port '1': not in time", "1");
  fails ("port", BS_ERROR_INVALID, "not a port number '65536'", "65536");
  fails ("port", BS_ERROR_INVALID, "not a port number '1;reboot'", "1;reboot");
}

static void
test_commands (Machine *self, gconstpointer data)
{
  machine_do (self, "rm -f /tmp/tries");
  g_assert_true (await (self, AT_ONCE_USEC, "command",
                        (const char *const[]){ "sh", "-c", "echo >> /tmp/tries; [ $(wc -l < /tmp/tries) = 3 ]", NULL },
                        NULL));
  fails ("command", BS_ERROR_TIMEOUT,
         "cannot wait for command 'sh': not in time: the command last ended with 3 and said: not yet", "sh", "-c",
         "echo not yet >&2; exit 3");
  fails ("command", BS_ERROR_TIMEOUT, "cannot wait for command 'sleep': not in time: the command was still running",
         "sleep", "60");
  fails ("command", BS_ERROR_NOT_FOUND, "cannot wait for command 'no-such': there is no such program", "no-such");
  fails ("weather", BS_ERROR_INVALID, "no such kind of condition 'weather'", "fine");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!machine_enter ())
    return 0;
  MACHINE_TEST ("/await/files", test_files);
  MACHINE_TEST ("/await/processes", test_processes);
  MACHINE_TEST ("/await/ports", test_ports);
  MACHINE_TEST ("/await/commands", test_commands);
  return g_test_run ();
}
