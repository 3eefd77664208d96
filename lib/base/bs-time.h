/* SPDX-License-Identifier: Apache-2.0 */
/* bs-time.h — one unit of time inside: microseconds, monotonic */
#pragma once

#include <glib.h>

#define BS_USEC_PER_MSEC ((gint64) 1000)
#define BS_USEC_PER_SEC ((gint64) 1000000)

/* Monotonic now, in microseconds. */
#define bs_time_now_usec() g_get_monotonic_time ()

/**
 * bs_time_parse_duration:
 * @text: "50us", "500ms", "2s", "3m", "1h"; a bare number is seconds; decimal fractions are allowed ("0.5s")
 * @usec: (out): 0 to 10 years, in microseconds; untouched on failure
 *
 * Returns: FALSE when @text is no duration (no error is set: the caller knows the position)
 */
gboolean bs_time_parse_duration (const char *text, gint64 *usec);

/* "12.3s", "450ms", "2m05s"; (transfer full). */
char *bs_time_format_duration (gint64 usec);

/* Wall clock as RFC 3339 UTC with microseconds, "2026-01-02T03:04:05.678901Z"; (transfer full). */
char *bs_time_format_now (void);

/* From now until @deadline_usec, never negative. */
gint64 bs_time_left_usec (gint64 deadline_usec);

/* @within_usec from now, but no later than @deadline_usec. */
gint64 bs_time_sooner_usec (gint64 within_usec, gint64 deadline_usec);

/* Milliseconds from now until @deadline_usec for poll(2), rounded up: -1 when @deadline_usec is negative (never), 0
 * when past, at most G_MAXINT. */
int bs_time_poll_timeout (gint64 deadline_usec);
