/* SPDX-License-Identifier: Apache-2.0 */
/* bs-model.h — topologies: load one or build it in memory, read and change it by paths, check it, write it
 *
 * What a model says is what a topology file says, in the same words: docs/topology.md is its description, and as stable
 * as this library. A path has the file's keys: "metadata.name", "nodes[0].memory_mb". In brackets stands an element's
 * place, from 0, or its name: "networks[lan].subnet", "nodes[web].interfaces[0].address"; or a key of a mapping that
 * has dots in it: "nodes[web].labels[org.example.role]". "network", the one, is "networks[0]".
 *
 * Values are texts, integers, numbers, booleans, lists and mappings. Units are those of the file: "memory_mb" is in
 * MiB, "latency_ms" in milliseconds, a duration is a text such as "500ms", "2s", "3m" or "1h". Text is UTF-8.
 *
 * Only the type and range of a value are checked when it is set, so that a model may be built in any order;
 * bs_model_validate() tells the rest.
 *
 * A model may be used from any thread, by one at a time. Errors are of %BS_ERROR: %BS_ERROR_INVALID for a path that
 * the language does not have and for a wrong type, with the nearest name as hint; %BS_ERROR_NOT_FOUND for what could be
 * said, but is not.
 */
#pragma once

#include <benchscale/bs-lab.h>

G_BEGIN_DECLS

typedef struct _BsModel BsModel;
typedef struct _BsProblems BsProblems;

typedef struct
{
  gsize size;                   /* sizeof (BsModelOptions) */
  const char *const *variables; /* (nullable) "NAME=value", NULL-terminated: what ${NAME} is, before the environment */
  gboolean expand_commands;     /* in commands too */
} BsModelOptions;

#define BS_MODEL_OPTIONS_INIT                                                                                          \
  {                                                                                                                    \
    .size = sizeof (BsModelOptions)                                                                                    \
  }

/* Two ways to look at a model. */
typedef enum
{
  BS_MODEL_WRITTEN,  /* what is said: of a file, all that differs from a default; and all that was set */
  BS_MODEL_COMPLETE, /* with every default that a file could say; of a valid model only */
} BsModelView;

typedef enum
{
  BS_MODEL_TEXT,
  BS_MODEL_INTEGER,
  BS_MODEL_NUMBER,
  BS_MODEL_BOOLEAN,
  BS_MODEL_LIST,
  BS_MODEL_MAPPING,
} BsModelType;

typedef enum
{
  BS_PROBLEM_ERROR,
  BS_PROBLEM_WARNING,
} BsProblemSeverity;

/* Borrowed from its BsProblems. */
typedef struct
{
  BsProblemSeverity severity;
  const char *file;
  guint line, column; /* from 1, in characters; 0: the file as a whole */
  guint length;       /* characters that it is about, at least 1 */
  const char *message;
  const char *hint; /* (nullable) */
} BsProblem;

/**
 * bs_problems_count:
 *
 * Returns: how many there are, errors and warnings; they are sorted by their places
 */
BS_EXPORT guint bs_problems_count (const BsProblems *self);

/**
 * bs_problems_nth:
 *
 * Returns: (nullable) (transfer none): NULL after the last one
 */
BS_EXPORT const BsProblem *bs_problems_nth (const BsProblems *self, guint index);

/* Whether there is an error: warnings leave a model valid. */
BS_EXPORT gboolean bs_problems_has_errors (const BsProblems *self);
BS_EXPORT void bs_problems_free (BsProblems *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsProblems, bs_problems_free)

/**
 * bs_model_new:
 * @name: the lab's name
 *
 * Returns: (transfer full): a model that says nothing but its name; paths in it are relative to the current folder
 */
BS_EXPORT BsModel *bs_model_new (const char *name, GError **error);

/**
 * bs_model_load:
 * @path: of a topology file; its older forms are converted
 * @options: (nullable)
 * @problems: (out) (optional) (transfer full): all errors and warnings of the file; never NULL
 *
 * Returns: (transfer full): the model, or NULL with %BS_ERROR_INVALID, which tells the first problem with its place
 */
BS_EXPORT BsModel *bs_model_load (const char *path, const BsModelOptions *options, BsProblems **problems,
                                  GError **error);

/**
 * bs_model_parse:
 * @file: (nullable): for messages, and where the paths in it are relative to
 * @data: the text of a topology file
 * @length: -1: @data ends with NUL
 *
 * As bs_model_load(); the files that it names are not looked for.
 */
BS_EXPORT BsModel *bs_model_parse (const char *file, const char *data, gssize length, const BsModelOptions *options,
                                   BsProblems **problems, GError **error);
BS_EXPORT void bs_model_free (BsModel *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsModel, bs_model_free)

/**
 * bs_model_type:
 * @type: (out): what is at @path
 */
BS_EXPORT gboolean bs_model_type (BsModel *self, BsModelView view, const char *path, BsModelType *type, GError **error);

/**
 * bs_model_count:
 * @path: of a list or mapping; "": the whole
 * @count: (out): its elements or keys; 0 when nothing is said
 */
BS_EXPORT gboolean bs_model_count (BsModel *self, BsModelView view, const char *path, guint *count, GError **error);

/**
 * bs_model_key:
 * @path: of a mapping; "": the whole
 *
 * Returns: (transfer full): its key number @index, from 0, in the order of the file
 */
BS_EXPORT char *bs_model_key (BsModel *self, BsModelView view, const char *path, guint index, GError **error);

/* (transfer full) */
BS_EXPORT char *bs_model_get_text (BsModel *self, BsModelView view, const char *path, GError **error);
BS_EXPORT gboolean bs_model_get_integer (BsModel *self, BsModelView view, const char *path, gint64 *value,
                                         GError **error);
/* Integers are numbers, too. */
BS_EXPORT gboolean bs_model_get_number (BsModel *self, BsModelView view, const char *path, double *value,
                                        GError **error);
BS_EXPORT gboolean bs_model_get_boolean (BsModel *self, BsModelView view, const char *path, gboolean *value,
                                         GError **error);

/**
 * bs_model_get_duration:
 * @usec: (out): a duration's text in microseconds
 */
BS_EXPORT gboolean bs_model_get_duration (BsModel *self, BsModelView view, const char *path, gint64 *usec,
                                          GError **error);

/* Any part as JSON text; ""is the whole; (transfer full) */
BS_EXPORT char *bs_model_get_json (BsModel *self, BsModelView view, const char *path, GError **error);

/**
 * bs_model_set_text:
 * @path: mappings and lists on the way are made; an element is made where its place is that behind the last one:
 * "nodes[0].name" in a model without nodes
 *
 * A failure changes nothing.
 */
BS_EXPORT gboolean bs_model_set_text (BsModel *self, const char *path, const char *value, GError **error);
BS_EXPORT gboolean bs_model_set_integer (BsModel *self, const char *path, gint64 value, GError **error);
BS_EXPORT gboolean bs_model_set_number (BsModel *self, const char *path, double value, GError **error);
BS_EXPORT gboolean bs_model_set_boolean (BsModel *self, const char *path, gboolean value, GError **error);
/* @usec: at least a millisecond */
BS_EXPORT gboolean bs_model_set_duration (BsModel *self, const char *path, gint64 usec, GError **error);

/**
 * bs_model_set_json:
 * @json: any value: {"name": "web", "image": "tiny"}
 */
BS_EXPORT gboolean bs_model_set_json (BsModel *self, const char *path, const char *json, GError **error);

/**
 * bs_model_add_json:
 * @path: of a list, which is made when there is none: "nodes"
 * @json: the new last element
 * @index: (out) (optional): its place
 */
BS_EXPORT gboolean bs_model_add_json (BsModel *self, const char *path, const char *json, guint *index, GError **error);
/* The same for a list of texts. */
BS_EXPORT gboolean bs_model_add_text (BsModel *self, const char *path, const char *value, GError **error);

/* Elements behind a removed one move up. %BS_ERROR_NOT_FOUND when nothing is said there. */
BS_EXPORT gboolean bs_model_remove (BsModel *self, const char *path, GError **error);

/**
 * bs_model_validate:
 *
 * Places are those in the text of bs_model_to_yaml() with %BS_MODEL_WRITTEN. What no version acts on yet is a warning.
 *
 * Returns: (transfer full): all that is wrong with the model; never NULL
 */
BS_EXPORT BsProblems *bs_model_validate (BsModel *self);

/**
 * bs_model_to_yaml:
 *
 * Returns: (transfer full): a topology file that says the same, to be read without `expand_commands`
 */
BS_EXPORT char *bs_model_to_yaml (BsModel *self, BsModelView view, GError **error);
/* One line; (transfer full) */
BS_EXPORT char *bs_model_to_json (BsModel *self, BsModelView view, GError **error);

/* As bs_lab_up(), of a model; what is changed in it later changes nothing in the lab. */
BS_EXPORT BsLab *bs_lab_up_model (BsModel *model, const BsLabOptions *options, GCancellable *cancellable,
                                  GError **error);

G_END_DECLS
