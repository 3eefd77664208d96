/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-qemu-firmware.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-qemu-args.h"

#include <string.h>
#include <unistd.h>

#define VARS "vars.fd"
#define INSTALL_HINT "apt-get install ovmf"
#define VARS_MAX (4 * 1024 * 1024)

typedef struct
{
  const char *code, *vars;
} Firmware;

/* Where Debian, Fedora and Arch keep it. */
static const Firmware known[] = {
  { "/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd" },
  { "/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd" },
  { "/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd" },
  { "/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd" },
};

static const Firmware *
find (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (access (known[i].code, R_OK) == 0 && access (known[i].vars, R_OK) == 0)
      return &known[i];
  return NULL;
}

static const char *
wanted (const BsBackendNode *node)
{
  const BsTopologyMachine *machine = node->model != NULL ? node->model->machine : NULL;

  if (machine != NULL && machine->firmware != NULL)
    return machine->firmware;
  return node->firmware != NULL ? node->firmware : "bios";
}

gboolean
bs_qemu_firmware_is_uefi (const BsBackendNode *node)
{
  return strcmp (wanted (node), "uefi") == 0;
}

gboolean
bs_qemu_firmware_check (const BsBackendNode *node, GError **error)
{
  if (strcmp (wanted (node), "bios") == 0)
    return TRUE;
  if (!bs_qemu_firmware_is_uefi (node))
    bs_set_error (error, BS_ERROR_UNSUPPORTED, "use 'firmware: uefi'", "node '%s': firmware '%s' is not supported",
                  node->name, wanted (node));
  else if (node->kernel != NULL || node->has_guest)
    bs_set_error (error, BS_ERROR_UNSUPPORTED, "leave 'firmware' out",
                  "node '%s' starts by a kernel, not by a firmware", node->name);
  else if (find () == NULL)
    bs_set_error (error, BS_ERROR_HOST, INSTALL_HINT, "node '%s' wants UEFI, and there is no OVMF on this host",
                  node->name);
  else
    return TRUE;
  return FALSE;
}

gboolean
bs_qemu_firmware_create (const BsBackendLab *lab, const BsBackendNode *node, GError **error)
{
  g_autofree char *leaf = bs_qemu_path (node->name, VARS), *content = NULL;
  gsize length;

  /* Asked again: when the plan asked, the image was not there yet. */
  if (!bs_qemu_firmware_check (node, error))
    return FALSE;
  if (!bs_qemu_firmware_is_uefi (node))
    return TRUE;
  content = bs_file_read (AT_FDCWD, find ()->vars, VARS_MAX, &length, error);
  return content != NULL && bs_file_write_atomic (lab->lab_dir, leaf, content, length, 0600, error);
}

static void
add (GPtrArray *argv, const char *option, char *value)
{
  g_ptr_array_add (argv, g_strdup (option));
  g_ptr_array_add (argv, value);
}

void
bs_qemu_firmware_args (GPtrArray *argv, const BsBackendNode *node)
{
  const Firmware *firmware = bs_qemu_firmware_is_uefi (node) ? find () : NULL;
  g_autofree char *vars = bs_qemu_path (node->name, VARS);

  if (firmware == NULL)
    return;
  add (argv, "-blockdev",
       g_strdup_printf ("driver=file,node-name=code,filename=%s,read-only=on,auto-read-only=off", firmware->code));
  add (argv, "-blockdev", g_strdup_printf ("driver=file,node-name=vars,filename=%s", vars));
}

const char *
bs_qemu_firmware_machine (const BsBackendNode *node)
{
  return bs_qemu_firmware_is_uefi (node) && find () != NULL ? ",pflash0=code,pflash1=vars" : "";
}
