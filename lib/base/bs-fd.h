/* SPDX-License-Identifier: Apache-2.0 */
/* bs-fd.h — descriptors that close themselves */
#pragma once

#include <errno.h>
#include <glib.h>
#include <unistd.h>

/* Closes *@fd unless it is negative, sets it to -1, keeps errno. */
static inline void
bs_fd_clear (int *fd)
{
  int saved = errno;

  if (*fd >= 0)
    close (*fd);
  *fd = -1;
  errno = saved;
}

static inline int
bs_fd_steal (int *fd)
{
  int stolen = *fd;

  *fd = -1;
  return stolen;
}

/* Opens those of descriptors 0, 1 and 2 that are closed on /dev/null, so that none of ours becomes one of them. First
 * thing in a main(). */
void bs_fd_ensure_standard (void);

#define bs_autofd __attribute__ ((cleanup (bs_fd_clear)))
