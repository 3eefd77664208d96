/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-catalogue.h"
#include "bs-error.h"

#include <glib/gstdio.h>
#include <string.h>

#define SUM "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void
test_builtin_has_what_is_promised (void)
{
  static const char *const names[] = { "debian-12-cloudimg",
                                       "debian-13-cloudimg",
                                       "ubuntu-22.04",
                                       "ubuntu-22.04-cloudimg",
                                       "ubuntu-24.04",
                                       "ubuntu-24.04-cloudimg",
                                       "fedora",
                                       "rocky-9-cloudimg",
                                       "alpine" };
  g_autoptr (GError) error = NULL;
  g_autoptr (BsCatalogue) catalogue = bs_catalogue_load (NULL, &error);

  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const BsCatalogueEntry *entry = bs_catalogue_find (catalogue, names[i]);

      g_assert_nonnull (entry);
      g_assert_true (g_str_has_prefix (entry->url, "https://"));
      g_assert_true (g_str_has_prefix (entry->checksums, "https://"));
      g_assert_nonnull (entry->user);
      g_assert_cmpstr (entry->format, ==, "qcow2");
    }
  g_assert_null (bs_catalogue_find (catalogue, "plan9"));
}

static const struct
{
  const char *text, *message;
} wrong[] = {
  { "", "the file is empty" },
  { "[]", ":1:1: a catalogue needs a list 'images'" },
  { "images: []\nmore: 1\n", ":2:1: unknown key 'more'" },
  { "images:\n  - x\n", ":2:5: an image must be a mapping" },
  { "images:\n  - {name: a, sha256: " SUM "}\n", ":2:5: 'url' is missing" },
  { "images:\n  - {name: a, url: 'http://h/f'}\n", ":2:5: nothing says what its digest is" },
  { "images:\n  - {name: a, url: 'http://h/f', checksums: 'http://h/s'}\n", ":2:45: 'checksums_format' is missing" },
  { "images:\n  - {name: A b, url: 'http://h/f', sha256: " SUM "}\n", ":2:12: 'name' must be lower-case letters" },
  { "images:\n  - {name: a, url: 'ftp://h/f', sha256: " SUM "}\n", ":2:20: 'url' must be an http or https address" },
  { "images:\n  - {name: a, url: 'http://h/', sha256: " SUM "}\n", ":2:20: 'url' must be an http or https address" },
  { "images:\n  - {name: a, url: 'http://h/f', sha256: 12}\n", "'sha256' must be 64 hexadecimal digits, not '12'" },
  { "images:\n  - {name: a, url: 'http://h/f', sha256: " SUM ", usr: x}\n", "unknown key 'usr'" },
  { "images:\n  - {name: a, url: 'http://h/f', sha256: " SUM ", firmware: efi}\n", "'firmware' must be bios or uefi" },
  { "images:\n  - {name: a, aliases: [a], url: 'http://h/f', sha256: " SUM "}\n", "the name 'a' is used twice" },
  { "images:\n  - {name: a, aliases: a, url: 'http://h/f', sha256: " SUM "}\n", "'aliases' must be a list" },
  { "images:\n  - {name: a, url: 'http://h/f', sha256: " SUM ", checksums: 'http://h/s', checksums_format: bsd}\n",
    "'checksums' and a digest of its own exclude each other" },
};

static void
test_faults_have_positions (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("c.yaml");
      g_autoptr (BsCatalogue) catalogue = bs_catalogue_parse (wrong[i].text, strlen (wrong[i].text), diagnostics);
      g_autofree char *said = bs_diagnostics_format (diagnostics);

      g_assert_null (catalogue);
      if (strstr (said, wrong[i].message) == NULL)
        g_error ("'%s' is not in: %s", wrong[i].message, said);
    }
}

static void
test_all_faults_are_told (void)
{
  const char *text = "images:\n  - {name: A, url: x, sha256: 1}\n";
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("c.yaml");

  g_assert_null (bs_catalogue_parse (text, strlen (text), diagnostics));
  g_assert_cmpuint (diagnostics->items->len, ==, 3);
}

static char *
write_user_file (const char *text)
{
  g_autofree char *dir = g_dir_make_tmp ("bs-test-XXXXXX", NULL);
  char *path = g_build_filename (dir, "catalogue.yaml", NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static void
remove_user_file (const char *path)
{
  g_autofree char *dir = g_path_get_dirname (path);

  g_remove (path);
  g_rmdir (dir);
}

static void
test_user_entries_add_and_replace (void)
{
  g_autofree char *path = write_user_file (
      "images:\n"
      "  - {name: ubuntu-24.04, url: 'http://mirror/u.img', sha256: " SUM ", user: me, firmware: uefi}\n"
      "  - {name: mine, aliases: [fedora], url: 'http://mirror/m.raw', sha256: " SUM ", format: raw}\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (BsCatalogue) catalogue = bs_catalogue_load (path, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (bs_catalogue_find (catalogue, "ubuntu-24.04")->url, ==, "http://mirror/u.img");
  g_assert_cmpstr (bs_catalogue_find (catalogue, "ubuntu-24.04")->firmware, ==, "uefi");
  g_assert_null (bs_catalogue_find (catalogue, "ubuntu-24.04-cloudimg"));
  g_assert_cmpstr (bs_catalogue_find (catalogue, "mine")->format, ==, "raw");
  g_assert_cmpstr (bs_catalogue_find (catalogue, "fedora")->name, ==, "mine");
  g_assert_nonnull (bs_catalogue_find (catalogue, "alpine"));
  remove_user_file (path);
}

static void
test_missing_user_file_is_fine (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BsCatalogue) catalogue = bs_catalogue_load ("/nowhere/catalogue.yaml", &error);

  g_assert_no_error (error);
  g_assert_nonnull (catalogue);
}

static void
test_wrong_user_file_is_told (void)
{
  g_autofree char *path = write_user_file ("images: 5\n"), *said = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (bs_catalogue_load (path, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  said = g_strconcat (path, ":1:9: a catalogue needs a list 'images'", NULL);
  g_assert_cmpstr (error->message, ==, said);
  remove_user_file (path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/catalogue/builtin-has-what-is-promised", test_builtin_has_what_is_promised);
  g_test_add_func ("/catalogue/faults-have-positions", test_faults_have_positions);
  g_test_add_func ("/catalogue/all-faults-are-told", test_all_faults_are_told);
  g_test_add_func ("/catalogue/user-entries-add-and-replace", test_user_entries_add_and_replace);
  g_test_add_func ("/catalogue/missing-user-file-is-fine", test_missing_user_file_is_fine);
  g_test_add_func ("/catalogue/wrong-user-file-is-told", test_wrong_user_file_is_told);
  return g_test_run ();
}
