/* SPDX-License-Identifier: Apache-2.0 */
/* test-topology-files.c — the files that a topology names, which are beside it */
#include "topology-test.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

typedef struct
{
  char *dir, *topology, *prefix;
} Fixture;

static void
set_up (Fixture *self, gconstpointer unused)
{
  g_autofree char *file = NULL, *fifo = NULL, *folder = NULL;

  self->dir = g_dir_make_tmp ("topology-XXXXXX", NULL);
  self->topology = g_build_filename (self->dir, "lab.yaml", NULL);
  self->prefix = g_strdup_printf ("benchscale: %s:1:", self->topology);
  file = g_build_filename (self->dir, "here.deb", NULL);
  fifo = g_build_filename (self->dir, "fifo.deb", NULL);
  folder = g_build_filename (self->dir, "folder", NULL);
  g_assert_true (g_file_set_contents (file, "x", -1, NULL));
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  static const char *const names[] = { "lab.yaml", "here.deb", "fifo.deb", "folder" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (self->dir, names[i], NULL);

      g_remove (path);
    }
  g_assert_cmpint (g_rmdir (self->dir), ==, 0);
  g_free (self->dir);
  g_free (self->topology);
  g_free (self->prefix);
}

/* What is said of a node with these keys, without the file's name; @folder stands for the folder. */
static void
check (Fixture *self, const char *keys, const char *column, const char *expected, gboolean relative)
{
  g_autofree char *text = g_strdup_printf ("nodes: [{name: a, image: x, %s}]\n", keys), *said = NULL, *wanted = NULL;
  g_autofree char *hint
      = relative ? g_strdup_printf ("hint: paths are relative to the folder '%s'\n", self->dir) : g_strdup ("");
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsTopology) topology = NULL;

  g_assert_true (g_file_set_contents (self->topology, text, -1, NULL));
  topology = bs_topology_load (self->topology, &diagnostics);
  said = bs_diagnostics_format (diagnostics);
  wanted = column != NULL ? g_strdup_printf ("%s%s: node 'a': %s\n%s", self->prefix, column, expected, hint)
                          : g_strdup ("");
  g_assert_cmpstr (said, ==, wanted);
}

static void
test_found (Fixture *self, gconstpointer unused)
{
  g_autofree char *absolute = g_strdup_printf ("kernel: %s/here.deb", self->dir);

  check (self, "deploy: [{src: here.deb, dest: /a}, {src: ./folder, dest: /b}]", NULL, NULL, FALSE);
  check (self, "packages: [./here.deb, {repository: 'http://h/', key: here.deb}]", NULL, NULL, FALSE);
  check (self, "kernel: here.deb, initrd: ./folder/../here.deb", NULL, NULL, FALSE);
  check (self, absolute, NULL, NULL, FALSE);
}

static void
test_missing (Fixture *self, gconstpointer unused)
{
  check (self, "deploy: [{src: ./no, dest: /a}]", "44", "'src' cannot be read: './no': No such file or directory",
         TRUE);
  check (self, "packages: [./no.deb]", "40", "'packages' cannot be read: './no.deb': No such file or directory", TRUE);
  check (self, "packages: [{repository: 'http://h/', key: no}]", "71",
         "'key' cannot be read: 'no': No such file or directory", TRUE);
  check (self, "kernel: /nowhere", "37", "'kernel' cannot be read: '/nowhere': No such file or directory", FALSE);
}

static void
test_not_a_file (Fixture *self, gconstpointer unused)
{
  check (self, "deploy: [{src: fifo.deb, dest: /a}]", "44", "'src' must be a file or folder: 'fifo.deb'", FALSE);
  check (self, "packages: [./fifo.deb]", "40", "'packages' must be a file: './fifo.deb'", FALSE);
  check (self, "kernel: folder", "37", "'kernel' must be a file: 'folder'", FALSE);
}

static void
test_a_text_names_files_of_another_place (Fixture *self, gconstpointer unused)
{
  g_autoptr (BsTopology) topology = parse_good (NODE ("deploy: [{src: /nowhere, dest: /a}], kernel: /nowhere"));

  g_assert_nonnull (topology);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/files/found", Fixture, NULL, set_up, test_found, tear_down);
  g_test_add ("/files/missing", Fixture, NULL, set_up, test_missing, tear_down);
  g_test_add ("/files/not-a-file", Fixture, NULL, set_up, test_not_a_file, tear_down);
  g_test_add ("/files/a-text-names-files-of-another-place", Fixture, NULL, set_up,
              test_a_text_names_files_of_another_place, tear_down);
  return g_test_run ();
}
