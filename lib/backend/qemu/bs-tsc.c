/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-tsc.h"
#include "bs-memo.h"
#include "bs-process.h"

#include <time.h>

#define MEMO "tsc.json"
#define SPAN_USEC 20000
#define TRIES 8
/* Beyond any processor: something is wrong with the clock. */
#define KHZ_MIN 100000
#define KHZ_MAX 20000000

#ifdef __x86_64__

typedef struct
{
  guint64 ticks, nsec;
} Sample;

static guint64
now_nsec (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC_RAW, &now);
  return (guint64) now.tv_sec * G_GUINT64_CONSTANT (1000000000) + (guint64) now.tv_nsec;
}

/* The clock between two readings of the counter; the tightest of some tries, since we may be preempted within one. */
static Sample
take_sample (void)
{
  Sample best = { 0, 0 };
  guint64 tightest = G_MAXUINT64;

  for (guint i = 0; i < TRIES; i++)
    {
      guint64 before = __builtin_ia32_rdtsc (), nsec = now_nsec (), after = __builtin_ia32_rdtsc ();

      if (after - before >= tightest)
        continue;
      tightest = after - before;
      best = (Sample){ before + (after - before) / 2, nsec };
    }
  return best;
}

static guint
measure (void)
{
  Sample first = take_sample (), second;
  double khz;

  g_usleep (SPAN_USEC);
  second = take_sample ();
  khz = (double) (second.ticks - first.ticks) * 1e6 / (double) (second.nsec - first.nsec);
  return khz >= KHZ_MIN && khz <= KHZ_MAX ? (guint) (khz + 0.5) : 0;
}

#else

static guint
measure (void)
{
  return 0;
}

#endif

guint
bs_tsc_khz (const char *cache_dir)
{
  const char *key = bs_process_boot_id ();
  g_autoptr (json_t) memo = bs_memo_read (cache_dir, MEMO, key), value = NULL;
  gint64 kept = bs_json_int (memo, "khz", 0);
  guint khz;

  if (kept >= KHZ_MIN && kept <= KHZ_MAX)
    return (guint) kept;
  khz = measure ();
  value = json_pack ("{s:i}", "khz", (int) khz);
  if (khz != 0)
    bs_memo_write (cache_dir, MEMO, key, value);
  return khz;
}
