/* SPDX-License-Identifier: Apache-2.0 */
/* benchscale-switch — carries the packets between the machines of one lab (docs/switch.md) */
#include "bs-memory.h"
#include "bs-sandbox.h"
#include "bs-switch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum
{
  EXIT_USAGE = 2,
  EXIT_HOST = 3,
};

static const char usage[]
    = "usage: benchscale-switch TAG\n"
      "\n"
      "Carries the packets between the machines of one lab. Started by benchscale-lab, not by hand:\n"
      "descriptor 3 is a socket to it (SOCK_SEQPACKET), descriptor 4 the memory of the counters.\n"
      "TAG is not used; it marks the process as its lab's.\n"
      "\n"
      "  --help     print this and exit\n"
      "  --version  print the version and exit\n";

static BsSwitch the_switch;

static int
fail (const char *what)
{
  fprintf (stderr, "benchscale-switch: %s: %s\n", what, strerror (errno));
  if (errno == EBADF || errno == ENOTSOCK || errno == EINVAL)
    fputs ("hint: benchscale-lab starts this program with descriptors 3 and 4; it is of no use by hand\n", stderr);
  return EXIT_HOST;
}

static int
fail_usage (const char *what)
{
  fprintf (stderr, "benchscale-switch: %s\n%s", what, usage);
  return EXIT_USAGE;
}

/* A port must not become descriptor 0, 1 or 2; and there may be more ports than the usual soft limit. */
static void
prepare_descriptors (void)
{
  struct rlimit limit;
  int fd;

  do
    fd = open ("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0)
    close (fd);
  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

static bool
is_control_socket (int fd)
{
  int type = 0;
  socklen_t size = sizeof type;

  if (getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0)
    return false;
  errno = EINVAL;
  return type == SOCK_SEQPACKET;
}

static int
run (void)
{
  BsSwitchMemory *memory;

  if (!is_control_socket (BS_SWITCH_CONTROL_FD))
    return fail ("descriptor 3 is no socket to a supervisor");
  memory = bs_memory_map (BS_SWITCH_MEMORY_FD);
  if (memory == NULL)
    return fail ("descriptor 4 is no usable memory");
  prepare_descriptors ();
  if (!bs_switch_init (&the_switch, memory, BS_SWITCH_CONTROL_FD))
    return fail ("cannot start");
  prctl (PR_SET_TIMERSLACK, 1); /* a delay is as long as it was declared */
  if (!bs_sandbox_enter ())
    return fail ("cannot give up privileges");
  while (bs_switch_turn (&the_switch))
    ;
  return fail ("cannot wait for packets");
}

int
main (int argc, char **argv)
{
  if (argc != 2 || argv[1][0] == '\0')
    return fail_usage ("needs exactly one argument");
  if (strcmp (argv[1], "--help") == 0)
    return fputs (usage, stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
  if (strcmp (argv[1], "--version") == 0)
    return printf ("benchscale-switch %s\n", BS_VERSION) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
  if (argv[1][0] == '-')
    return fail_usage ("unknown option");
  return run ();
}
