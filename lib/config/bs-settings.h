/* SPDX-License-Identifier: Apache-2.0 */
/* bs-settings.h — what a user may change about the program itself, and where each value came from
 *
 * A default, then the configuration file (TOML), then the environment, then what was given on the command line: the
 * last one counts, and all of them are checked. The setting `section.key` is BENCHSCALE_SECTION_KEY in the environment.
 */
#pragma once

#include "bs-diagnostic.h"

typedef enum
{
  BS_SETTING_STATE_DIR,
  BS_SETTING_CACHE_DIR,
  BS_SETTING_CACHE_LIMIT,
  BS_SETTING_LIBEXEC_DIR,
  BS_SETTING_IMAGE_CATALOGUE,
  BS_SETTING_IMAGE_STALL,
  BS_SETTING_QEMU_PROGRAM,
  BS_SETTING_QEMU_ACCEL,
  BS_SETTING_QEMU_TIMEOUT,
  BS_SETTING_QEMU_TRIAL,
  BS_SETTING_UP_TIMEOUT,
  BS_SETTING_UP_WORKERS,
  BS_SETTING_TEMPLATE_TIMEOUT,
  BS_SETTING_BOOT_TIMEOUT,
  BS_SETTING_IDENTIFY_TIMEOUT,
  BS_SETTING_READY_TIMEOUT,
  BS_SETTING_UNDO_TIMEOUT,
  BS_SETTING_DOWN_TIMEOUT,
  BS_SETTING_DOWN_WORKERS,
  BS_SETTING_GC_TIMEOUT,
  BS_SETTING_STATUS_TIMEOUT,
  BS_SETTING_SUPERVISOR_TIMEOUT,
  BS_SETTING_SESSION_TIMEOUT,
  BS_SETTING_NODE_IMAGE,
  BS_SETTING_NODE_MEMORY_MB,
  BS_SETTING_NODE_VCPUS,
  BS_SETTING_SCENARIO_TIMEOUT,
  BS_SETTING_SCENARIO_RETRY_EVERY,
  BS_SETTING_TOPOLOGY_EXPAND_COMMANDS,
  BS_SETTING_SSH_USER,
  BS_SETTING_SSH_PORT,
  BS_SETTING_SSH_TIMEOUT_SECS,
  BS_SETTING_LIBVIRT_URI,
  BS_SETTING_BASE_IMAGE_PATH,
  BS_SETTING_OVERLAY_DIR,
  BS_SETTING_NETWORK_NAME,
  BS_SETTING_NETWORK_BRIDGE,
  BS_N_SETTINGS,
} BsSettingId;

typedef enum
{
  BS_ACCEL_AUTO, /* KVM when it proved itself, else TCG */
  BS_ACCEL_KVM,
  BS_ACCEL_TCG,
} BsAccel;

typedef struct
{
  const char *key;      /* "state.dir" */
  const char *variable; /* "BENCHSCALE_STATE_DIR" */
  const char *doc;      /* one phrase */
  const char *value;    /* as it may be shown: without secrets */
  const char *origin;   /* "default", "FILE:LINE", "environment NAME" or "flag --setting" */
} BsSetting;

/* Immutable once made, so it may be read from any thread. */
typedef struct _BsSettings BsSettings;

/* What the settings are chosen from. */
typedef struct
{
  const char *const *environment; /* "NAME=value", NULL-terminated */
  gboolean root;
  const char *home;         /* absolute */
  const char *program_dir;  /* (nullable) folder of the running program */
  const char *config;       /* (nullable) the file that was asked for, which must be there; "": none */
  const char *const *flags; /* (nullable) "section.key=value", NULL-terminated; the last one of a key counts */
} BsSettingsHost;

/**
 * bs_settings_load:
 * @diagnostics: (out) (transfer full): all errors of file, environment and flags, sorted
 *
 * The file is @host's config, or that of BENCHSCALE_CONFIG, or benchscale/config.toml in the XDG folder when there is
 * one.
 *
 * Returns: (nullable) (transfer full): NULL when there is at least one error
 */
BsSettings *bs_settings_load (const BsSettingsHost *host, BsDiagnostics **diagnostics);

/* The same with the first error only. */
BsSettings *bs_settings_new (const BsSettingsHost *host, GError **error);
void bs_settings_free (BsSettings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsSettings, bs_settings_free)

/**
 * bs_settings_begin:
 * @config: (nullable): as in BsSettingsHost
 * @flags: (nullable)
 *
 * Reads this process's settings; before any of the functions below, for what was read first counts.
 *
 * Returns: FALSE when there are errors
 */
gboolean bs_settings_begin (const char *config, const char *const *flags, BsDiagnostics **diagnostics);

/**
 * bs_settings_get:
 *
 * This process's settings, read at the first call. Any thread.
 *
 * Returns: (transfer none): the settings, or NULL with %BS_ERROR_INVALID, which says where, and has a hint
 */
const BsSettings *bs_settings_get (GError **error);

/* Folders are absolute, without a '/' at the end; they need not exist. */
const char *bs_settings_state_dir (const BsSettings *self);
const char *bs_settings_cache_dir (const BsSettings *self);
const char *bs_settings_libexec_dir (const BsSettings *self);
/* A program: an absolute path, or a name to search in PATH. */
const char *bs_settings_qemu (const BsSettings *self);
BsAccel bs_settings_accel (const BsSettings *self);
/* Any other: a text ("" where none is set), a number, bytes, microseconds, or 0 and 1. */
const char *bs_settings_text (const BsSettings *self, BsSettingId id);
gint64 bs_settings_number (const BsSettings *self, BsSettingId id);

/* The number of this process's setting; the default where its settings are wrong, which was said elsewhere. */
gint64 bs_setting_number (BsSettingId id);
const char *bs_setting_text (BsSettingId id);

/* All of them, by index from 0 (a BsSettingId); NULL after the last. */
const BsSetting *bs_settings_nth (const BsSettings *self, guint index);
/* (nullable) (transfer none): the nearest known key. */
const char *bs_settings_nearest (const char *key);
/* (nullable): the file that was read. */
const char *bs_settings_file (const BsSettings *self);
