/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-model-node.c — nodes with their defaults, and the members of what `count` makes */
#include "bs-topology-model.h"

#include <string.h>

BsTopologyReady *
bs_topology_ready_new (BsPosition at)
{
  BsTopologyReady *self = g_new0 (BsTopologyReady, 1);

  self->at = at;
  self->arguments = g_new0 (char *, 1);
  self->within_usec = BS_READY_WITHIN_USEC;
  return self;
}

void
bs_topology_ready_free (gpointer data)
{
  BsTopologyReady *self = data;

  g_strfreev (self->arguments);
  g_free (self);
}

BsTopologyVolume *
bs_topology_volume_new (BsPosition at)
{
  BsTopologyVolume *self = g_new0 (BsTopologyVolume, 1);

  self->at = at;
  return self;
}

void
bs_topology_volume_free (gpointer data)
{
  BsTopologyVolume *self = data;

  g_free (self->host);
  g_free (self->node);
  g_free (self);
}

BsTopologyUlimit *
bs_topology_ulimit_new (BsPosition at)
{
  BsTopologyUlimit *self = g_new0 (BsTopologyUlimit, 1);

  self->at = at;
  return self;
}

void
bs_topology_ulimit_free (gpointer data)
{
  BsTopologyUlimit *self = data;

  g_free (self->name);
  g_free (self);
}

BsTopologyHealthcheck *
bs_topology_healthcheck_new (BsPosition at)
{
  BsTopologyHealthcheck *self = g_new0 (BsTopologyHealthcheck, 1);

  self->at = at;
  return self;
}

void
bs_topology_healthcheck_free (BsTopologyHealthcheck *self)
{
  if (self == NULL)
    return;
  g_strfreev (self->test);
  g_free (self);
}

gpointer
bs_topology_container_new (BsPosition at)
{
  BsTopologyContainer *self = g_new0 (BsTopologyContainer, 1);

  self->at = at;
  self->ulimits = g_ptr_array_new_with_free_func (bs_topology_ulimit_free);
  return self;
}

static void
container_free (BsTopologyContainer *self)
{
  if (self == NULL)
    return;
  g_strfreev (self->command);
  g_strfreev (self->entrypoint);
  g_free (self->user);
  g_strfreev (self->capabilities);
  g_strfreev (self->tmpfs);
  g_ptr_array_unref (self->ulimits);
  g_strfreev (self->devices);
  g_free (self->restart);
  bs_topology_healthcheck_free (self->healthcheck);
  g_strfreev (self->labels);
  g_free (self);
}

gpointer
bs_topology_machine_new (BsPosition at)
{
  BsTopologyMachine *self = g_new0 (BsTopologyMachine, 1);

  self->at = at;
  return self;
}

static void
machine_free (BsTopologyMachine *self)
{
  if (self == NULL)
    return;
  g_free (self->firmware);
  g_free (self->display);
  g_free (self->kernel);
  g_free (self->initrd);
  g_free (self->cmdline);
  g_free (self->cpu);
  g_free (self);
}

BsTopologyNode *
bs_topology_node_new (BsPosition at)
{
  BsTopologyNode *self = g_new0 (BsTopologyNode, 1);

  self->at = at;
  self->memory_mib = BS_MEMORY_MIB;
  self->vcpus = BS_VCPUS;
  self->interfaces = g_ptr_array_new_with_free_func (bs_topology_interface_free);
  self->ports = g_ptr_array_new_with_free_func (g_free);
  self->depends_on = g_ptr_array_new_with_free_func (g_free);
  self->ready = g_ptr_array_new_with_free_func (bs_topology_ready_free);
  self->packages = g_ptr_array_new_with_free_func (bs_topology_package_free);
  self->deploy = g_ptr_array_new_with_free_func (bs_topology_deploy_free);
  self->volumes = g_ptr_array_new_with_free_func (bs_topology_volume_free);
  return self;
}

BsTopologyNode *
bs_topology_node_member (BsTopologyNode *first, guint index)
{
  BsTopologyNode *self = g_memdup2 (first, sizeof (BsTopologyNode));

  self->group_index = index;
  self->name = g_strdup_printf ("%s-%u", first->group, index);
  return self;
}

static void
free_parts (BsTopologyNode *self)
{
  g_free (self->group);
  g_free (self->backend);
  g_free (self->image);
  g_free (self->adopt);
  json_decref (self->metadata);
  g_strfreev (self->env);
  g_ptr_array_unref (self->interfaces);
  g_ptr_array_unref (self->ports);
  g_ptr_array_unref (self->depends_on);
  g_ptr_array_unref (self->ready);
  g_ptr_array_unref (self->packages);
  g_ptr_array_unref (self->deploy);
  g_ptr_array_unref (self->volumes);
  bs_topology_cloud_init_free (self->cloud_init);
  bs_conditions_free (self->network_conditions);
  container_free (self->container);
  machine_free (self->machine);
}

void
bs_topology_node_free (gpointer data)
{
  BsTopologyNode *self = data;

  if (self->group_index <= 1)
    free_parts (self);
  g_free (self->name);
  g_free (self);
}
