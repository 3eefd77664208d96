/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-pool.h"
#include "bs-switch-protocol.h"

#include <glib.h>
#include <string.h>

static BsPool pool;
static uint8_t frame[BS_SWITCH_FRAME_MAX], copy[BS_SWITCH_FRAME_MAX];

static void
check_keeps (uint32_t length, uint32_t cells)
{
  struct iovec parts[BS_POOL_PARTS_MAX];
  uint32_t free = pool.n_free, cell = bs_pool_store (&pool, frame, length), n, offset = 0;

  g_assert_cmpuint (bs_pool_cells (length), ==, cells);
  g_assert_cmpuint (pool.n_free, ==, free - cells);
  n = bs_pool_parts (&pool, cell, parts);
  g_assert_cmpuint (n, ==, cells);
  for (uint32_t i = 0; i < n; offset += parts[i++].iov_len)
    memcpy (copy + offset, parts[i].iov_base, parts[i].iov_len);
  g_assert_cmpmem (copy, offset, frame, length);
  bs_pool_release (&pool, cell);
  g_assert_cmpuint (pool.n_free, ==, free);
}

static void
test_keeps_frames (void)
{
  g_assert_true (bs_pool_init (&pool));
  for (uint32_t i = 0; i < sizeof frame; i++)
    frame[i] = (uint8_t) (i ^ i >> 8);
  check_keeps (14, 1);
  check_keeps (1514, 1);
  check_keeps (BS_CELL_DATA, 1);
  check_keeps (BS_CELL_DATA + 1, 2);
  check_keeps (BS_SWITCH_FRAME_MAX, BS_POOL_PARTS_MAX);
  bs_pool_clear (&pool);
}

static void
test_spends_the_whole_budget (void)
{
  g_autofree uint32_t *cells = g_new (uint32_t, BS_POOL_CELLS);

  g_assert_true (bs_pool_init (&pool));
  for (unsigned round = 0; round < 2; round++)
    {
      for (uint32_t i = 0; i < BS_POOL_CELLS; i++)
        cells[i] = bs_pool_store (&pool, (const uint8_t *) &i, sizeof i);
      g_assert_cmpuint (pool.n_free, ==, 0);
      for (uint32_t i = 0; i < BS_POOL_CELLS; i++)
        {
          g_assert_cmpmem (pool.cells[cells[i]].data, sizeof i, &i, sizeof i);
          bs_pool_release (&pool, cells[i]);
        }
      g_assert_cmpuint (pool.n_free, ==, BS_POOL_CELLS);
    }
  bs_pool_clear (&pool);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/switch/pool/keeps-frames", test_keeps_frames);
  g_test_add_func ("/switch/pool/spends-the-whole-budget", test_spends_the_whole_budget);
  return g_test_run ();
}
