/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-reap.h"

#include <sys/wait.h>

json_t *
bs_reap (int pidfd, gboolean child)
{
  siginfo_t info = { 0 };

  if (!child || waitid (P_PIDFD, (id_t) pidfd, &info, WEXITED | WNOHANG) != 0 || info.si_pid == 0)
    return json_pack ("{s:b}", "unknown", 1);
  return json_pack ("{s:i}", info.si_code == CLD_EXITED ? "exit_code" : "signal", info.si_status);
}
