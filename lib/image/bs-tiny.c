/* SPDX-License-Identifier: Apache-2.0 */
/* bs-tiny.c — find or build the `tiny` image
 *
 * CACHE/images/tiny-DIGEST/{kernel,initrd,manifest.json} is made from three inputs: kernel and modules (bs-kernel.h),
 * busybox, and the guest program. DIGEST covers their content. So that an image is found again without reading 60 MiB,
 * CACHE/images/keys/KEY holds the DIGEST for a KEY made of the inputs' paths, inodes, sizes and times only; a wrong or
 * missing one costs a look by content, never a wrong image.
 */
#include "bs-tiny.h"
#include "bs-cache-entry.h"
#include "bs-cache-hold.h"
#include "bs-command.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-image-steps.h"
#include "bs-initrd.h"
#include "bs-manifest.h"

#include <string.h>
#include <sys/stat.h>

/* Goes up when the same inputs give another image. */
#define FORMAT "2"
#define PREFIX "tiny-"
#define KEPT 4
#define PROGRAM_MAX (64 * 1024 * 1024)
#define DIGEST_LENGTH 64

/* Without the self-tests of the crypto code the boot is 0.25 s shorter under emulation, the rest is 0.1 s together. The
 * console is kept talking: it costs nothing that can be measured and is what explains a machine that does not come up.
 */
#define CMDLINE                                                                                                        \
  "console=ttyS0 panic=-1 reboot=t cryptomgr.notests mitigations=off rcupdate.rcu_expedited=1 8250.nr_uarts=1 "        \
  "i8042.noaux i8042.nopnp tsc=reliable no_timer_check audit=0"

typedef struct
{
  const char *cache;
  char *images, *kernels, *keys; /* folders in it */
  char *busybox;
  const char *guest;
  BsTinyProgress progress;
  gpointer user_data;
  GCancellable *cancellable;
} Work;

static void
work_clear (Work *work)
{
  g_free (work->images);
  g_free (work->kernels);
  g_free (work->keys);
  g_free (work->busybox);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

void
bs_tiny_image_free (BsTinyImage *self)
{
  if (self == NULL)
    return;
  g_free (self->kernel);
  g_free (self->initrd);
  g_free (self->cmdline);
  g_free (self->digest);
  g_free (self->kernel_version);
  g_free (self);
}

static gboolean
append_stat (GString *text, const char *path, GError **error)
{
  struct stat st;

  if (stat (path, &st) != 0)
    {
      bs_set_error_errno (error, errno, "cannot read '%s'", path);
      return FALSE;
    }
  g_string_append_printf (text, "%s %llx %llx %llx %lld.%09ld\n", path, (unsigned long long) st.st_dev,
                          (unsigned long long) st.st_ino, (unsigned long long) st.st_size,
                          (long long) st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
  return TRUE;
}

/* The name in keys/ for the inputs as they are now. */
static char *
quick_key (const Work *work, GError **error)
{
  g_autoptr (GString) text = g_string_new (FORMAT " " CMDLINE "\n");
  g_autofree char *source = bs_kernel_source ("/boot");

  g_string_append_printf (text, "%s\n", source);
  if (!append_stat (text, work->busybox, error) || !append_stat (text, work->guest, error))
    return NULL;
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text->str, (gssize) text->len);
}

static BsTinyImage *
load (const Work *work, const char *digest)
{
  g_autofree char *name = g_strconcat (PREFIX, digest, NULL);
  g_autofree char *folder = g_build_filename (work->images, name, NULL);
  g_autofree char *version = g_build_filename (folder, "version", NULL);
  g_autoptr (BsTinyImage) self = g_new0 (BsTinyImage, 1);

  self->kernel = g_build_filename (folder, "kernel", NULL);
  self->initrd = g_build_filename (folder, "initrd", NULL);
  self->cmdline = g_strdup (CMDLINE);
  self->digest = g_strdup (digest);
  self->kernel_version = bs_file_read (AT_FDCWD, version, 1024, NULL, NULL);
  if (self->kernel_version == NULL || access (self->kernel, R_OK) != 0 || access (self->initrd, R_OK) != 0)
    return NULL;
  utimensat (AT_FDCWD, folder, NULL, 0);
  return g_steal_pointer (&self);
}

static BsTinyImage *
find_quickly (const Work *work, const char *key)
{
  g_autofree char *path = g_build_filename (work->keys, key, NULL);
  g_autofree char *digest = bs_file_read (AT_FDCWD, path, DIGEST_LENGTH, NULL, NULL);

  if (digest == NULL || strlen (digest) != DIGEST_LENGTH || strspn (digest, "0123456789abcdef") != DIGEST_LENGTH)
    return NULL;
  return load (work, digest);
}

static GBytes *
read_program (const char *path, GError **error)
{
  g_autoptr (GBytes) program = NULL;
  gsize length;
  char *data = bs_file_read (AT_FDCWD, path, PROGRAM_MAX, &length, error);

  if (data == NULL)
    return NULL;
  program = g_bytes_new_take (data, length);
  return bs_initrd_check_static (path, program, error) ? g_steal_pointer (&program) : NULL;
}

static char *
content_digest (const BsKernel *kernel, GBytes *busybox, GBytes *guest)
{
  g_autofree char *first = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, busybox);
  g_autofree char *second = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, guest);
  g_autofree char *all = g_strjoin ("\n", FORMAT, kernel->version, kernel->identity, first, second, NULL);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, all, -1);
}

/* A second name for the cached kernel; a copy where the file system has no hard links. */
static gboolean
place_kernel (int entry, const BsKernel *kernel, GError **error)
{
  g_autofree char *path = g_build_filename (kernel->folder, "kernel", NULL);
  g_autofree char *data = NULL;
  gsize length;

  if (linkat (AT_FDCWD, path, entry, "kernel", 0) == 0)
    return TRUE;
  data = bs_file_read (AT_FDCWD, path, G_MAXINT32, &length, error);
  return data != NULL && bs_cache_entry_write (entry, "kernel", data, length, error);
}

/* So that it is listed, checked and verified as the other images are (bs-manifest.h). */
static gboolean
describe (const Work *work, const BsKernel *kernel, const char *digest, int dirfd, GError **error)
{
  g_autoptr (json_t) manifest
      = json_pack ("{s:s, s:s, s:s, s:s, s:s, s:b}", "name", "tiny", "origin", bs_image_origin_name (BS_IMAGE_TINY),
                   "digest", digest, "cmdline", CMDLINE, "kernel_version", kernel->version, "has_guest", 1);

  return bs_manifest_finish (manifest, dirfd, NULL, work->cancellable, error);
}

static gboolean
publish (const Work *work, const BsKernel *kernel, GBytes *initrd, const char *digest, GError **error)
{
  g_autoptr (BsCacheEntry) entry = bs_cache_entry_begin (work->images, error);
  g_autofree char *name = g_strconcat (PREFIX, digest, NULL);
  gsize length;
  const void *data = g_bytes_get_data (initrd, &length);
  g_auto (BsCacheHeld) held = { 0 };
  int dirfd;

  if (entry == NULL)
    return FALSE;
  dirfd = bs_cache_entry_fd (entry);
  if (!place_kernel (dirfd, kernel, error) || !bs_cache_entry_write (dirfd, "initrd", data, length, error)
      || !bs_cache_entry_write (dirfd, "version", kernel->version, strlen (kernel->version), error)
      || !describe (work, kernel, digest, dirfd, error) || !bs_cache_entry_publish (entry, name, error))
    return FALSE;
  bs_cache_held_init (&held, work->cache);
  bs_cache_prune (work->images, PREFIX, KEPT, held.images);
  return TRUE;
}

static GBytes *
make_initrd (const Work *work, const BsKernel *kernel, GBytes *busybox, GBytes *guest, GError **error)
{
  const char *argv[] = { work->busybox, "--list-full", NULL };
  g_autofree char *applets = NULL;

  if (!bs_command_run ("/", argv, &applets, work->cancellable, error))
    return NULL;
  return bs_initrd_build (kernel, busybox, applets, guest, error);
}

static BsKernel *
find_kernel (const Work *work, GError **error)
{
  g_autoptr (BsKernel) kernel = NULL;

  if (!bs_image_step_before (BS_STEP_TINY_KERNEL, error))
    return NULL;
  kernel = bs_kernel_ensure (work->kernels, work->progress, work->user_data, work->cancellable, error);
  if (kernel == NULL || !bs_image_step_after (BS_STEP_TINY_KERNEL, error))
    return NULL;
  return g_steal_pointer (&kernel);
}

/* Finds the image by content, or builds it. The lock is held. */
static BsTinyImage *
find_or_build (const Work *work, GError **error)
{
  g_autoptr (GBytes) busybox = read_program (work->busybox, error);
  g_autoptr (GBytes) guest = busybox != NULL ? read_program (work->guest, error) : NULL;
  g_autoptr (BsKernel) kernel = NULL;
  g_autoptr (GBytes) initrd = NULL;
  g_autofree char *digest = NULL;
  BsTinyImage *self;

  if (guest == NULL)
    return NULL;
  kernel = find_kernel (work, error);
  if (kernel == NULL)
    return NULL;
  digest = content_digest (kernel, busybox, guest);
  self = load (work, digest);
  if (self != NULL)
    return self;
  if (work->progress != NULL)
    work->progress ("building the tiny image", work->user_data);
  if (!bs_image_step_before (BS_STEP_TINY_INITRD, error))
    return NULL;
  initrd = make_initrd (work, kernel, busybox, guest, error);
  if (initrd == NULL || !bs_image_step_after (BS_STEP_TINY_INITRD, error)
      || !bs_image_step_before (BS_STEP_TINY_PUBLISH, error) || !publish (work, kernel, initrd, digest, error)
      || !bs_image_step_after (BS_STEP_TINY_PUBLISH, error))
    return NULL;
  return load (work, digest);
}

/* Keys of images that are gone. */
static void
prune_keys (const Work *work)
{
  bs_autofd int dirfd = open (work->keys, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autoptr (GDir) dir = g_dir_open (work->keys, 0, NULL);
  const char *name;

  while (dirfd >= 0 && dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *digest = bs_file_read (dirfd, name, DIGEST_LENGTH, NULL, NULL);
      g_autofree char *image = g_strconcat (PREFIX, digest, NULL);
      g_autofree char *folder = g_build_filename (work->images, image, NULL);

      if (digest == NULL || !g_file_test (folder, G_FILE_TEST_IS_DIR))
        unlinkat (dirfd, name, 0);
    }
}

static BsTinyImage *
ensure_locked (const Work *work, const char *key, GError **error)
{
  bs_autofd int lock = bs_cache_lock (work->images, work->cancellable, error);
  g_autofree char *path = g_build_filename (work->keys, key, NULL);
  g_autoptr (BsTinyImage) self = NULL;

  if (lock < 0)
    return NULL;
  bs_cache_sweep (work->images);
  bs_cache_sweep (work->kernels);
  self = find_or_build (work, error);
  if (self == NULL)
    {
      g_prefix_error (error, "cannot build image 'tiny': ");
      return NULL;
    }
  if (!bs_file_write_atomic (AT_FDCWD, path, self->digest, DIGEST_LENGTH, 0644, error))
    return NULL;
  prune_keys (work);
  return g_steal_pointer (&self);
}

static gboolean
work_init (Work *self, GError **error)
{
  self->images = g_build_filename (self->cache, "images", NULL);
  self->kernels = g_build_filename (self->cache, "kernels", NULL);
  self->keys = g_build_filename (self->images, "keys", NULL);
  self->busybox = bs_initrd_find_busybox (error);
  return self->busybox != NULL;
}

BsTinyImage *
bs_tiny_find (const char *cache_dir, const char *guest_program, GError **error)
{
  g_auto (Work) work = { .cache = cache_dir, .guest = guest_program };
  g_autofree char *key = work_init (&work, error) ? quick_key (&work, error) : NULL;
  BsTinyImage *self = key != NULL ? find_quickly (&work, key) : NULL;

  if (self == NULL && key != NULL)
    bs_set_error (error, BS_ERROR_NOT_FOUND, NULL, "image 'tiny' is not built yet");
  return self;
}

BsTinyImage *
bs_tiny_ensure (const char *cache_dir, const char *guest_program, BsTinyProgress progress, gpointer user_data,
                GCancellable *cancellable, GError **error)
{
  g_auto (Work) work = {
    .cache = cache_dir, .guest = guest_program, .progress = progress, .user_data = user_data, .cancellable = cancellable
  };
  g_autofree char *key = NULL;
  BsTinyImage *self;
  GError *local = NULL;

  if (!work_init (&work, error))
    return NULL;
  if (!bs_file_make_dirs (work.keys, 0755, &local) || !bs_file_make_dirs (work.kernels, 0755, &local))
    {
      bs_error_blame_host (local, BS_CACHE_HINT);
      g_propagate_error (error, local);
      return NULL;
    }
  key = quick_key (&work, error);
  if (key == NULL)
    return NULL;
  self = find_quickly (&work, key);
  return self != NULL ? self : ensure_locked (&work, key, error);
}
