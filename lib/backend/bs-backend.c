/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-backend.h"
#include "bs-qemu.h"

#include <string.h>

static const BsBackendClass *const backends[] = { &bs_qemu_backend, NULL };

const BsBackendClass *const *
bs_backend_list (void)
{
  return backends;
}

const BsBackendClass *
bs_backend_find (const char *name)
{
  for (guint i = 0; backends[i] != NULL; i++)
    if (strcmp (backends[i]->name, name) == 0)
      return backends[i];
  return NULL;
}

void
bs_backend_interface_free (BsBackendInterface *self)
{
  if (self == NULL)
    return;
  g_free (self->mac);
  g_free (self->name);
  g_free (self->address);
  g_free (self);
}

BsBackendNode *
bs_backend_node_new (void)
{
  BsBackendNode *self = g_new0 (BsBackendNode, 1);

  self->interfaces = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_backend_interface_free);
  self->ports = g_array_new (FALSE, FALSE, sizeof (BsBackendPort));
  return self;
}

void
bs_backend_node_free (BsBackendNode *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->kernel);
  g_free (self->initrd);
  g_free (self->cmdline);
  g_free (self->disk);
  g_free (self->hosts);
  g_free (self->file);
  g_free (self->folder);
  g_free (self->image);
  g_free (self->image_digest);
  g_free (self->disk_format);
  g_free (self->firmware);
  g_free (self->login);
  g_free (self->template);
  g_free (self->machine_id);
  g_free (self->host_key);
  g_free (self->host_key_public);
  g_free (self->authorized_key);
  g_ptr_array_unref (self->interfaces);
  g_array_unref (self->ports);
  g_free (self);
}

void
bs_backend_probe_clear (BsBackendProbe *self)
{
  g_free (self->reason);
  g_free (self->cure);
  g_free (self->version);
  g_free (self->accelerator);
  *self = (BsBackendProbe){ 0 };
}
