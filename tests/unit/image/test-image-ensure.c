/* SPDX-License-Identifier: Apache-2.0 */
/* What a topology says, and the image that comes of it. */
#include "bs-error.h"
#include "bs-file.h"
#include "bs-image-make.h"
#include "http-server.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <utime.h>

#define SIZE 65536

static char *top;
static HttpServer *server;

static char *
in_top (const char *name)
{
  return g_build_filename (top, name, NULL);
}

/* Settings are read once in a process, so all tests share one cache and catalogue. */
static void
set_up (void)
{
  g_autofree char *cache = NULL, *catalogue = NULL, *disk = NULL, *data = g_malloc0 (SIZE), *hex = NULL;
  g_autofree char *libexec = g_path_get_dirname (g_getenv ("BENCHSCALE_TEST_FETCH")), *url = NULL, *text = NULL;

  top = g_dir_make_tmp ("bs-test-XXXXXX", NULL);
  cache = in_top ("cache");
  catalogue = in_top ("catalogue.yaml");
  disk = in_top ("disk.raw");
  g_setenv ("BENCHSCALE_CACHE_DIR", cache, TRUE);
  g_setenv ("BENCHSCALE_CATALOGUE", catalogue, TRUE);
  g_setenv ("BENCHSCALE_LIBEXEC_DIR", libexec, TRUE);
  g_assert_true (g_file_set_contents (disk, data, SIZE, NULL));
  hex = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) data, SIZE);
  server = http_server_new (top, NULL);
  url = http_server_url (server, "disk.raw");
  text = g_strdup_printf ("images:\n  - {name: net, aliases: [network], url: '%s', sha256: %s, format: raw}\n", url,
                          hex);
  g_assert_true (g_file_set_contents (catalogue, text, -1, NULL));
}

static BsImage *
ensure (const char *name, GError **error)
{
  return bs_image_ensure (name, top, NULL, NULL, NULL, error);
}

static void
assert_refused (const char *name, int code, const char *message, const char *hint)
{
  g_autoptr (GError) error = NULL, again = NULL;

  g_assert_false (bs_image_check (name, top, &error));
  g_assert_error (error, BS_ERROR, code);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_cmpstr (bs_error_hint (error), ==, hint);
  g_assert_null (ensure (name, &again));
  g_assert_cmpstr (again->message, ==, message);
}

static void
test_names_that_can_be (void)
{
  static const char *const names[] = { "tiny", "net", "network", "ubuntu-22.04-cloudimg", "./disk.raw", "disk.raw" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;

      bs_image_check (names[i], top, &error);
      g_assert_no_error (error);
    }
}

static void
test_what_is_missing (void)
{
  g_autofree char *missing = NULL, *none = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (BsImage) file = NULL;

  g_assert_null (bs_image_find ("ubuntu-22.04-cloudimg", top, &missing, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (missing, ==, "will be downloaded");
  file = bs_image_find ("./disk.raw", top, &none, &error);
  g_assert_no_error (error);
  g_assert_nonnull (file->disk);
  g_assert_null (none);
  g_assert_null (bs_image_find ("something-else-entirely", top, &none, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_assert_null (none);
}

static void
test_unknown_name (void)
{
  assert_refused ("ubuntu-22.04-cloudimgs", BS_ERROR_NOT_FOUND, "there is no image 'ubuntu-22.04-cloudimgs'",
                  "did you mean 'ubuntu-22.04-cloudimg'? `benchscale image list` shows all");
  assert_refused ("something-else-entirely", BS_ERROR_NOT_FOUND, "there is no image 'something-else-entirely'",
                  "`benchscale image list` shows all");
}

static void
test_missing_and_wrong_files (void)
{
  g_autofree char *gone = in_top ("gone.qcow2"), *text = in_top ("catalogue.yaml");
  g_autofree char *not_there = g_strdup_printf ("cannot open '%s': No such file or directory", gone);
  g_autofree char *no_disk
      = g_strdup_printf ("cannot use '%s': it is neither qcow2 nor a whole number of 512-byte sectors", text);

  assert_refused ("gone.qcow2", BS_ERROR_NOT_FOUND, not_there, NULL);
  assert_refused ("./catalogue.yaml", BS_ERROR_INVALID, no_disk, NULL);
}

static void
test_file (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = in_top ("disk.raw"), *digest = NULL;
  g_autoptr (BsImage) image = ensure ("./disk.raw", &error), other = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (image->origin, ==, BS_IMAGE_FILE);
  g_assert_cmpstr (image->name, ==, path);
  g_assert_cmpstr (image->disk, ==, path);
  g_assert_cmpstr (image->disk_format, ==, "raw");
  g_assert_cmpuint (image->disk_bytes, ==, SIZE);
  g_assert_cmpuint (strlen (image->digest), ==, 64);
  g_assert_cmpint (g_utime (path, &(struct utimbuf){ 1, 1 }), ==, 0);
  other = ensure (path, &error);
  g_assert_cmpstr (other->digest, !=, image->digest);
}

/* A topology that was named without a folder lies in ".". */
static void
test_file_below_a_relative_folder (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = in_top ("disk.raw"), *before = g_get_current_dir ();
  g_autoptr (BsImage) image = NULL;

  g_assert_cmpint (chdir (top), ==, 0);
  image = bs_image_ensure ("./disk.raw", ".", NULL, NULL, NULL, &error);
  g_assert_cmpint (chdir (before), ==, 0);
  g_assert_no_error (error);
  g_assert_cmpstr (image->disk, ==, path);
}

static void
test_catalogue (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BsImage) image = ensure ("network", &error), again = NULL, anew = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (image->name, ==, "net");
  g_assert_cmpuint (http_server_count (server, "disk.raw"), ==, 1);
  again = ensure ("net", &error);
  g_assert_cmpstr (again->disk, ==, image->disk);
  g_assert_cmpuint (http_server_count (server, "disk.raw"), ==, 1);
  /* One that was changed is removed and made again. */
  g_assert_cmpint (chmod (image->disk, 0644), ==, 0);
  g_assert_cmpint (truncate (image->disk, 512), ==, 0);
  anew = ensure ("net", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (http_server_count (server, "disk.raw"), ==, 2);
  g_assert_cmpstr (anew->digest, ==, image->digest);
}

static void
test_imported (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = in_top ("disk.raw");
  const BsImageImport request = { path, "mine", NULL, NULL };
  g_autoptr (BsImage) imported = NULL, image = NULL, none = NULL;
  BsImageWork work;

  g_assert_true (bs_image_work_init (&work, NULL, NULL, NULL, NULL));
  imported = bs_image_import (&work, &request, &error);
  g_assert_no_error (error);
  g_assert_true (bs_image_check ("mine", top, NULL));
  image = ensure ("mine", &error);
  g_assert_cmpstr (image->digest, ==, imported->digest);
  /* Nobody can make it again: it is refused, and stays. */
  g_assert_cmpint (chmod (image->disk, 0644), ==, 0);
  g_assert_cmpint (truncate (image->disk, 512), ==, 0);
  none = ensure ("mine", &error);
  g_assert_null (none);
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==,
                   "the imported image 'mine' cannot be used: its file 'disk.raw' was changed since it was made");
  g_assert_cmpstr (bs_error_hint (error), ==, "import it again: benchscale image import FILE --name NAME");
  g_assert_cmpint (access (image->disk, F_OK), ==, 0);
}

int
main (int argc, char **argv)
{
  int code;

  g_test_init (&argc, &argv, NULL);
  set_up ();
  g_test_add_func ("/ensure/names-that-can-be", test_names_that_can_be);
  g_test_add_func ("/ensure/what-is-missing", test_what_is_missing);
  g_test_add_func ("/ensure/unknown-name", test_unknown_name);
  g_test_add_func ("/ensure/missing-and-wrong-files", test_missing_and_wrong_files);
  g_test_add_func ("/ensure/file", test_file);
  g_test_add_func ("/ensure/file-below-a-relative-folder", test_file_below_a_relative_folder);
  g_test_add_func ("/ensure/catalogue", test_catalogue);
  g_test_add_func ("/ensure/imported", test_imported);
  code = g_test_run ();
  http_server_free (server);
  g_assert_true (bs_file_remove_tree (AT_FDCWD, top, NULL));
  g_free (top);
  return code;
}
