/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-libvirt-subnets.c — a network definition adds canonical subnets, or nothing */
#include "bs-libvirt-subnets.h"
#include "bs-subnet.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GHashTable) subnets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer text;

  bs_libvirt_subnets_parse ((const char *) data, size, subnets);
  g_hash_table_iter_init (&iter, subnets);
  while (g_hash_table_iter_next (&iter, &text, NULL))
    {
      g_autoptr (BsSubnet) subnet = bs_subnet_parse (text, NULL);

      g_assert_nonnull (subnet);
    }
  return 0;
}
