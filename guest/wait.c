/* SPDX-License-Identifier: Apache-2.0 */
/* wait.c — WAIT: look every 20 ms, as long as somebody waits, until the condition holds or the deadline passed */
#include "guest.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define INTERVAL_USEC 20000
#define SAID_MAX 512

typedef struct
{
  char *kind;
  StringList arguments;
  unsigned port;
  int64_t until_usec;      /* 0: for ever */
  int status;              /* of the last run of a command, -1: none yet */
  int said;                /* what this run writes to stderr, -1: nothing */
  char last[SAID_MAX + 1]; /* the end of what the last one that ended wrote */
} Wait;

static bool
table_has_listener (const char *path, unsigned port)
{
  FILE *file = fopen (path, "re");
  char line[512];
  unsigned local, state;
  bool found = false;

  if (file == NULL)
    return false;
  while (!found && fgets (line, sizeof line, file) != NULL)
    found = sscanf (line, "%*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x", &local, &state) == 2 && local == port
            && state == 10;
  fclose (file);
  return found;
}

bool
guest_port_listens (unsigned port)
{
  return table_has_listener ("/proc/net/tcp", port) || table_has_listener ("/proc/net/tcp6", port);
}

static size_t
read_small (const char *pid, const char *file, char *data, size_t size)
{
  char path[64];
  ssize_t n;
  int fd;

  snprintf (path, sizeof path, "/proc/%.20s/%s", pid, file);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return 0;
  n = read (fd, data, size - 1);
  close (fd);
  data[n > 0 ? n : 0] = '\0';
  return n > 0 ? (size_t) n : 0;
}

/* By comm, or by the last component of argv[0] (comm is cut at 15 characters, and scripts are named after their
 * interpreter there). */
static bool
process_is (const char *pid, const char *name)
{
  char data[4096], *slash;
  size_t n = read_small (pid, "comm", data, sizeof data);

  if (n > 0 && data[n - 1] == '\n')
    data[n - 1] = '\0';
  if (n > 0 && strcmp (data, name) == 0)
    return true;
  if (read_small (pid, "cmdline", data, sizeof data) == 0)
    return false;
  slash = strrchr (data, '/');
  return strcmp (slash != NULL ? slash + 1 : data, name) == 0;
}

bool
guest_process_runs (const char *name)
{
  DIR *proc = opendir ("/proc");
  struct dirent *entry;
  bool found = false;

  if (proc == NULL)
    return false;
  while (!found && (entry = readdir (proc)) != NULL)
    found = isdigit ((unsigned char) entry->d_name[0]) && process_is (entry->d_name, name);
  closedir (proc);
  return found;
}

static void
wait_free (Stream *stream)
{
  Wait *wait = stream->self;

  if (stream->pid != 0)
    guest_kill (stream->pid, SIGKILL);
  if (wait->said >= 0)
    close (wait->said);
  guest_strings_free (&wait->arguments);
  free (wait->kind);
  free (wait);
}

/* A file in memory, not a pipe: what the command leaves running may write to it after we have gone. */
static int
begin_said (Wait *wait)
{
  if (wait->said < 0)
    wait->said = memfd_create ("stderr", MFD_CLOEXEC);
  if (wait->said >= 0 && (ftruncate (wait->said, 0) != 0 || lseek (wait->said, 0, SEEK_SET) != 0))
    {
      close (wait->said);
      wait->said = -1;
    }
  return wait->said;
}

/* The end of what the command said, on one line. */
static void
read_said (const Wait *wait, char text[SAID_MAX + 1])
{
  off_t end = wait->said >= 0 ? lseek (wait->said, 0, SEEK_END) : 0;
  off_t start = end > SAID_MAX ? end - SAID_MAX : 0;
  ssize_t n = end > 0 ? pread (wait->said, text, SAID_MAX, start) : 0;
  size_t length = n > 0 ? (size_t) n : 0, skip = 0;

  while (start > 0 && skip < length && (text[skip] & 0xc0) == 0x80)
    skip++; /* the rest of a character that was cut */
  length -= skip;
  memmove (text, text + skip, length);
  while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == ' '))
    length--;
  text[length] = '\0';
  for (size_t i = 0; i < length; i++)
    if (text[i] == '\n' || text[i] == '\t' || text[i] == '\0')
      text[i] = ' ';
}

static void
end_late (Session *session, Stream *stream)
{
  Wait *wait = stream->self;
  char how[64] = "";

  if (strcmp (wait->kind, "command") == 0 && wait->status >= 0)
    snprintf (how, sizeof how, ": the command last ended with %d", wait->status);
  else if (strcmp (wait->kind, "command") == 0)
    {
      snprintf (how, sizeof how, ": the command was still running");
      read_said (wait, wait->last);
    }
  guest_end_error (session, stream, "timeout", "not in time%s%s%s", how, wait->last[0] != '\0' ? ", and said: " : "",
                   wait->last);
}

static void
run_command (Session *session, Stream *stream, Wait *wait)
{
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  Spawn spawn = { .argv = wait->arguments.items, .fds = { null, null, begin_said (wait) } };
  const char *code;
  char text[512];

  if (spawn.fds[2] < 0)
    spawn.fds[2] = null;
  stream->pid = guest_spawn (&spawn, &code, text, sizeof text);
  if (stream->pid < 0)
    {
      stream->pid = 0;
      guest_end_error (session, stream, code, "cannot run it: %s", text);
    }
  if (null >= 0)
    close (null);
}

static bool
holds (const Wait *wait)
{
  if (strcmp (wait->kind, "port") == 0)
    return guest_port_listens (wait->port);
  if (strcmp (wait->kind, "file") == 0)
    return access (wait->arguments.items[0], F_OK) == 0;
  if (strcmp (wait->kind, "process") == 0)
    return guest_process_runs (wait->arguments.items[0]);
  return wait->status == 0;
}

static void
look (Session *session, Stream *stream, int64_t now_usec)
{
  Wait *wait = stream->self;

  if (holds (wait))
    {
      guest_end_done (session, stream);
      return;
    }
  if (wait->until_usec != 0 && now_usec >= wait->until_usec)
    {
      end_late (session, stream);
      return;
    }
  if (strcmp (wait->kind, "command") == 0 && stream->pid == 0)
    run_command (session, stream, wait);
  stream->deadline_usec = now_usec + INTERVAL_USEC;
  if (wait->until_usec != 0 && (stream->pid != 0 || stream->deadline_usec > wait->until_usec))
    stream->deadline_usec = wait->until_usec;
  else if (stream->pid != 0)
    stream->deadline_usec = 0; /* its end wakes us */
}

static void
wait_tick (Session *session, Stream *stream, int64_t now_usec)
{
  look (session, stream, now_usec);
}

static void
wait_exited (Session *session, Stream *stream, int status)
{
  Wait *wait = stream->self;
  int64_t now = guest_now_usec ();

  wait->status = WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
  read_said (wait, wait->last);
  stream->deadline_usec = wait->status == 0 ? now : now + INTERVAL_USEC;
  if (wait->status != 0 && wait->until_usec != 0 && stream->deadline_usec > wait->until_usec)
    stream->deadline_usec = wait->until_usec;
}

static const StreamKind wait_kind = { .tick = wait_tick, .exited = wait_exited, .free = wait_free };

static const char *
check (Wait *wait)
{
  char *end;

  if (wait->kind == NULL || wait->arguments.count == 0)
    return "the request to wait is malformed";
  if (strcmp (wait->kind, "port") == 0)
    {
      wait->port = (unsigned) strtoul (wait->arguments.items[0], &end, 10);
      return *end != '\0' || wait->port == 0 || wait->port > 65535 ? "not a port number" : NULL;
    }
  if (strcmp (wait->kind, "file") != 0 && strcmp (wait->kind, "process") != 0 && strcmp (wait->kind, "command") != 0)
    return "no such kind of condition";
  return NULL;
}

void
guest_wait_start (Session *session, Stream *stream, const uint8_t *payload, size_t length)
{
  uint64_t timeout = guest_number (payload, length, BS_WIRE_TAG_TIMEOUT_USEC, UINT64_MAX);
  int64_t now = guest_now_usec ();
  Wait *wait = calloc (1, sizeof *wait);
  const char *problem;

  if (wait == NULL)
    {
      guest_end_error (session, stream, "exhausted", "no memory");
      return;
    }
  stream->kind = &wait_kind;
  stream->self = wait;
  wait->kind = guest_string (payload, length, BS_WIRE_TAG_KIND);
  wait->status = wait->said = -1;
  problem = guest_strings (payload, length, BS_WIRE_TAG_ARGUMENT, &wait->arguments)
                ? check (wait)
                : "the request to wait is malformed";
  if (problem != NULL)
    {
      guest_end_error (session, stream, "invalid", "%s%s%.200s%s", problem, wait->arguments.count > 0 ? " '" : "",
                       wait->arguments.count > 0 ? wait->arguments.items[0] : "", wait->arguments.count > 0 ? "'" : "");
      return;
    }
  wait->until_usec = timeout < INT64_MAX / 2 ? now + (int64_t) timeout : 0;
  look (session, stream, now);
}
