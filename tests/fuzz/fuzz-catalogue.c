/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-catalogue.c — any bytes as a catalogue: entries that are whole, or faults */
#include "bs-catalogue.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_entry (const BsCatalogueEntry *entry)
{
  g_autofree char *file = bs_catalogue_entry_file (entry);

  g_assert_true (bs_image_name_is_valid (entry->name));
  g_assert_true (g_str_has_prefix (entry->url, "http") && file[0] != '\0');
  g_assert_true (entry->checksums != NULL || entry->pinned.hex[0] != '\0');
  g_assert_true (entry->firmware != NULL && entry->format != NULL && entry->aliases != NULL);
  g_assert_true (entry->user == NULL || bs_user_name_is_valid (entry->user));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("fuzz.yaml");
  g_autoptr (BsCatalogue) catalogue = bs_catalogue_parse ((const char *) data, size, diagnostics);
  g_autofree char *said = bs_diagnostics_format (diagnostics);

  g_assert_true (g_utf8_validate (said, -1, NULL));
  g_assert_cmpint (catalogue == NULL, ==, bs_diagnostics_has_errors (diagnostics));
  for (guint i = 0; catalogue != NULL && i < catalogue->entries->len; i++)
    check_entry (g_ptr_array_index (catalogue->entries, i));
  return 0;
}
