/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-qemu-template-lab.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-image-cache.h"
#include "bs-provision.h"
#include "bs-template-cache.h"

#include <string.h>

/* How much of a key people are shown. */
#define SHOWN 8

typedef struct
{
  const BsQemuProgress *progress;
  const char *key;
} Waiting;

static void
tell_waiting (gpointer user_data)
{
  const Waiting *self = user_data;

  bs_qemu_progress (self->progress, "waits for template %.*s, which another is making", SHOWN, self->key);
}

/* What is left of its making, when that was killed at its very end. */
static void
sweep (const BsQemuTemplate *self, gboolean locked)
{
  g_autofree char *folder = bs_qemu_template_lab_folder (self->host.cache_dir, self->key);
  bs_autofd int lock = -1;

  if (!g_file_test (folder, G_FILE_TEST_EXISTS))
    return;
  lock = locked ? -1 : bs_template_try_lock (self->host.cache_dir, self->key);
  if (locked || lock >= 0)
    bs_qemu_template_sweep_key (self->host.cache_dir, self->key, NULL);
}

/* Whether it is there; a damaged one is no more. The caller holds its lock when @locked. */
static gboolean
look (const BsQemuTemplate *self, gboolean locked, const BsQemuProgress *progress, gboolean *found, GError **error)
{
  g_autoptr (GError) local = NULL;

  *found = bs_template_find (self->host.cache_dir, self->key, NULL, &local);
  if (*found)
    {
      bs_template_touch (self->host.cache_dir, self->key);
      sweep (self, locked);
    }
  if (*found || !locked || local->code == BS_ERROR_NOT_FOUND)
    return TRUE;
  bs_qemu_progress (progress, "%s; it is made again", local->message);
  return bs_template_discard (self->host.cache_dir, self->key, error);
}

static gboolean ensure (const BsQemuTemplate *self, const BsQemuProgress *progress, GCancellable *cancellable,
                        char **kept, GError **error);

/* Makes sure of the base of @self, whose key is then in *@key. */
static gboolean
ensure_base (const BsQemuTemplate *self, const BsQemuProgress *progress, GCancellable *cancellable, char **key,
             GError **error)
{
  g_autofree char *kept = NULL;
  g_auto (BsQemuTemplate) base = { .node = self->node, .kvm = self->kvm };

  base.host = (BsQemuHost){ g_strdup (self->host.program), g_strdup (self->host.version),
                            g_strdup (self->host.cache_dir), self->host.accel };
  if (!bs_qemu_template_name (&base, FALSE, error) || !ensure (&base, progress, cancellable, &kept, error))
    return FALSE;
  *key = g_steal_pointer (&base.key);
  return TRUE;
}

static void
tell_removed (const char *image, const char *what, guint64 done, guint64 total, gpointer user_data)
{
  bs_qemu_progress (user_data, "%s: %s", image, what);
}

/* What was not used for long goes when there is more than the user wants to keep. */
static void
keep_limit (const BsQemuProgress *progress, GCancellable *cancellable)
{
  BsImageWork work;

  if (bs_image_work_init (&work, tell_removed, (gpointer) progress, cancellable, NULL))
    bs_image_keep_limit (&work);
}

static gboolean
build (const BsQemuTemplate *self, const BsQemuProgress *progress, GCancellable *cancellable, char **kept,
       GError **error)
{
  g_autofree char *base = NULL;

  if (self->provisioning != NULL && !ensure_base (self, progress, cancellable, &base, error))
    return FALSE;
  if (bs_qemu_template_build (self, base, progress, cancellable, kept, error))
    {
      keep_limit (progress, cancellable);
      return TRUE;
    }
  g_prefix_error (error, "cannot make a template for node '%s': ", self->node->name);
  return FALSE;
}

static gboolean
ensure (const BsQemuTemplate *self, const BsQemuProgress *progress, GCancellable *cancellable, char **kept,
        GError **error)
{
  Waiting waiting = { progress, self->key };
  bs_autofd int lock = -1;
  gboolean found;

  if (!look (self, FALSE, progress, &found, error))
    return FALSE;
  if (found)
    return TRUE;
  lock = bs_template_lock (self->host.cache_dir, self->key, tell_waiting, &waiting, cancellable, error);
  if (lock < 0 || !look (self, TRUE, progress, &found, error))
    return FALSE;
  return found || build (self, progress, cancellable, kept, error);
}

/* Other people's images are provisioned in the node itself; ours in templates, or it would not be done at all. */
static gboolean
check_cold (const BsBackendNode *node, GError **error)
{
  if (!node->has_guest || node->model == NULL || !bs_provision_bakes (node->model))
    return TRUE;
  bs_set_error (error, BS_ERROR_UNSUPPORTED, "leave out one of the two, or use a publisher's image",
                "node '%s' cannot be provisioned: that is done in a template, and it has none since %s", node->name,
                bs_qemu_cold_reason (node));
  return FALSE;
}

gboolean
bs_qemu_prepare_node (const BsBackendNode *node, BsBackendProgress progress, gpointer user_data,
                      GCancellable *cancellable, char **template, GError **error)
{
  BsQemuProgress to = { progress, user_data, node->name };
  g_auto (BsQemuTemplate) self = { .node = node };

  *template = NULL;
  if (bs_qemu_cold_reason (node) != NULL)
    return check_cold (node, error);
  if (!bs_qemu_host_find (&self.host, error) || !bs_qemu_host_use_kvm (&self.host, node, &self.kvm, cancellable, error)
      || !bs_qemu_template_name (&self, TRUE, error) || !ensure (&self, &to, cancellable, template, error))
    return FALSE;
  *template = g_steal_pointer (&self.key);
  return TRUE;
}

static char *
explain (BsQemuTemplate *self)
{
  g_autoptr (GError) local = NULL;
  gboolean derived;

  if (!bs_qemu_template_name (self, TRUE, &local))
    return g_strdup_printf ("fork of a template, but %s", local->message);
  derived = self->provisioning != NULL;
  if (bs_template_find (self->host.cache_dir, self->key, NULL, &local))
    return g_strdup_printf ("fork of template %.*s (cached)", SHOWN, self->key);
  if (local->code != BS_ERROR_NOT_FOUND)
    return g_strdup_printf ("fork of template %.*s (damaged, will be made again)", SHOWN, self->key);
  if (!derived || !bs_qemu_template_name (self, FALSE, NULL)
      || !bs_template_find (self->host.cache_dir, self->key, NULL, NULL))
    return g_strdup_printf ("fork of template %.*s (will be made: its machine boots%s)", SHOWN, self->key,
                            derived ? " and is provisioned" : "");
  return g_strdup_printf ("fork of a template that is derived from %.*s (will be provisioned)", SHOWN, self->key);
}

char *
bs_qemu_explain_start (const BsBackendNode *node)
{
  g_auto (BsQemuTemplate) self = { .node = node };
  const char *reason = bs_qemu_cold_reason (node);
  g_autoptr (GError) local = NULL;

  if (reason != NULL)
    return g_strdup_printf ("cold: %s", reason);
  if (!bs_qemu_host_find (&self.host, &local))
    return g_strdup_printf ("fork of a template, but %s", local->message);
  if (node->kernel == NULL && node->disk == NULL)
    return g_strdup ("fork of a template");
  self.kvm = bs_qemu_host_knows_kvm (&self.host);
  return explain (&self);
}
