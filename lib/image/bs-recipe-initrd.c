/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-recipe-initrd.h"
#include "bs-cpio.h"
#include "bs-module.h"

/* Whatever machine type QEMU is asked for: virtio-mmio (microvm) and virtio over PCI. The network and the channel to
 * the host need no udev to find their drivers then. */
static const char *const module_names[] = { "virtio_mmio", "virtio_pci",     "virtio_blk", "crc32c_generic", "ext4",
                                            "virtio_rng",  "virtio_console", "virtio_net", "af_packet",      NULL };

static const char *const folders[] = { "dev", "etc", "proc", "root", "sys" };

static void
add_modules (BsCpio *cpio, GPtrArray *modules)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < modules->len; i++)
    {
      const BsModule *module = g_ptr_array_index (modules, i);
      g_autofree char *name = g_strdup_printf ("lib/modules/%s.ko", module->name);
      gsize length;
      const void *data = g_bytes_get_data (module->content, &length);

      bs_cpio_add_file (cpio, name, 0644, data, length);
      g_string_append_printf (list, "/%s\n", name);
    }
  bs_cpio_add_text (cpio, "etc/benchscale/modules", list->str);
}

GBytes *
bs_recipe_initrd_build (const char *modules_dir, GBytes *guest, GError **error)
{
  g_autoptr (GPtrArray) modules = bs_module_collect (modules_dir, module_names, error);
  g_autoptr (BsCpio) cpio = NULL;
  gsize length;
  const void *data = g_bytes_get_data (guest, &length);

  if (modules == NULL)
    return NULL;
  cpio = bs_cpio_new ();
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    bs_cpio_add_folder (cpio, folders[i], 0755);
  bs_cpio_add_file (cpio, "init", 0755, data, length);
  add_modules (cpio, modules);
  return bs_cpio_write (cpio);
}
