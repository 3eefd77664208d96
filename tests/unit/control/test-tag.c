/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-tag.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static void
test_tag_survives_a_round_trip (void)
{
  g_autofree char *text = bs_tag_format ("0123456789ab", "shop", "uuid", "node", "web");
  g_auto (BsTag) tag = { 0 };

  g_assert_cmpstr (text, ==, "benchscale:0123456789ab:shop:uuid:node:web");
  g_assert_true (bs_tag_parse (text, &tag));
  g_assert_cmpstr (tag.state_id, ==, "0123456789ab");
  g_assert_cmpstr (tag.lab, ==, "shop");
  g_assert_cmpstr (tag.uuid, ==, "uuid");
  g_assert_cmpstr (tag.role, ==, "node");
  g_assert_cmpstr (tag.node, ==, "web");
}

static void
test_other_text_is_no_tag (void)
{
  static const char *const texts[] = { "",
                                       "benchscale",
                                       "benchscale:a:b:c",
                                       "benchscale:a:b:c:node",
                                       "benchscale:a:b:c:switch:web",
                                       "other:a:b:c:switch",
                                       "benchscale:a:b:c:node:web:more" };
  BsTag tag;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_false (bs_tag_parse (texts[i], &tag));
}

static void
test_state_id_is_of_the_canonical_path (void)
{
  g_autofree char *a = bs_tag_state_id ("/tmp"), *b = bs_tag_state_id ("/tmp/../tmp/."), *c = bs_tag_state_id ("/usr");

  g_assert_cmpuint (strlen (a), ==, 12);
  g_assert_cmpstr (a, ==, b);
  g_assert_cmpstr (a, !=, c);
}

/* The folder was reached through a link, and is lost. */
static void
test_state_id_of_a_lost_folder (void)
{
  g_autofree char *folder = g_dir_make_tmp ("bs-tag-XXXXXX", NULL), *link = g_build_filename (folder, "link", NULL);
  g_autofree char *there = g_build_filename (folder, "real", "state", "deep", NULL);
  g_autofree char *by_link = g_build_filename (link, "state", "deep", NULL);
  g_autofree char *real = g_build_filename (folder, "real", NULL), *id = NULL, *id_by_link = NULL;

  g_assert_cmpint (g_mkdir (real, 0700), ==, 0);
  g_assert_cmpint (symlink ("real", link), ==, 0);
  id = bs_tag_state_id (there);
  id_by_link = bs_tag_state_id (by_link);
  g_assert_cmpstr (id, ==, id_by_link);
  g_assert_cmpint (g_unlink (link), ==, 0);
  g_assert_cmpint (g_rmdir (real), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_a_tag_has_its_place (void)
{
  static const struct
  {
    const char *argv[8];
    gboolean bears;
  } lines[] = {
    { { "/usr/libexec/benchscale-lab", "benchscale:a:b:c:supervisor" }, TRUE },
    { { "benchscale-switch", "benchscale:a:b:c:switch" }, TRUE },
    { { "/bin/sh", "/opt/qemu", "-nodefaults", "-name", "benchscale:a:b:c:node:n" }, TRUE },
    { { "benchscale-switch", "benchscale:a:b:c:supervisor" }, FALSE },
    { { "benchscale-switch", "-v", "benchscale:a:b:c:switch" }, FALSE },
    { { "strace", "benchscale-switch", "benchscale:a:b:c:switch" }, FALSE },
    { { "qemu", "-nodefaults", "benchscale:a:b:c:node:n" }, FALSE },
    { { "qemu", "-nodefaults", "-name" }, FALSE },
    { { "find", "/", "-name", "benchscale:a:b:c:node:n" }, FALSE },
    { { "sh", "-c", "x", "mydebug", "benchscale:a:b:c:node:n" }, FALSE },
    { { NULL }, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    g_assert_cmpint (bs_tag_argument ((char *const *) lines[i].argv) != NULL, ==, lines[i].bears);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tag/a tag survives a round trip", test_tag_survives_a_round_trip);
  g_test_add_func ("/tag/other text is no tag", test_other_text_is_no_tag);
  g_test_add_func ("/tag/a state id is of the canonical path", test_state_id_is_of_the_canonical_path);
  g_test_add_func ("/tag/a state id of a lost folder is of the path that is left", test_state_id_of_a_lost_folder);
  g_test_add_func ("/tag/a tag has its place", test_a_tag_has_its_place);
  return g_test_run ();
}
