/* SPDX-License-Identifier: Apache-2.0 */
/* floor-fork — load a frozen machine's state and give it an identity, the bare way
 *
 *   floor-fork STATE FOLDER…   in each FOLDER: qmp.sock, guest.sock, identity (a shell command, one line)
 *
 * Plain QMP to a QEMU that was started with -incoming defer (and may start `cat`), then one command to the root shell
 * on its console, until that has said FLOOR-READY. All folders at once. Shares no code with the product.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 16384
#define ZEROS (65536 + 24)

static const char *state;

static void
pause_usec (long usec)
{
  struct timespec pause = { .tv_nsec = usec * 1000 };

  nanosleep (&pause, NULL);
}

static int
connect_when_there (const char *folder, const char *name)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  snprintf (address.sun_path, sizeof address.sun_path, "%s/%s", folder, name);
  for (int tries = 0; tries < 10000; tries++)
    {
      if (connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
        return fd;
      pause_usec (1000);
    }
  perror (address.sun_path);
  exit (1);
}

static void
send_all (int fd, const char *text)
{
  size_t length = strlen (text);

  if (write (fd, text, length) != (ssize_t) length)
    {
      perror ("write");
      exit (1);
    }
}

/* Reads until @wanted came; what came is in @buffer. */
static void
read_until (int fd, const char *wanted, char *buffer)
{
  size_t have = 0;

  for (;;)
    {
      ssize_t n = read (fd, buffer + have, LINE_MAX_BYTES - 1 - have);

      if (n <= 0)
        {
          fprintf (stderr, "it hung up before '%s'\n", wanted);
          exit (1);
        }
      have += (size_t) n;
      buffer[have] = '\0';
      if (strstr (buffer, wanted) != NULL)
        return;
      if (have > LINE_MAX_BYTES / 2)
        {
          memmove (buffer, buffer + have - 256, 257);
          have = 256;
        }
    }
}

static void
ask (int fd, const char *command, char *answer)
{
  send_all (fd, command);
  read_until (fd, "\"return\"", answer);
}

static void
load (const char *folder)
{
  char command[4096], answer[LINE_MAX_BYTES];
  int fd = connect_when_there (folder, "qmp.sock");

  read_until (fd, "QMP", answer);
  ask (fd, "{\"execute\":\"qmp_capabilities\"}\n", answer);
  ask (fd,
       "{\"execute\":\"migrate-set-capabilities\",\"arguments\":{\"capabilities\":[{\"capability\":"
       "\"x-ignore-shared\",\"state\":true}]}}\n",
       answer);
  snprintf (command, sizeof command, "{\"execute\":\"migrate-incoming\",\"arguments\":{\"uri\":\"exec:cat '%s'\"}}\n",
            state);
  ask (fd, command, answer);
  for (;;)
    {
      ask (fd, "{\"execute\":\"query-migrate\"}\n", answer);
      if (strstr (answer, "completed") != NULL)
        break;
      pause_usec (500);
    }
  ask (fd, "{\"execute\":\"cont\"}\n", answer);
  close (fd);
}

static size_t
put32 (unsigned char *at, uint32_t value)
{
  for (int i = 0; i < 4; i++)
    at[i] = (unsigned char) (value >> (8 * i));
  return 4;
}

static size_t
put_field (unsigned char *at, unsigned tag, const void *data, size_t length)
{
  put32 (at, tag);
  put32 (at + 4, (uint32_t) length);
  memcpy (at + 8, data, length);
  return 8 + length;
}

/* @type 1 is HELLO with its version, 2 is EXEC of `sh -c COMMAND`; see docs/guest-protocol.md. */
static size_t
put_frame (unsigned char *at, unsigned char type, const char *command)
{
  size_t length = 12;

  memset (at, 0, 12);
  if (command == NULL)
    length += put_field (at + length, 1, "\1\0\0\0", 4);
  else
    {
      length += put_field (at + length, 16, "sh", 2);
      length += put_field (at + length, 16, "-c", 2);
      length += put_field (at + length, 16, command, strlen (command));
      length += put_field (at + length, 25, "", 0);
    }
  put32 (at, (uint32_t) length - 12);
  at[4] = type;
  at[8] = type - 1;
  return length;
}

static void
write_all (int fd, const unsigned char *data, size_t length)
{
  while (length > 0)
    {
      ssize_t n = write (fd, data, length);

      if (n <= 0)
        {
          perror ("write");
          exit (1);
        }
      data += n;
      length -= (size_t) n;
    }
}

/* Output comes back among frames, so bytes are looked at, not text. */
static void
wait_for_word (int fd, const char *word)
{
  size_t matched = 0;
  char buffer[4096];

  for (;;)
    {
      ssize_t n = read (fd, buffer, sizeof buffer);

      if (n <= 0)
        {
          fprintf (stderr, "it hung up before '%s'\n", word);
          exit (1);
        }
      for (ssize_t i = 0; i < n; i++)
        {
          matched = buffer[i] == word[matched] ? matched + 1 : buffer[i] == word[0];
          if (word[matched] == '\0')
            return;
        }
    }
}

static void
identify (const char *folder)
{
  static const unsigned char magic[24]
      = { 'b', 'S', 0xf5, 'g', 'u', 'e', 's', 't', 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
  unsigned char *out = calloc (1, ZEROS + 4 * LINE_MAX_BYTES);
  char path[512], line[LINE_MAX_BYTES];
  int fd = connect_when_there (folder, "guest.sock");
  size_t length = ZEROS;
  FILE *file;

  snprintf (path, sizeof path, "%s/identity", folder);
  file = fopen (path, "r");
  if (out == NULL || file == NULL || fgets (line, sizeof line, file) == NULL)
    {
      perror (path);
      exit (1);
    }
  fclose (file);
  memcpy (out + length, magic, sizeof magic);
  length += sizeof magic;
  length += put_frame (out + length, 1, NULL);
  length += put_frame (out + length, 2, line);
  write_all (fd, out, length);
  wait_for_word (fd, "FLOOR-READY");
  close (fd);
  free (out);
}

static void *
run (void *folder)
{
  load (folder);
  identify (folder);
  return NULL;
}

int
main (int argc, char **argv)
{
  pthread_t threads[64];

  if (argc < 3 || argc > 66)
    {
      fprintf (stderr, "usage: floor-fork STATE FOLDER…\n");
      return 2;
    }
  state = argv[1];
  for (int i = 2; i < argc; i++)
    if (pthread_create (&threads[i - 2], NULL, run, argv[i]) != 0)
      return 1;
  for (int i = 2; i < argc; i++)
    pthread_join (threads[i - 2], NULL);
  return 0;
}
