/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-apt-sources.c — any text as apt's sources in either notation, or as its configuration; the first byte chooses */
#include "bs-apt-config.h"
#include "bs-apt-sources.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* What is written is read again as the same. */
static void
round_trip (const char *text, gboolean deb822)
{
  g_autoptr (GPtrArray) first = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_apt_source_free);
  g_autoptr (GPtrArray) second = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_apt_source_free);
  g_autofree char *written = NULL, *again = NULL;

  bs_apt_sources_parse (text, deb822, "amd64", first);
  written = bs_apt_sources_format (first);
  bs_apt_sources_parse (written, TRUE, "amd64", second);
  again = bs_apt_sources_format (second);
  g_assert_cmpstr (written, ==, again);
  g_assert_cmpuint (first->len, ==, second->len);
  for (guint i = 0; i < first->len; i++)
    g_free (bs_apt_source_list_path (g_ptr_array_index (first, i), "/lists", "InRelease"));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = size > 0 ? g_strndup ((const char *) data + 1, size - 1) : NULL;

  if (text == NULL)
    return 0;
  if (data[0] % 3 < 2)
    round_trip (text, data[0] % 3 == 0);
  else
    g_free (bs_apt_config_pick (text, TRUE, TRUE));
  return 0;
}
