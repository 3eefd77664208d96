/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-trace — traces of opportunities, broken ones too, and what is carried by those that are not
 *
 * One byte says how many packets there are; each takes four: how long the line was idle, and its length. The rest is
 * the trace. No packet leaves before it came or before the one ahead, and no more leaves than there were opportunities.
 */
#include "bs-trace.h"

#include "bs-switch-protocol.h"

#include <stdlib.h>
#include <string.h>

#define BEGIN UINT64_C (1000000000)
#define MSEC_NSEC UINT64_C (1000000)
#define ENTRIES_MAX 1024

static void
check (int truth)
{
  if (!truth)
    abort ();
}

static uint16_t
get16 (const uint8_t *at)
{
  return (uint16_t) (at[0] << 8 | at[1]);
}

static void
carry_all (BsTrace *trace, const uint8_t *packets, unsigned n)
{
  uint64_t now = BEGIN, bytes = 0;

  for (unsigned i = 0; i < n; i++)
    {
      uint32_t length = get16 (packets + 4 * i + 2);
      uint64_t left;

      now += get16 (packets + 4 * i) * MSEC_NSEC / 16;
      left = bs_trace_carry (trace, now, length);
      check (left >= now);
      bytes += length;
      check (bytes <= trace->next * BS_SWITCH_TRACE_BYTES);
      check (trace->next == 0 || bs_trace_time (trace, trace->next - 1) <= left);
      now = left;
    }
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static uint32_t msec[ENTRIES_MAX];
  BsTrace trace = { .msec = msec, .begin_nsec = BEGIN };
  unsigned n;

  if (size < 1 || size < 1 + data[0] * 4u)
    return 0;
  n = data[0];
  trace.n = (size - 1 - n * 4u) / sizeof *msec;
  if (trace.n > ENTRIES_MAX)
    return 0;
  memcpy (msec, data + 1 + n * 4u, trace.n * sizeof *msec);
  if (bs_trace_check (msec, trace.n))
    carry_all (&trace, data + 1, n);
  return 0;
}
