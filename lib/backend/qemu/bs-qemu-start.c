/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-process.h"
#include "bs-qemu-args.h"
#include "bs-qemu-fork.h"
#include "bs-qemu-host.h"
#include "bs-qemu-node.h"
#include "bs-qemu-ports.h"
#include "bs-settings.h"
#include "bs-socket.h"
#include "bs-tag.h"
#include "bs-template-cache.h"
#include "bs-time.h"
#include "bs-tsc.h"

#include <poll.h>
#include <string.h>

#define QMP_RETRY_USEC (2 * BS_USEC_PER_MSEC)

static gboolean
add_ports (const BsBackendLab *lab, const BsBackendNode *node, gint64 deadline_usec, GError **error)
{
  for (guint i = 0; i < node->interfaces->len; i++)
    {
      const BsBackendInterface *interface = g_ptr_array_index (node->interfaces, i);
      json_t *arguments
          = json_pack ("{s:s, s:i, s:i, s:s, s:I}", "node", node->name, "interface", (int) i, "network",
                       (int) interface->network, "mac", interface->mac, "identity", (json_int_t) interface->identity);

      if (!bs_control_do (lab->control, "add-port", arguments, deadline_usec, lab->cancellable, error))
        return FALSE;
    }
  return TRUE;
}

static json_t *
spawn (const BsBackendLab *lab, const BsQemuSpec *spec, gint64 deadline_usec, GError **error)
{
  const BsBackendNode *node = spec->node;
  g_autofree char *guest = bs_qemu_path (node->name, "guest.sock");
  g_autofree char *log = bs_qemu_path (node->name, "qemu.log");
  g_autofree char *console = bs_qemu_path (node->name, "console.log");
  gboolean wired = spec->start == BS_QEMU_COLD || spec->start == BS_QEMU_FORK;
  g_auto (GStrv) argv = bs_qemu_args (spec);
  json_t *list = json_array ();

  for (char **argument = argv; *argument != NULL; argument++)
    if (json_array_append_new (list, json_string (*argument)) != 0)
      {
        json_decref (list);
        bs_set_error (error, BS_ERROR_INVALID, NULL, "an argument of node '%s' is not UTF-8", node->name);
        return NULL;
      }
  return bs_control_call (lab->control, "spawn",
                          json_pack ("{s:s, s:o, s:i, s:s, s:s, s:s}", "node", node->name, "argv", list, "interfaces",
                                     wired ? (int) node->interfaces->len : 0, "guest", guest, "log", log, "console_log",
                                     console),
                          NULL, deadline_usec, lab->cancellable, error);
}

void
bs_qemu_explain_death (const BsBackendLab *lab, const BsBackendNode *node, GError **error)
{
  g_autofree char *said = bs_qemu_said (lab, node->name);

  if (bs_qemu_ports_explain (node, said, error))
    return;
  if (strstr (said, "cannot set up guest memory") != NULL || strstr (said, "Cannot allocate memory") != NULL)
    bs_set_error (error, BS_ERROR_EXHAUSTED, "give it less with memory_mb, or free memory on the host",
                  "there is no memory for the %u MiB of node '%s': %s", node->memory_mib, node->name, said);
  else
    bs_set_error (error, BS_ERROR_DIED, NULL, "QEMU ended at once: %s", said[0] != '\0' ? said : "it said nothing");
}

/* Until its control socket answers. The process is watched meanwhile, so that its death is told at once. */
static BsQmp *
wait_for_qmp (const BsBackendLab *lab, const BsBackendNode *node, int pidfd, gint64 deadline_usec, GError **error)
{
  g_autofree char *path = bs_qemu_path (node->name, "qmp.sock");

  for (;;)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (BsQmp) qmp = bs_qmp_open (lab->lab_dir, path, deadline_usec, lab->cancellable, &local);

      if (qmp != NULL)
        return g_steal_pointer (&qmp);
      if (pidfd < 0 || bs_process_wait_fd (pidfd, bs_time_now_usec () + QMP_RETRY_USEC))
        {
          bs_qemu_explain_death (lab, node, error);
          return NULL;
        }
      if (local->code != BS_ERROR_NOT_FOUND && local->code != BS_ERROR_DIED)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      if (g_cancellable_is_cancelled (lab->cancellable))
        bs_set_error (error, BS_ERROR_CANCELLED, NULL, "starting was interrupted");
      else if (bs_time_now_usec () >= deadline_usec)
        bs_set_error (error, BS_ERROR_TIMEOUT, NULL, "QEMU did not open its control socket");
      else
        continue;
      return NULL;
    }
}

BsQmp *
bs_qemu_launch (const BsBackendLab *lab, BsQemuSpec *spec, json_t **record, GError **error)
{
  g_autofree char *tag = bs_tag_format (lab->state_id, lab->lab, lab->uuid, "node", spec->node->name);
  g_autoptr (json_t) answer = NULL;
  bs_autofd int pidfd = -1;
  BsQmp *qmp;

  spec->tag = tag;
  answer = spawn (lab, spec, bs_time_now_usec () + bs_setting_number (BS_SETTING_QEMU_TIMEOUT), error);
  spec->tag = NULL;
  if (answer == NULL)
    return NULL;
  pidfd = bs_process_open ((pid_t) bs_json_int (answer, "pid", 0), (guint64) bs_json_int (answer, "start_time", 0));
  qmp = wait_for_qmp (lab, spec->node, pidfd, bs_time_now_usec () + bs_setting_number (BS_SETTING_QEMU_TIMEOUT), error);
  if (qmp != NULL)
    *record = json_pack ("{s:I, s:I, s:s}", "pid", (json_int_t) bs_json_int (answer, "pid", 0), "start_time",
                         (json_int_t) bs_json_int (answer, "start_time", 0), "accelerator", spec->kvm ? "kvm" : "tcg");
  return qmp;
}

static gboolean
start (const BsBackendLab *lab, const BsBackendNode *node, json_t **record, GError **error)
{
  g_auto (BsQemuHost) host = { 0 };
  g_autofree char *ram = NULL;
  g_autoptr (BsQmp) qmp = NULL;
  BsQemuSpec spec = { .node = node, .management = bs_qemu_has_management (node) };

  if (!bs_qemu_host_find (&host, error) || !bs_qemu_host_use_kvm (&host, node, &spec.kvm, lab->cancellable, error)
      || !bs_qemu_ports_check (node, error) || !bs_qemu_fork_fits (&host, node, error)
      || !bs_qemu_fork_mark (lab, node, error)
      || !add_ports (lab, node, bs_time_now_usec () + bs_setting_number (BS_SETTING_QEMU_TIMEOUT), error))
    return FALSE;
  if (bs_qemu_starts_by_fork (lab, node))
    {
      spec.start = BS_QEMU_FORK;
      spec.ram = ram = bs_template_path (host.cache_dir, node->template, BS_TEMPLATE_RAM);
    }
  spec.program = host.program;
  spec.tsc_khz = bs_tsc_khz (host.cache_dir);
  qmp = bs_qemu_launch (lab, &spec, record, error);
  if (qmp == NULL)
    return FALSE;
  json_object_set_new (*record, "qemu", json_string (host.version));
  if (spec.start == BS_QEMU_FORK)
    json_object_set_new (*record, "template", json_string (node->template));
  if (spec.start == BS_QEMU_COLD || bs_qemu_fork_load (lab, &host, node, qmp, error))
    return TRUE;
  g_clear_pointer (record, json_decref);
  return FALSE;
}

gboolean
bs_qemu_start_node (const BsBackendLab *lab, const BsBackendNode *node, json_t **record, GError **error)
{
  if (start (lab, node, record, error))
    return TRUE;
  g_prefix_error (error, "cannot start node '%s': ", node->name);
  /* Whole effect or none: whatever of it came to be goes again. */
  bs_qemu_stop_node (lab, node->name, 0, NULL);
  return FALSE;
}
