/* SPDX-License-Identifier: Apache-2.0 */
/* test-owned.c — found and removed by tags alone */
#include "fixture.h"

#include <string.h>

static gboolean
lists (const char *prefix, const char *suffix)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) tags = fixture->backend->list_owned (prefix, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < tags->len; i++)
    if (g_str_has_suffix (g_ptr_array_index (tags, i), suffix))
      return TRUE;
  return FALSE;
}

static void
nodes_are_found_by_tag (void)
{
  fixture_need_shared ();
  g_assert_true (lists (fixture->tag_prefix, ":node:" SHARED));
  g_assert_true (lists (fixture->tag_prefix, ":node:" SHARED_OTHER));
  g_assert_false (lists (fixture->tag_prefix, ":supervisor"));
  g_assert_false (lists ("benchscale:000000000000:", ""));
}

/* The last test: it takes the shared nodes too. */
static void
nodes_are_removed_by_tag (void)
{
  g_autoptr (BsBackendNode) node = fixture_node ("owned", 50);
  g_autoptr (GError) error = NULL;
  BsNodeState state;

  fixture_up (node);
  g_assert_true (lists (fixture->tag_prefix, ":node:owned"));
  g_assert_true (fixture->backend->remove_owned ("benchscale:000000000000:", &error));
  g_assert_true (lists (fixture->tag_prefix, ":node:owned"));
  g_assert_true (fixture->backend->remove_owned (fixture->tag_prefix, &error));
  g_assert_false (lists (fixture->tag_prefix, ""));
  g_assert_true (fixture->backend->node_state (&fixture->lab, "owned", &state, &error));
  g_assert_cmpint (state, ==, BS_NODE_STOPPED);
  g_assert_true (fixture->backend->remove_owned (fixture->tag_prefix, &error));
  g_assert_no_error (error);
  fixture_down ("owned");
}

void
add_owned_tests (void)
{
  g_test_add_func ("/conformance/owned/nodes-are-found-by-tag", nodes_are_found_by_tag);
  g_test_add_func ("/conformance/owned/nodes-are-removed-by-tag", nodes_are_removed_by_tag);
}
