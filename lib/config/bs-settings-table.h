/* SPDX-License-Identifier: Apache-2.0 */
/* bs-settings-table.h — every setting: its name, type, limits, default and meaning; docs are checked against this */
#pragma once

#include "bs-settings.h"

typedef enum
{
  BS_SETTING_FOLDER,   /* made absolute */
  BS_SETTING_FILE,     /* made absolute */
  BS_SETTING_PROGRAM,  /* a path, made absolute, or a name for PATH */
  BS_SETTING_DURATION, /* microseconds: least to most */
  BS_SETTING_INTEGER,  /* least to most */
  BS_SETTING_SIZE,     /* bytes: least to most */
  BS_SETTING_BOOLEAN,
  BS_SETTING_WORD, /* one of words */
  BS_SETTING_TEXT, /* one line */
} BsSettingType;

typedef struct
{
  const char *key;
  BsSettingType type;
  const char *also;                             /* (nullable) another variable of the environment */
  const char *fallback;                         /* the default; (nullable) with choose */
  char *(*choose) (const BsSettingsHost *host); /* (nullable) a default that depends on the host */
  const char *fallback_doc;                     /* (nullable) what choose does, for the documentation */
  gint64 least, most;                           /* of integers, bytes, and microseconds of durations */
  const char *const *words;
  gboolean may_be_empty;
  const char *doc;
} BsSettingKind;

extern const BsSettingKind bs_setting_kinds[BS_N_SETTINGS];

/* "BENCHSCALE_UP_TIMEOUT" for "up.timeout"; (transfer full) */
char *bs_setting_variable (const char *key);

/* Where a value comes from, as far as its meaning depends on it. */
typedef struct
{
  const char *base; /* (nullable) what relative paths are relative to; NULL: the working folder */
  const char *home; /* (nullable) what "~/" is; NULL: "~" is a name like any other */
} BsSettingPlace;

/**
 * bs_setting_check:
 * @text: (out) (transfer full): the value to keep
 * @number: (out): of numbers, durations and booleans
 * @message: (out) (transfer full): on failure, how it is wrong: "must be …, not 'x'"
 * @hint: (out) (transfer full) (nullable)
 */
gboolean bs_setting_check (const BsSettingKind *kind, const BsSettingPlace *place, const char *value, char **text,
                           gint64 *number, char **message, char **hint);
