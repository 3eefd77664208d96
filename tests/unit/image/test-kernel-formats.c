/* SPDX-License-Identifier: Apache-2.0 */
/* Packed kernels and modules, whole and broken. */
#include "bs-error.h"
#include "bs-lz4.h"
#include "bs-module.h"
#include "bs-vmlinux.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

#define LZ4_MAGIC "\x02\x21\x4c\x18"

static void
lz4_repeats_what_overlaps (void)
{
  /* Token 0x1f: one literal, match of 15 + 4 + 1 at distance 1; then the five literals that end a block. */
  static const char data[] = LZ4_MAGIC "\x0b\0\0\0"
                                       "\x1f"
                                       "a"
                                       "\x01\0"
                                       "\x01"
                                       "\x50"
                                       "vwxyz";
  g_autoptr (GError) error = NULL;
  g_autoptr (GByteArray) out = bs_lz4_unpack_legacy (data, sizeof data - 1, 100, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (out->data, out->len, "aaaaaaaaaaaaaaaaaaaaavwxyz", 26);
}

static void
assert_broken (const char *data, gsize length, gsize limit)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (bs_lz4_unpack_legacy (data, length, limit, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
}

static void
lz4_refuses_what_is_broken (void)
{
  static const char far[] = LZ4_MAGIC "\x05\0\0\0"
                                      "\x10"
                                      "a"
                                      "\x02\0"
                                      "\x00";
  static const char cut[] = LZ4_MAGIC "\x09\0\0\0"
                                      "\x10";
  static const char many[] = LZ4_MAGIC "\x02\0\0\0"
                                       "\xf0\xff";
  static const char fine[] = LZ4_MAGIC "\x04\0\0\0"
                                       "\x30"
                                       "abc";

  assert_broken ("nonsense", 8, 100);
  assert_broken (far, sizeof far - 1, 100);
  assert_broken (cut, sizeof cut - 1, 100);
  assert_broken (many, sizeof many - 1, 100);
  assert_broken (fine, sizeof fine - 1, 2);
}

/* An ELF file with one segment of notes. */
static GByteArray *
elf_with_note (guint32 type)
{
  struct
  {
    Elf64_Ehdr header;
    Elf64_Phdr segment;
    Elf64_Nhdr note;
    char name[4], value[8];
  } file = { 0 };
  GByteArray *bytes = g_byte_array_new ();

  memcpy (file.header.e_ident, ELFMAG, SELFMAG);
  file.header.e_ident[EI_CLASS] = ELFCLASS64;
  file.header.e_phoff = sizeof file.header;
  file.header.e_phentsize = sizeof file.segment;
  file.header.e_phnum = 1;
  file.segment.p_type = PT_NOTE;
  file.segment.p_offset = sizeof file.header + sizeof file.segment;
  file.segment.p_filesz = sizeof file.note + sizeof file.name + sizeof file.value;
  file.note = (Elf64_Nhdr){ 4, 8, type };
  memcpy (file.name, "Xen", 4);
  return g_byte_array_append (bytes, (const guint8 *) &file, sizeof file);
}

static void
pvh_entry_is_found (void)
{
  g_autoptr (GByteArray) with = elf_with_note (18), without = elf_with_note (5);

  g_assert_true (bs_vmlinux_has_pvh (with->data, with->len));
  g_assert_false (bs_vmlinux_has_pvh (without->data, without->len));
  for (guint cut = 0; cut < with->len; cut++)
    g_assert_false (bs_vmlinux_has_pvh (with->data, cut));
}

/* A bzImage around an LZ4 block of literals. */
static GBytes *
bzimage_with (const guint8 *kernel, gsize length)
{
  guint8 image[4096] = { 0 };
  gsize at = 1024;
  guint32 offset = 0, size = (guint32) (4 + 4 + 2 + length + 4), block = (guint32) (2 + length);

  g_assert_cmpuint (length, >=, 15);
  g_assert_cmpuint (length, <, 15 + 255);
  image[0x1f1] = 1;
  memcpy (image + 0x202, "HdrS", 4);
  image[0x206] = 0x08;
  image[0x207] = 0x02;
  memcpy (image + 0x248, &offset, 4);
  memcpy (image + 0x24c, &size, 4);
  memcpy (image + at, LZ4_MAGIC, 4);
  memcpy (image + at + 4, &block, 4);
  image[at + 8] = 0xf0;
  image[at + 9] = (guint8) (length - 15);
  memcpy (image + at + 10, kernel, length);
  return g_bytes_new (image, at + size);
}

static void
kernel_comes_out_of_bzimage (void)
{
  g_autoptr (GByteArray) kernel = elf_with_note (18);
  g_autoptr (GBytes) image = bzimage_with (kernel->data, kernel->len);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) out = bs_vmlinux_extract (image, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (out, NULL), g_bytes_get_size (out), kernel->data, kernel->len);
}

static void
kernel_without_pvh_is_left_packed (void)
{
  g_autoptr (GByteArray) kernel = elf_with_note (5);
  g_autoptr (GBytes) image = bzimage_with (kernel->data, kernel->len), nothing = g_bytes_new ("x", 1);
  g_autoptr (GError) error = NULL;

  g_assert_null (bs_vmlinux_extract (image, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_UNSUPPORTED);
  g_clear_error (&error);
  g_assert_null (bs_vmlinux_extract (nothing, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_UNSUPPORTED);
}

static void
module_says_what_it_needs (void)
{
  static const char data[] = "ELF\0license=GPL\0depends=virtio,virtio-ring\0name=x";
  g_autofree char *depends = bs_module_info (data, sizeof data - 1, "depends");
  g_autofree char *missing = bs_module_info (data, sizeof data - 1, "alias");
  g_autofree char *cut = bs_module_info (data, sizeof data - 1, "name");

  g_assert_cmpstr (depends, ==, "virtio,virtio-ring");
  g_assert_null (missing);
  g_assert_null (cut);
}

static void
signature_is_cut_off (void)
{
  static const char data[] = "MODULE"
                             "sig"
                             "\0\0\0\0\0\0\0\0"
                             "\0\0\0\x03"
                             "~Module signature appended~\n";
  static const char lie[] = "MODULE"
                            "\0\0\0\0\0\0\0\0"
                            "\xff\0\0\x03"
                            "~Module signature appended~\n";

  g_assert_cmpuint (bs_module_unsigned_length (data, sizeof data - 1), ==, 6);
  g_assert_cmpuint (bs_module_unsigned_length (lie, sizeof lie - 1), ==, sizeof lie - 1);
  g_assert_cmpuint (bs_module_unsigned_length ("MODULE", 6), ==, 6);
}

static void
put (const char *folder, const char *name, const char *data, gsize length)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, data, (gssize) length, NULL));
}

static void
modules_come_in_load_order (void)
{
  g_autofree char *folder = g_dir_make_tmp ("benchscale-test-XXXXXX", NULL);
  const char *names[] = { "net_thing", "builtin_thing", NULL };
  g_autoptr (GPtrArray) modules = NULL;
  g_autoptr (GError) error = NULL;
  const BsModule *module;

  put (folder, "modules.order", "core.ko\nnet-thing.ko\nhelp.ko\n", 30);
  put (folder, "net-thing.ko", "N\0depends=help,core\0", 20);
  put (folder, "help.ko", "H\0depends=core\0", 15);
  put (folder, "core.ko", "C\0depends=\0", 11);
  modules = bs_module_collect (folder, names, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (modules->len, ==, 3);
  module = g_ptr_array_index (modules, 0);
  g_assert_cmpstr (module->name, ==, "core");
  module = g_ptr_array_index (modules, 1);
  g_assert_cmpstr (module->name, ==, "help");
  module = g_ptr_array_index (modules, 2);
  g_assert_cmpstr (module->name, ==, "net_thing");
  for (guint i = 0; i < 4; i++)
    {
      const char *files[] = { "modules.order", "net-thing.ko", "help.ko", "core.ko" };
      g_autofree char *path = g_build_filename (folder, files[i], NULL);

      remove (path);
    }
  remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lz4/repeats-what-overlaps", lz4_repeats_what_overlaps);
  g_test_add_func ("/lz4/refuses-what-is-broken", lz4_refuses_what_is_broken);
  g_test_add_func ("/vmlinux/pvh-entry-is-found", pvh_entry_is_found);
  g_test_add_func ("/vmlinux/kernel-comes-out-of-bzimage", kernel_comes_out_of_bzimage);
  g_test_add_func ("/vmlinux/kernel-without-pvh-is-left-packed", kernel_without_pvh_is_left_packed);
  g_test_add_func ("/module/says-what-it-needs", module_says_what_it_needs);
  g_test_add_func ("/module/signature-is-cut-off", signature_is_cut_off);
  g_test_add_func ("/module/modules-come-in-load-order", modules_come_in_load_order);
  return g_test_run ();
}
