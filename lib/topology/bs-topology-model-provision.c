/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-model-provision.c — what is put into a node: packages, files, cloud-init */
#include "bs-topology-model.h"

#define FILE_MODE 0644

BsTopologyPackage *
bs_topology_package_new (BsPosition at)
{
  BsTopologyPackage *self = g_new0 (BsTopologyPackage, 1);

  self->at = at;
  return self;
}

void
bs_topology_package_free (gpointer data)
{
  BsTopologyPackage *self = data;

  g_free (self->name);
  g_free (self->repository);
  g_free (self->key);
  g_free (self);
}

BsTopologyFile *
bs_topology_file_new (BsPosition at)
{
  BsTopologyFile *self = g_new0 (BsTopologyFile, 1);

  self->at = at;
  self->mode = FILE_MODE;
  return self;
}

void
bs_topology_file_free (gpointer data)
{
  BsTopologyFile *self = data;

  g_free (self->path);
  g_free (self->content);
  g_free (self->owner);
  g_free (self);
}

BsTopologyDeploy *
bs_topology_deploy_new (BsPosition at)
{
  BsTopologyDeploy *self = g_new0 (BsTopologyDeploy, 1);

  self->at = at;
  self->mode = -1;
  return self;
}

void
bs_topology_deploy_free (gpointer data)
{
  BsTopologyDeploy *self = data;

  g_free (self->source);
  g_free (self->destination);
  g_free (self->owner);
  g_free (self);
}

static void
command_free (gpointer data)
{
  g_strfreev (data);
}

gpointer
bs_topology_cloud_init_new (BsPosition at)
{
  BsTopologyCloudInit *self = g_new0 (BsTopologyCloudInit, 1);

  self->at = at;
  self->packages = g_ptr_array_new_with_free_func (bs_topology_package_free);
  self->runcmd = g_ptr_array_new_with_free_func (command_free);
  self->write_files = g_ptr_array_new_with_free_func (bs_topology_file_free);
  return self;
}

void
bs_topology_cloud_init_free (BsTopologyCloudInit *self)
{
  if (self == NULL)
    return;
  g_free (self->user);
  g_free (self->password);
  g_strfreev (self->ssh_authorized_keys);
  g_ptr_array_unref (self->packages);
  g_ptr_array_unref (self->runcmd);
  g_ptr_array_unref (self->write_files);
  g_free (self->hostname);
  g_free (self);
}
