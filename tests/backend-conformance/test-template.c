/* SPDX-License-Identifier: Apache-2.0 */
/* Templates and forks: made once, shared, and no two forks alike. */
#include "fixture.h"
#include "bs-file.h"
#include "bs-settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST "fork1"
#define SECOND "fork2"
/* Another machine than the other tests', so that its template is ours to damage. */
#define MEMORY_MIB 96
#define DRAWS 1000

static BsBackendNode *
forkable (const char *name, guint host)
{
  BsBackendNode *node = fixture_node (name, host);

  node->has_guest = TRUE;
  node->memory_mib = MEMORY_MIB;
  return node;
}

static void
count_line (const char *node, const char *what, gpointer user_data)
{
  if (strstr (what, "boots a template") != NULL)
    g_atomic_int_inc ((gint *) user_data);
}

static char *
prepare (BsBackendNode *node, gint *boots)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&node->template, g_free);
  fixture->backend->prepare_node (node, count_line, boots, NULL, &node->template, &error);
  g_assert_no_error (error);
  g_assert_nonnull (node->template);
  return node->template;
}

static void
up_forks (void)
{
  g_autoptr (BsBackendNode) first = forkable (FIRST, 31), second = forkable (SECOND, 32);
  gint boots = 0;

  prepare (first, &boots);
  prepare (second, &boots);
  g_assert_cmpstr (first->template, ==, second->template);
  fixture_up (first);
  fixture_up (second);
}

static void
down_forks (void)
{
  fixture_down (FIRST);
  fixture_down (SECOND);
}

static void
assert_differ (const char *script)
{
  g_autofree char *first = fixture_shell (FIRST, script), *second = fixture_shell (SECOND, script);

  g_assert_cmpuint (strlen (first), >, 1);
  g_assert_cmpstr (first, !=, second);
}

static void
assert_disjoint (const char *script)
{
  g_autofree char *first = fixture_shell (FIRST, script), *second = fixture_shell (SECOND, script);
  g_auto (GStrv) drawn = g_strsplit (g_strstrip (first), "\n", -1), others = g_strsplit (g_strstrip (second), "\n", -1);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  g_assert_cmpuint (g_strv_length (drawn), ==, DRAWS);
  g_assert_cmpuint (g_strv_length (others), ==, DRAWS);
  for (char **draw = drawn; *draw != NULL; draw++)
    g_assert_true (g_hash_table_add (seen, *draw));
  for (char **draw = others; *draw != NULL; draw++)
    g_assert_true (g_hash_table_add (seen, *draw));
}

/* The guest's clock against ours, to the millisecond: busybox gives seconds only, so the moment of their change. */
static void
assert_clock (const char *node)
{
  g_autofree char *text = NULL;
  gint64 best_usec = G_MAXINT64;

  for (guint i = 0; i < 5; i++)
    {
      gint64 before_usec = g_get_real_time (), after_usec, usec;

      g_clear_pointer (&text, g_free);
      text = fixture_shell (node, "s=$(date +%s); while test $(date +%s) = $s; do :; done; echo $s");
      after_usec = g_get_real_time ();
      usec = (g_ascii_strtoll (text, NULL, 10) + 1) * G_USEC_PER_SEC;
      g_assert_cmpint (usec, >, before_usec - 50000);
      /* an emulated guest needs up to 30 ms for each look at its clock, and for the answer */
      best_usec = MIN (best_usec, ABS (after_usec - usec));
    }
  g_assert_cmpint (best_usec, <, 50000 + 60000);
}

static void
forks_differ (void)
{
  if (fixture_lacks (BS_CAP_TEMPLATE))
    return;
  up_forks ();
  assert_differ ("hostname");
  assert_differ ("cat /etc/machine-id");
  assert_differ ("cat /sys/class/net/eth0/address");
  assert_differ ("ip -4 addr show dev eth0 | grep inet");
  assert_disjoint ("for i in $(seq 1000); do dd if=/dev/urandom bs=16 count=1 2>/dev/null | md5sum; done");
  assert_clock (FIRST);
  assert_clock (SECOND);
  down_forks ();
}

static void
forks_have_only_their_own_addresses (void)
{
  g_autofree char *addresses = NULL, *mac = NULL;

  if (fixture_lacks (BS_CAP_TEMPLATE))
    return;
  up_forks ();
  addresses = fixture_shell (FIRST, "ip -o addr show dev eth0 | grep -c 'inet '");
  g_assert_cmpstr (addresses, ==, "1\n");
  mac = fixture_shell (FIRST, "cat /sys/class/net/eth0/address");
  g_assert_cmpstr (mac, ==, "52:54:00:77:00:1f\n");
  g_free (fixture_shell (FIRST, "ping -c1 -W5 10.77.0.32"));
  g_free (fixture_shell (SECOND, "ping -c1 -W5 10.77.0.31"));
  down_forks ();
}

static void
template_is_made_once (void)
{
  g_autoptr (BsBackendNode) node = forkable (FIRST, 31);
  g_autofree char *explained = NULL;
  gint boots = 0;
  gint64 began_usec;

  if (fixture_lacks (BS_CAP_TEMPLATE))
    return;
  prepare (node, &boots);
  boots = 0;
  began_usec = bs_time_now_usec ();
  prepare (node, &boots);
  g_assert_cmpint (boots, ==, 0);
  g_assert_cmpint (bs_time_now_usec () - began_usec, <, BS_USEC_PER_SEC / 2);
  explained = fixture->backend->explain_start (node);
  g_assert_true (g_str_has_prefix (explained, "fork of template "));
  g_assert_true (g_str_has_suffix (explained, " (cached)"));
}

static char *
template_file (const char *key, const char *leaf)
{
  return g_build_filename (bs_settings_cache_dir (bs_settings_get (NULL)), "templates", key, leaf, NULL);
}

static void
damaged_template_is_made_again (void)
{
  g_autoptr (BsBackendNode) node = forkable (FIRST, 31);
  g_autofree char *ram = NULL, *explained = NULL;
  gint boots = 0;

  if (fixture_lacks (BS_CAP_TEMPLATE))
    return;
  prepare (node, &boots);
  ram = template_file (node->template, "ram");
  g_assert_cmpint (truncate (ram, 4096), ==, 0);
  explained = fixture->backend->explain_start (node);
  g_assert_nonnull (strstr (explained, "damaged"));
  boots = 0;
  prepare (node, &boots);
  g_assert_cmpint (boots, ==, 1);
  fixture_up (node);
  g_free (fixture_shell (FIRST, "true"));
  fixture_down (FIRST);
}

/* The state's digest is looked at, so it takes a manifest that agrees to get so far. */
static void
state_that_cannot_be_loaded_is_made_again (void)
{
  g_autoptr (BsBackendNode) node = forkable (FIRST, 31);
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) record = NULL;
  g_autofree char *state = NULL;
  gint boots = 0;

  if (fixture_lacks (BS_CAP_TEMPLATE))
    return;
  prepare (node, &boots);
  state = template_file (node->template, "state");
  g_assert_true (g_file_set_contents (state, "no state of any machine", -1, NULL));
  fixture->backend->create_node (&fixture->lab, node, &error);
  g_assert_no_error (error);
  g_assert_false (fixture->backend->start_node (&fixture->lab, node, &record, &error));
  assert_code (error, BS_ERROR_FAILED, "QEMU cannot start from template");
  fixture->backend->delete_node (&fixture->lab, FIRST, NULL);
  boots = 0;
  g_clear_pointer (&node->template, g_free);
  prepare (node, &boots);
  g_assert_cmpint (boots, ==, 1);
}

typedef struct
{
  BsBackendNode *node;
  gint *boots;
} Making;

static gpointer
prepare_in_thread (gpointer data)
{
  Making *making = data;

  prepare (making->node, making->boots);
  return NULL;
}

static void
two_makers_share_one_template (void)
{
  g_autoptr (BsBackendNode) first = forkable (FIRST, 31), second = forkable (SECOND, 32);
  g_autofree char *ram = NULL;
  gint boots = 0;
  Making making[] = { { first, &boots }, { second, &boots } };
  GThread *threads[2];

  if (fixture_lacks (BS_CAP_TEMPLATE))
    return;
  prepare (first, &boots);
  ram = template_file (first->template, "ram");
  g_assert_cmpint (unlink (ram), ==, 0);
  boots = 0;
  for (guint i = 0; i < 2; i++)
    threads[i] = g_thread_new ("maker", prepare_in_thread, &making[i]);
  for (guint i = 0; i < 2; i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (boots, ==, 1);
  g_assert_cmpstr (first->template, ==, second->template);
}

static void
making_can_be_cancelled_and_leaves_nothing (void)
{
  g_autoptr (BsBackendNode) node = forkable (FIRST, 31);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) left = NULL;

  if (fixture_lacks (BS_CAP_TEMPLATE))
    return;
  node->memory_mib = MEMORY_MIB + 1;
  g_cancellable_cancel (cancellable);
  g_assert_false (fixture->backend->prepare_node (node, NULL, NULL, cancellable, &node->template, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_CANCELLED);
  g_assert_null (node->template);
  left = fixture->backend->sweep_templates (TRUE, NULL);
  g_assert_nonnull (left);
  g_assert_cmpuint (left->len, ==, 0);
}

static void
memory_is_shared (void)
{
  g_autoptr (GError) error = NULL;
  guint64 own_kib, shared_kib;

  if (fixture_lacks (BS_CAP_TEMPLATE) || fixture->backend->node_memory == NULL)
    return;
  up_forks ();
  fixture->backend->node_memory (&fixture->lab, FIRST, &own_kib, &shared_kib, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (own_kib, >, 1024);
  g_assert_cmpuint (own_kib, <, MEMORY_MIB * 1024);
  g_assert_cmpuint (shared_kib, >, 4096);
  down_forks ();
  g_assert_false (fixture->backend->node_memory (&fixture->lab, FIRST, &own_kib, &shared_kib, &error));
  assert_code (error, BS_ERROR_DIED, "node '" FIRST "' does not run");
}

static void
foreign_image_boots_cold (void)
{
  g_autoptr (BsBackendNode) node = forkable (FIRST, 31);
  g_autoptr (GError) error = NULL;
  g_autofree char *explained = NULL;

  if (fixture_lacks (BS_CAP_TEMPLATE))
    return;
  node->has_guest = FALSE;
  fixture->backend->prepare_node (node, NULL, NULL, NULL, &node->template, &error);
  g_assert_no_error (error);
  g_assert_null (node->template);
  explained = fixture->backend->explain_start (node);
  g_assert_cmpstr (explained, ==, "cold: its image has no benchscale-guest");
}

void
add_template_tests (void)
{
  g_test_add_func ("/conformance/template/is-made-once", template_is_made_once);
  g_test_add_func ("/conformance/template/forks-differ", forks_differ);
  g_test_add_func ("/conformance/template/forks-have-only-their-own-addresses", forks_have_only_their_own_addresses);
  g_test_add_func ("/conformance/template/damaged-one-is-made-again", damaged_template_is_made_again);
  g_test_add_func ("/conformance/template/two-makers-share-one", two_makers_share_one_template);
  g_test_add_func ("/conformance/template/state-that-cannot-be-loaded-is-made-again",
                   state_that_cannot_be_loaded_is_made_again);
  g_test_add_func ("/conformance/template/making-can-be-cancelled-and-leaves-nothing",
                   making_can_be_cancelled_and_leaves_nothing);
  g_test_add_func ("/conformance/template/memory-is-shared", memory_is_shared);
  g_test_add_func ("/conformance/template/foreign-image-boots-cold", foreign_image_boots_cold);
}
