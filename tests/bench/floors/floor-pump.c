/* SPDX-License-Identifier: Apache-2.0 */
/* floor-pump — dd onto a unix socket: push bytes as fast as the other side takes them
 *
 *   floor-pump SOCKET MEBIBYTES [BLOCK]     BLOCK bytes a write, 65536 by default
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int
main (int argc, char **argv)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  size_t block = argc > 3 ? strtoul (argv[3], NULL, 10) : 65536;
  size_t left = argc > 2 ? strtoul (argv[2], NULL, 10) * 1048576 : 0;
  char *data = calloc (1, block);
  int fd = socket (AF_UNIX, SOCK_STREAM, 0);

  strncpy (address.sun_path, argc > 1 ? argv[1] : "", sizeof address.sun_path - 1);
  if (connect (fd, (struct sockaddr *) &address, sizeof address) != 0)
    return perror (address.sun_path), 1;
  while (left > 0)
    {
      ssize_t n = write (fd, data, left < block ? left : block);

      if (n < 0)
        return perror ("write"), 1;
      left -= (size_t) n;
    }
  return 0;
}
