/* SPDX-License-Identifier: Apache-2.0 */
/* bs-tsc.h — the rate of this processor's time stamp counter, which an emulated machine counts by too
 *
 * Linux measures it at boot against the PIT. In a microvm there is nothing else to measure against, and on a busy
 * host the measurement fails; then there is no clock and the boot hangs. So the machine is told.
 */
#pragma once

#include <glib.h>

/* In kHz; measured once (20 ms) per boot of the host and kept in @cache_dir. 0 when there is no such counter. */
guint bs_tsc_khz (const char *cache_dir);
