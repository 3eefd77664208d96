/* SPDX-License-Identifier: Apache-2.0 */
/* The cache of the tiny image, with a kernel that only looks like one. */
#include "bs-cache-entry.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-initrd.h"
#include "bs-kernel.h"
#include "bs-tiny.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

typedef struct
{
  char *cache, *guest;
  guint built; /* how often progress was told */
} Host;

static void
put (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* A cache that already has a kernel package, so that nothing is downloaded; busybox plays the guest program. */
static void
host_open (Host *host)
{
  g_autofree char *kernel = NULL, *modules = NULL, *busybox = NULL;
  gsize length;

  host->cache = g_dir_make_tmp ("benchscale-test-XXXXXX", NULL);
  host->guest = g_build_filename (host->cache, "guest", NULL);
  kernel = g_build_filename (host->cache, "kernels", "package-9.9.9-cloud-amd64", NULL);
  modules = g_build_filename (kernel, "modules", NULL);
  g_assert_true (bs_file_make_dirs (modules, 0755, NULL));
  put (kernel, "kernel", "a kernel");
  put (kernel, "order", "first\nsecond\n");
  put (kernel, "identity", "9.9.9-cloud-amd64\n" DIGEST "\n");
  put (modules, "first.ko", "module one");
  put (modules, "second.ko", "module two");
  g_assert_true (g_file_get_contents ("/bin/busybox", &busybox, &length, NULL));
  g_assert_true (g_file_set_contents (host->guest, busybox, (gssize) length, NULL));
  host->built = 0;
}

static void
host_close (Host *host)
{
  g_assert_true (bs_file_remove_tree (AT_FDCWD, host->cache, NULL));
  g_free (host->cache);
  g_free (host->guest);
}

static void
count (const char *what, gpointer user_data)
{
  ((Host *) user_data)->built++;
}

static BsTinyImage *
ensure (Host *host)
{
  g_autoptr (GError) error = NULL;
  BsTinyImage *image = bs_tiny_ensure (host->cache, host->guest, count, host, NULL, &error);

  g_assert_no_error (error);
  return image;
}

/* A host with an installed cloud kernel uses that one, which is no less right, but not what these tests made. */
static gboolean
has_own_kernel (void)
{
  g_autofree char *source = bs_kernel_source ("/boot");

  if (strcmp (source, "package") == 0)
    return FALSE;
  g_test_skip ("this host has a cloud kernel of its own");
  return TRUE;
}

static void
image_is_built_once (void)
{
  g_autoptr (BsTinyImage) first = NULL, second = NULL;
  g_autofree char *initrd = NULL;
  gsize length;
  Host host;

  if (has_own_kernel ())
    return;
  host_open (&host);
  first = ensure (&host);
  g_assert_cmpuint (host.built, ==, 1);
  second = ensure (&host);
  g_assert_cmpuint (host.built, ==, 1);
  g_assert_cmpstr (first->digest, ==, second->digest);
  g_assert_cmpstr (first->kernel_version, ==, "9.9.9-cloud-amd64");
  g_assert_true (g_file_get_contents (first->initrd, &initrd, &length, NULL));
  g_assert_nonnull (memmem (initrd, length, "/lib/modules/first.ko\n/lib/modules/second.ko\n", 44));
  g_assert_nonnull (memmem (initrd, length, "module two", 10));
  host_close (&host);
}

static void
other_guest_program_is_another_image (void)
{
  g_autoptr (BsTinyImage) first = NULL, second = NULL;
  bs_autofd int fd = -1;
  Host host;

  if (has_own_kernel ())
    return;
  host_open (&host);
  first = ensure (&host);
  fd = open (host.guest, O_WRONLY | O_APPEND | O_CLOEXEC);
  g_assert_cmpint (write (fd, "x", 1), ==, 1);
  second = ensure (&host);
  g_assert_cmpuint (host.built, ==, 2);
  g_assert_cmpstr (first->digest, !=, second->digest);
  host_close (&host);
}

static void
same_content_at_another_time_is_the_same_image (void)
{
  struct timespec times[2] = { { 1000, 0 }, { 1000, 0 } };
  g_autoptr (BsTinyImage) first = NULL, second = NULL;
  Host host;

  if (has_own_kernel ())
    return;
  host_open (&host);
  first = ensure (&host);
  g_assert_cmpint (utimensat (AT_FDCWD, host.guest, times, 0), ==, 0);
  second = ensure (&host);
  g_assert_cmpuint (host.built, ==, 1);
  g_assert_cmpstr (first->digest, ==, second->digest);
  host_close (&host);
}

static void
damaged_image_is_built_again (void)
{
  g_autoptr (BsTinyImage) first = NULL, second = NULL;
  Host host;

  if (has_own_kernel ())
    return;
  host_open (&host);
  first = ensure (&host);
  g_assert_cmpint (remove (first->initrd), ==, 0);
  second = ensure (&host);
  g_assert_cmpuint (host.built, ==, 2);
  g_assert_true (g_file_test (second->initrd, G_FILE_TEST_EXISTS));
  host_close (&host);
}

static void
killed_build_leaves_nothing_used (void)
{
  g_autoptr (BsTinyImage) image = NULL;
  g_autofree char *left = NULL;
  Host host;

  if (has_own_kernel ())
    return;
  host_open (&host);
  left = g_build_filename (host.cache, "images", ".12345678", NULL);
  g_assert_true (bs_file_make_dirs (left, 0755, NULL));
  put (left, "initrd", "half an ini");
  image = ensure (&host);
  g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
  host_close (&host);
}

static void
dynamic_program_is_refused (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  Host host;

  host_open (&host);
  g_assert_null (bs_tiny_ensure (host.cache, self, NULL, NULL, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_HOST);
  g_assert_nonnull (strstr (error->message, "is not a statically linked program"));
  host_close (&host);
}

static void
missing_guest_program_is_told (void)
{
  g_autoptr (GError) error = NULL;
  Host host;

  host_open (&host);
  g_assert_null (bs_tiny_ensure (host.cache, "/no/such/guest", NULL, NULL, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "/no/such/guest"));
  host_close (&host);
}

static void
waiting_for_the_lock_is_interrupted (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = g_dir_make_tmp ("benchscale-test-XXXXXX", NULL);
  int lock = bs_cache_lock (dir, NULL, &error);

  g_assert_cmpint (lock, >=, 0);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (bs_cache_lock (dir, cancellable, &error), ==, -1);
  g_assert_error (error, BS_ERROR, BS_ERROR_CANCELLED);
  close (lock);
  bs_file_remove_tree (AT_FDCWD, dir, NULL);
}

static void
least_used_is_pruned (void)
{
  g_autofree char *dir = g_dir_make_tmp ("benchscale-test-XXXXXX", NULL);
  static const char *const names[] = { "tiny-a", "tiny-b", "tiny-c", "other" };
  bs_autofd int dirfd = bs_file_open_dir (AT_FDCWD, dir, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      struct timespec times[2] = { { 1000 + i, 0 }, { 1000 + i, 0 } };

      g_assert_cmpint (mkdirat (dirfd, names[i], 0755), ==, 0);
      g_assert_cmpint (utimensat (dirfd, names[i], times, 0), ==, 0);
    }
  bs_cache_prune (dir, "tiny-", 2, NULL);
  g_assert_cmpint (faccessat (dirfd, "tiny-a", F_OK, 0), !=, 0);
  g_assert_cmpint (faccessat (dirfd, "tiny-b", F_OK, 0), ==, 0);
  g_assert_cmpint (faccessat (dirfd, "tiny-c", F_OK, 0), ==, 0);
  g_assert_cmpint (faccessat (dirfd, "other", F_OK, 0), ==, 0);
  bs_file_remove_tree (AT_FDCWD, dir, NULL);
}

static void
newest_installed_kernel_is_the_source (void)
{
  g_autofree char *dir = g_dir_make_tmp ("benchscale-test-XXXXXX", NULL), *none = bs_kernel_source (dir), *some = NULL;

  g_assert_cmpstr (none, ==, "package");
  put (dir, "vmlinuz-6.1.0-9-cloud-amd64", "old");
  put (dir, "vmlinuz-6.1.0-10-cloud-amd64", "newer");
  put (dir, "vmlinuz-6.9.0-1-amd64", "other flavour");
  some = bs_kernel_source (dir);
  g_assert_true (g_str_has_prefix (some, "installed-6.1.0-10-cloud-amd64-5-"));
  bs_file_remove_tree (AT_FDCWD, dir, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tiny/image-is-built-once", image_is_built_once);
  g_test_add_func ("/tiny/other-guest-program-is-another-image", other_guest_program_is_another_image);
  g_test_add_func ("/tiny/same-content-at-another-time-is-the-same-image",
                   same_content_at_another_time_is_the_same_image);
  g_test_add_func ("/tiny/damaged-image-is-built-again", damaged_image_is_built_again);
  g_test_add_func ("/tiny/killed-build-leaves-nothing-used", killed_build_leaves_nothing_used);
  g_test_add_func ("/tiny/dynamic-program-is-refused", dynamic_program_is_refused);
  g_test_add_func ("/tiny/missing-guest-program-is-told", missing_guest_program_is_told);
  g_test_add_func ("/cache/waiting-for-the-lock-is-interrupted", waiting_for_the_lock_is_interrupted);
  g_test_add_func ("/cache/least-used-is-pruned", least_used_is_pruned);
  g_test_add_func ("/kernel/newest-installed-is-the-source", newest_installed_kernel_is_the_source);
  return g_test_run ();
}
