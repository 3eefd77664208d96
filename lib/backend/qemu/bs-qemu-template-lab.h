/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-template-lab.h — the hidden lab that one template is made in */
#pragma once

#include "bs-journal.h"
#include "bs-qemu-template.h"

#define BS_STEP_TEMPLATE_BEGIN "template-begin"
#define BS_STEP_TEMPLATE_SUPERVISOR "template-supervisor"
#define BS_STEP_TEMPLATE_START "template-start"
#define BS_STEP_TEMPLATE_BOOT "template-boot"
#define BS_STEP_TEMPLATE_PROVISION "template-provision"
#define BS_STEP_TEMPLATE_FREEZE "template-freeze"
#define BS_STEP_TEMPLATE_PUBLISH "template-publish"

/* The finished template, within the hidden lab's folder. */
#define BS_TEMPLATE_OUT "template"

typedef struct
{
  const BsQemuTemplate *template;
  const char *base; /* (nullable) key */
  const char *key;  /* what it becomes: the template's own, or another for a machine that failed */
  const BsQemuProgress *progress;
  BsBackendNode *machine;
  char *folder, *state_id, *name, *uuid;
  int out; /* descriptor of BS_TEMPLATE_OUT */
  BsJournal *journal;
  BsBackendLab lab;
  BsQmp *qmp;
  json_t *record; /* of the machine: pid, … */
} BsQemuTemplateLab;

/* Folder, journal, supervisor; what an earlier one left is removed. */
gboolean bs_qemu_template_lab_open (BsQemuTemplateLab *self, GError **error);
/* Closes what is open; the hidden lab itself is bs_qemu_template_sweep_key()'s. */
void bs_qemu_template_lab_clear (BsQemuTemplateLab *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BsQemuTemplateLab, bs_qemu_template_lab_clear)

/* "template-KEY", the lab's name in tags; (transfer full) */
char *bs_qemu_template_lab_name (const char *key);
/* CACHE_DIR/templates/.building-KEY; (transfer full) */
char *bs_qemu_template_lab_folder (const char *cache_dir, const char *key);

/* bs-qemu-template-freeze.c: stops the machine and writes all files of the template but the manifest to @out.
 * @digests: (out): of those that were written here */
gboolean bs_qemu_template_freeze (BsQemuTemplateLab *self, json_t **digests, GError **error);
/* Fills the memory of a machine that waits for its state from its base's. */
gboolean bs_qemu_template_fill (BsQemuTemplateLab *self, GError **error);

/* bs-qemu-template-bake.c */

/* Waits until the system is up, not only its guest program. */
gboolean bs_qemu_template_settle (BsQemuTemplateLab *self, GError **error);
gboolean bs_qemu_template_bake (BsQemuTemplateLab *self, GError **error);
