/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-qemu.h"
#include "bs-qemu-host.h"
#include "bs-qemu-node.h"
#include "bs-qemu-room.h"
#include "bs-qemu-template.h"

const BsBackendClass bs_qemu_backend = {
  .abi = BS_BACKEND_ABI,
  .size = sizeof (BsBackendClass),
  .name = "qemu",
  .needs = "QEMU 7.2 or newer (qemu-system-x86)",
  .caps = BS_CAP_EXEC | BS_CAP_COPY | BS_CAP_CONSOLE | BS_CAP_PAUSE | BS_CAP_PORTS | BS_CAP_IDENTITY | BS_CAP_TEMPLATE,
  .probe = bs_qemu_probe,
  .check_node = bs_qemu_check_node,
  .prepare_node = bs_qemu_prepare_node,
  .explain_start = bs_qemu_explain_start,
  .create_node = bs_qemu_create_node,
  .start_node = bs_qemu_start_node,
  .wait_node = bs_qemu_wait_node,
  .identify_node = bs_qemu_identify_node,
  .stop_node = bs_qemu_stop_node,
  .delete_node = bs_qemu_delete_node,
  .node_state = bs_qemu_node_state,
  .pause_node = bs_qemu_pause_node,
  .resume_node = bs_qemu_resume_node,
  .exec = bs_qemu_exec,
  .copy_in = bs_qemu_copy_in,
  .copy_out = bs_qemu_copy_out,
  .wait_for = bs_qemu_wait_for,
  .console = bs_qemu_console,
  .list_owned = bs_qemu_list_owned,
  .remove_owned = bs_qemu_remove_owned,
  .sweep_templates = bs_qemu_sweep_templates,
  .node_memory = bs_qemu_node_memory,
  .check_room = bs_qemu_check_room,
};
