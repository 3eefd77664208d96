/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-subnet-choice.h"
#include "bs-stable-hash.h"

#define RESERVED_ADDRESSES 3 /* network, gateway, broadcast */

/* RFC 1918 */
static const struct
{
  guint32 first;
  guint prefix;
} pools[] = { { 0x0a000000, 8 }, { 0xac100000, 12 }, { 0xc0a80000, 16 } };

guint
bs_subnet_choice_prefix (guint n_interfaces)
{
  guint prefix = 24;

  while (prefix > 0 && (1ull << (32 - prefix)) < (guint64) n_interfaces + RESERVED_ADDRESSES)
    prefix--;
  return prefix;
}

/* How many subnets of @prefix fit into a pool. */
static guint
pool_size (guint pool, guint prefix)
{
  return prefix >= pools[pool].prefix ? 1u << (prefix - pools[pool].prefix) : 0;
}

/* The @index-th subnet of all pools; @left: (out): how many follow in its pool, itself included. */
static BsSubnet *
subnet_at (guint index, guint prefix, guint *left)
{
  for (guint pool = 0; pool < G_N_ELEMENTS (pools); pool++)
    {
      guint size = pool_size (pool, prefix);

      if (index < size)
        {
          *left = size - index;
          return bs_subnet_new (pools[pool].first + (guint32) ((guint64) index << (32 - prefix)), prefix);
        }
      index -= size;
    }
  g_return_val_if_reached (NULL);
}

/* How many candidates from @candidate on are certainly blocked; 0: it is free. */
static guint
blocked_run (const BsSubnet *candidate, GPtrArray *blocked)
{
  guint64 size = 1ull << (32 - bs_subnet_prefix (candidate)), run = 0;

  for (guint i = 0; i < blocked->len; i++)
    {
      const BsSubnet *other = g_ptr_array_index (blocked, i);

      if (bs_subnet_overlaps (candidate, other))
        run = MAX (run, (bs_subnet_last (other) - bs_subnet_first (candidate)) / size + 1);
    }
  return (guint) run;
}

BsSubnet *
bs_subnet_choose (const char *lab, const char *network, guint prefix, GPtrArray *blocked)
{
  guint total = 0, start;

  for (guint pool = 0; pool < G_N_ELEMENTS (pools); pool++)
    total += pool_size (pool, prefix);
  if (total == 0)
    return NULL;
  start = (guint) (bs_stable_hash ("subnet", lab, network, 0) % total);
  for (guint step = 0; step < total;)
    {
      guint left = 1, run;
      g_autoptr (BsSubnet) candidate = subnet_at ((start + step) % total, prefix, &left);

      run = blocked_run (candidate, blocked);
      if (run == 0)
        return g_steal_pointer (&candidate);
      step += MIN (run, left);
    }
  return NULL;
}
