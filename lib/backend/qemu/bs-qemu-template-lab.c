/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-qemu-template-lab.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-supervisor-start.h"
#include "bs-tag.h"
#include "bs-template-cache.h"
#include "bs-time.h"

#include <errno.h>
#include <sys/stat.h>

#define SUPERVISOR_USEC (10 * BS_USEC_PER_SEC)

static gboolean
make_folder (BsQemuTemplateLab *self, GError **error)
{
  if (mkdir (self->folder, 0700) != 0)
    {
      bs_set_error_errno (error, errno, "cannot make folder '%s'", self->folder);
      return FALSE;
    }
  self->lab.lab_dir = bs_file_open_dir (AT_FDCWD, self->folder, error);
  if (self->lab.lab_dir < 0)
    return FALSE;
  if (mkdirat (self->lab.lab_dir, BS_TEMPLATE_OUT, 0700) != 0)
    {
      bs_set_error_errno (error, errno, "cannot make folder '%s/" BS_TEMPLATE_OUT "'", self->folder);
      return FALSE;
    }
  self->out = bs_file_open_dir (self->lab.lab_dir, BS_TEMPLATE_OUT, error);
  return self->out >= 0;
}

static gboolean
start_supervisor (BsQemuTemplateLab *self, GError **error)
{
  const BsSettings *settings = bs_settings_get (error);
  g_autofree char *program = NULL, *tag = NULL;

  if (settings == NULL || !bs_journal_begin (self->journal, BS_STEP_TEMPLATE_SUPERVISOR, self->name, NULL, error))
    return FALSE;
  program = g_build_filename (bs_settings_libexec_dir (settings), "benchscale-lab", NULL);
  tag = bs_tag_format (self->state_id, self->name, self->uuid, "supervisor", NULL);
  if (!bs_supervisor_start (self->lab.lab_dir, program, tag, bs_time_now_usec () + SUPERVISOR_USEC, error))
    return FALSE;
  self->lab.control = bs_control_connect (self->lab.lab_dir, error);
  return self->lab.control != NULL
         && bs_journal_done (self->journal, BS_STEP_TEMPLATE_SUPERVISOR, self->name, NULL, error);
}

gboolean
bs_qemu_template_lab_open (BsQemuTemplateLab *self, GError **error)
{
  const BsQemuTemplate *template = self->template;
  g_autofree char *templates = bs_template_folder (template->host.cache_dir, error);

  if (templates == NULL)
    return FALSE;
  self->folder = bs_qemu_template_lab_folder (template->host.cache_dir, template->key);
  self->machine = bs_qemu_template_machine (template->node);
  self->state_id = bs_tag_state_id (templates);
  self->name = bs_qemu_template_lab_name (template->key);
  self->uuid = g_uuid_string_random ();
  self->lab.state_id = self->state_id;
  self->lab.lab = self->name;
  self->lab.uuid = self->uuid;
  if (!bs_qemu_template_sweep_key (template->host.cache_dir, template->key, error) || !make_folder (self, error))
    return FALSE;
  self->journal = bs_journal_open (self->lab.lab_dir, "journal", error);
  return self->journal != NULL && bs_journal_begin (self->journal, BS_STEP_TEMPLATE_BEGIN, self->name, NULL, error)
         && bs_journal_done (self->journal, BS_STEP_TEMPLATE_BEGIN, self->name, NULL, error)
         && start_supervisor (self, error);
}

void
bs_qemu_template_lab_clear (BsQemuTemplateLab *self)
{
  g_clear_pointer (&self->qmp, bs_qmp_free);
  g_clear_pointer (&self->record, json_decref);
  g_clear_pointer (&self->lab.control, bs_control_unref);
  g_clear_pointer (&self->journal, bs_journal_free);
  g_clear_pointer (&self->machine, bs_backend_node_free);
  bs_fd_clear (&self->out);
  bs_fd_clear (&self->lab.lab_dir);
  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->state_id, g_free);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->uuid, g_free);
}
