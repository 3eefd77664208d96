/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-console.c — whatever a guest prints, what is shown is clean text of so many lines */
#include "bs-console.h"

#include <stdint.h>

#define LINES 5

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = bs_console_clean ((const char *) data, size, LINES);
  guint lines = 0;

  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      lines += *at == '\n';
      g_assert_true (*at == '\n' || !g_unichar_iscntrl (g_utf8_get_char (at)));
    }
  g_assert_cmpuint (lines, <=, LINES);
  bs_console_cause (text);
  return 0;
}
