/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-address-plan.h"
#include "bs-engine-subnets.h"
#include "bs-libvirt-subnets.h"
#include "bs-route-subnets.h"
#include "bs-time.h"

#include <string.h>

#define ENGINES_WITHIN_USEC BS_USEC_PER_SEC

static void
collect_engines (GHashTable *subnets)
{
  g_autofree char *user_podman = g_build_filename (g_get_user_runtime_dir (), "podman", "podman.sock", NULL);
  const char *sockets[] = { "/var/run/docker.sock", "/run/podman/podman.sock", user_podman, NULL };

  bs_engine_subnets_collect (sockets, bs_time_now_usec () + ENGINES_WITHIN_USEC, subnets);
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

GPtrArray *
bs_address_plan_used_subnets (void)
{
  g_autoptr (GHashTable) subnets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GPtrArray *sorted = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer subnet;

  g_hash_table_add (subnets, g_strdup (BS_MANAGEMENT_SUBNET));
  bs_route_subnets_collect (subnets);
  bs_libvirt_subnets_collect ("/etc/libvirt/qemu/networks", subnets);
  collect_engines (subnets);
  g_hash_table_iter_init (&iter, subnets);
  while (g_hash_table_iter_next (&iter, &subnet, NULL))
    {
      g_hash_table_iter_steal (&iter);
      g_ptr_array_add (sorted, subnet);
    }
  g_ptr_array_sort (sorted, compare_texts);
  return sorted;
}
