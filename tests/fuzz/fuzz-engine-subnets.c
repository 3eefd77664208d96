/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-engine-subnets.c — what answers on an engine's socket adds canonical subnets, or nothing */
#include "bs-engine-subnets.h"
#include "bs-subnet.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GHashTable) subnets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *reply = g_strndup ((const char *) data, size); /* as a GString has it, with a NUL behind */
  GHashTableIter iter;
  gpointer text;

  if (!bs_engine_subnets_parse (reply, size, subnets))
    g_assert_cmpuint (g_hash_table_size (subnets), ==, 0);
  g_hash_table_iter_init (&iter, subnets);
  while (g_hash_table_iter_next (&iter, &text, NULL))
    {
      g_autoptr (BsSubnet) subnet = bs_subnet_parse (text, NULL);

      g_assert_nonnull (subnet);
    }
  return 0;
}
