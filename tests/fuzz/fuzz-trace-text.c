/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-trace-text.c — any bytes as a trace: times that never fall and end later than 0, or an error in one line */
#include "bs-trace.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BsTrace) trace = bs_trace_parse ("t", (const char *) data, size, &error);
  const guint32 *times;
  gsize length;

  g_assert_true ((trace == NULL) == (error != NULL));
  if (trace == NULL)
    {
      g_assert_true (g_utf8_validate (error->message, -1, NULL) && strchr (error->message, '\n') == NULL);
      return 0;
    }
  times = g_bytes_get_data (trace->times, &length);
  g_assert_true (length >= sizeof *times && length % sizeof *times == 0);
  for (gsize i = 1; i < length / sizeof *times; i++)
    g_assert_cmpuint (times[i - 1], <=, times[i]);
  g_assert_cmpuint (times[length / sizeof *times - 1], >, 0);
  return 0;
}
