/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-toml — any bytes as a configuration file: each good value is one of its type, each fault has a place in it */
#include "bs-settings-file.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
take (BsSettingId id, char *text, gint64 number, guint line, gpointer user_data)
{
  const BsSettingPlace place = { 0 };
  g_autofree char *again = NULL, *message = NULL, *hint = NULL;
  gint64 same;

  g_assert_cmpuint (id, <, BS_N_SETTINGS);
  g_assert_cmpuint (line, >, 0);
  /* What was taken is taken again, and means the same. */
  g_assert_true (bs_setting_check (&bs_setting_kinds[id], &place, text, &again, &same, &message, &hint));
  g_assert_cmpstr (text, ==, again);
  g_assert_cmpint (number, ==, same);
  g_free (text);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const BsSettingPlace place = { "/etc", "/root" };
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("fuzz.toml");
  g_autofree char *copy = g_memdup2 (data, size), *said = NULL;
  guint lines = 1;

  for (size_t i = 0; i < size; i++)
    lines += data[i] == '\n';
  bs_settings_parse_file (copy != NULL ? copy : "", size, &place, bs_toml_read, take, NULL, diagnostics);
  for (guint i = 0; i < diagnostics->items->len; i++)
    g_assert_cmpuint (((BsDiagnostic *) g_ptr_array_index (diagnostics->items, i))->line, <=, lines);
  said = bs_diagnostics_format (diagnostics);
  g_assert_true (g_utf8_validate (said, -1, NULL));
  return 0;
}
