/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-vmlinux.h"
#include "bs-error.h"
#include "bs-lz4.h"
#include "bs-unpack-program.h"

#include <elf.h>
#include <string.h>

#define VMLINUX_MAX (256u * 1024 * 1024)

/* Offsets in the boot header; sizes in sectors of 512 bytes. */
#define BOOT_SETUP_SECTORS 0x1f1
#define BOOT_MAGIC 0x202
#define BOOT_VERSION 0x206
#define BOOT_PAYLOAD_OFFSET 0x248
#define BOOT_PAYLOAD_LENGTH 0x24c
#define BOOT_HEADER_END 0x250
#define BOOT_PAYLOAD_SINCE 0x208

#define XEN_NOTE_PHYS32_ENTRY 18

static gboolean
is_pvh_note (const guint8 *at, gsize length)
{
  while (length >= sizeof (Elf64_Nhdr))
    {
      Elf64_Nhdr note;
      gsize size;

      memcpy (&note, at, sizeof note);
      size = sizeof note + ((gsize) note.n_namesz + 3) / 4 * 4 + ((gsize) note.n_descsz + 3) / 4 * 4;
      if (size > length)
        return FALSE;
      if (note.n_type == XEN_NOTE_PHYS32_ENTRY && note.n_namesz == 4 && memcmp (at + sizeof note, "Xen", 4) == 0)
        return TRUE;
      at += size;
      length -= size;
    }
  return FALSE;
}

gboolean
bs_vmlinux_has_pvh (const void *data, gsize length)
{
  const guint8 *bytes = data;
  Elf64_Ehdr header;

  if (length < sizeof header)
    return FALSE;
  memcpy (&header, data, sizeof header);
  if (memcmp (header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64
      || header.e_phentsize != sizeof (Elf64_Phdr))
    return FALSE;
  for (guint i = 0; i < header.e_phnum; i++)
    {
      Elf64_Phdr segment;

      if (header.e_phoff > length || (gsize) (i + 1) * sizeof segment > length - header.e_phoff)
        return FALSE;
      memcpy (&segment, bytes + header.e_phoff + i * sizeof segment, sizeof segment);
      if (segment.p_type == PT_NOTE && segment.p_offset <= length && segment.p_filesz <= length - segment.p_offset
          && is_pvh_note (bytes + segment.p_offset, segment.p_filesz))
        return TRUE;
    }
  return FALSE;
}

/* The compressed kernel inside @image. */
static GBytes *
find_payload (GBytes *image)
{
  gsize length, start;
  const guint8 *data = g_bytes_get_data (image, &length);
  guint32 offset, size;
  guint16 version;

  if (length < BOOT_HEADER_END || memcmp (data + BOOT_MAGIC, "HdrS", 4) != 0)
    return NULL;
  memcpy (&version, data + BOOT_VERSION, sizeof version);
  memcpy (&offset, data + BOOT_PAYLOAD_OFFSET, sizeof offset);
  memcpy (&size, data + BOOT_PAYLOAD_LENGTH, sizeof size);
  start = ((gsize) data[BOOT_SETUP_SECTORS] + 1) * 512 + offset;
  if (GUINT16_FROM_LE (version) < BOOT_PAYLOAD_SINCE || start > length || size > length - start || size < 8)
    return NULL;
  return g_bytes_new_from_bytes (image, start, size);
}

static GBytes *
unpack (GBytes *payload, GError **error)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (payload, &length);
  GByteArray *array;

  if (memcmp (data, "\x02\x21\x4c\x18", 4) != 0)
    return bs_unpack_by_program (payload, VMLINUX_MAX, error);
  /* The last four bytes are the unpacked size, not a block. */
  array = bs_lz4_unpack_legacy (data, length - 4, VMLINUX_MAX, error);
  return array != NULL ? g_byte_array_free_to_bytes (array) : NULL;
}

GBytes *
bs_vmlinux_extract (GBytes *image, GError **error)
{
  g_autoptr (GBytes) payload = find_payload (image);
  g_autoptr (GBytes) kernel = NULL;

  if (payload == NULL)
    {
      bs_set_error (error, BS_ERROR_UNSUPPORTED, NULL, "the kernel is no bzImage with a payload");
      return NULL;
    }
  kernel = unpack (payload, error);
  if (kernel == NULL)
    return NULL;
  if (!bs_vmlinux_has_pvh (g_bytes_get_data (kernel, NULL), g_bytes_get_size (kernel)))
    {
      bs_set_error (error, BS_ERROR_UNSUPPORTED, NULL, "the kernel has no PVH entry");
      return NULL;
    }
  return g_steal_pointer (&kernel);
}
