/* SPDX-License-Identifier: Apache-2.0 */
/* bs-trace.h — a rate that follows a trace: opportunities to send BS_SWITCH_TRACE_BYTES (Mahimahi)
 *
 * The opportunities have ordinals, from the trace's beginning on through all its repetitions; each is used once, or
 * passes unused. One carries several small packets, or part of a long one. What is left of it when the queue is empty
 * is lost.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct
{
  uint32_t *msec; /* mapped, our own copy; NULL: no trace */
  uint64_t n;
  uint64_t begin_nsec;
  uint64_t next;      /* ordinal of the first one that was not used */
  uint64_t last_nsec; /* when the last one was used, and what it still could carry */
  uint32_t left;
} BsTrace;

/* Whether it ascends and does not end where it begins. */
bool bs_trace_check (const uint32_t *msec, uint64_t n);
/* Copies the trace, which begins at @now_nsec. Returns: 0, or an errno; EINVAL for one that is none */
int bs_trace_open (BsTrace *self, int fd, uint64_t bytes, uint64_t now_nsec);
void bs_trace_close (BsTrace *self);
uint64_t bs_trace_time (const BsTrace *self, uint64_t ordinal);
/* Carries @bytes, not before @now_nsec. Returns: when the last of them has left */
uint64_t bs_trace_carry (BsTrace *self, uint64_t now_nsec, uint32_t bytes);
