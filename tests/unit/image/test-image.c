/* SPDX-License-Identifier: Apache-2.0 */
/* The cache: pull, build, import, and what damage, kills and haste do to it. */
#include "bs-cache-hold.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-image-cache.h"
#include "bs-image-make.h"
#include "bs-image-steps.h"
#include "bs-manifest.h"
#include "bs-template-cache.h"
#include "http-server.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define SIZE (2 * 1024 * 1024)

typedef struct
{
  char *top, *served, *cache, *libexec, *catalogue;
  HttpServer *server;
  BsImageWork work;
  GString *told;
} Host;

static void
tell (const char *image, const char *what, guint64 done, guint64 total, gpointer user_data)
{
  Host *host = user_data;

  if (done == 0)
    g_string_append_printf (host->told, "%s: %s\n", image, what);
}

static char *
served (const Host *host, const char *name)
{
  return g_build_filename (host->served, name, NULL);
}

/* A raw disk that differs by @seed, and its checksum file. */
static void
serve_disk (Host *host, const char *name, char seed)
{
  g_autofree char *path = served (host, name), *sums = served (host, "SHA256SUMS"), *data = g_malloc (SIZE);
  g_autofree char *hex = NULL, *line = NULL;

  memset (data, seed, SIZE);
  g_assert_true (g_file_set_contents (path, data, SIZE, NULL));
  hex = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) data, SIZE);
  line = g_strdup_printf ("%s *%s\n", hex, name);
  g_assert_true (g_file_set_contents (sums, line, -1, NULL));
}

static void
host_open (Host *host)
{
  memset (host, 0, sizeof *host);
  host->top = g_dir_make_tmp ("bs-test-XXXXXX", NULL);
  host->served = g_build_filename (host->top, "served", NULL);
  host->cache = g_build_filename (host->top, "cache", NULL);
  host->catalogue = g_build_filename (host->top, "catalogue.yaml", NULL);
  host->libexec = g_path_get_dirname (g_getenv ("BENCHSCALE_TEST_FETCH"));
  host->told = g_string_new (NULL);
  g_assert_cmpint (mkdir (host->served, 0755), ==, 0);
  host->work = (BsImageWork){ .cache_dir = host->cache,
                              .libexec_dir = host->libexec,
                              .catalogue = host->catalogue,
                              .progress = tell,
                              .user_data = host };
  host->server = http_server_new (host->served, NULL);
}

static void
host_close (Host *host)
{
  http_server_free (host->server);
  g_assert_true (bs_file_remove_tree (AT_FDCWD, host->top, NULL));
  g_string_free (host->told, TRUE);
  g_free (host->top);
  g_free (host->served);
  g_free (host->cache);
  g_free (host->libexec);
  g_free (host->catalogue);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Host, host_close)

/* A catalogue with the image "net", whose disk is at @path. */
static BsCatalogue *
write_catalogue (Host *host, const char *path)
{
  g_autofree char *url = http_server_url (host->server, path), *sums = http_server_url (host->server, "SHA256SUMS");
  g_autofree char *text = g_strdup_printf ("images:\n  - {name: net, aliases: [network], url: '%s', checksums: '%s', "
                                           "checksums_format: sha256sums, user: me, format: raw}\n",
                                           url, sums);
  g_autoptr (GError) error = NULL;
  BsCatalogue *catalogue;

  g_assert_true (g_file_set_contents (host->catalogue, text, -1, NULL));
  catalogue = bs_catalogue_load (host->catalogue, &error);
  g_assert_no_error (error);
  return catalogue;
}

static BsImage *
pull (Host *host, const char *path, GError **error)
{
  g_autoptr (BsCatalogue) catalogue = write_catalogue (host, path);

  return bs_image_pull (&host->work, bs_catalogue_find (catalogue, "net"), error);
}

static BsImage *
pulled (Host *host, const char *path)
{
  g_autoptr (GError) error = NULL;
  BsImage *image = pull (host, path, &error);

  g_assert_no_error (error);
  return image;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Names in a folder of the cache, sorted and joined; (transfer full). */
static char *
names_in (const Host *host, const char *folder)
{
  g_autofree char *path = g_build_filename (host->cache, folder, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return g_strjoinv (" ", (char **) names->pdata);
}

static void
damage (const char *path, gboolean keep_time)
{
  struct stat st;
  bs_autofd int fd = -1;

  g_assert_cmpint (chmod (path, 0644), ==, 0);
  fd = open (path, O_WRONLY | O_CLOEXEC);
  g_assert_cmpint (fstat (fd, &st), ==, 0);
  g_assert_cmpint (pwrite (fd, "?", 1, 1000), ==, 1);
  if (keep_time)
    {
      const struct timespec times[2] = { st.st_atim, st.st_mtim };

      g_assert_cmpint (futimens (fd, times), ==, 0);
    }
}

static void
test_pull (void)
{
  g_auto (Host) host;
  g_autoptr (BsImage) image = NULL, again = NULL;
  g_autofree char *work = NULL;

  host_open (&host);
  serve_disk (&host, "disk.img", 'a');
  image = pulled (&host, "disk.img");
  g_assert_cmpstr (image->name, ==, "net");
  g_assert_cmpint (image->origin, ==, BS_IMAGE_CATALOGUE);
  g_assert_cmpstr (image->disk_format, ==, "raw");
  g_assert_cmpuint (image->disk_bytes, ==, SIZE);
  g_assert_cmpstr (image->user, ==, "me");
  g_assert_cmpstr (image->firmware, ==, "bios");
  g_assert_false (image->has_guest);
  g_assert_cmpuint (strlen (image->digest), ==, 64);
  /* The second time only the checksum file is asked for. */
  again = pulled (&host, "disk.img");
  g_assert_cmpstr (again->digest, ==, image->digest);
  g_assert_cmpuint (http_server_count (host.server, "disk.img"), ==, 1);
  g_assert_cmpuint (http_server_count (host.server, "SHA256SUMS"), ==, 2);
  work = names_in (&host, "work/net");
  g_assert_cmpstr (work, ==, "lock");
}

static void
test_publisher_has_a_newer_one (void)
{
  g_auto (Host) host;
  g_autoptr (BsImage) image = NULL, newer = NULL;
  g_autoptr (GPtrArray) pruned = NULL;
  BsImagePrune options = { FALSE, FALSE, G_MAXUINT64, -1 };

  host_open (&host);
  serve_disk (&host, "disk.img", 'a');
  image = pulled (&host, "disk.img");
  serve_disk (&host, "disk.img", 'b');
  newer = pulled (&host, "disk.img");
  g_assert_cmpstr (newer->digest, !=, image->digest);
  pruned = bs_image_prune (&host.work, &options, NULL);
  g_assert_cmpuint (pruned->len, ==, 1);
  g_assert_cmpint (access (image->disk, F_OK), !=, 0);
  g_assert_cmpint (access (newer->disk, F_OK), ==, 0);
}

static void
assert_not_pulled (Host *host, const char *path, int code, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BsImage) image = pull (host, path, &error);
  g_autofree char *images = names_in (host, "images");

  g_assert_null (image);
  g_assert_error (error, BS_ERROR, code);
  if (strstr (error->message, text) == NULL)
    g_error ("'%s' does not say '%s'", error->message, text);
  g_assert_cmpstr (images, ==, "");
}

static void
test_pulls_that_fail_leave_nothing_to_use (void)
{
  g_auto (Host) host;
  g_autofree char *disk = NULL, *sums = NULL;

  host_open (&host);
  serve_disk (&host, "disk.img", 'a');
  disk = served (&host, "disk.img");
  sums = served (&host, "SHA256SUMS");
  assert_not_pulled (&host, "gone.img", BS_ERROR_NOT_FOUND,
                     "cannot pull image 'net': the checksum file does not name 'gone.img'");
  g_assert_true (g_file_set_contents (disk, "another file than the checksums say", -1, NULL));
  assert_not_pulled (&host, "disk.img", BS_ERROR_INVALID, "has the wrong checksum");
  g_assert_cmpint (g_remove (sums), ==, 0);
  assert_not_pulled (&host, "disk.img", BS_ERROR_NOT_FOUND, "SHA256SUMS': the server answers 404");
}

static void
test_what_is_no_disk_is_refused (void)
{
  g_auto (Host) host;
  g_autofree char *path = NULL, *sums = NULL, *hex = NULL, *line = NULL, *work = NULL;
  const char *page = "<html>sign in first</html>";

  host_open (&host);
  path = served (&host, "disk.img");
  sums = served (&host, "SHA256SUMS");
  hex = g_compute_checksum_for_string (G_CHECKSUM_SHA256, page, -1);
  line = g_strdup_printf ("%s  disk.img\n", hex);
  g_assert_true (g_file_set_contents (path, page, -1, NULL));
  g_assert_true (g_file_set_contents (sums, line, -1, NULL));
  assert_not_pulled (&host, "disk.img", BS_ERROR_UNSUPPORTED, "it is a web page, not qcow2 or raw");
  work = names_in (&host, "work/net");
  g_assert_cmpstr (work, ==, "lock");
}

typedef struct
{
  Host *host;
  BsImage *image;
} Puller;

static gpointer
pull_in_thread (gpointer data)
{
  Puller *puller = data;
  g_autoptr (BsCatalogue) catalogue = bs_catalogue_load (puller->host->catalogue, NULL);
  BsImageWork work = puller->host->work;

  work.progress = NULL;
  puller->image = bs_image_pull (&work, bs_catalogue_find (catalogue, "net"), NULL);
  return NULL;
}

static void
test_two_pulls_share_one_download (void)
{
  g_auto (Host) host;
  g_autoptr (BsCatalogue) catalogue = NULL;
  Puller pullers[2];
  GThread *threads[2];

  host_open (&host);
  serve_disk (&host, "disk.img", 'a');
  catalogue = write_catalogue (&host, "disk.img");
  for (guint i = 0; i < 2; i++)
    {
      pullers[i] = (Puller){ &host, NULL };
      threads[i] = g_thread_new ("pull", pull_in_thread, &pullers[i]);
    }
  for (guint i = 0; i < 2; i++)
    g_thread_join (threads[i]);
  g_assert_cmpstr (pullers[0].image->disk, ==, pullers[1].image->disk);
  g_assert_cmpuint (http_server_count (host.server, "disk.img"), ==, 1);
  for (guint i = 0; i < 2; i++)
    bs_image_free (pullers[i].image);
}

static void
stop_waiting (const char *image, const char *what, guint64 done, guint64 total, gpointer user_data)
{
  Host *host = user_data;

  tell (image, what, done, total, host);
  g_cancellable_cancel (host->work.cancellable);
}

static void
test_waiting_says_for_whom_and_can_be_interrupted (void)
{
  g_auto (Host) host;
  g_autoptr (GError) error = NULL;
  g_autoptr (BsStoreLock) lock = NULL, second = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *said = g_strdup_printf ("net: waiting for process %d, which makes it\n", (int) getpid ());

  host_open (&host);
  lock = bs_store_lock (&host.work, "net", TRUE, NULL);
  g_assert_null (bs_store_lock (&host.work, "net", FALSE, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_BUSY);
  g_clear_error (&error);
  host.work.cancellable = cancellable;
  host.work.progress = stop_waiting;
  second = bs_store_lock (&host.work, "net", TRUE, &error);
  g_assert_error (error, BS_ERROR, BS_ERROR_CANCELLED);
  g_assert_cmpstr (error->message, ==, "waiting for image 'net' was interrupted");
  g_assert_cmpstr (host.told->str, ==, said);
}

static void
test_quick_look_finds_a_changed_file (void)
{
  g_auto (Host) host;
  g_autoptr (BsImage) image = NULL, none = NULL, again = NULL;
  g_autoptr (GError) problem = NULL;

  host_open (&host);
  serve_disk (&host, "disk.img", 'a');
  image = pulled (&host, "disk.img");
  damage (image->disk, FALSE);
  none = bs_store_find (&host.work, "net", NULL, NULL, &problem);
  g_assert_null (none);
  g_assert_cmpstr (problem->message, ==, "its file 'disk.raw' was changed since it was made");
  again = pulled (&host, "disk.img");
  g_assert_cmpstr (again->digest, ==, image->digest);
  g_assert_cmpuint (http_server_count (host.server, "disk.img"), ==, 2);
}

static void
test_missing_file_and_manifest (void)
{
  g_auto (Host) host;
  g_autoptr (BsImage) image = NULL, second = NULL, third = NULL;
  g_autofree char *manifest = NULL, *folder = NULL;

  host_open (&host);
  serve_disk (&host, "disk.img", 'a');
  image = pulled (&host, "disk.img");
  g_assert_cmpint (g_remove (image->disk), ==, 0);
  second = pulled (&host, "disk.img");
  g_assert_cmpint (access (second->disk, R_OK), ==, 0);
  folder = g_path_get_dirname (image->disk);
  manifest = g_build_filename (folder, BS_MANIFEST, NULL);
  g_assert_cmpint (chmod (manifest, 0644), ==, 0);
  g_assert_true (g_file_set_contents (manifest, "{\"format\":1}", -1, NULL));
  third = pulled (&host, "disk.img");
  g_assert_cmpint (access (third->disk, R_OK), ==, 0);
}

static void
test_verify_reads_every_byte (void)
{
  g_auto (Host) host;
  g_autoptr (BsImage) image = NULL, quick = NULL;
  g_autoptr (GPtrArray) sound = NULL, damaged = NULL;
  g_autoptr (GError) error = NULL;
  const BsImageVerdict *verdict;

  host_open (&host);
  serve_disk (&host, "disk.img", 'a');
  image = pulled (&host, "disk.img");
  sound = bs_image_verify (&host.work, (const char *const[]){ "net", NULL }, NULL);
  g_assert_cmpuint (sound->len, ==, 1);
  g_assert_null (((BsImageVerdict *) g_ptr_array_index (sound, 0))->problem);
  damage (image->disk, TRUE);
  quick = bs_store_find (&host.work, "net", NULL, NULL, NULL);
  g_assert_nonnull (quick);
  damaged = bs_image_verify (&host.work, (const char *const[]){ NULL }, NULL);
  verdict = g_ptr_array_index (damaged, 0);
  g_assert_true (g_str_has_prefix (verdict->problem, "its file 'disk.raw' is damaged: SHA-256 is "));
  g_assert_null (bs_image_verify (&host.work, (const char *const[]){ "nothing", NULL }, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
}

static BsImage *
import (Host *host, const char *name, char seed, GError **error)
{
  g_autofree char *path = NULL;
  BsImageImport request = { NULL, name, "root", "uefi" };

  serve_disk (host, "mine.raw", seed);
  request.file = path = served (host, "mine.raw");
  return bs_image_import (&host->work, &request, error);
}

static void
test_import (void)
{
  g_auto (Host) host;
  g_autoptr (GError) error = NULL;
  g_autoptr (BsImage) image = NULL, replaced = NULL, found = NULL;

  host_open (&host);
  image = import (&host, "mine", 'a', &error);
  g_assert_no_error (error);
  g_assert_cmpint (image->origin, ==, BS_IMAGE_IMPORTED);
  g_assert_cmpstr (image->firmware, ==, "uefi");
  replaced = import (&host, "mine", 'b', &error);
  g_assert_no_error (error);
  found = bs_store_find (&host.work, "mine", NULL, NULL, NULL);
  g_assert_cmpstr (found->digest, ==, replaced->digest);
  g_assert_cmpstr (found->digest, !=, image->digest);
}

static void
test_import_refuses (void)
{
  static const struct
  {
    const char *name;
    int code;
    const char *text;
  } cases[] = {
    { "tiny", BS_ERROR_EXISTS, "there is an image 'tiny' already" },
    { "ubuntu-22.04-cloudimg", BS_ERROR_EXISTS, "there is an image 'ubuntu-22.04-cloudimg' already" },
    { "../up", BS_ERROR_INVALID, "'../up' cannot be an image's name" },
    { "", BS_ERROR_INVALID, "'' cannot be an image's name" },
  };
  g_auto (Host) host;

  host_open (&host);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (BsImage) image = import (&host, cases[i].name, 'a', &error);

      g_assert_null (image);
      g_assert_error (error, BS_ERROR, cases[i].code);
      g_assert_cmpstr (error->message, ==, cases[i].text);
    }
}

/* --- builds, with a recipe of our own */

static guint builds;

static const char *const *
recipe_names (void)
{
  static const char *const names[] = { "made", NULL };

  return names;
}

static char *
recipe_key (const char *name, GError **error)
{
  return g_strdup (g_getenv ("TEST_RECIPE_KEY") != NULL ? g_getenv ("TEST_RECIPE_KEY") : "key");
}

static gboolean
recipe_build (const char *name, int folder_fd, const char *folder_path, BsImageProgress progress, gpointer user_data,
              GCancellable *cancellable, json_t **manifest, GError **error)
{
  builds++;
  *manifest = json_pack ("{s:s, s:b}", "cmdline", "console=ttyS0", "has_guest", 1);
  return bs_cache_entry_write (folder_fd, "kernel", "a kernel", 8, error)
         && bs_cache_entry_write (folder_fd, "rootfs.tar", "a tar", 5, error);
}

static const BsImageRecipes recipes = { recipe_names, recipe_key, recipe_build };

static void
test_build (void)
{
  g_auto (Host) host;
  g_autoptr (BsImage) image = NULL, again = NULL, anew = NULL, other = NULL;

  host_open (&host);
  builds = 0;
  image = bs_image_build (&host.work, &recipes, "made", FALSE, NULL);
  g_assert_cmpint (image->origin, ==, BS_IMAGE_RECIPE);
  g_assert_cmpstr (image->cmdline, ==, "console=ttyS0");
  g_assert_true (image->has_guest);
  g_assert_true (g_str_has_suffix (image->rootfs, "/rootfs.tar"));
  g_assert_null (image->disk);
  again = bs_image_build (&host.work, &recipes, "made", FALSE, NULL);
  g_assert_cmpuint (builds, ==, 1);
  /* The same inputs give the same digest, and take the same place. */
  anew = bs_image_build (&host.work, &recipes, "made", TRUE, NULL);
  g_assert_cmpuint (builds, ==, 2);
  g_assert_cmpstr (anew->digest, ==, image->digest);
  g_assert_cmpstr (anew->kernel, ==, image->kernel);
  g_setenv ("TEST_RECIPE_KEY", "other", TRUE);
  other = bs_image_build (&host.work, &recipes, "made", FALSE, NULL);
  g_assert_cmpuint (builds, ==, 3);
  g_unsetenv ("TEST_RECIPE_KEY");
}

/* Runs a build in a process of its own that is killed at @point. */
static void
build_killed_at (Host *host, const char *point)
{
  pid_t pid = fork ();
  int status;

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      g_autofree char *text = g_strconcat (point, ":kill", NULL);

      g_setenv ("BENCHSCALE_FAILPOINT", text, TRUE);
      host->work.progress = NULL;
      bs_image_free (bs_image_build (&host->work, &recipes, "made", TRUE, NULL));
      _exit (0);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  if (!WIFSIGNALED (status) || WTERMSIG (status) != SIGKILL)
    g_error ("%s was never passed", point);
}

static void
test_build_killed_at_every_step (void)
{
  g_auto (Host) host;
  static const char *const when[] = { "before", "after" };

  host_open (&host);
  for (const BsImageStep *step = bs_image_steps; step->name != NULL; step++)
    for (gsize i = 0; strcmp (step->verb, "build") == 0 && i < 2; i++)
      {
        g_autofree char *point = g_strjoin (".", step->name, when[i], NULL), *left = NULL;
        g_autoptr (BsImage) found = NULL, image = NULL;
        g_autoptr (GPtrArray) verdicts = NULL;

        build_killed_at (&host, point);
        found = bs_store_find (&host.work, "made", NULL, NULL, NULL);
        g_assert_cmpint (found != NULL, ==, strcmp (point, "publish-image.after") == 0);
        image = bs_image_build (&host.work, &recipes, "made", FALSE, NULL);
        g_assert_nonnull (image);
        verdicts = bs_image_verify (&host.work, (const char *const[]){ NULL }, NULL);
        g_assert_cmpuint (verdicts->len, ==, 1);
        g_assert_null (((BsImageVerdict *) g_ptr_array_index (verdicts, 0))->problem);
        left = names_in (&host, "work/made");
        g_assert_cmpstr (left, ==, "lock");
        g_assert_true (bs_file_remove_tree (AT_FDCWD, host.cache, NULL));
      }
}

/* --- prune */

static guint
count_pruned (Host *host, BsImagePrune options)
{
  g_autoptr (GPtrArray) pruned = bs_image_prune (&host->work, &options, NULL);
  guint count = 0;

  for (guint i = 0; i < pruned->len; i++)
    count += ((BsImagePruned *) g_ptr_array_index (pruned, i))->problem == NULL;
  return count;
}

static void
make_old (const BsImage *image, gint64 seconds)
{
  g_autofree char *folder = g_path_get_dirname (image->kernel != NULL ? image->kernel : image->disk);
  const struct timespec times[2] = { { time (NULL) - seconds, 0 }, { time (NULL) - seconds, 0 } };

  g_assert_cmpint (utimensat (AT_FDCWD, folder, times, 0), ==, 0);
}

static void
test_prune_by_age_and_size (void)
{
  g_auto (Host) host;
  g_autoptr (BsImage) net = NULL, made = NULL, mine = NULL;

  host_open (&host);
  serve_disk (&host, "disk.img", 'a');
  net = pulled (&host, "disk.img");
  made = bs_image_build (&host.work, &recipes, "made", FALSE, NULL);
  mine = import (&host, "mine", 'm', NULL);
  make_old (mine, 10000);
  g_assert_cmpuint (count_pruned (&host, (BsImagePrune){ FALSE, FALSE, G_MAXUINT64, -1 }), ==, 0);
  make_old (made, 5000);
  /* The imported one is older still, but nobody could make it anew. */
  g_assert_cmpuint (count_pruned (&host, (BsImagePrune){ FALSE, TRUE, G_MAXUINT64, G_TIME_SPAN_HOUR }), ==, 1);
  g_assert_cmpint (access (made->kernel, F_OK), ==, 0);
  g_assert_cmpuint (count_pruned (&host, (BsImagePrune){ FALSE, FALSE, G_MAXUINT64, G_TIME_SPAN_HOUR }), ==, 1);
  g_assert_cmpint (access (made->kernel, F_OK), !=, 0);
  g_assert_cmpuint (count_pruned (&host, (BsImagePrune){ FALSE, FALSE, 2 * SIZE + SIZE, -1 }), ==, 0);
  g_assert_cmpuint (count_pruned (&host, (BsImagePrune){ FALSE, FALSE, SIZE, -1 }), ==, 1);
  g_assert_cmpint (access (net->disk, F_OK), !=, 0);
  g_assert_cmpint (access (mine->disk, F_OK), ==, 0);
  g_assert_cmpuint (count_pruned (&host, (BsImagePrune){ TRUE, FALSE, G_MAXUINT64, -1 }), ==, 1);
}

static void
test_prune_leaves_what_is_open (void)
{
  g_auto (Host) host;
  g_autoptr (BsImage) image = NULL;
  bs_autofd int fd = -1;

  host_open (&host);
  serve_disk (&host, "disk.img", 'a');
  image = pulled (&host, "disk.img");
  fd = open (image->disk, O_RDONLY | O_CLOEXEC);
  g_assert_cmpuint (count_pruned (&host, (BsImagePrune){ TRUE, FALSE, G_MAXUINT64, -1 }), ==, 0);
  g_assert_cmpint (access (image->disk, F_OK), ==, 0);
  bs_fd_clear (&fd);
  g_assert_cmpuint (count_pruned (&host, (BsImagePrune){ TRUE, FALSE, G_MAXUINT64, -1 }), ==, 1);
}

static void
test_prune_removes_unfinished_unless_being_made (void)
{
  g_auto (Host) host;
  g_autoptr (BsStoreLock) lock = NULL;
  g_autofree char *part = NULL, *left = NULL;

  host_open (&host);
  lock = bs_store_lock (&host.work, "net", TRUE, NULL);
  part = g_build_filename (lock->folder, "x.part", NULL);
  g_assert_true (g_file_set_contents (part, "some", 4, NULL));
  g_assert_cmpuint (count_pruned (&host, (BsImagePrune){ FALSE, FALSE, G_MAXUINT64, -1 }), ==, 0);
  g_assert_cmpint (access (part, F_OK), ==, 0);
  g_clear_pointer (&lock, bs_store_lock_free);
  g_assert_cmpuint (count_pruned (&host, (BsImagePrune){ FALSE, FALSE, G_MAXUINT64, -1 }), ==, 1);
  left = names_in (&host, "work");
  g_assert_cmpstr (left, ==, "");
}

/* --- what stands on what */

#define LAB "5a3e1f4e-7d0b-4f43-8a5c-0c5a2d1b9e77"
#define KEY "0123456789abcdef0123456789abcdef"

static void
hold (Host *host, const BsImage *image)
{
  g_autofree char *witness = g_build_filename (host->top, "lab", NULL);
  const char *const files[] = { image->disk, "/elsewhere/disk", NULL }, *const none[] = { NULL };
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (witness, LAB, -1, NULL));
  bs_cache_hold (host->cache, LAB, witness, files, none, &error);
  g_assert_no_error (error);
}

/* A template whose disk is an overlay of @image's. */
static void
make_template (Host *host, const BsImage *image)
{
  g_autofree char *folder = bs_template_folder (host->cache, NULL), *path = g_build_filename (folder, ".b", NULL);
  g_autoptr (json_t) backing = NULL, about = NULL;
  bs_autofd int dirfd = -1;
  g_autoptr (GError) error = NULL;
  struct stat st;

  g_assert_cmpint (mkdir (path, 0700), ==, 0);
  dirfd = bs_file_open_dir (AT_FDCWD, path, NULL);
  g_assert_true (bs_file_write_atomic (dirfd, "ram", "ram", 3, 0600, NULL));
  g_assert_true (bs_file_write_atomic (dirfd, "state", "state", 5, 0600, NULL));
  g_assert_cmpint (stat (image->disk, &st), ==, 0);
  about = json_pack ("{s:s, s:s, s:{s:s, s:I, s:I, s:I}}", "key", KEY, "image", image->name, "backing", "path",
                     image->disk, "size", (json_int_t) st.st_size, "inode", (json_int_t) st.st_ino, "mtime_ns",
                     (json_int_t) st.st_mtim.tv_sec * 1000000000 + (json_int_t) st.st_mtim.tv_nsec);
  bs_template_seal (dirfd, about, NULL, NULL, &error);
  g_assert_no_error (error);
  bs_template_publish (host->cache, path, KEY, &error);
  g_assert_no_error (error);
}

static void
set_template_age (Host *host, gint64 seconds)
{
  g_autofree char *path = bs_template_path (host->cache, KEY, NULL);
  const struct timespec times[2] = { { time (NULL) - seconds, 0 }, { time (NULL) - seconds, 0 } };

  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
}

static void
test_what_a_lab_stands_on_stays (void)
{
  g_auto (Host) host;
  g_autoptr (BsImage) image = NULL;

  host_open (&host);
  serve_disk (&host, "disk.img", 'a');
  image = pulled (&host, "disk.img");
  make_old (image, 100000);
  hold (&host, image);
  g_assert_cmpuint (count_pruned (&host, (BsImagePrune){ TRUE, FALSE, G_MAXUINT64, -1 }), ==, 0);
  host.work.limit_bytes = 1;
  bs_image_keep_limit (&host.work);
  g_assert_cmpint (access (image->disk, F_OK), ==, 0);
  bs_cache_release (host.cache, LAB);
  bs_image_keep_limit (&host.work);
  g_assert_cmpint (access (image->disk, F_OK), !=, 0);
  g_assert_nonnull (strstr (host.told->str, "removed: the cache is larger than cache.limit"));
}

static void
test_image_goes_after_its_templates (void)
{
  g_auto (Host) host;
  g_autoptr (BsImage) image = NULL;
  g_autofree char *template = NULL;

  host_open (&host);
  serve_disk (&host, "disk.img", 'a');
  image = pulled (&host, "disk.img");
  make_template (&host, image);
  template = bs_template_path (host.cache, KEY, NULL);
  make_old (image, 100000);
  /* The template was used a moment ago: its image is needed, however old. */
  host.work.limit_bytes = 1;
  bs_image_keep_limit (&host.work);
  g_assert_cmpint (access (image->disk, F_OK), ==, 0);
  g_assert_cmpuint (count_pruned (&host, (BsImagePrune){ FALSE, FALSE, G_MAXUINT64, G_TIME_SPAN_HOUR }), ==, 0);
  set_template_age (&host, 50000);
  bs_image_keep_limit (&host.work);
  g_assert_cmpint (access (image->disk, F_OK), !=, 0);
  g_assert_cmpint (access (template, F_OK), !=, 0);
}

static void
test_templates_of_a_replaced_image_are_pruned (void)
{
  g_auto (Host) host;
  g_autoptr (BsImage) image = NULL, newer = NULL;
  g_autofree char *template = NULL;

  host_open (&host);
  serve_disk (&host, "disk.img", 'a');
  image = pulled (&host, "disk.img");
  make_template (&host, image);
  template = bs_template_path (host.cache, KEY, NULL);
  serve_disk (&host, "disk.img", 'b');
  newer = pulled (&host, "disk.img");
  g_assert_cmpuint (count_pruned (&host, (BsImagePrune){ FALSE, FALSE, G_MAXUINT64, -1 }), ==, 2);
  g_assert_cmpint (access (template, F_OK), !=, 0);
  g_assert_cmpint (access (image->disk, F_OK), !=, 0);
  g_assert_cmpint (access (newer->disk, F_OK), ==, 0);
}

static void
test_limit_is_kept_after_each_image_and_spares_imported_ones (void)
{
  g_auto (Host) host;
  g_autoptr (BsImage) net = NULL, mine = NULL, made = NULL;

  host_open (&host);
  serve_disk (&host, "disk.img", 'a');
  net = pulled (&host, "disk.img");
  mine = import (&host, "mine", 'm', NULL);
  make_old (net, 5000);
  make_old (mine, 10000);
  host.work.limit_bytes = 2 * SIZE;
  made = bs_image_build (&host.work, &recipes, "made", FALSE, NULL);
  g_assert_nonnull (made);
  g_assert_cmpint (access (net->disk, F_OK), ==, 0);
  host.work.limit_bytes = SIZE;
  g_clear_pointer (&made, bs_image_free);
  made = bs_image_build (&host.work, &recipes, "made", TRUE, NULL);
  g_assert_cmpint (access (net->disk, F_OK), !=, 0);
  g_assert_cmpint (access (mine->disk, F_OK), ==, 0);
  g_assert_cmpint (access (made->kernel, F_OK), ==, 0);
}

static void
test_what_verify_found_is_made_again (void)
{
  static const char *const names[] = { "net", NULL };
  g_auto (Host) host;
  g_autoptr (BsImage) image = NULL, again = NULL;
  g_autoptr (GPtrArray) verdicts = NULL;
  g_autoptr (GError) problem = NULL;
  bs_autofd int fd = -1;
  struct stat st;

  host_open (&host);
  serve_disk (&host, "disk.img", 'a');
  image = pulled (&host, "disk.img");
  g_assert_cmpint (stat (image->disk, &st), ==, 0);
  chmod (image->disk, 0600);
  fd = open (image->disk, O_WRONLY | O_CLOEXEC);
  g_assert_cmpint (pwrite (fd, "b", 1, 1000), ==, 1);
  g_assert_cmpint (futimens (fd, (struct timespec[]){ st.st_atim, st.st_mtim }), ==, 0);
  again = bs_store_find (&host.work, "net", NULL, NULL, &problem);
  g_assert_no_error (problem);
  g_clear_pointer (&again, bs_image_free);
  verdicts = bs_image_verify (&host.work, names, NULL);
  g_assert_nonnull (((BsImageVerdict *) g_ptr_array_index (verdicts, 0))->problem);
  again = bs_store_find (&host.work, "net", NULL, NULL, &problem);
  g_assert_null (again);
  g_assert_nonnull (strstr (problem->message, "its file 'disk.raw' is damaged"));
  again = pulled (&host, "disk.img");
  g_assert_cmpuint (http_server_count (host.server, "disk.img"), ==, 2);
  g_clear_pointer (&verdicts, g_ptr_array_unref);
  verdicts = bs_image_verify (&host.work, names, NULL);
  g_assert_cmpuint (verdicts->len, ==, 1);
  g_assert_null (((BsImageVerdict *) g_ptr_array_index (verdicts, 0))->problem);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/image/build-killed-at-every-step", test_build_killed_at_every_step);
  g_test_add_func ("/image/pull", test_pull);
  g_test_add_func ("/image/publisher-has-a-newer-one", test_publisher_has_a_newer_one);
  g_test_add_func ("/image/pulls-that-fail-leave-nothing-to-use", test_pulls_that_fail_leave_nothing_to_use);
  g_test_add_func ("/image/what-is-no-disk-is-refused", test_what_is_no_disk_is_refused);
  g_test_add_func ("/image/two-pulls-share-one-download", test_two_pulls_share_one_download);
  g_test_add_func ("/image/waiting-says-for-whom-and-can-be-interrupted",
                   test_waiting_says_for_whom_and_can_be_interrupted);
  g_test_add_func ("/image/quick-look-finds-a-changed-file", test_quick_look_finds_a_changed_file);
  g_test_add_func ("/image/missing-file-and-manifest", test_missing_file_and_manifest);
  g_test_add_func ("/image/verify-reads-every-byte", test_verify_reads_every_byte);
  g_test_add_func ("/image/import", test_import);
  g_test_add_func ("/image/import-refuses", test_import_refuses);
  g_test_add_func ("/image/build", test_build);
  g_test_add_func ("/image/prune-by-age-and-size", test_prune_by_age_and_size);
  g_test_add_func ("/image/prune-leaves-what-is-open", test_prune_leaves_what_is_open);
  g_test_add_func ("/image/what-a-lab-stands-on-stays", test_what_a_lab_stands_on_stays);
  g_test_add_func ("/image/image-goes-after-its-templates", test_image_goes_after_its_templates);
  g_test_add_func ("/image/templates-of-a-replaced-image-are-pruned", test_templates_of_a_replaced_image_are_pruned);
  g_test_add_func ("/image/limit-is-kept-after-each-image-and-spares-imported-ones",
                   test_limit_is_kept_after_each_image_and_spares_imported_ones);
  g_test_add_func ("/image/what-verify-found-is-made-again", test_what_verify_found_is_made_again);
  g_test_add_func ("/image/prune-removes-unfinished-unless-being-made",
                   test_prune_removes_unfinished_unless_being_made);
  return g_test_run ();
}
