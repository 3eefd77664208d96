/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-pages.h"
#include "bs-qemu-template-lab.h"
#include "bs-template-cache.h"
#include "bs-template-manifest.h"
#include "bs-settings.h"
#include "bs-time.h"
#include "bs-tsc.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

void
bs_qemu_progress (const BsQemuProgress *self, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  if (self->function == NULL)
    return;
  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  self->function (self->node, what, self->user_data);
}

/* The base's disk is small, since it is an overlay itself: a copy of it keeps the chain as short as it was. */
static gboolean
copy_disk (BsQemuTemplateLab *self, GError **error)
{
  g_autofree char *path = bs_template_path (self->template->host.cache_dir, self->base, BS_TEMPLATE_DISK);
  bs_autofd int from = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  bs_autofd int to = -1;

  if (mkdirat (self->lab.lab_dir, "nodes", 0700) == 0
      && mkdirat (self->lab.lab_dir, "nodes/" BS_QEMU_TEMPLATE_NODE, 0700) == 0 && self->machine->disk != NULL)
    to = openat (self->lab.lab_dir, "nodes/" BS_QEMU_TEMPLATE_NODE "/disk.qcow2",
                 O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (self->machine->disk == NULL)
    return TRUE;
  if (from >= 0 && to >= 0)
    return bs_pages_copy (from, to, NULL, self->lab.cancellable, error);
  bs_set_error_errno (error, errno, "cannot copy the disk of template '%s'", self->base);
  return FALSE;
}

static gboolean
start (BsQemuTemplateLab *self, GError **error)
{
  const BsQemuTemplate *template = self->template;
  BsQemuSpec spec = { .program = template->host.program,
                      .kvm = template->kvm,
                      .tsc_khz = bs_tsc_khz (template->host.cache_dir),
                      .node = self->machine,
                      .start = self->base != NULL ? BS_QEMU_DERIVE : BS_QEMU_MAKE,
                      .management = bs_qemu_has_management (template->node),
                      .outside = template->provisioning != NULL };

  if (!bs_journal_begin (self->journal, BS_STEP_TEMPLATE_START, self->name, NULL, error))
    return FALSE;
  if (self->base != NULL ? !copy_disk (self, error) : !bs_qemu_create_node (&self->lab, self->machine, error))
    return FALSE;
  self->qmp = bs_qemu_launch (&self->lab, &spec, &self->record, error);
  return self->qmp != NULL && (self->base == NULL || bs_qemu_template_fill (self, error))
         && bs_journal_done (self->journal, BS_STEP_TEMPLATE_START, self->name, self->record, error);
}

static gboolean
wait_until_up (BsQemuTemplateLab *self, GError **error)
{
  return bs_journal_begin (self->journal, BS_STEP_TEMPLATE_BOOT, self->name, NULL, error)
         && bs_qemu_wait_node (&self->lab, self->machine->name,
                               bs_time_now_usec () + bs_setting_number (BS_SETTING_BOOT_TIMEOUT), error)
         && (self->base != NULL || bs_qemu_template_settle (self, error))
         && bs_journal_done (self->journal, BS_STEP_TEMPLATE_BOOT, self->name, NULL, error);
}

static gboolean
bake (BsQemuTemplateLab *self, GError **error)
{
  return bs_journal_begin (self->journal, BS_STEP_TEMPLATE_PROVISION, self->name, NULL, error)
         && bs_qemu_template_bake (self, error)
         && bs_journal_done (self->journal, BS_STEP_TEMPLATE_PROVISION, self->name, NULL, error);
}

static char *
describe (const BsQemuTemplate *template)
{
  const BsBackendNode *node = template->node;

  return g_strdup_printf ("%s, %u MiB, %u vCPU, %u interface%s%s", node->image != NULL ? node->image : "no name",
                          node->memory_mib, node->vcpus, node->interfaces->len, node->interfaces->len == 1 ? "" : "s",
                          template->provisioning != NULL ? ", provisioned" : "");
}

static json_t *
about (const BsQemuTemplateLab *self)
{
  const BsQemuTemplate *template = self->template;
  g_autofree char *text = describe (template), *now = bs_time_format_now ();
  json_t *about = json_pack ("{s:s, s:s, s:s, s:s, s:s*, s:s*, s:s*}", "key", self->key, "text", text, "recipe",
                             template->recipe, "created", now, "image", template->node->image, "base", self->base,
                             "provisioning", template->provisioning);
  json_t *backing;

  if (strcmp (self->key, template->key) != 0)
    json_object_set_new (about, "kept", json_true ());
  if (self->machine->disk == NULL)
    return about;
  backing = bs_template_manifest_stamp (AT_FDCWD, self->machine->disk);
  if (backing != NULL)
    {
      json_object_set_new (backing, "path", json_string (self->machine->disk));
      json_object_set_new (about, "backing", backing);
    }
  return about;
}

static gboolean
freeze (BsQemuTemplateLab *self, GError **error)
{
  g_autoptr (json_t) digests = NULL, manifest = about (self);

  bs_qemu_progress (self->progress, "freezes %s",
                    strcmp (self->key, self->template->key) == 0 ? "a template"
                                                                 : "the machine that failed, to be looked at");
  return bs_journal_begin (self->journal, BS_STEP_TEMPLATE_FREEZE, self->name, NULL, error)
         && bs_qemu_template_freeze (self, &digests, error)
         && bs_template_seal (self->out, manifest, digests, self->lab.cancellable, error)
         && bs_journal_done (self->journal, BS_STEP_TEMPLATE_FREEZE, self->name, NULL, error);
}

static gboolean
publish (BsQemuTemplateLab *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, BS_TEMPLATE_OUT, NULL);

  return bs_journal_begin (self->journal, BS_STEP_TEMPLATE_PUBLISH, self->name, NULL, error)
         && bs_template_publish (self->template->host.cache_dir, path, self->key, error)
         && bs_journal_done (self->journal, BS_STEP_TEMPLATE_PUBLISH, self->name, NULL, error);
}

/* The machine as it is now, frozen like a template of which nobody else knows the key. */
static char *
keep (BsQemuTemplateLab *self)
{
  g_autofree char *key
      = g_strdup_printf ("%08x%08x%08x%08x", g_random_int (), g_random_int (), g_random_int (), g_random_int ());
  g_autoptr (GError) error = NULL;

  self->key = key;
  if (freeze (self, &error) && publish (self, &error))
    return g_steal_pointer (&key);
  bs_qemu_progress (self->progress, "the machine cannot be kept: %s", error->message);
  return NULL;
}

static gboolean
make (BsQemuTemplateLab *self, char **kept, GError **error)
{
  g_autofree char *text = describe (self->template);
  g_autoptr (GError) local = NULL;

  if (self->base == NULL)
    bs_qemu_progress (self->progress, "boots a template: %s", text);
  else
    bs_qemu_progress (self->progress, "derives a template: %s", text);
  if (!bs_qemu_template_lab_open (self, error) || !start (self, error) || !wait_until_up (self, error))
    return FALSE;
  if (bake (self, &local))
    return freeze (self, error) && publish (self, error);
  if (self->template->node->keep_failed && self->template->provisioning != NULL
      && !g_error_matches (local, BS_ERROR, BS_ERROR_CANCELLED))
    *kept = keep (self);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
bs_qemu_template_build (const BsQemuTemplate *template, const char *base, const BsQemuProgress *progress,
                        GCancellable *cancellable, char **kept, GError **error)
{
  gint64 began_usec = bs_time_now_usec ();
  g_auto (BsQemuTemplateLab) self = { .template = template,
                                      .base = base,
                                      .key = template->key,
                                      .progress = progress,
                                      .out = -1,
                                      .lab = { .lab_dir = -1, .cancellable = cancellable } };
  g_autofree char *took = NULL;
  gboolean ok = make (&self, kept, error);

  /* Success or not: nothing of the hidden lab stays. */
  bs_qemu_template_lab_clear (&self);
  if (!bs_qemu_template_sweep_key (template->host.cache_dir, template->key, ok ? error : NULL))
    return FALSE;
  took = bs_time_format_duration (bs_time_now_usec () - began_usec);
  if (ok)
    bs_qemu_progress (progress, "template made in %s", took);
  return ok;
}
