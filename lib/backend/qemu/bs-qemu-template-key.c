/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-template-key.c — what a template depends on */
#include "bs-error.h"
#include "bs-file.h"
#include "bs-memo.h"
#include "bs-provision.h"
#include "bs-qemu-firmware.h"
#include "bs-qemu-template.h"
#include "bs-template-cache.h"

#include <string.h>

/* Counts what this program does to a template in another way than before. */
#define RECIPE_VERSION 2
#define CPUINFO_MAX (4 * 1024 * 1024)

void
bs_qemu_template_clear (BsQemuTemplate *self)
{
  bs_qemu_host_clear (&self->host);
  g_clear_pointer (&self->key, g_free);
  g_clear_pointer (&self->provisioning, g_free);
  g_clear_pointer (&self->recipe, g_free);
}

const char *
bs_qemu_cold_reason (const BsBackendNode *node)
{
  const BsTopologyNode *model = node->model;
  const BsTopologyMachine *machine = model != NULL ? model->machine : NULL;

  if (!node->has_guest)
    return "its image has no benchscale-guest";
  if (model != NULL && model->volumes != NULL && model->volumes->len > 0)
    return "it has volumes, which are the host's";
  if (bs_qemu_firmware_is_uefi (node))
    return "its firmware keeps variables";
  if (machine != NULL && machine->tpm)
    return "it has a TPM";
  if (machine != NULL && machine->display != NULL && strcmp (machine->display, "none") != 0)
    return "it has a display";
  return NULL;
}

BsBackendNode *
bs_qemu_template_machine (const BsBackendNode *node)
{
  BsBackendNode *self = bs_backend_node_new ();

  self->name = g_strdup (BS_QEMU_TEMPLATE_NODE);
  self->kernel = g_strdup (node->kernel);
  self->initrd = g_strdup (node->initrd);
  self->cmdline = g_strdup (node->cmdline);
  self->disk = g_strdup (node->disk);
  self->disk_format = g_strdup (node->disk_format);
  self->memory_mib = node->memory_mib;
  self->vcpus = node->vcpus;
  self->has_guest = node->has_guest;
  self->model = node->model;
  self->hosts = g_strdup ("127.0.0.1\tlocalhost\n");
  for (guint i = 0; i < node->interfaces->len; i++)
    {
      BsBackendInterface *interface = g_new0 (BsBackendInterface, 1);

      interface->mac = bs_qemu_template_mac (i);
      interface->name = g_strdup_printf ("eth%u", i);
      g_ptr_array_add (self->interfaces, interface);
    }
  return self;
}

/* A processor that lacks what another one had cannot go on with its state; nor does time pass alike. */
static char *
processor (void)
{
  g_autofree char *text = bs_file_read (AT_FDCWD, "/proc/cpuinfo", CPUINFO_MAX, NULL, NULL);
  const char *line = text != NULL ? strstr (text, "model name") : NULL;

  return line != NULL ? g_strndup (line, strcspn (line, "\n")) : g_strdup ("model name: unknown");
}

/* Without a digest of the image, what tells its files from others. */
static void
add_image (GString *recipe, const BsBackendNode *node)
{
  const char *files[] = { node->kernel, node->initrd, node->disk };

  if (node->image_digest != NULL)
    {
      g_string_append_printf (recipe, "image %s\n", node->image_digest);
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *key = files[i] != NULL ? bs_memo_file_key (files[i]) : NULL;

      g_string_append_printf (recipe, "file %s\n", key != NULL ? key : "-");
    }
}

char *
bs_qemu_template_recipe (const BsQemuTemplate *self)
{
  g_autoptr (BsBackendNode) machine = bs_qemu_template_machine (self->node);
  BsQemuSpec spec = { .program = self->host.program,
                      .tag = "-",
                      .kvm = self->kvm,
                      .node = machine,
                      .start = BS_QEMU_MAKE,
                      .management = bs_qemu_has_management (self->node) };
  g_auto (GStrv) argv = bs_qemu_args (&spec);
  g_autofree char *line = g_strjoinv (" ", argv), *cpu = processor ();
  g_autofree char *program = bs_memo_file_key (self->host.program);
  GString *recipe = g_string_new (NULL);

  g_string_append_printf (recipe, "version %d\ncache %s\nqemu %s %s\nprocessor %s\n", RECIPE_VERSION,
                          self->host.cache_dir, self->host.version, program != NULL ? program : "-", cpu);
  add_image (recipe, self->node);
  g_string_append_printf (recipe, "disk size %" G_GUINT64_FORMAT "\nprovisioning %s\nmachine %s\n",
                          bs_qemu_disk_bytes (self->node), self->provisioning != NULL ? self->provisioning : "-", line);
  return g_string_free (recipe, FALSE);
}

gboolean
bs_qemu_template_name (BsQemuTemplate *self, gboolean bake, GError **error)
{
  const BsBackendNode *node = self->node;
  g_autofree char *digest = NULL;

  g_clear_pointer (&self->provisioning, g_free);
  g_clear_pointer (&self->recipe, g_free);
  g_clear_pointer (&self->key, g_free);
  if (bake && node->model != NULL && bs_provision_bakes (node->model))
    {
      self->provisioning = bs_provision_digest (node->model, node->file, node->folder, error);
      if (self->provisioning == NULL)
        return FALSE;
    }
  self->recipe = bs_qemu_template_recipe (self);
  digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, self->recipe, -1);
  self->key = g_strndup (digest, BS_TEMPLATE_KEY_LENGTH);
  return TRUE;
}
