/* SPDX-License-Identifier: Apache-2.0 */
/* fixture.h — a lab with a real supervisor and a real switch, for whichever backend is tested */
#pragma once

#include "bs-backend.h"
#include "bs-error.h"
#include "bs-time.h"

typedef struct
{
  const BsBackendClass *backend;
  BsBackendLab lab;
  char *folder, *state_id, *tag_prefix;
} Fixture;

/* The one lab of this run; made by main(). */
extern Fixture *fixture;

Fixture *fixture_open (const char *backend, const char *folder);
/* Takes all down and asserts that nothing is left. */
void fixture_close (Fixture *self);
/* Removes whatever a run in @folder left. */
void fixture_sweep (const char *backend, const char *folder);

/* Skips the test (TRUE) when the backend lacks @caps. */
gboolean fixture_lacks (guint caps);

/* A node of the backend's smallest image with one interface, 10.77.0.@host/24 on network 1. */
BsBackendNode *fixture_node (const char *name, guint host);
/* create, start, wait, identify; each must succeed. */
void fixture_up (const BsBackendNode *node);
/* stop by force, delete. */
void fixture_down (const char *name);

/* A node that is brought up once and shared by the tests that only use it; fixture_close() takes it down. */
#define SHARED "alpha"
#define SHARED_OTHER "beta"
void fixture_need_shared (void);

typedef struct
{
  BsExecResult result;
  GString *out, *err;
} Output;

void output_clear (Output *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Output, output_clear)

/* Runs with @stdin_text (nullable); fails the test when the call itself fails. */
void fixture_run (const char *node, const BsExecSpec *spec, const char *stdin_text, Output *output);
/* Runs `sh -c SCRIPT`; the exit code must be 0. Returns: its stdout (transfer full) */
char *fixture_shell (const char *node, const char *script);
gint64 fixture_in (gint64 seconds);

#define assert_code(error, wanted, part)                                                                               \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_assert_error ((error), BS_ERROR, (gint) (wanted));                                                               \
    if (strstr ((error)->message, (part)) == NULL)                                                                     \
      g_error ("'%s' does not contain '%s'", (error)->message, (part));                                                \
  }                                                                                                                    \
  G_STMT_END

void add_life_tests (void);
void add_exec_tests (void);
void add_copy_tests (void);
void add_network_tests (void);
void add_error_tests (void);
void add_owned_tests (void);
void add_template_tests (void);
