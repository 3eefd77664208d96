/* SPDX-License-Identifier: Apache-2.0 */
/* bs-takeover.h — what an earlier supervisor of this lab left running
 *
 * A supervisor may be killed at any moment; its machines and its switch go on. Its successor finds machines by their
 * tags, fetches each link's switch end out of the machine's own process (pidfd_getfd(2) of BS_CONTROL_PEER_FD), the
 * switch's memory out of the old switch, ends that one, which nobody can speak to any more, and starts a new one with
 * all ports.
 *
 * supervisor.json says what cannot be seen: which network and address each link has, where the logs are. It is checked
 * as any input. Without it, as much is rebuilt as can be: machines by their tags, their links from the old switch's
 * memory or from lab.json. An old switch is ended only when a new one can take its place.
 */
#pragma once

#include "bs-supervisor.h"

/* Also tells which of the two it was: *@successor, and event "supervisor-started" or "supervisor-took-over". */
gboolean bs_takeover (BsSupervisor *lab, gboolean *successor, GError **error);
