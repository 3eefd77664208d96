/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-check.c — whether a node can be run, told before anything is done */
#include "bs-error.h"
#include "bs-host-memory.h"
#include "bs-qemu-args.h"
#include "bs-qemu-firmware.h"
#include "bs-qemu-host.h"

#include <string.h>

#define NAME_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
#define NAME_MAX_BYTES 63
#define MEMORY_MIN_MIB 64
#define VCPUS_MAX 255

static gboolean
refuse (GError **error, BsErrorCode code, const char *hint, const BsBackendNode *node, const char *what)
{
  bs_set_error (error, code, hint, "node '%s' %s", node->name, what);
  return FALSE;
}

/* The name becomes part of paths, of option lists and of the tag. */
static gboolean
check_name (const BsBackendNode *node, GError **error)
{
  gsize length = strlen (node->name);

  if (length > 0 && length <= NAME_MAX_BYTES && strspn (node->name, NAME_LETTERS) == length
      && g_ascii_isalnum (node->name[0]))
    return TRUE;
  return refuse (error, BS_ERROR_INVALID,
                 "use letters, digits, '_', '.' and '-', at most 63, the first a letter or digit", node,
                 "has a name that cannot be used");
}

static gboolean
is_mac (const char *text)
{
  for (guint i = 0; i < 17; i++)
    if (i % 3 == 2 ? text[i] != ':' : !g_ascii_isxdigit (text[i]))
      return FALSE;
  return text[17] == '\0';
}

static gboolean
check_interfaces (const BsBackendNode *node, GError **error)
{
  guint max = bs_qemu_args_interfaces_max (node);

  if (node->interfaces->len > max)
    {
      bs_set_error (error, BS_ERROR_UNSUPPORTED, "give it fewer networks",
                    "node '%s' has %u interfaces, its machine has room for %u", node->name, node->interfaces->len, max);
      return FALSE;
    }
  for (guint i = 0; i < node->interfaces->len; i++)
    {
      const BsBackendInterface *interface = g_ptr_array_index (node->interfaces, i);

      if (interface->mac == NULL || !is_mac (interface->mac))
        return refuse (error, BS_ERROR_INVALID, NULL, node, "has an interface with a bad MAC address");
    }
  return TRUE;
}

static gboolean
check_ports (const BsBackendNode *node, GError **error)
{
  for (guint i = 0; i < node->ports->len; i++)
    {
      const BsBackendPort *port = &g_array_index (node->ports, BsBackendPort, i);

      if (port->host == 0 || port->node == 0)
        return refuse (error, BS_ERROR_INVALID, "ports are 1 to 65535", node, "forwards port 0");
    }
  return TRUE;
}

/* The plan asks before its images are there: what to start from may still be missing, create_node wants it. */
static gboolean
check_boot (const BsBackendNode *node, GError **error)
{
  if (node->kernel != NULL && node->kernel[0] != '/')
    return refuse (error, BS_ERROR_INVALID, NULL, node, "has a kernel whose path is not absolute");
  if (node->disk != NULL && node->disk[0] != '/')
    return refuse (error, BS_ERROR_INVALID, NULL, node, "has a disk whose path is not absolute");
  return TRUE;
}

static gboolean
check_size (const BsBackendNode *node, GError **error)
{
  guint64 room = bs_host_memory_free_mib ("/");

  if (node->memory_mib < MEMORY_MIN_MIB)
    return refuse (error, BS_ERROR_INVALID, "give it at least 64 MiB with memory_mb", node,
                   "has too little memory to start");
  if (node->vcpus < 1 || node->vcpus > VCPUS_MAX)
    return refuse (error, BS_ERROR_INVALID, "1 to 255 are possible", node, "has an impossible number of vcpus");
  if (node->memory_mib > room)
    {
      bs_set_error (error, BS_ERROR_EXHAUSTED, "give it less with memory_mb, or free memory on the host",
                    "node '%s' needs %u MiB of memory, %" G_GUINT64_FORMAT " MiB are free", node->name,
                    node->memory_mib, room);
      return FALSE;
    }
  return TRUE;
}

gboolean
bs_qemu_check_node (const BsBackendNode *node, GError **error)
{
  g_auto (BsQemuHost) host = { 0 };

  return check_name (node, error) && check_boot (node, error) && check_interfaces (node, error)
         && check_ports (node, error) && bs_qemu_firmware_check (node, error) && bs_qemu_host_find (&host, error)
         && check_size (node, error);
}
