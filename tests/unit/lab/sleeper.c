/* SPDX-License-Identifier: Apache-2.0 */
/* sleeper.c — bears any arguments and does nothing: says that it is there, then lives as long as its input is open */
#include <unistd.h>

int
main (void)
{
  char byte = '.';

  if (write (STDOUT_FILENO, &byte, 1) != 1)
    return 1;
  return read (STDIN_FILENO, &byte, 1) == 0 ? 0 : 1;
}
