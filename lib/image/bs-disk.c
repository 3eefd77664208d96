/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-disk.h"
#include "bs-command.h"
#include "bs-error.h"
#include "bs-fd.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define FLATTEN "make one file of it: qemu-img convert -O qcow2 OLD NEW"
#define BYTES_MAX (G_GUINT64_CONSTANT (1) << 46)
#define SECTOR 512

/* docs/interop/qcow2.txt of QEMU: where things are in the header. */
#define AT_VERSION 4
#define AT_BACKING_OFFSET 8
#define AT_BACKING_SIZE 16
#define AT_CLUSTER_BITS 20
#define AT_SIZE 24
#define AT_CRYPT 32
#define AT_INCOMPATIBLE 72
#define LENGTH_2 72
#define LENGTH_3 104

#define DIRTY 1
#define CORRUPT 2
#define DATA_FILE 4
#define COMPRESSION 8
#define EXTENDED_L2 16

static guint64
read_be (const guchar *header, gsize at, gsize size)
{
  guint64 value = 0;

  for (gsize i = 0; i < size; i++)
    value = value << 8 | header[at + i];
  return value;
}

static gboolean
refuse (GError **error, BsErrorCode code, const char *hint, const char *why)
{
  bs_set_error (error, code, hint, "%s", why);
  return FALSE;
}

static gboolean
check_features (guint64 features, GError **error)
{
  if ((features & DATA_FILE) != 0)
    return refuse (error, BS_ERROR_UNSUPPORTED, FLATTEN, "its data are in another file");
  if ((features & CORRUPT) != 0)
    return refuse (error, BS_ERROR_INVALID, NULL, "it is marked as corrupt");
  if ((features & DIRTY) != 0)
    return refuse (error, BS_ERROR_INVALID, "repair it: qemu-img check -r all FILE", "it was not closed properly");
  if ((features & ~(guint64) (COMPRESSION | EXTENDED_L2)) != 0)
    return refuse (error, BS_ERROR_UNSUPPORTED, NULL, "it has features that are not known here");
  return TRUE;
}

static gboolean
parse_qcow2 (const guchar *header, gsize length, BsDisk *disk, GError **error)
{
  guint64 version = length >= LENGTH_2 ? read_be (header, AT_VERSION, 4) : 0, bits;

  if (version != 2 && version != 3)
    return refuse (error, BS_ERROR_INVALID, NULL, "it is no qcow2 image of version 2 or 3");
  bits = read_be (header, AT_CLUSTER_BITS, 4);
  if ((version == 3 && length < LENGTH_3) || bits < 9 || bits > 21)
    return refuse (error, BS_ERROR_INVALID, NULL, "its qcow2 header is damaged");
  if (read_be (header, AT_BACKING_OFFSET, 8) != 0 || read_be (header, AT_BACKING_SIZE, 4) != 0)
    return refuse (error, BS_ERROR_UNSUPPORTED, FLATTEN, "it has a backing file");
  if (read_be (header, AT_CRYPT, 4) != 0)
    return refuse (error, BS_ERROR_UNSUPPORTED, "make a plain one of it with qemu-img convert", "it is encrypted");
  if (version == 3 && !check_features (read_be (header, AT_INCOMPATIBLE, 8), error))
    return FALSE;
  disk->format = "qcow2";
  disk->bytes = read_be (header, AT_SIZE, 8);
  if (disk->bytes == 0 || disk->bytes > BYTES_MAX)
    return refuse (error, BS_ERROR_INVALID, NULL, "its virtual size is out of bounds");
  return TRUE;
}

/* What is certainly no raw disk, by its first bytes. (nullable) */
static const char *
foreign_kind (const guchar *header, gsize length)
{
  static const struct
  {
    const char *magic;
    gsize length;
    const char *kind;
  } kinds[] = {
    { "KDMV", 4, "a VMDK image" },
    { "vhdxfile", 8, "a VHDX image" },
    { "conectix", 8, "a VHD image" },
    { "QED\0", 4, "a QED image" },
    { "\x1f\x8b", 2, "packed with gzip" },
    { "\xfd"
      "7zXZ",
      5, "packed with xz" },
    { "PK\3\4", 4, "a ZIP archive" },
    { "\x28\xb5\x2f\xfd", 4, "packed with zstd" },
    { "BZh", 3, "packed with bzip2" },
    { "<!DOCTYPE", 9, "a web page" },
    { "<html", 5, "a web page" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (length >= kinds[i].length && memcmp (header, kinds[i].magic, kinds[i].length) == 0)
      return kinds[i].kind;
  return NULL;
}

gboolean
bs_disk_parse (const void *header, gsize length, guint64 file_bytes, BsDisk *disk, GError **error)
{
  const char *kind = foreign_kind (header, length);

  if (length >= 4 && memcmp (header, "QFI\xfb", 4) == 0)
    return parse_qcow2 (header, length, disk, error);
  if (kind != NULL)
    {
      bs_set_error (error, BS_ERROR_UNSUPPORTED, "unpack it, or convert it with qemu-img convert -O qcow2",
                    "it is %s, not qcow2 or raw", kind);
      return FALSE;
    }
  if (file_bytes < SECTOR || file_bytes % SECTOR != 0 || file_bytes > BYTES_MAX)
    return refuse (error, BS_ERROR_INVALID, NULL, "it is neither qcow2 nor a whole number of 512-byte sectors");
  *disk = (BsDisk){ "raw", file_bytes };
  return TRUE;
}

gboolean
bs_disk_probe (const char *path, BsDisk *disk, GError **error)
{
  bs_autofd int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  guchar header[BS_DISK_HEADER_BYTES];
  struct stat st;
  gssize got;

  if (fd < 0 || fstat (fd, &st) != 0)
    {
      bs_set_error_errno (error, errno, "cannot open '%s'", path);
      return FALSE;
    }
  if (!S_ISREG (st.st_mode))
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' is no disk image: it is not a file", path);
      return FALSE;
    }
  got = pread (fd, header, sizeof header, 0);
  if (got < 0)
    {
      bs_set_error_errno (error, errno, "cannot read '%s'", path);
      return FALSE;
    }
  if (bs_disk_parse (header, (gsize) got, (guint64) st.st_size, disk, error))
    return TRUE;
  g_prefix_error (error, "cannot use '%s': ", path);
  return FALSE;
}

gboolean
bs_disk_check (const char *path, const BsDisk *disk, GCancellable *cancellable, GError **error)
{
  const char *argv[]
      = { "prlimit", "--cpu=300", "--as=4294967296", "--", "qemu-img", "check", "-q", "-f", "qcow2", path, NULL };
  g_autofree char *program = g_find_program_in_path ("qemu-img");
  g_autoptr (GError) local = NULL;

  if (strcmp (disk->format, "qcow2") != 0)
    return TRUE;
  if (program == NULL)
    {
      bs_set_error (error, BS_ERROR_HOST, "apt-get install qemu-utils", "there is no qemu-img to check images with");
      return FALSE;
    }
  if (bs_command_run ("/", argv, NULL, cancellable, &local))
    return TRUE;
  if (local->code == BS_ERROR_FAILED)
    bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' is no sound disk image: %s", path, local->message);
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
