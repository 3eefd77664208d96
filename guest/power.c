/* SPDX-License-Identifier: Apache-2.0 */
/* power.c — POWER: off and reboot */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TERM_TO_KILL_USEC 500000

/* As process 1: ends the others, politely first. */
static void
end_processes (void)
{
  int64_t until = guest_now_usec () + TERM_TO_KILL_USEC;
  struct timespec pause = { .tv_nsec = 2000000 };

  kill (-1, SIGTERM);
  kill (-1, SIGCONT);
  while (waitpid (-1, NULL, WNOHANG) >= 0 && guest_now_usec () < until)
    nanosleep (&pause, NULL);
  kill (-1, SIGKILL);
  while (waitpid (-1, NULL, 0) > 0 || errno == EINTR)
    ;
}

void
guest_power_now (Session *session)
{
  bool off = strcmp (session->power, "off") == 0;

  if (session->is_init)
    {
      guest_session_end (session);
      end_processes ();
      sync ();
      reboot (off ? RB_POWER_OFF : RB_AUTOBOOT);
    }
  session->power = NULL;
}

/* Under another init its own program does it, which is started before we answer so that its absence is told. */
static void
ask_init (Session *session, Stream *stream, bool off)
{
  char *argv[] = { (char *) (off ? "poweroff" : "reboot"), NULL };
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  Spawn spawn = { .argv = argv, .fds = { null, null, null } };
  const char *code;
  char text[512];

  if (guest_spawn (&spawn, &code, text, sizeof text) < 0)
    guest_end_error (session, stream, code, "cannot run '%s': %s", argv[0], text);
  else
    guest_end_done (session, stream);
  if (null >= 0)
    close (null);
}

void
guest_power_start (Session *session, Stream *stream, const uint8_t *payload, size_t length)
{
  char *action = guest_string (payload, length, BS_WIRE_TAG_ACTION);
  bool off = action != NULL && strcmp (action, "off") == 0;

  if (!off && (action == NULL || strcmp (action, "reboot") != 0))
    guest_end_error (session, stream, "invalid", "there is no power action '%.64s'", action != NULL ? action : "");
  else if (!session->is_init)
    ask_init (session, stream, off);
  else
    {
      session->power = off ? "off" : "reboot";
      guest_end_done (session, stream);
    }
  free (action);
}
