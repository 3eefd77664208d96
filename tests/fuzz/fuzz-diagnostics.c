/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-diagnostics — any bytes as a file, any place in it: what is printed is safe for a terminal, and fits it */
#include "bs-diagnostic-print.h"

#include "bs-text.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_safe (const char *text)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    g_assert_true (!bs_text_is_control (g_utf8_get_char (at)) || *at == '\n');
}

static guint
cells_of (const char *line, const char *end)
{
  guint cells = 0;

  for (; line < end; line = g_utf8_next_char (line))
    cells += g_unichar_iszerowidth (g_utf8_get_char (line)) ? 0 : g_unichar_iswide (g_utf8_get_char (line)) ? 2 : 1;
  return cells;
}

/* The message's own line may be long: the terminal breaks it. Those of the quote have a bar. */
static void
check_fits (const char *text, guint width)
{
  for (const char *line = text, *end; *line != '\0'; line = end + 1)
    {
      end = strchr (line, '\n');
      g_assert_nonnull (end);
      if (strncmp (line, "benchscale: ", 12) != 0)
        g_assert_cmpuint (cells_of (line, end), <=, width);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("fuzz");
  g_autoptr (json_t) list = NULL;
  g_autofree char *text = NULL, *message = NULL;
  BsDiagnosticStyle style = { .quotes = TRUE };
  const char *file = (const char *) data + 4;

  if (size < 4)
    return 0;
  message = g_strndup (file, MIN (size - 4, 20));
  for (guint i = 0; i < 3; i++)
    bs_diagnostics_add (diagnostics, i == 2 ? BS_DIAGNOSTIC_WARNING : BS_DIAGNOSTIC_ERROR, data[0] % 8 + i,
                        data[1] * (data[0] >> 3), data[2] % 64, NULL, "%s", message);
  style.width = 40 + data[3] % 64;
  style.ascii = data[3] > 127;
  bs_diagnostics_sort (diagnostics);
  bs_diagnostics_quote (diagnostics, file, size - 4, data[3] & 1 ? BS_LINES_TOML : BS_LINES_YAML);
  text = bs_diagnostics_render (diagnostics, &style);
  check_safe (text);
  check_fits (text, style.width);
  list = bs_diagnostics_json (diagnostics);
  g_assert_cmpuint (json_array_size (list), ==, diagnostics->items->len);
  return 0;
}
