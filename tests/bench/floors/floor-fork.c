/* SPDX-License-Identifier: Apache-2.0 */
/* floor-fork — load a frozen machine's state and give it an identity, the bare way
 *
 *   floor-fork STATE FOLDER…   in each FOLDER: qmp.sock, console.sock, identity (a shell command, one line)
 *
 * Plain QMP to a QEMU that was started with -incoming defer (and may start `cat`), then one command to the root shell
 * on its console, until that has said FLOOR-READY. All folders at once. Shares no code with the product.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 16384

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

static void
identify (const char *folder)
{
  char path[512], line[LINE_MAX_BYTES], answer[LINE_MAX_BYTES];
  int fd = connect_when_there (folder, "console.sock");
  FILE *file;

  snprintf (path, sizeof path, "%s/identity", folder);
  file = fopen (path, "r");
  if (file == NULL || fgets (line, sizeof line, file) == NULL)
    {
      perror (path);
      exit (1);
    }
  fclose (file);
  send_all (fd, line);
  read_until (fd, "FLOOR-READY", answer);
  close (fd);
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
