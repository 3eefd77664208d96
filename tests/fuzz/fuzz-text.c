/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-text — bytes of a console, and words and durations that people type */
#include "bs-suggest.h"
#include "bs-text.h"
#include "bs-time.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_printable (const char *text)
{
  g_assert (g_utf8_validate (text, -1, NULL));
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    g_assert (!g_unichar_iscntrl (g_utf8_get_char (at)) || *at == '\n' || *at == '\t');
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const known[] = { "up", "down", "memory_mb", "memory_gb", NULL };
  g_autofree char *word = g_strndup ((const char *) data, size);
  g_autofree char *text = bs_text_printable ((const char *) data, size);
  g_autofree char *twice = bs_text_printable (text, strlen (text));
  gint64 usec = -1;

  check_printable (text);
  g_assert (strcmp (text, twice) == 0);
  bs_suggest_nearest (word, known);
  if (bs_time_parse_duration (word, &usec))
    {
      g_autofree char *duration = bs_time_format_duration (usec);

      g_assert (usec >= 0 && duration != NULL);
    }
  else
    g_assert (usec == -1);
  return 0;
}
