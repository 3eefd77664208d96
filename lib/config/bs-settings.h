/* SPDX-License-Identifier: Apache-2.0 */
/* bs-settings.h — what a user may change about the program itself, and where each value came from */
#pragma once

#include "bs-error.h"

typedef enum
{
  BS_ACCEL_AUTO, /* KVM when it proved itself, else TCG */
  BS_ACCEL_KVM,
  BS_ACCEL_TCG,
} BsAccel;

typedef struct
{
  const char *key;      /* "state_dir" */
  const char *variable; /* "BENCHSCALE_STATE_DIR" */
  const char *doc;      /* one phrase */
  const char *value;
  const char *origin; /* "default" or "environment BENCHSCALE_STATE_DIR" */
} BsSetting;

/* Immutable once made, so it may be read from any thread. */
typedef struct _BsSettings BsSettings;

/* What the defaults are chosen from. */
typedef struct
{
  const char *const *environment; /* "NAME=value", NULL-terminated */
  gboolean root;
  const char *home;        /* absolute */
  const char *program_dir; /* (nullable) folder of the running program */
} BsSettingsHost;

/**
 * bs_settings_get:
 *
 * This process's settings, read at the first call. Any thread.
 *
 * Returns: (transfer none): the settings, or NULL with %BS_ERROR_INVALID, which names the variable and has a hint
 */
const BsSettings *bs_settings_get (GError **error);

/* The same for a given host; for tests. (transfer full) */
BsSettings *bs_settings_new (const BsSettingsHost *host, GError **error);
void bs_settings_free (BsSettings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsSettings, bs_settings_free)

/* Folders are absolute, without a '/' at the end; they need not exist. */
const char *bs_settings_state_dir (const BsSettings *self);
const char *bs_settings_cache_dir (const BsSettings *self);
const char *bs_settings_libexec_dir (const BsSettings *self);
/* A program: an absolute path, or a name to search in PATH. */
const char *bs_settings_qemu (const BsSettings *self);
BsAccel bs_settings_accel (const BsSettings *self);

/* The user's own catalogue of images; need not exist. */
const char *bs_settings_catalogue (const BsSettings *self);
/* How long a download's server may send nothing. */
gint64 bs_settings_download_stall_usec (const BsSettings *self);

/* All of them, by index from 0; NULL after the last. */
const BsSetting *bs_settings_nth (const BsSettings *self, guint index);
