/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab.h — labs: bring one up, reach its nodes, take it down
 *
 * All functions block and may be called from any thread, several at once; the _async forms do the same on a thread of
 * the library and call back in the thread-default main context of the caller. Strings are UTF-8. Errors are of
 * %BS_ERROR.
 */
#pragma once

#include <benchscale/bs-error.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/* One timestamped fact. Borrowed for the time of the call. */
typedef struct
{
  gint64 elapsed_usec; /* since the operation began */
  const char *lab;
  const char *node;  /* (nullable) */
  const char *stage; /* "plan", "image", "start", "boot", "identity", "ready", "stop", "test", … */
  const char *kind;  /* "begin", "end", "fail", "note" */
  const char *text;  /* for people */
} BsEvent;

/* Called on any thread, one call at a time. */
typedef void (*BsEventFunc) (const BsEvent *event, gpointer user_data);

typedef struct
{
  gsize size;           /* sizeof (BsLabOptions) */
  const char *name;     /* (nullable) the lab's name; NULL: the topology's */
  gboolean keep_failed; /* up: leave what was built when it fails */
  gboolean graceful;    /* down: ask guests to shut down before ending them */
  gint64 timeout_usec;  /* of the whole operation; 0: 5 minutes for up, 1 for down */
  BsEventFunc event;    /* (nullable) */
  gpointer event_data;
  gboolean cold; /* up: boot every node, fork none from a template */
} BsLabOptions;

#define BS_LAB_OPTIONS_INIT                                                                                            \
  {                                                                                                                    \
    .size = sizeof (BsLabOptions)                                                                                      \
  }

typedef struct _BsLab BsLab;

/**
 * bs_lab_up:
 * @topology: path of a topology file
 * @options: (nullable)
 * @cancellable: (nullable): cancelling undoes what was begun
 *
 * Returns: (transfer full): the running lab, every node ready; or NULL, and nothing is left unless @options says
 * keep_failed. %BS_ERROR_INVALID for a wrong topology (the message has the first problem's position), %BS_ERROR_EXISTS
 * when there is such a lab
 */
BS_EXPORT BsLab *bs_lab_up (const char *topology, const BsLabOptions *options, GCancellable *cancellable,
                            GError **error);

BS_EXPORT void bs_lab_up_async (const char *topology, const BsLabOptions *options, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
BS_EXPORT BsLab *bs_lab_up_finish (GAsyncResult *result, GError **error);

/**
 * bs_lab_open:
 *
 * Returns: (transfer full): the lab that is recorded under @name; %BS_ERROR_NOT_FOUND. A supervisor that was killed is
 * replaced by the first call that needs one.
 */
BS_EXPORT BsLab *bs_lab_open (const char *name, GError **error);
BS_EXPORT void bs_lab_free (BsLab *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsLab, bs_lab_free)

BS_EXPORT const char *bs_lab_name (BsLab *self);

/**
 * bs_lab_down:
 * @name: a lab's name; its record may be damaged or missing: what bears its tags is removed too
 *
 * Returns: FALSE when something could not be removed (the record is kept), %BS_ERROR_NOT_FOUND when there is no such
 * lab, %BS_ERROR_BUSY when another command holds it, %BS_ERROR_CANCELLED when it was cancelled before it began: once
 * begun, it goes on to its end
 */
BS_EXPORT gboolean bs_lab_down (const char *name, const BsLabOptions *options, GCancellable *cancellable,
                                GError **error);

BS_EXPORT void bs_lab_down_async (const char *name, const BsLabOptions *options, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
BS_EXPORT gboolean bs_lab_down_finish (GAsyncResult *result, GError **error);

/* (transfer full): JSON text: what is recorded of the lab and how its parts are now; see docs/json.md */
BS_EXPORT char *bs_lab_status (BsLab *self, GError **error);

/**
 * bs_lab_exec_capture:
 * @argv: NULL-terminated
 * @input: (nullable): what the command reads on standard input
 * @exit_code: (out): 0–255; 128 + N when killed by signal N
 * @out: (out) (optional) (transfer full): standard output
 * @err: (out) (optional) (transfer full): standard error
 *
 * Runs a command in a node to its end. A command that exits non-zero is no error.
 */
BS_EXPORT gboolean bs_lab_exec_capture (BsLab *self, const char *node, const char *const *argv, GBytes *input,
                                        gint64 timeout_usec, int *exit_code, GBytes **out, GBytes **err,
                                        GCancellable *cancellable, GError **error);

/* Copies as cp -a does. */
BS_EXPORT gboolean bs_lab_copy_in (BsLab *self, const char *node, const char *source, const char *destination,
                                   GCancellable *cancellable, GError **error);
BS_EXPORT gboolean bs_lab_copy_out (BsLab *self, const char *node, const char *source, const char *destination,
                                    GCancellable *cancellable, GError **error);

/* The library's version, "0.1.0". */
BS_EXPORT const char *bs_version (void);

G_END_DECLS
