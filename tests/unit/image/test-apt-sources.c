/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-apt-config.h"
#include "bs-apt-sources.h"
#include "bs-error.h"
#include "bs-file.h"

#include <string.h>

typedef struct
{
  char *folder, *etc, *lists;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("bs-apt-XXXXXX", NULL);
  self->etc = g_build_filename (self->folder, "etc", NULL);
  self->lists = g_build_filename (self->folder, "lists", NULL);
  g_assert_true (bs_file_make_dirs (self->lists, 0755, NULL));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_assert_true (bs_file_remove_tree (AT_FDCWD, self->folder, NULL));
  g_free (self->folder);
  g_free (self->etc);
  g_free (self->lists);
}

static void
write_file (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL), *parent = g_path_get_dirname (path);

  g_assert_true (bs_file_make_dirs (parent, 0755, NULL));
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static GPtrArray *
parse (const char *text, gboolean deb822)
{
  GPtrArray *sources = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_apt_source_free);

  bs_apt_sources_parse (text, deb822, "amd64", sources);
  return sources;
}

static void
assert_formatted (GPtrArray *sources, const char *expected)
{
  g_autofree char *text = bs_apt_sources_format (sources);

  g_assert_cmpstr (text, ==, expected);
}

static void
lines_are_read (void)
{
  g_autoptr (GPtrArray) sources
      = parse ("# deb http://m.test/off bookworm main\n"
               "deb http://m.test/debian/ bookworm main  contrib # the main one\n"
               "deb-src http://m.test/debian bookworm main\n"
               "deb\t[arch=amd64,arm64 signed-by=/k.gpg trusted=yes] https://m.test/s x-security main\n"
               "deb [arch=arm64] http://m.test/debian bookworm main\n"
               "deb cdrom:[Debian 12]/ bookworm main\n"
               "deb http://m.test/flat ./\n"
               "deb http:// bookworm main\n"
               "deb [signed-by=/k.gpg http://m.test/broken bookworm main\n",
               FALSE);

  assert_formatted (sources, "Types: deb\nURIs: http://m.test/debian\nSuites: bookworm\nComponents: main contrib\n\n"
                             "Types: deb\nURIs: https://m.test/s\nSuites: x-security\nComponents: main\n"
                             "Signed-By: /k.gpg\nTrusted: yes\n");
}

static void
stanzas_are_read (void)
{
  g_autoptr (GPtrArray) sources
      = parse ("Types: deb deb-src\n# a comment inside\nuris: http://a.test/debian\n http://b.test/debian\n"
               "Suites: bookworm bookworm-updates\nComponents: main\nSigned-By: /k.gpg\n"
               " \n"
               "Types: deb\nURIs: http://c.test\nSuites: off\nComponents: main\nEnabled: no\n"
               "\n"
               "Types: deb-src\nURIs: http://d.test\nSuites: source\nComponents: main\n",
               TRUE);
  const char *const expected[] = { "http://a.test/debian bookworm", "http://a.test/debian bookworm-updates",
                                   "http://b.test/debian bookworm", "http://b.test/debian bookworm-updates" };

  g_assert_cmpuint (sources->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < sources->len; i++)
    {
      const BsAptSource *source = g_ptr_array_index (sources, i);
      g_autofree char *pair = g_strdup_printf ("%s %s", source->uri, source->suite);

      g_assert_cmpstr (pair, ==, expected[i]);
      g_assert_cmpstr (source->signed_by, ==, "/k.gpg");
    }
}

static void
key_in_a_stanza_survives (void)
{
  const char *text
      = "Types: deb\nURIs: http://a.test/debian\nSuites: bookworm\nComponents: main\n"
        "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mDME\n -----END PGP PUBLIC KEY BLOCK-----\n";
  g_autoptr (GPtrArray) first = parse (text, TRUE), second = NULL;
  g_autofree char *formatted = bs_apt_sources_format (first);

  g_assert_nonnull (strstr (formatted, "Signed-By: \n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mDME\n -----END"));
  second = parse (formatted, TRUE);
  assert_formatted (second, formatted);
}

static void
all_files_are_read_by_name (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) sources = NULL;

  write_file (self->etc, "sources.list", "deb http://first.test/debian bookworm main\n");
  write_file (self->etc, "sources.list.d/b.sources",
              "Types: deb\nURIs: http://third.test\nSuites: s\nComponents: main\n");
  write_file (self->etc, "sources.list.d/a.list", "deb http://second.test/debian bookworm main\n");
  write_file (self->etc, "sources.list.d/c.list.disabled", "deb http://never.test/debian bookworm main\n");
  sources = bs_apt_sources_read (self->etc, "amd64");
  g_assert_cmpuint (sources->len, ==, 3);
  g_assert_cmpstr (((BsAptSource *) sources->pdata[0])->uri, ==, "http://first.test/debian");
  g_assert_cmpstr (((BsAptSource *) sources->pdata[1])->uri, ==, "http://second.test/debian");
  g_assert_cmpstr (((BsAptSource *) sources->pdata[2])->uri, ==, "http://third.test");
}

static void
list_path_is_as_apt_makes_it (void)
{
  BsAptSource source = { .uri = (char *) "http://me:secret@m.test:3142/my_debian", .suite = (char *) "bookworm" };
  g_autofree char *path = bs_apt_source_list_path (&source, "/lists", "InRelease");

  g_assert_cmpstr (path, ==, "/lists/m.test:3142_my%5fdebian_dists_bookworm_InRelease");
}

/* Somebody else's archive with the same suite and component is told by its Release file, or by its place. */
static void
only_debian_is_chosen (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) all = parse ("deb http://other.test/debian bookworm main\n"
                                     "deb http://vendor.test/packages bookworm main\n"
                                     "deb http://m.test/debian stable main\n"
                                     "deb http://m.test/debian bookworm-backports main\n"
                                     "deb http://m.test/debian bookworm-updates main\n"
                                     "deb http://m.test/debian-security bookworm-security main\n"
                                     "deb http://m.test/debian bookworm contrib\n"
                                     "deb http://m.test/debian trixie main\n",
                                     FALSE);
  g_autoptr (GPtrArray) chosen = NULL;
  g_autoptr (GError) error = NULL;

  write_file (self->lists, "other.test_debian_dists_bookworm_InRelease", "Origin: Other\nCodename: bookworm\n");
  write_file (self->lists, "m.test_debian_dists_stable_InRelease", "Origin: Debian\nCodename: bookworm\n");
  write_file (self->lists, "m.test_debian_dists_bookworm-backports_InRelease",
              "Origin: Debian Backports\nCodename: bookworm-backports\n");
  chosen = bs_apt_sources_for (all, "bookworm", self->lists, &error);
  g_assert_no_error (error);
  assert_formatted (chosen,
                    "Types: deb\nURIs: http://m.test/debian\nSuites: bookworm\nComponents: main\n\n"
                    "Types: deb\nURIs: http://m.test/debian\nSuites: bookworm-updates\nComponents: main\n\n"
                    "Types: deb\nURIs: http://m.test/debian-security\nSuites: bookworm-security\nComponents: main\n");
}

static void
another_debian_gives_its_archives (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) all = parse ("deb http://m.test/debian trixie main\n"
                                     "deb http://m.test/debian-security trixie-security main\n",
                                     FALSE);
  g_autoptr (GPtrArray) chosen = bs_apt_sources_for (all, "bookworm", self->lists, NULL);

  assert_formatted (chosen,
                    "Types: deb\nURIs: http://m.test/debian\nSuites: bookworm\nComponents: main\n\n"
                    "Types: deb\nURIs: http://m.test/debian\nSuites: bookworm-updates\nComponents: main\n\n"
                    "Types: deb\nURIs: http://m.test/debian-security\nSuites: bookworm-security\nComponents: main\n");
}

static void
host_without_debian_is_told (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) all = parse ("deb http://archive.test/ubuntu noble main\n", FALSE);
  g_autoptr (GError) error = NULL;

  g_assert_null (bs_apt_sources_for (all, "bookworm", self->lists, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_HOST);
  g_assert_cmpstr (error->message, ==, "apt has no source for Debian's release 'bookworm'");
  g_assert_nonnull (strstr (bs_error_hint (error), "/etc/apt/sources.list.d"));
}

#define DUMP                                                                                                           \
  "Acquire \"\";\nAcquire::http \"\";\nAcquire::http::Proxy \"http://proxy.test:3128\";\n"                             \
  "Acquire::http::Proxy-Auto-Detect \"/usr/bin/find-proxy\";\nAcquire::Retries \"3\";\n"                               \
  "Acquire::Check-Valid-Until \"false\";\nDPkg::Post-Invoke:: \"rm -rf /\";\nAcquire::RetriesX \"4\";\n"

static void
configuration_is_picked (void)
{
  g_autofree char *way = bs_apt_config_pick (DUMP, TRUE, FALSE), *mirror = bs_apt_config_pick (DUMP, FALSE, TRUE);

  g_assert_cmpstr (way, ==, "Acquire::http::Proxy \"http://proxy.test:3128\";\nAcquire::Retries \"3\";\n");
  g_assert_cmpstr (mirror, ==, "Acquire::Check-Valid-Until \"false\";\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/apt-sources/lines-are-read", lines_are_read);
  g_test_add_func ("/apt-sources/stanzas-are-read", stanzas_are_read);
  g_test_add_func ("/apt-sources/key-in-a-stanza-survives", key_in_a_stanza_survives);
  g_test_add_func ("/apt-sources/list-path-is-as-apt-makes-it", list_path_is_as_apt_makes_it);
  g_test_add_func ("/apt-config/is-picked", configuration_is_picked);
  g_test_add ("/apt-sources/all-files-are-read-by-name", Fixture, NULL, set_up, all_files_are_read_by_name, tear_down);
  g_test_add ("/apt-sources/only-debian-is-chosen", Fixture, NULL, set_up, only_debian_is_chosen, tear_down);
  g_test_add ("/apt-sources/another-debian-gives-its-archives", Fixture, NULL, set_up,
              another_debian_gives_its_archives, tear_down);
  g_test_add ("/apt-sources/host-without-debian-is-told", Fixture, NULL, set_up, host_without_debian_is_told,
              tear_down);
  return g_test_run ();
}
