/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-guest-program.c — a host that says any bytes, to the guest program's session
 *
 * Processes, power, identity and the clock are stand-ins; copies are real, but only below a folder made for it.
 */
#include "guest.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static int64_t now = 1;
static pid_t next_pid = 100;

static int
remove_one (const char *path, const struct stat *st, int type, struct FTW *where)
{
  return remove (path);
}

static char folder[64];

static void
remove_playground (void)
{
  nftw (folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const char *
playground (void)
{
  if (folder[0] == '\0')
    {
      snprintf (folder, sizeof folder, "/tmp/bs-fuzz-guest-%d", (int) getpid ());
      mkdir (folder, 0700);
      atexit (remove_playground);
    }
  return folder;
}

static BsUnpack *
unpack_here (const char *destination, const char *name, bool untrusted, BsArchiveError *error)
{
  return bs_unpack_new (playground (), strcmp (destination, "") == 0 ? name : "x", untrusted, error);
}

static BsPack *
pack_here (const char *path, BsArchiveError *error)
{
  return bs_pack_new (strcmp (path, "v") == 0 ? "/proc/version" : playground (), error);
}

#define bs_unpack_new unpack_here
#define bs_pack_new pack_here
#include "../../guest/copy.c"

int64_t
guest_now_usec (void)
{
  return now;
}

bool
guest_watch (Session *session, int fd, uint32_t events, unsigned slot, unsigned channel)
{
  return true;
}

pid_t
guest_spawn (const Spawn *spawn, const char **code, char *text, size_t text_size)
{
  *code = "not-found";
  snprintf (text, text_size, "%s", spawn->argv[0]);
  return spawn->argv[0][0] == 'n' ? -1 : next_pid++;
}

void
guest_kill (pid_t pid, int number)
{
}

static void
done (Session *session, Stream *stream, const uint8_t *payload, size_t length)
{
  guest_end_done (session, stream);
}

void
guest_identity_start (Session *session, Stream *stream, const uint8_t *payload, size_t length)
{
  done (session, stream, payload, length);
}

void
guest_power_start (Session *session, Stream *stream, const uint8_t *payload, size_t length)
{
  done (session, stream, payload, length);
}

/* What the loop does between two reads. */
static void
turn (Session *session, uint8_t whim)
{
  now += (int64_t) whim * 10000;
  for (unsigned i = 0; i < session->used; i++)
    if (session->streams[i] != NULL)
      session->streams[i]->ready = whim & 7;
  if (whim & 8)
    guest_session_reap (session, next_pid - 1 - (whim & 3), whim << 8);
  guest_session_pump (session);
  guest_session_tick (session, now);
  if (session->out_end > GUEST_OUT_SIZE)
    abort ();
  if (whim & 16) /* else the host does not read */
    session->out_at = session->out_end;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Session session = { .epoll = -1, .port = -1, .signals = -1 };
  static const uint8_t opening[] = BS_WIRE_MAGIC "0123456789abcdef";
  size_t piece;

  if (size < 2)
    return 0;
  piece = (size_t) data[0] + 1;
  signal (SIGPIPE, SIG_IGN);
  if (!guest_session_init (&session))
    abort ();
  if (data[1] & 128)
    {
      session.in_at = opening;
      session.in_left = sizeof opening - 1;
      guest_session_parse (&session);
    }
  for (size_t at = 2; at < size; at += piece)
    {
      session.in_at = data + at;
      session.in_left = size - at < piece ? size - at : piece;
      guest_session_parse (&session);
      turn (&session, data[1] ^ data[at]);
      guest_session_parse (&session);
    }
  guest_session_clear (&session);
  return 0;
}
