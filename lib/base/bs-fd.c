/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-fd.h"

#include <fcntl.h>

void
bs_fd_ensure_standard (void)
{
  int fd;

  do
    fd = open ("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0)
    close (fd);
}
