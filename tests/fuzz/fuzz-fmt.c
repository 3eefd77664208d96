/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-fmt.c — any bytes as a file to format: what is good stays the same document, and formatting it again is nothing
 */
#include "bs-fmt.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static char *
as_json (const char *text, size_t size)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;

  return bs_fmt_json ("fuzz.yaml", text, size, &diagnostics);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL, again_diagnostics = NULL;
  g_autofree char *text = bs_fmt ("fuzz.yaml", (const char *) data, size, &diagnostics);
  g_autofree char *json = as_json ((const char *) data, size), *again = NULL, *json_again = NULL, *json_third = NULL;

  g_assert_cmpint (text == NULL, ==, bs_diagnostics_has_errors (diagnostics));
  /* The formatter's own check must never have had anything to find. */
  for (guint i = 0; i < diagnostics->items->len; i++)
    {
      const BsDiagnostic *item = g_ptr_array_index (diagnostics->items, i);

      g_assert_cmpstr (item->message, !=, "the file cannot be formatted without changing what it says");
      g_assert_cmpstr (item->message, !=, "this comment cannot be kept");
    }
  g_assert_cmpint (text == NULL, ==, json == NULL);
  if (text == NULL)
    return 0;
  again = bs_fmt ("fuzz.yaml", text, strlen (text), &again_diagnostics);
  g_assert_cmpstr (again, ==, text);
  json_again = as_json (text, strlen (text));
  json_third = as_json (again, strlen (again));
  g_assert_cmpstr (json_again, ==, json_third);
  return 0;
}
