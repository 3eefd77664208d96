/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-initrd.h"
#include "bs-cpio.h"
#include "bs-error.h"
#include "bs-file.h"

#include <elf.h>
#include <string.h>

#define MODULE_MAX (64 * 1024 * 1024)
#define ORDER_MAX (64 * 1024)
#define BUSYBOX "bin/busybox"
#define BUSYBOX_HINT "apt-get install busybox-static"

static const struct
{
  const char *name;
  guint mode;
} folders[] = {
  { "dev", 0755 },           { "etc", 0755 },     { "home", 0755 },    { "home/benchscale", 0755 },
  { "mnt", 0755 },           { "opt", 0755 },     { "proc", 0755 },    { "root", 0700 },
  { "run", 0755 },           { "sys", 0755 },     { "srv", 0755 },     { "tmp", 01777 },
  { "usr/local/bin", 0755 }, { "var/lib", 0755 }, { "var/log", 0755 }, { "var/tmp", 01777 },
};

static const struct
{
  const char *name, *text;
} texts[] = {
  { "etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"
                  "benchscale:x:1000:1000:benchscale:/home/benchscale:/bin/sh\n"
                  "nobody:x:65534:65534:nobody:/nonexistent:/bin/sh\n" },
  { "etc/group", "root:x:0:\ntty:x:5:\nbenchscale:x:1000:\nnogroup:x:65534:\n" },
  { "etc/hosts", "127.0.0.1\tlocalhost\n" },
  { "etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n" },
  { "etc/profile", "export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n" },
  { "etc/shells", "/bin/sh\n" },
  { "etc/os-release", "NAME=\"benchScale tiny\"\nID=benchscale-tiny\nPRETTY_NAME=\"benchScale tiny\"\n" },
};

char *
bs_initrd_find_busybox (GError **error)
{
  static const char *const paths[] = { "/bin/busybox", "/usr/bin/busybox", "/usr/local/bin/busybox" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    if (g_file_test (paths[i], G_FILE_TEST_IS_EXECUTABLE))
      return g_strdup (paths[i]);
  bs_set_error (error, BS_ERROR_HOST, BUSYBOX_HINT, "there is no busybox on this host");
  return NULL;
}

/* A program that names an interpreter (the dynamic linker) is not static. */
static gboolean
is_static (const guint8 *data, gsize length)
{
  Elf64_Ehdr header;

  if (length < sizeof header)
    return FALSE;
  memcpy (&header, data, sizeof header);
  if (memcmp (header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_phentsize != sizeof (Elf64_Phdr))
    return FALSE;
  for (guint i = 0; i < header.e_phnum; i++)
    {
      Elf64_Phdr segment;

      if (header.e_phoff > length || (gsize) (i + 1) * sizeof segment > length - header.e_phoff)
        return FALSE;
      memcpy (&segment, data + header.e_phoff + i * sizeof segment, sizeof segment);
      if (segment.p_type == PT_INTERP)
        return FALSE;
    }
  return TRUE;
}

gboolean
bs_initrd_check_static (const char *path, GBytes *program, GError **error)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (program, &length);
  gboolean busybox = g_str_has_suffix (path, "busybox");

  if (is_static (data, length))
    return TRUE;
  bs_set_error (error, BS_ERROR_HOST, busybox ? BUSYBOX_HINT : NULL, "'%s' is not a statically linked program", path);
  return FALSE;
}

static void
add_base (BsCpio *cpio)
{
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    bs_cpio_add_folder (cpio, folders[i].name, folders[i].mode);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    bs_cpio_add_text (cpio, texts[i].name, texts[i].text);
}

static void
add_program (BsCpio *cpio, const char *name, GBytes *program)
{
  gsize length;
  const void *data = g_bytes_get_data (program, &length);

  bs_cpio_add_file (cpio, name, 0755, data, length);
}

static void
add_applets (BsCpio *cpio, const char *applets)
{
  g_auto (GStrv) names = g_strsplit (applets, "\n", -1);

  for (char **name = names; *name != NULL; name++)
    if (**name != '\0' && **name != '/' && strcmp (*name, BUSYBOX) != 0)
      bs_cpio_add_link (cpio, *name, "/" BUSYBOX);
}

static gboolean
add_modules (BsCpio *cpio, const BsKernel *kernel, GError **error)
{
  g_autofree char *path = g_build_filename (kernel->folder, "order", NULL);
  g_autofree char *order = bs_file_read (AT_FDCWD, path, ORDER_MAX, NULL, error);
  g_auto (GStrv) names = order != NULL ? g_strsplit (order, "\n", -1) : NULL;
  g_autoptr (GString) list = g_string_new (NULL);

  for (char **name = names; name != NULL && *name != NULL; name++)
    {
      g_autofree char *file = g_strconcat (*name, ".ko", NULL), *inside = g_strconcat ("lib/modules/", file, NULL);
      g_autofree char *source = g_build_filename (kernel->folder, "modules", file, NULL), *data = NULL;
      gsize length;

      if (**name == '\0')
        continue;
      data = bs_file_read (AT_FDCWD, source, MODULE_MAX, &length, error);
      if (data == NULL)
        return FALSE;
      bs_cpio_add_file (cpio, inside, 0644, data, length);
      g_string_append_printf (list, "/%s\n", inside);
    }
  bs_cpio_add_text (cpio, "etc/benchscale/modules", list->str);
  return names != NULL;
}

GBytes *
bs_initrd_build (const BsKernel *kernel, GBytes *busybox, const char *applets, GBytes *guest, GError **error)
{
  g_autoptr (BsCpio) cpio = bs_cpio_new ();

  add_base (cpio);
  add_program (cpio, "init", guest);
  add_applets (cpio, applets);
  add_program (cpio, BUSYBOX, busybox);
  if (!add_modules (cpio, kernel, error))
    return NULL;
  return bs_cpio_write (cpio);
}
