/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-exec.h"

#include <unistd.h>

gboolean
bs_exec_control_signal (int fd, int number)
{
  BsExecControl record = { .signal = (guint32) number };

  return write (fd, &record, sizeof record) == sizeof record;
}

gboolean
bs_exec_control_winsize (int fd, guint16 rows, guint16 columns)
{
  BsExecControl record = { .rows = rows, .columns = columns };

  return write (fd, &record, sizeof record) == sizeof record;
}
